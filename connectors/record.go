package connectors

import "strings"

// Record is an event written out: the JSON object of contract.md §2. It owns
// everything it holds. Absent means unknown; no field is guessed.
type Record struct {
	Key        string        `json:"key"`
	NativeID   string        `json:"native_id,omitempty"`
	Source     string        `json:"source"`
	Kind       Kind          `json:"kind"`
	Cluster    string        `json:"cluster,omitempty"`
	Host       string        `json:"host,omitempty"`
	Time       Instant       `json:"time"`
	TimeBasis  TimeBasis     `json:"time_basis"`
	Category   Category      `json:"category"`
	Verb       string        `json:"verb,omitempty"`
	Outcome    Outcome       `json:"outcome"`
	Code       string        `json:"code,omitempty"`
	Login      string        `json:"login,omitempty"`
	Effective  string        `json:"effective,omitempty"`
	Actor      string        `json:"actor,omitempty"`
	ActorKind  ActorKind     `json:"actor_kind,omitempty"`
	Credential string        `json:"credential,omitempty"`
	ClientIP   string        `json:"client_ip,omitempty"`
	UserAgent  string        `json:"user_agent,omitempty"`
	Object     *RecordObject `json:"object,omitempty"`
	Command    string        `json:"command,omitempty"`
	Message    string        `json:"message,omitempty"`
	Ticket     string        `json:"ticket,omitempty"`
	Ref        Ref           `json:"ref"`
	SHA256     string        `json:"sha256"`
}

// RecordObject is the object of a Record.
type RecordObject struct {
	Group       string `json:"group,omitempty"`
	Version     string `json:"version,omitempty"`
	Resource    string `json:"resource,omitempty"`
	Subresource string `json:"subresource,omitempty"`
	Namespace   string `json:"namespace,omitempty"`
	Name        string `json:"name,omitempty"`
}

// Record writes the event out, computing its key and digest.
func (e *Event) Record(tickets TicketRule) Record {
	r := Record{
		Key: e.Key(), NativeID: e.NativeID(), Source: e.Source, Kind: e.Kind, Cluster: e.Cluster, Host: e.Host,
		Time: e.Time, TimeBasis: e.TimeBasis, Category: e.Category, Verb: e.Verb, Outcome: e.Outcome, Code: e.Code,
		Login: e.Login, Effective: e.Effective, Actor: e.Actor, ActorKind: e.ActorKind, Credential: e.Credential,
		ClientIP: e.ClientIP, UserAgent: e.UserAgent(), Command: e.Command(), Message: MaskCommand(e.Message()),
		Ticket: tickets.Of(e), Ref: e.ref, SHA256: e.SHA256(),
	}
	o := RecordObject{
		Group: e.Object.Group, Version: e.Object.Version, Resource: e.Object.Resource,
		Subresource: e.Object.Subresource, Namespace: e.Object.Namespace, Name: e.Name(),
	}
	if o != (RecordObject{}) {
		r.Object = &o
	}
	return r
}

// Deed is what was done and to which object: "get secrets payments/db", "" when
// neither is recorded.
func (r *Record) Deed() string {
	var parts []string
	if r.Verb != "" {
		parts = append(parts, r.Verb)
	}
	if o := r.Object; o != nil {
		what := o.Resource
		if o.Subresource != "" {
			what += "/" + o.Subresource
		}
		if what != "" {
			parts = append(parts, what)
		}
		switch {
		case o.Namespace != "" && o.Name != "":
			parts = append(parts, o.Namespace+"/"+o.Name)
		case o.Name != "":
			parts = append(parts, o.Name)
		case o.Namespace != "":
			parts = append(parts, "in "+o.Namespace)
		}
	}
	return strings.Join(parts, " ")
}
