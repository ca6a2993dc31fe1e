// Package connectors owns the one shape of an audit event and the contract of
// everything that yields events: Event, Query, Filter, Window, Source and
// Completeness. It reads nothing itself. The packages connectors/<format> turn
// raw records into events, connectors/<store> say where records come from, and
// everything later in the flow (reports, reviews, app) depends on this package
// and never the other way round.
package connectors

// Kind is a kind of log, as named on the command line (contract.md §1).
type Kind string

// The kinds this version reads.
const (
	Kubernetes Kind = "kubernetes" // audit.k8s.io Event
	AuthLog    Kind = "authlog"    // syslog of sshd, sudo, su, useradd …
)

// Category is what sort of deed an event records.
type Category string

// Categories of contract.md §2.
const (
	CategoryAPI      Category = "api"
	CategoryLogin    Category = "login"
	CategorySession  Category = "session"
	CategoryCommand  Category = "command"
	CategoryAccount  Category = "account"
	CategoryDatabase Category = "database"
	CategoryConfig   Category = "config"
	CategorySystem   Category = "system"
	CategoryOther    Category = "other"
)

// Outcome says how the deed ended.
type Outcome string

// Outcomes of contract.md §2. Denied is a refusal by authentication or
// authorisation; Failed is any other error.
const (
	OK      Outcome = "ok"
	Denied  Outcome = "denied"
	Failed  Outcome = "failed"
	Unknown Outcome = "unknown"
)

// ActorKind says what sort of principal is held responsible.
type ActorKind string

// Kinds of actor of contract.md §2.
const (
	Human           ActorKind = "human"
	Service         ActorKind = "service"
	SystemActor     ActorKind = "system"
	Node            ActorKind = "node"
	Anonymous       ActorKind = "anonymous"
	Unauthenticated ActorKind = "unauthenticated"
	UnknownActor    ActorKind = "unknown"
)

// Person says whether the kind counts as "a person" in the checks: human, or
// not known to be anything else (contract.md §2).
func (k ActorKind) Person() bool { return k == Human || k == UnknownActor }

// TimeBasis says which clock an event's time came from.
type TimeBasis string

// Bases of time of contract.md §2.
const (
	Received TimeBasis = "received"
	StageEnd TimeBasis = "stage"
	Syslog   TimeBasis = "syslog"
	Ingest   TimeBasis = "ingest"
)
