package checks

import (
	"net/url"
	"strings"

	"logreeve/connectors"
	"logreeve/reports"
)

// secretReads selects reads of secrets; listing and watching give their content
// as getting one does.
func secretReads(f ...connectors.Filter) connectors.Filter {
	return inKubernetes(append([]connectors.Filter{
		connectors.In("resource", "secrets"), connectors.In("verb", "get", "list", "watch"), succeeded(),
	}, f...)...)
}

// prv04 is the register of secrets read by people.
func prv04() reports.Check {
	return reports.Check{
		ID: "PRV-04", Version: 1,
		Title:     "Secrets read by people",
		Objective: "Every reading of a secret by a person is seen by somebody who can tell whether it was needed.",
		Logic: "Selects get, list and watch of secrets by people that succeeded; list and watch give the content of all. " +
			"One item for each person, namespace and secret, with * for all. A register: items need a person, none is a violation by itself.",
		Type: reports.RegisterT, Severity: reports.High, Controls: []string{"8.3", "8.2"},
		Select: secretReads(byPerson()),
		Needs:  reports.Needs{Kinds: kubernetesLog(), Witness: secretReads(), WitnessText: "reads of secrets", PolicyNeeds: []reports.PolicyNeed{logged(metadata, "", []string{"get", "list", "watch"}, "secrets")}},
		Each: func(s *reports.Scope) reports.Observer {
			items := newStories(s)
			return watch{
				see: func(e *connectors.Event) {
					name := e.Name()
					if name == "" {
						name = "*"
					}
					items.of(e.Actor, e.Object.Namespace, name).add(e)
				},
				end: func() {
					items.each(func(t *story) {
						who, namespace, name := shown(t.part(0)), t.part(1), t.part(2)
						what, where := "the secret "+place(namespace, name), ""
						switch {
						case name == "*" && namespace == "":
							what, where = "all secrets of the cluster", " in all namespaces"
						case name == "*":
							what, where = "all secrets of the namespace "+shown(namespace), " in "+shown(namespace)
						default:
							where = " in " + shown(namespace)
						}
						t.draft.Data = map[string]string{"namespace": namespace, "name": name}
						t.tell(who+": "+place(namespace, name), who+" read secrets"+where,
							who+" read "+what+" "+times(t.draft.Count)+t.origin()+" and has seen its content, so the secret is known to a person.",
							"A secret that a person has read can be used outside the cluster, where no log sees it.")
					})
				},
			}
		},
	}
}

// interactive are subresources that reach into running workloads
// (kubernetes.io, API reference of pods, services and nodes).
func interactive() []string {
	return []string{"exec", "attach", "portforward", "proxy", "ephemeralcontainers"}
}

// prv05 is the register of people reaching into workloads.
func prv05() reports.Check {
	into := connectors.In("subresource", interactive()...)
	on := connectors.In("resource", "pods", "services", "nodes")
	return reports.Check{
		ID: "PRV-05", Version: 1,
		Title:     "Interactive access to workloads",
		Objective: "Every time a person reaches into a running workload, somebody sees it who can tell whether it was needed.",
		Logic: "Selects requests by people for exec, attach, portforward, proxy and ephemeralcontainers of pods, services and nodes, with any verb and any outcome; " +
			"one command may leave several, because clients try one protocol after the other. One item for each person and workload; where all was refused or failed its severity is lower. " +
			"A register: items need a person, none is a violation by itself.",
		Type: reports.RegisterT, Severity: reports.High, Controls: []string{"8.18", "8.3", "8.2"},
		Select: inKubernetes(on, into, byPerson()),
		Needs: reports.Needs{
			Kinds: kubernetesLog(), Witness: inKubernetes(on, into), WitnessText: "requests for exec, attach, portforward or proxy",
			PolicyNeeds: []reports.PolicyNeed{
				logged(metadata, "", []string{"get", "create"}, "pods/exec", "pods/attach", "pods/portforward", "pods/proxy", "services/proxy", "nodes/proxy"),
				logged(metadata, "", []string{"update", "patch"}, "pods/ephemeralcontainers"),
			},
		},
		Each: func(s *reports.Scope) reports.Observer {
			items := newStories(s)
			commands := map[*story]*tally{}
			return watch{
				see: func(e *connectors.Event) {
					t := items.of(e.Actor, e.Object.Namespace, e.Object.Resource, e.Name())
					t.on.note(e.Object.Subresource)
					t.add(e)
					if commands[t] == nil {
						commands[t] = &tally{}
					}
					if !commands[t].full() {
						commands[t].note(podCommand(e))
					}
				},
				end: func() {
					items.each(func(t *story) {
						who := shown(t.part(0))
						where := strings.TrimSuffix(t.part(2), "s") + " " + place(t.part(1), t.part(3))
						title := who + " reached into " + where
						meaning := ", so a person may have seen or changed what runs there."
						if t.how.of(string(connectors.Denied))+t.how.of(string(connectors.Failed)) == t.draft.Count {
							t.draft.Severity = reports.Medium
							title, meaning = who+" tried to reach into "+where, ", so nothing was reached, but a person tried."
						}
						ran := ""
						var facts []reports.Fact
						if c := commands[t]; c.distinct() > 0 {
							ran = ", running " + c.list(2)
							facts = append(facts, reports.Fact{Label: "Command", Value: c.list(10)})
						}
						t.draft.Data = map[string]string{"namespace": t.part(1), "name": t.part(3)}
						t.tell(who+": "+place(t.part(1), t.part(3)), title,
							who+" asked "+times(t.draft.Count)+" for "+t.on.list(5)+" of the "+where+t.origin()+ran+endings(t)+meaning,
							"What is done inside a workload leaves no trace in the audit log beyond this request.", facts...)
					})
				},
			}
		},
	}
}

// podCommand is the command of an exec request, from its query, with secrets masked.
func podCommand(e *connectors.Event) string {
	_, query, ok := strings.Cut(e.URI(), "?")
	if !ok {
		return ""
	}
	values, _ := url.ParseQuery(query) // what can be read of a query that is broken
	return connectors.MaskCommand(strings.Join(values["command"], " "))
}
