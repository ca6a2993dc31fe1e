package connectors

import "context"

// Query asks a source for events.
type Query struct {
	Window Window
	// Filter narrows what is wanted. A source may deliver more than it selects
	// (a superset) but never less; the engine matches again.
	Filter Filter
	// Attribution decides who is responsible and which address is believed.
	// Nil means nobody is trusted to act for others.
	Attribution *Attribution
	// Progress, if set, is called now and then from the reading goroutine.
	Progress func(Progress)
}

// Progress says how far a read has come. Total is 0 when it is not known
// (standard input).
type Progress struct {
	Source string
	Bytes  int64 // read so far, as stored (compressed bytes of a compressed file)
	Total  int64 // to read, same measure
	Events int64
}

// Source yields the events of one kind from one place, and says how complete
// its answer is. The conformance suite connectors/connectorstest holds what
// every source promises.
type Source interface {
	// Name is the NAME of the source, unique within a run.
	Name() string
	// Kind is the kind of log the source holds.
	Kind() Kind
	// Read calls emit with batches of events whose time lies in the window. Events
	// come in the order their last record came, not sorted by time, and the
	// batch is valid only until emit returns. Read stops with emit's error.
	// A problem while reading does not hide what was read before it: it is in
	// Completeness.Problems, and the error is nil. An error means that nothing
	// can be said: the place cannot be opened (fault.Unavailable, fault.NotFound)
	// or the context ended.
	Read(ctx context.Context, q Query, emit func([]Event) error) (Completeness, error)
	// Probe says in plain words what is there, cheaply.
	Probe(ctx context.Context) (Probe, error)
}

// Probe is what a quick look at a source found.
type Probe struct {
	Where    string // the place, for people
	Kind     Kind
	Files    int
	Bytes    int64
	Oldest   Instant // of the events looked at
	Newest   Instant
	Looked   int64    // records looked at
	Parsed   int64    // of them understood
	Fields   []Field  // what was recognised
	Sample   *Record  // one event, rendered
	Hosts    []string // hosts or clusters seen
	Missing  []string // sentences: what is missing and how to get it
	Complete bool     // everything was looked at, not a part
}

// Field is one logical field and whether the looked-at records carry it.
type Field struct {
	Name  string
	Found bool
}
