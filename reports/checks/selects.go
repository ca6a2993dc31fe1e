package checks

import (
	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reports/roster"
)

// The kinds of log a check reads.
func kubernetesLog() []connectors.Kind { return []connectors.Kind{connectors.Kubernetes} }
func authLog() []connectors.Kind       { return []connectors.Kind{connectors.AuthLog} }
func peopleLogs() []connectors.Kind {
	return []connectors.Kind{connectors.Kubernetes, connectors.AuthLog}
}

// inKubernetes selects events of the Kubernetes API that all filters select.
func inKubernetes(f ...connectors.Filter) connectors.Filter {
	return connectors.And(append([]connectors.Filter{connectors.In("kind", string(connectors.Kubernetes))}, f...)...)
}

// onHosts selects events of hosts' auth logs that all filters select.
func onHosts(f ...connectors.Filter) connectors.Filter {
	return connectors.And(append([]connectors.Filter{connectors.In("kind", string(connectors.AuthLog))}, f...)...)
}

// byPerson selects events that a person is held responsible for (contract.md
// §2): human, or not known to be anything else, and named.
func byPerson() connectors.Filter {
	return connectors.And(
		connectors.In("actor_kind", string(connectors.Human), string(connectors.UnknownActor)),
		connectors.Exists("actor"),
	)
}

func succeeded() connectors.Filter { return connectors.In("outcome", string(connectors.OK)) }

func writeVerbs() []string {
	return []string{"create", "update", "patch", "delete", "deletecollection"}
}

func dryRun() connectors.Filter { return connectors.In("dry_run", "true") }

// apiServer is the name the Kubernetes API server acts under.
const apiServer = "system:apiserver"

// acceptedLogins selects logins that hosts accepted.
func acceptedLogins() connectors.Filter {
	return onHosts(connectors.In("category", string(connectors.CategoryLogin)), succeeded())
}

// deedsOfPeople selects what people did under their own principals: requests
// to the Kubernetes API, accepted logins on hosts and commands run by sudo.
// Sessions repeat their login and are left out.
func deedsOfPeople() connectors.Filter {
	return connectors.Or(
		inKubernetes(byPerson()),
		onHosts(connectors.In("category", string(connectors.CategoryLogin)), succeeded(), byPerson()),
		onHosts(connectors.In("category", string(connectors.CategoryCommand)), connectors.In("verb", "sudo"), byPerson()),
	)
}

// logged says what an audit policy must log for a check to see everything.
func logged(level, group string, verbs []string, resources ...string) reports.PolicyNeed {
	return reports.PolicyNeed{Verbs: verbs, Group: group, Resources: resources, Level: level}
}

// loggedOfAll is logged for requests by anyone, also service accounts.
func loggedOfAll(level, group string, verbs []string, resources ...string) reports.PolicyNeed {
	n := logged(level, group, verbs, resources...)
	n.Anyone = true
	return n
}

// Levels of an audit policy (audit.k8s.io/v1).
const (
	metadata        = "Metadata"
	requestResponse = "RequestResponse"
)

// watch is an observer made of what it does with each event and at the end.
type watch struct {
	see  func(*connectors.Event)
	lead func(*connectors.Event) // with each event before the window; nil: nothing
	end  func()
}

func (w watch) Observe(e *connectors.Event) { w.see(e) }

// Lead is for checks that say how much they look at before the window.
func (w watch) Lead(e *connectors.Event) {
	if w.lead != nil {
		w.lead(e)
	}
}

func (w watch) Finish() {
	if w.end != nil {
		w.end()
	}
}

// byIdentity scouts by who logged in and as whom: what a check asks of the roster
// depends on nothing else, where there are no SSH keys.
func byIdentity(wants func(*reports.Scope, *connectors.Event) bool) *reports.Scout {
	return &reports.Scout{By: []string{"login", "effective"}, Wants: func(s *reports.Scope) func(*connectors.Event) bool {
		return func(e *connectors.Event) bool { return wants(s, e) }
	}}
}

// heldBack counts an event as held back by the first register that declares its
// actor at that time.
func heldBack(s *reports.Scope, e *connectors.Event, registers ...roster.Register) bool {
	for _, r := range registers {
		if entry, ok := s.Roster.CoversActor(r, e); ok {
			s.Suppress(e, entry)
			return true
		}
	}
	return false
}

// active keeps the persons who belong to the organisation at a time.
func active(persons []roster.Person, at connectors.Instant) []roster.Person {
	var kept []roster.Person
	for _, p := range persons {
		if p.ActiveAt(at) {
			kept = append(kept, p)
		}
	}
	return kept
}
