package connectors

import (
	"context"
	"errors"
	"time"
)

// Query asks a source for events.
type Query struct {
	Window Window
	// Lead asks for the events of this long before the window as well, as
	// context: they are delivered and, like everything outside the window, not
	// part of Stats.First, Stats.Last and Coverage. A source that cannot tell may
	// deliver none of them.
	Lead time.Duration
	// LeadSelect names what is wanted of them, for Context; a source that has a
	// Context of it may deliver those events only, and before all others.
	LeadSelect string
	// Notes are what an earlier read of this source noted; with them a file
	// source does not read again what lies before the window. Nil: everything is
	// read, and nothing is noted; see Resumption.
	Notes *Notes
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

// Grouper is a source that can count in its store, so that what nobody has to
// look at is not read.
type Grouper interface {
	Source
	// View opens a view of what the query asks for, which does not change while
	// it is open. Query.Filter is not looked at: Group and Read have their own. An
	// error means, as with Read, that nothing can be said.
	View(ctx context.Context, q Query) (View, error)
}

// View is a store held still.
type View interface {
	// Group counts the events of the window that a filter selects, by the values
	// of fields; without a field there is one group at most. It counts exactly or
	// not at all: ErrUncountable says that the store cannot tell, and that what
	// the filter selects has to be read. Any other error is the context's.
	Group(ctx context.Context, f Filter, by ...string) ([]Group, error)
	// Read delivers what a filter selects of the window and, of Query.Lead before
	// it, what lead selects, as Source.Read does with Query.Filter. What Group met
	// is in its Completeness.
	Read(ctx context.Context, f, lead Filter, emit func([]Event) error) (Completeness, error)
	// Close gives the view back to the store, also when the context has ended.
	Close(ctx context.Context)
}

// ErrUncountable says that a store cannot count exactly what a filter selects.
var ErrUncountable = errors.New("the store cannot count this exactly")

// Group is how many events have the same values of the fields they were grouped
// by. Of client_ip, a group has no value where its records list several addresses:
// which of them is the client's is not for a store to say.
type Group struct {
	// Event carries these values, the kind and the source, and nothing else. Who
	// is responsible, which may depend on the time, is for the reader to work out
	// (Attribution.At).
	Event Event
	Count int64
	// First and Last span the events, in whole milliseconds rounded down.
	First, Last Instant
}

// Reach is the stretch of time that a source delivers: the window with its lead.
func (q Query) Reach() Window {
	w := q.Window
	if w.From != 0 {
		w.From = w.From.Add(-q.Lead)
	}
	return w
}

// Ahead is a source that knows where begins what is still to be read.
type Ahead interface {
	// Ahead gives the earliest first event of the inputs that were not begun to
	// be read, all of them before Read; ok is false when there are none.
	Ahead() (earliest Instant, ok bool)
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
	// Store is what a search store says of itself; nil for files.
	Store *StoreProbe
}

// StoreProbe is what a quick look at a search store found besides its events.
// Probe.Bytes is then the size of the resolved indices, Probe.Oldest and Newest
// span all their documents.
type StoreProbe struct {
	Product   string   // "OpenSearch" or "Elasticsearch"
	Version   string   // as the server is known to be, such as "2.19.3"; "" when it may not be asked
	TLS       bool     // the connection is encrypted and the certificate was checked
	Profile   string   // name of the profile that the documents are read with
	Indices   int      // that the pattern resolves to
	Documents int64    // in them
	Lacking   []string // rights that are missing, in the product's words: "indices:data/read/search on kubeaudit-2026.11.02"
	Retention int      // days after which the store deletes, as its policy says; 0: not known
}

// Field is one logical field and whether the looked-at records carry it.
type Field struct {
	Name  string
	Found bool
}
