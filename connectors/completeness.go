package connectors

import (
	"slices"
	"time"
)

// Stats accounts for every line of a source:
// Lines = Blank + Unparsed + the lines in records; Records = Events + Merged + Late.
type Stats struct {
	Lines         int64 `json:"lines"`
	Blank         int64 `json:"blank"`
	Records       int64 `json:"records"`
	Merged        int64 `json:"merged"` // records that became part of an event begun by another
	Events        int64 `json:"events"`
	Unparsed      int64 `json:"unparsed"`
	Late          int64 `json:"late"`           // records of an event that had been emitted already
	DuplicateKeys int64 `json:"duplicate_keys"` // records that repeat one already seen, stage and all

	ByKind    map[Kind]int64    `json:"by_kind"`
	ByOutcome map[Outcome]int64 `json:"by_outcome"`
	First     Instant           `json:"first"`
	Last      Instant           `json:"last"`

	Skipped         []Skipped        `json:"skipped"`
	UnparsedSamples []UnparsedSample `json:"unparsed_samples"` // the first 10
}

// Skipped is a file that was not read, and why.
type Skipped struct {
	File   string `json:"file"`
	Reason string `json:"reason"`
}

// UnparsedSample names a line that could not be understood. It never carries
// the line's text.
type UnparsedSample struct {
	File   string `json:"file"`
	Line   int64  `json:"line"`
	Reason string `json:"reason"`
}

// Problem is a reason why an answer may lack events that exist.
type Problem struct {
	Where  string `json:"where"`
	Reason string `json:"reason"`
}

// ReadFile is a file that was read, as it was then.
type ReadFile struct {
	Path     string    `json:"path"`
	Size     int64     `json:"size"`
	Modified time.Time `json:"modified"`
	Lines    int64     `json:"lines"`
	Records  int64     `json:"records"`
	// Edges is the SHA-256 over the first and the last 64 KiB and the size: it
	// shows that a file was replaced or cut, not that its middle is unchanged.
	Edges string `json:"edges_sha256"`
}

// Completeness ends every read: what was read, and what may be missing.
type Completeness struct {
	Source string
	Kind   Kind
	Stats
	Problems []Problem // empty: the read was complete (gate G1)
	Files    []ReadFile
	// Coverage has the events of the window per cluster or host ("" when the
	// record does not say), for gaps, presence and charts.
	Coverage map[string]*Coverage
	// Future counts events dated after the read itself.
	Future int64
	// Oldest and Newest span every event read, inside and outside the window;
	// Stats.First and Stats.Last span the events of the window.
	Oldest, Newest Instant
	// Resumed says what of the files was not read in this read because it is
	// known to lie before the window.
	Resumed []Resumption
	// Notes are for the next read, if Query.Notes asked for them.
	Notes *Notes
	// Counted is how many events of the window a store counted, of which it was
	// asked for a part only; 0 where everything was read. Stats.Events is then the
	// same number, and Stats.Records what was read.
	Counted int64
	// Store is which store was read; nil for files.
	Store *StoreRead
	// What a search store was asked: requests with their repetitions, bytes of
	// their answers as they came over the wire, and the time they took together.
	// Zero for files.
	Requests      int64
	BytesReceived int64
	Took          time.Duration
}

// StoreRead says which store was read, so that the same can be asked again.
type StoreRead struct {
	Where   string   `json:"where"` // address and pattern
	Product string   `json:"product"`
	Version string   `json:"version,omitempty"` // "" when it may not be asked
	Cluster string   `json:"cluster,omitempty"` // the cluster's unique id
	Profile string   `json:"profile"`
	Indices []string `json:"indices"` // that the pattern meant, in order
}

// Sum adds up what several sources read. The first 10 samples are kept.
func Sum(parts []Completeness) Stats {
	sum := Stats{ByKind: map[Kind]int64{}, ByOutcome: map[Outcome]int64{}, Skipped: []Skipped{}, UnparsedSamples: []UnparsedSample{}}
	for _, c := range parts {
		sum.Lines += c.Lines
		sum.Blank += c.Blank
		sum.Records += c.Records
		sum.Merged += c.Merged
		sum.Events += c.Events
		sum.Unparsed += c.Unparsed
		sum.Late += c.Late
		sum.DuplicateKeys += c.DuplicateKeys
		for k, n := range c.ByKind {
			sum.ByKind[k] += n
		}
		for o, n := range c.ByOutcome {
			sum.ByOutcome[o] += n
		}
		if c.First != 0 && (sum.First == 0 || c.First < sum.First) {
			sum.First = c.First
		}
		sum.Last = max(sum.Last, c.Last)
		for _, s := range c.Skipped {
			if !slices.Contains(sum.Skipped, s) { // sources of one folder skip the same files
				sum.Skipped = append(sum.Skipped, s)
			}
		}
		sum.UnparsedSamples = append(sum.UnparsedSamples, c.UnparsedSamples...)
	}
	sum.UnparsedSamples = sum.UnparsedSamples[:min(len(sum.UnparsedSamples), MaxSamples)]
	return sum
}

// MaxSamples is how many unparsed lines are named.
const MaxSamples = 10

// Coverage is a histogram of one place's events in minutes. It keeps the exact
// first and last instant of each minute, so that gaps are exact whatever the
// order events arrive in. Its size grows with time covered, not with events.
type Coverage struct {
	Minutes map[int64]*Minute // by minutes since the epoch

	recent       *Minute // the minute last observed: most events follow each other
	recentMinute int64
}

// Minute is what is known of one minute.
type Minute struct {
	Count       int64
	First, Last Instant
}
