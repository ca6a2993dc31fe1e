package policy

import (
	"encoding/json"

	"logreeve/connectors"
)

// Operation is what became of an object.
type Operation string

// Operations of contract.md §6.
const (
	Created  Operation = "created"
	Modified Operation = "modified"
	Deleted  Operation = "deleted"
)

// Ticket is a change reference, empty for none.
type Ticket = string

// TicketSource says where the change reference of a change comes from.
type TicketSource string

// Sources of a change reference (contract.md §6).
const (
	FromRequest TicketSource = "request"   // the one who asked for the change gave it
	Inherited   TicketSource = "inherited" // it stood on the object already
	NoTicket    TicketSource = "none"
)

// Report is what `logreeve changes` prints: the history over one window.
type Report struct {
	Summary  Summary   `json:"summary"`
	Changes  []Change  `json:"changes"`
	Attempts []Attempt `json:"attempts"`
	// Baseline is what the history started from; nil: from nothing.
	Baseline *BaselineRef `json:"baseline,omitempty"`
}

// Summary counts the writes of a window, the first three named as in Calico's
// reports. What is Implied is among Report.Changes but not among Deleted.
type Summary struct {
	Created   int `json:"numCreatedPolicies"`
	Modified  int `json:"numModifiedPolicies"`
	Deleted   int `json:"numDeletedPolicies"`
	Unchanged int `json:"unchanged"` // writes after which the specification says the same
	DryRun    int `json:"dry_run"`

	Implied  int `json:"implied"`  // gone with their namespace, without a record of their own
	Attempts int `json:"attempts"` // all, also those beyond MaxAttempts
	// ContentUnknown counts changes whose result the log does not hold.
	ContentUnknown int `json:"content_unknown"`
}

// EventRef names the event that made a change.
type EventRef struct {
	Key      string `json:"key"`
	NativeID string `json:"native_id"`
}

// Change is one write that changed an object. Before and After are
// specifications as recorded, nil where there is none or it is not known.
type Change struct {
	Time         connectors.Instant   `json:"time"`
	Actor        string               `json:"actor"`
	ActorKind    connectors.ActorKind `json:"actor_kind"`
	ClientIP     string               `json:"client_ip"`
	Operation    Operation            `json:"operation"`
	API          string               `json:"api"` // group/version
	Kind         string               `json:"kind"`
	Namespace    string               `json:"namespace"` // empty for objects of the cluster
	Name         string               `json:"name"`      // empty when a collection was deleted and nothing says what was in it
	Ticket       Ticket               `json:"ticket"`    // null in JSON when empty
	TicketSource TicketSource         `json:"ticket_source"`
	// BeforeKnown says that Before is what the object said before; a creation
	// has nothing before it, which is known.
	BeforeKnown bool            `json:"before_known"`
	Before      json.RawMessage `json:"before"`
	After       json.RawMessage `json:"after"`
	Event       EventRef        `json:"event"`

	// Beyond contract.md §6.

	// Identity is what Object gives.
	Identity  string `json:"object"`
	Source    string `json:"source,omitempty"`
	Cluster   string `json:"cluster,omitempty"`
	UserAgent string `json:"user_agent,omitempty"`
	Verb      string `json:"verb,omitempty"` // as logged
	// ContentKnown is false when the log does not hold what the write made of
	// the object. That is never the same as no change.
	ContentKnown bool `json:"content_known"`
	// AsRequested says that After is what was asked for; the answer, in which the
	// server may have changed it, was not recorded.
	AsRequested bool `json:"as_requested,omitempty"`
	// Implied says that no record names this object: it went with its namespace.
	Implied bool `json:"implied,omitempty"`
	// WithNamespace says that the object went because its namespace was deleted.
	WithNamespace bool `json:"with_namespace,omitempty"`
	// Missed says that the object changed at least once since we last saw it,
	// which its generation or identity shows; what was before is then not known.
	Missed bool `json:"missed,omitempty"`
	// Uncovered says that what we know of the object is older than a time that
	// nobody read: it may have changed unseen, so what was before is not known. Of
	// a collection that was deleted it also marks objects of which we do not know
	// whether their labels chose them.
	Uncovered bool `json:"uncovered,omitempty"`
}

// Object is the object's identity, the same in all APIs that serve it:
// [cluster/]group/kind/namespace/name, with "-" for no namespace.
func (c *Change) Object() string {
	if c.Identity != "" {
		return c.Identity
	}
	return subject{cluster: c.Cluster, api: c.API, kind: c.Kind, namespace: c.Namespace, name: c.Name}.identity(nil)
}

// MarshalJSON writes a change without a ticket with null for it, and what is
// there of specifications as it was recorded.
func (c Change) MarshalJSON() ([]byte, error) {
	type plain Change // without this method
	var ticket *string
	if c.Ticket != "" {
		ticket = &c.Ticket
	}
	return json.Marshal(struct {
		Ticket *string `json:"ticket"`
		plain
	}{ticket, plain(c)})
}

// Staged says whether the change is about a preview that is not enforced.
func (c *Change) Staged() bool { return staged(c.Kind) }

// Supposed says that the object may have been gone before: no record names it,
// and what we knew of it is older than a time that nobody read.
func (c *Change) Supposed() bool {
	return c.Uncovered && c.Operation == Deleted && (c.Implied || c.Verb == "deletecollection")
}

// Attempt is a write that was refused, failed, or whose outcome is not recorded.
type Attempt struct {
	Time      connectors.Instant   `json:"time"`
	Actor     string               `json:"actor"`
	ActorKind connectors.ActorKind `json:"actor_kind"`
	ClientIP  string               `json:"client_ip"`
	Operation Operation            `json:"operation"`
	Outcome   connectors.Outcome   `json:"outcome"`
	Code      string               `json:"code"`
	Reason    string               `json:"reason"`
	API       string               `json:"api"`
	Kind      string               `json:"kind"`
	Namespace string               `json:"namespace"`
	Name      string               `json:"name"`
	Event     EventRef             `json:"event"`
}

// State is what is known of one object at one time: what a History starts from
// and what it leaves to the next one.
type State struct {
	Object     string             `json:"object"` // as Change.Object
	At         connectors.Instant `json:"at"`     // of the last write
	Cluster    string             `json:"cluster,omitempty"`
	API        string             `json:"api"`
	Kind       string             `json:"kind"`
	Namespace  string             `json:"namespace"`
	Name       string             `json:"name"`
	Exists     bool               `json:"exists"`
	Known      bool               `json:"known"` // Spec is what the object says
	Spec       json.RawMessage    `json:"spec"`
	Labels     json.RawMessage    `json:"labels,omitempty"`
	UID        string             `json:"uid,omitempty"`
	Generation int64              `json:"generation,omitempty"`
	Ticket     Ticket             `json:"ticket,omitempty"`
	EventKey   string             `json:"event_key"`
	// Uncovered says that nobody read all of the time between At and where the
	// next history begins. Baseline decides it anew each time.
	Uncovered bool `json:"uncovered,omitempty"`
	// LabelsUnknown says that Labels does not tell the labels, as where the state
	// was worked out from a change.
	LabelsUnknown bool `json:"labels_unknown,omitempty"`
}
