package search

import (
	"slices"
	"strings"
	"time"

	"logreeve/app/fault"
	"logreeve/connectors"
)

// Profile says where in a document the record of an event sits: it is data, so
// that a pipeline nobody thought of needs no program (architecture.md §3).
// Paths are dotted and found as nested objects and as literal keys alike.
type Profile struct {
	Name string
	Kind connectors.Kind
	// Time is the field that windows and order are asked of.
	Time string
	// Lag is how much later than the event Time may be; 0 says that it is the
	// event's own time. What is asked is wider by it.
	Lag time.Duration
	// Root is where the record begins; "" is the document itself.
	Root string
	// Wrapped are fields of which the first that is there holds the whole
	// record, as text or as an object. The record's own fields are then not searched.
	Wrapped []string
	// Underscores says that the dots in the domain of annotation keys became
	// underscores on the way. The record is read, kept and hashed with dots.
	Underscores bool
	// Cluster are fields of which the first that is there names the cluster.
	Cluster []string
	// Host, Program, PID and Message are the parts of a syslog line.
	Host, Program, PID, Message []string
}

// Profiles are the presets.
func Profiles() []Profile {
	const received = "requestReceivedTimestamp"
	syslog := func(p Profile) Profile {
		p.Kind, p.Time = connectors.AuthLog, "@timestamp"
		p.Host = []string{"host.hostname", "host.name", "host", "hostname"}
		p.Program = []string{"process.name", "ident", "program", "syslog.appname", "SYSLOG_IDENTIFIER"}
		p.PID = []string{"process.pid", "pid", "syslog.procid", "_PID"}
		p.Message = []string{"message", "MESSAGE"}
		return p
	}
	event := func(p Profile) Profile {
		p.Kind = connectors.Kubernetes
		if p.Time == "" {
			p.Time = received
		}
		return p
	}
	return []Profile{
		event(Profile{Name: "kubernetes", Cluster: []string{"cluster.name", "cluster"}}),
		event(Profile{Name: "welkin", Cluster: []string{"cluster.name"}}),
		event(Profile{Name: "calico", Cluster: []string{"cluster"}}),
		event(Profile{
			Name: "elastic-agent", Root: "kubernetes.audit", Time: "kubernetes.audit." + received, Underscores: true,
			Cluster: []string{"orchestrator.cluster.name"},
		}),
		event(Profile{Name: "fluent-bit", Underscores: true, Cluster: []string{"cluster_name", "cluster"}}),
		event(Profile{
			Name: "wrapped", Wrapped: []string{"message", "log", "event.original", "json", "log_processed", "parsed"}, Time: "@timestamp", Lag: 24 * time.Hour,
			Cluster: []string{"cluster.name", "cluster"},
		}),
		syslog(Profile{Name: "syslog"}),
		syslog(Profile{
			Name: "welkin", Cluster: []string{"cluster.name"},
		}),
		syslog(Profile{Name: "wrapped", Wrapped: []string{"message", "log", "event.original"}}),
	}
}

// stageLag is how long a request takes at most until its last stage is written,
// when a source is asked by a time that is not the event's own.
const stageLag = time.Hour

// profileOf finds the profile of a source; preset is what its store begins with.
func profileOf(c Config, preset string, own []Profile) (Profile, error) {
	name := c.Profile
	if name == "" {
		name = preset
	}
	if c.Kind == connectors.AuthLog && c.Profile == "" {
		name = "syslog"
	}
	all := append(slices.Clone(own), Profiles()...)
	i := slices.IndexFunc(all, func(p Profile) bool { return p.Name == name && p.Kind == c.Kind })
	if i < 0 {
		var names []string
		for _, p := range all {
			if p.Kind == c.Kind && !slices.Contains(names, p.Name) {
				names = append(names, p.Name)
			}
		}
		return Profile{}, fault.Field("profile", "There is no profile %q for %s. There are %s.", name, c.Kind, strings.Join(names, ", "))
	}
	p := all[i]
	if c.Time != "" && c.Time != p.Time {
		p.Time, p.Lag = c.Time, max(p.Lag, stageLag)
	}
	return p, nil
}

// path is where a field of the record is in the document.
func (p Profile) path(name string) string {
	if p.Root == "" {
		return name
	}
	return p.Root + "." + name
}

// asked are the fields that searches may ask for.
func (p Profile) asked() []string {
	out := []string{p.Time}
	if len(p.Wrapped) > 0 {
		return out
	}
	if p.Kind == connectors.AuthLog {
		return append(out, slices.Concat(p.Host, p.Message)...)
	}
	for _, name := range recordFields {
		out = append(out, p.path(name))
	}
	return append(out, p.Cluster...)
}

// recordFields are the fields of a Kubernetes record that are kept as fields.
var recordFields = []string{
	"auditID", "stage", "level", "verb", "requestURI", "userAgent", "sourceIPs", "user.username", "user.groups",
	"impersonatedUser.username", "impersonatedUser.groups", "objectRef.apiGroup", "objectRef.apiVersion", "objectRef.resource", "objectRef.subresource",
	"objectRef.namespace", "objectRef.name", "responseStatus.code",
	"annotations.authorization.k8s.io/decision", "annotations.authorization_k8s_io/decision",
}

// needed are the fields without which nothing can be said: one that is nowhere
// was not taken in, or is hidden from this user.
func (p Profile) needed() []string {
	if len(p.Wrapped) > 0 || p.Kind == connectors.AuthLog {
		return nil
	}
	return []string{p.path("auditID"), p.path("stage"), p.path("verb"), p.path("user.username")}
}
