package connectors

import "time"

// Notes are what a read of a source noted of its files, so that a later read
// over a later window need not read again what lies before it. They are no
// evidence: a reader believes them only as far as the files bear them out.
type Notes struct {
	Files []FileNote `json:"files"`
	Store *StoreNote `json:"store,omitempty"` // of a search store
}

// StoreNote is what a search store held when it was read.
type StoreNote struct {
	Where   string      `json:"where"` // address and pattern
	Cluster string      `json:"cluster,omitempty"`
	Indices []IndexNote `json:"indices"` // also those that are gone by now
}

// IndexNote is what one index held.
type IndexNote struct {
	Name      string  `json:"name"`
	Documents int64   `json:"documents"`
	Oldest    Instant `json:"oldest"`
	Newest    Instant `json:"newest"`
}

// FileNote is what is known of one file. The file is known again by its
// beginning, whatever its name is by then: logs are rotated by renaming.
type FileNote struct {
	Path     string `json:"path"`        // then
	Head     string `json:"head_sha256"` // over the first HeadSize bytes, in hex
	HeadSize int64  `json:"head_size"`
	// Reading says with what options the lines were understood; with others the
	// note says nothing.
	Reading string  `json:"reading"`
	Places  []Place `json:"places"` // in the order of Offset
	// Context points to events of the file that a window soon after may need
	// before its own; nil: nothing is known of them.
	Context *Context `json:"context,omitempty"`
}

// Context points to the selected events of a stretch of time, so that a later
// read finds them without reading what lies between (Query.Lead).
type Context struct {
	Select string    `json:"select"` // what was selected, as Query.LeadSelect
	From   Instant   `json:"from"`   // every selected event that was read from then …
	To     Instant   `json:"to"`     // … until before then is here; zero: to the end
	Lines  []LineRef `json:"lines"`  // in the order they came
}

// LineRef is one line of a file.
type LineRef struct {
	Offset int64   `json:"offset"`
	Length int64   `json:"length"`
	Line   int64   `json:"line"`
	Sum    uint32  `json:"crc32c"` // of the line
	Time   Instant `json:"time"`
}

// Place is a line's end in a file up to which everything was read, and what was
// there. Its figures count from the beginning of the file.
type Place struct {
	Offset   int64  `json:"offset"`      // bytes of the file, as stored, before it
	Tail     string `json:"tail_sha256"` // over the TailSize bytes before Offset, in hex
	TailSize int64  `json:"tail_size"`
	// Whole says that the file can be left out only as a whole (compressed, or
	// one JSON document), if it still has this size and was not written to since.
	Whole    bool      `json:"whole,omitempty"`
	Modified time.Time `json:"modified,omitzero"` // only of a whole file

	ReadAt Instant `json:"read_at"`
	Oldest Instant `json:"oldest"` // of the records before it
	Newest Instant `json:"newest"`
	Last   Instant `json:"last,omitzero"` // of the last line, where stamps have no year

	Lines         int64             `json:"lines"`
	Blank         int64             `json:"blank,omitempty"`
	Records       int64             `json:"records"`
	Merged        int64             `json:"merged,omitempty"`
	Late          int64             `json:"late,omitempty"`
	DuplicateKeys int64             `json:"duplicate_keys,omitempty"`
	Unparsed      int64             `json:"unparsed,omitempty"`
	ByOutcome     map[Outcome]int64 `json:"by_outcome,omitempty"`
	Samples       []UnparsedSample  `json:"samples,omitempty"` // the first of the unparsed lines
}

// Resumption says of one file that a part before the window was not read in
// this read, and on what ground; or, with Bytes 0, why it was read whole
// although an earlier read had noted it. The figures of Stats include the part
// that was not read, as the earlier read counted it.
type Resumption struct {
	File   string  `json:"file"`
	Bytes  int64   `json:"bytes"` // not read now, from the beginning of the file
	Lines  int64   `json:"lines"`
	ReadAt Instant `json:"read_at"` // when they were read
	Newest Instant `json:"newest"`  // of the records in them
	Reason string  `json:"reason"`  // a sentence
}
