package connectors

// Event is one deed, as a view over the raw record it came from.
//
// Fields are safe to keep: they are constants, interned or owned strings.
// Methods decode further pieces of the raw record when asked, so that an event
// nobody looks at costs only what the checks select on. Methods that return
// strings return owned strings; methods that return bytes return views.
//
// An event handed to a callback, with all its byte views, is valid until the
// callback returns. Keep makes a copy that lives on.
type Event struct {
	Kind      Kind
	Source    string // the source's NAME
	Cluster   string // only where the record says so
	Host      string
	Time      Instant
	Logged    Instant // when the record was written, where it says so besides Time
	TimeBasis TimeBasis
	Category  Category
	Verb      string // as logged
	Outcome   Outcome
	Code      string // HTTP status or SQLSTATE; empty when not recorded

	Login      string // who authenticated
	Groups     []string
	Effective  string   // as whom it ran, only if different from Login
	EffGroups  []string // groups of the effective identity
	Actor      string   // the one held responsible; set by Attribution
	ActorKind  ActorKind
	Credential string // certificate fingerprint, token id, SSH key fingerprint
	ClientIP   string // as far as it can be trusted (domain.md D5); set by Attribution from Addresses
	Addresses  []string

	Object Object
	Level  string // Kubernetes audit level: what of the bodies was recorded
	Stage  string // Kubernetes stage of the record that decided the outcome
	DryRun bool   // the request changed nothing by its own wish

	// Seq numbers the events of one run in the order they were emitted, from 1.
	// The engine sets it; it identifies an event within the run only.
	Seq uint64

	raw               []byte
	ref               Ref
	texts             [textCount]span
	values            *[textCount]string // texts that are no span of raw
	request, response span
	identity          []string // what Key hashes, for kinds whose identity is not in the texts
	owned             bool
}

// Object is the thing acted on. For accounts Resource is "user" or "group";
// for databases Resource is the object's type, Namespace the schema.
// The object's name is Event.Name, decoded when asked for.
type Object struct {
	Group, Version, Resource, Subresource, Namespace string
}

// Ref says where a raw record lies: a file, line (from 1) and byte offset, or
// an index and document id.
type Ref struct {
	File   string `json:"file,omitempty"`
	Line   int64  `json:"line,omitempty"`
	Offset int64  `json:"offset,omitempty"`
	Index  string `json:"index,omitempty"`
	ID     string `json:"id,omitempty"`
}

// Text names a piece of the raw record that is decoded only when asked for.
type Text int

// The texts an event may carry.
const (
	TextName        Text = iota // object.name
	TextURI                     // request URI with its query
	TextUserAgent               // client software, as claimed
	TextNativeID                // what the system calls the record: auditID …
	TextMessage                 // the log text
	TextCommand                 // a shell command or SQL statement, unmasked
	TextReason                  // why: status message of a refusal
	TextAnnotations             // the raw JSON object of annotations
	TextReceived                // the received time exactly as written (identity)
	textCount
)

// span is a piece of raw: [off, off+len); json says it is the inside of a JSON
// string with escapes still in it.
type span struct {
	off, len int32
	json     bool
}
