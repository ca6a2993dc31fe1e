package checks

import (
	"fmt"
	"slices"
	"strings"

	"logreeve/connectors"
	"logreeve/reports"
)

// openPaths are what a cluster may tell anybody: its health and version, which
// system:public-info-viewer allows, and the lists of interfaces that clients
// begin with (kubernetes.io, "Using RBAC authorization", API discovery roles).
const openPaths = "/healthz,/healthz/*,/livez,/livez/*,/readyz,/readyz/*,/version,/version/,/openapi/*,/api,/apis"

// acc01 finds what anonymous clients were let in to.
func acc01() reports.Check {
	return reports.Check{
		ID: "ACC-01", Version: 1,
		Title:     "Anonymous request allowed",
		Objective: "Nobody gets anything from the cluster without saying who he is, beyond its health and version.",
		Logic: "Selects requests to the Kubernetes API that succeeded as system:anonymous or in the group system:unauthenticated. " +
			"One for a path that is not in paths is a violation. One item for each kind of object and namespace, or path.",
		Type: reports.Assertion, Severity: reports.Critical, Controls: []string{"8.5", "5.15"},
		Select: inKubernetes(connectors.In("actor_kind", string(connectors.Anonymous)), succeeded()),
		Needs:  reports.Needs{Kinds: kubernetesLog()},
		Params: []reports.Param{{
			Name: "paths", Kind: reports.ParamList, Default: openPaths,
			Doc: "Paths that anybody may ask for; * at the end stands for whatever follows.",
		}},
		Scout: &reports.Scout{By: []string{"resource", "uri"}, Wants: func(s *reports.Scope) func(*connectors.Event) bool {
			open := s.List("paths")
			return func(e *connectors.Event) bool { return !isOpen(e, open) }
		}},
		Each: func(s *reports.Scope) reports.Observer {
			items := newStories(s)
			open := s.List("paths")
			return watch{
				see: func(e *connectors.Event) {
					p := path(e)
					if isOpen(e, open) {
						return
					}
					var t *story
					if e.Object.Resource != "" {
						t = items.of("object", e.Object.Group, kindOf(e), e.Object.Namespace)
					} else {
						t = items.of("path", p)
					}
					t.add(e)
				},
				end: func() {
					items.each(func(t *story) {
						what := shown(t.part(1))
						if t.part(0) == "object" {
							what = shown(t.part(2))
							if t.part(3) != "" {
								what += " in " + shown(t.part(3))
							}
						}
						t.tell(what, "Anybody may reach "+what,
							"A client that did not say who it is was let in to "+what+" "+times(t.draft.Count)+t.origin()+", so anybody on the network can do the same.",
							"A role binding or an option of the API server gives rights to system:anonymous or system:unauthenticated.")
					})
				},
			}
		},
	}
}

// isOpen says whether an event asks for a path that is open to anybody.
func isOpen(e *connectors.Event, open []string) bool {
	return e.Object.Resource == "" && slices.ContainsFunc(open, func(o string) bool { return under(path(e), o) })
}

// under says whether a path is the open one, or one that its "*" stands for.
func under(path, open string) bool {
	if prefix, ok := strings.CutSuffix(open, "*"); ok {
		return strings.HasPrefix(path, prefix)
	}
	return path == open
}

// acc02 finds bursts of requests that could not say who they are.
func acc02() reports.Check {
	return reports.Check{
		ID: "ACC-02", Version: 2,
		Title:     "Burst of unauthenticated requests",
		Objective: "Attempts to guess or reuse credentials of the Kubernetes API are noticed.",
		Logic: "Selects requests answered with 401 and counts them for each client address, by their times. Count of them within window is a burst. " +
			"One item an address, with all requests of its bursts. " + acrossBorder + " Requests without an address, and ones that come more than an hour late in a long log, cannot be judged.",
		Type: reports.Assertion, Severity: reports.Medium, Controls: []string{"8.5", "8.16"},
		Select: inKubernetes(connectors.In("code", "401"), connectors.In("outcome", string(connectors.Denied))),
		Needs:  reports.Needs{Kinds: kubernetesLog(), Bodies: true},
		Lead:   "window",
		Params: []reports.Param{
			{Name: "count", Kind: reports.ParamInt, Default: "20", Min: 1, Max: 10_000, Doc: "How many requests make a burst."},
			{Name: "window", Kind: reports.ParamDuration, Default: "15m", Doc: "Within which time they must come."},
		},
		Each: func(s *reports.Scope) reports.Observer {
			items := newStories(s)
			flood := &bursts{
				least: int(s.Int("count")), within: s.Duration("window"),
				found:   func(address string, e *connectors.Event) { items.of(address).add(e) },
				lost:    func(e *connectors.Event) { s.Undecidable(e, outOfSight) },
				horizon: s.Horizon,
			}
			return watch{
				see: func(e *connectors.Event) {
					if e.ClientIP == "" {
						s.Undecidable(e, noAddress)
						return
					}
					flood.see(e.ClientIP, "", e)
				},
				lead: func(e *connectors.Event) {
					if e.ClientIP != "" {
						flood.lead(e.ClientIP, "", e)
					}
				},
				end: func() {
					flood.end()
					items.each(func(t *story) {
						from := shown(t.part(0))
						t.tell(from, "Rejected credentials from "+from,
							from+" sent "+count(t.draft.Count, "request")+" whose credentials the API server rejected, at least "+fmt.Sprint(s.Int("count"))+" within "+plainSpan(s.Duration("window"))+", so it is guessing credentials or using ones that have expired.",
							"A rejected request names nobody; the address is all that is known. An expired kubeconfig looks the same as an attack until somebody asks.")
					})
				},
			}
		},
	}
}

const (
	noAddress  = "no client address recorded"
	outOfSight = "came too late, or among too many others, to be counted with those before it"

	acrossBorder = "A burst that began before the window and goes on in it is reported with its events from before, unless these were a burst by themselves."
)

// acc09 finds guessing over SSH.
func acc09() reports.Check {
	return reports.Check{
		ID: "ACC-09", Version: 2,
		Title:     "SSH brute force",
		Objective: "Attempts to guess accounts or passwords over SSH are noticed.",
		Logic: "Selects logins that hosts refused and counts them for each client address over all hosts, by their times. " +
			"Failures of them within window, or attempts at users different accounts within window, are brute force. One item an address, with all attempts of its bursts. " + acrossBorder + " " +
			"Refused logins at a console have no address and are left out. Attempts that come more than an hour late in a long log cannot be judged.",
		Type: reports.Assertion, Severity: reports.Medium, Controls: []string{"8.5", "8.16"},
		Select: onHosts(
			connectors.In("category", string(connectors.CategoryLogin)), connectors.In("outcome", string(connectors.Denied)),
			connectors.Exists("client_ip"),
		),
		Needs: reports.Needs{Kinds: authLog(), Bodies: true},
		Lead:  "window",
		Params: []reports.Param{
			{Name: "failures", Kind: reports.ParamInt, Default: "10", Min: 1, Max: 10_000, Doc: "How many refused attempts make brute force."},
			{Name: "users", Kind: reports.ParamInt, Default: "5", Min: 0, Max: 10_000, Doc: "How many different accounts tried make brute force; 0 does not count them."},
			{Name: "window", Kind: reports.ParamDuration, Default: "10m", Doc: "Within which time they must come."},
		},
		Each: func(s *reports.Scope) reports.Observer {
			items := newStories(s)
			flood := &bursts{
				least: int(s.Int("failures")), names: int(s.Int("users")), within: s.Duration("window"),
				found: func(address string, e *connectors.Event) {
					t := items.of(address)
					t.on.note(account(e.Host, e.Login))
					t.add(e)
				},
				lost:    func(e *connectors.Event) { s.Undecidable(e, outOfSight) },
				horizon: s.Horizon,
			}
			return watch{
				see:  func(e *connectors.Event) { flood.see(e.ClientIP, e.Login, e) },
				lead: func(e *connectors.Event) { flood.lead(e.ClientIP, e.Login, e) },
				end: func() {
					flood.end()
					items.each(func(t *story) {
						from := shown(t.part(0))
						t.tell(from, "SSH guessing from "+from,
							from+" tried "+times(t.draft.Count)+" to log in as "+t.who.list(5)+" and was refused, so it is guessing accounts or passwords.",
							"What counts is whether one of these attempts succeeded later, and whether this host should be reachable from there at all.",
							reports.Fact{Label: "Accounts tried", Value: t.on.list(20)})
					})
				},
			}
		},
	}
}
