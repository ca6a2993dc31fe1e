package checks

import (
	"slices"

	"logreeve/connectors"
	"logreeve/connectors/rawjson"
	"logreeve/reports"
	"logreeve/reports/policy"
	"logreeve/reports/roster"
)

// controlled are the kinds of object whose change in production needs a change
// procedure (contract.md §5, CHG-01), by API group.
func controlled() map[string][]string {
	kinds := map[string][]string{
		"":                             {"pods", "services", "configmaps", "secrets", "serviceaccounts", "namespaces", "persistentvolumes"},
		"apps":                         {"deployments", "daemonsets", "statefulsets"},
		"batch":                        {"jobs", "cronjobs"},
		"networking.k8s.io":            {"ingresses"},
		"rbac.authorization.k8s.io":    {"roles", "rolebindings", "clusterroles", "clusterrolebindings"},
		"apiextensions.k8s.io":         {"customresourcedefinitions"},
		"admissionregistration.k8s.io": {"validatingwebhookconfigurations", "mutatingwebhookconfigurations"},
	}
	for group, resources := range policyKinds() {
		kinds[group] = append(kinds[group], resources...)
	}
	return kinds
}

// policyKinds are the kinds of network policy, by API group (formats.md §6.1).
func policyKinds() map[string][]string {
	calico := []string{
		"networkpolicies", "globalnetworkpolicies", "stagednetworkpolicies", "stagedglobalnetworkpolicies",
		"stagedkubernetesnetworkpolicies", "tiers", "networksets", "globalnetworksets", "hostendpoints",
	}
	return map[string][]string{
		"networking.k8s.io":        {"networkpolicies"},
		"extensions":               {"networkpolicies"},
		"projectcalico.org":        calico,
		"crd.projectcalico.org":    calico,
		"policy.networking.k8s.io": {"adminnetworkpolicies", "baselineadminnetworkpolicies", "clusternetworkpolicies"},
		"cilium.io":                {"ciliumnetworkpolicies", "ciliumclusterwidenetworkpolicies"},
	}
}

// resourcesOf lists the resources of all groups, each once, in order.
func resourcesOf(kinds map[string][]string) []string {
	var all []string
	for _, resources := range kinds {
		all = append(all, resources...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// changes selects successful writes on kinds of object: not dry runs, and not
// parts of an object that are no part of its definition (its status, its
// approval, tokens made from it) or that only reach into it.
func changes(kinds map[string][]string, f ...connectors.Filter) connectors.Filter {
	return inKubernetes(append([]connectors.Filter{
		connectors.In("verb", writeVerbs()...),
		connectors.In("resource", resourcesOf(kinds)...),
		succeeded(),
		connectors.Not(dryRun()),
		connectors.Not(connectors.In("subresource", "status", "approval", "token", "exec", "attach", "portforward", "proxy")),
	}, f...)...)
}

// isOne says whether an event is about one of the kinds: the filter language
// tells resources apart, but not which group each belongs to.
func isOne(kinds map[string][]string, e *connectors.Event) bool {
	return slices.Contains(kinds[e.Object.Group], e.Object.Resource)
}

// inProduction says whether an event is about an object in prod_scope at its
// time. A namespace is both an object of the cluster and the place it names.
func inProduction(r *roster.Roster, e *connectors.Event) bool {
	if e.Object.Group == "" && e.Object.Resource == "namespaces" {
		name := nameOf(e)
		return r.InProd("", e.Time) || name != "" && r.InProd(name, e.Time)
	}
	return r.InProd(e.Object.Namespace, e.Time)
}

// objectName names an object for people: "networkpolicies payments/allow-web".
func objectName(e *connectors.Event) string {
	return shown(kindOf(e)) + " " + place(e.Object.Namespace, nameOf(e))
}

// chg01 finds production changed by hand.
func chg01() reports.Check {
	kinds := controlled()
	return reports.Check{
		ID: "CHG-01", Version: 1,
		Title:     "Production changed outside the delivery pipeline",
		Objective: "Production changes through the delivery pipeline, not by hand.",
		Logic: "Selects writes by people that succeeded on workloads, services, ingresses, config maps, secrets, service accounts, roles and bindings, network policies, namespaces, persistent volumes, " +
			"custom resource definitions and webhook configurations; not dry runs, and not status, approval, token or access to a running workload. " +
			"One inside prod_scope at its time is a violation. Pipelines registered in ci_principals and controllers are not people. One item for each person and object.",
		Type: reports.Assertion, Severity: reports.High, Controls: []string{"8.32", "8.31"},
		Select: changes(kinds, byPerson()),
		Needs:  reports.Needs{Kinds: kubernetesLog(), Register: roster.ProdScope},
		Scout: &reports.Scout{By: []string{"group", "resource", "namespace"}, Wants: func(s *reports.Scope) func(*connectors.Event) bool {
			return func(e *connectors.Event) bool { // which namespace is changed may stand in its body only
				return isOne(kinds, e) && (e.Object.Resource == "namespaces" || inProduction(s.Roster, e))
			}
		}},
		Each: func(s *reports.Scope) reports.Observer {
			items := newStories(s)
			tickets := map[*story]*tally{}
			return watch{
				see: func(e *connectors.Event) {
					if !isOne(kinds, e) || !inProduction(s.Roster, e) {
						return
					}
					t := items.of(e.Actor, e.Object.Group, kindOf(e), e.Object.Namespace, nameOf(e))
					t.on.note(objectName(e))
					t.add(e)
					if tickets[t] == nil {
						tickets[t] = &tally{}
					}
					tickets[t].note(s.Tickets.Of(e))
				},
				end: func() {
					items.each(func(t *story) {
						who := shown(t.part(0))
						what := shown(t.part(2)) + " " + place(t.part(3), t.part(4))
						t.draft.Data = map[string]string{"namespace": t.part(3), "name": t.part(4), "resource": t.part(2)}
						ticket := "none in the records"
						if tickets[t].distinct() > 0 {
							ticket = tickets[t].list(5)
						}
						t.tell(who+": "+what, who+" changed "+what+" by hand",
							who+" changed "+what+" in production "+times(t.draft.Count)+" ("+t.did.counted(5)+")"+t.origin()+", outside the delivery pipeline, so no pipeline has tested, reviewed or recorded it.",
							"Change control holds only what comes through the pipeline. A change by hand needs its own approval, or must be brought into the pipeline.",
							reports.Fact{Label: "Ticket", Value: ticket})
					})
				},
			}
		},
	}
}

// feeds says whether an event belongs to the history of policies, which end with
// their namespace.
func feeds(e *connectors.Event) bool {
	return policy.IsPolicy(e.Object) || e.Object.Resource == "namespaces" && e.Verb == "delete"
}

// chg02 finds changes that nobody tied to a ticket.
func chg02() reports.Check {
	kinds := controlled()
	needs := policyNeeds(true)
	return reports.Check{
		ID: "CHG-02", Version: 1,
		Title:     "Change without a ticket reference",
		Objective: "Every change can be traced to the request that approved it.",
		Logic: "Replays the writes on network policies; a write that left another specification is a change. Looks for a ticket in annotations and labels of the resulting object: one whose name ends in ticket, or whose value matches the pattern. " +
			"A change whose object carries none is a violation. Where the object carries one that the request did not give, it was left over from an earlier change: an item, no violation. " +
			"Deletions leave no object and cannot be judged, nor can changes whose content was not recorded. With scope=all also successful writes by people and registered pipelines on the resources of CHG-01 in prod_scope, whether they change something or not. " +
			"One item for each object with and without such a ticket.",
		Type: reports.Assertion, Severity: reports.Medium, Controls: []string{"8.32"},
		Select: connectors.Or(policyWrites(), changes(kinds)),
		Needs:  needs,
		Params: []reports.Param{
			{Name: "scope", Kind: reports.ParamText, Default: "policies", Allowed: []string{"policies", "all"}, Doc: "policies looks at network policies only, all also at the resources of CHG-01."},
			{Name: "ticket_pattern", Kind: reports.ParamPattern, Default: "", Doc: "What a ticket looks like, as a regular expression; empty takes the pattern of the run."},
		},
		Scout: &reports.Scout{By: []string{"group", "resource", "verb"}, Wants: func(s *reports.Scope) func(*connectors.Event) bool {
			wide := s.Text("scope") == "all"
			return func(e *connectors.Event) bool { return feeds(e) || wide && isOne(kinds, e) }
		}},
		Each: func(s *reports.Scope) reports.Observer {
			items := newStories(s)
			tickets := s.Tickets
			if p := s.Pattern("ticket_pattern"); p != nil {
				tickets.Pattern = p
			}
			feed := PoliciesOf(s.Shared, tickets)
			wide := s.Text("scope") == "all"
			found := func(object, what, ticket string, asked bool) *story {
				kind := "none"
				switch {
				case ticket != "" && asked:
					return nil
				case ticket != "":
					kind = "inherited"
				}
				t := items.of(object, kind)
				t.on.note(what)
				if ticket != "" {
					t.draft.Violation, t.draft.Severity = false, reports.Low
				}
				return t
			}
			leftOver := map[*story]*tally{}
			remember := func(t *story, ticket string) {
				if leftOver[t] == nil {
					leftOver[t] = &tally{}
				}
				leftOver[t].note(ticket)
			}
			return watch{
				see: func(e *connectors.Event) {
					if feeds(e) {
						feed.see(s, e)
					}
					if !wide || policy.IsPolicy(e.Object) || !isOne(kinds, e) || !byPersonOrPipeline(s, e) {
						return
					}
					if len(s.Roster.Declared(roster.ProdScope, e.Time)) == 0 {
						s.Undecidable(e, "nobody declared what prod_scope is")
						return
					}
					if !inProduction(s.Roster, e) {
						return
					}
					result := e.Response()
					if e.Verb == "delete" || e.Verb == "deletecollection" || rawjson.Get(result, "metadata") == nil {
						s.Undecidable(e, unticketable(e.Verb))
						return
					}
					ticket := tickets.InObject(result)
					object := e.Object.Group + "/" + kindOf(e) + "/" + e.Object.Namespace + "/" + nameOf(e)
					if t := found(object, objectName(e), ticket, ticket != "" && tickets.InObject(e.Request()) == ticket); t != nil {
						t.add(e)
						remember(t, ticket)
					}
				},
				end: func() {
					feed.each(func(c *policyChange) {
						if c.Operation == policy.Deleted || !c.ContentKnown {
							if c.write != nil {
								verb := c.Verb
								if c.Operation == policy.Deleted {
									verb = "delete"
								}
								s.UndecidableKept(c.write.Kept, unticketable(verb))
							}
							return
						}
						if t := found(c.Object(), policyName(c), c.Ticket, c.TicketSource == policy.FromRequest); t != nil {
							t.addChange(c)
							remember(t, c.Ticket)
						}
					})
					items.each(func(t *story) {
						what := t.on.list(1)
						if t.part(1) == "inherited" {
							t.tell(what, "Changed under an old ticket: "+what,
								t.who.list(3)+" changed "+what+" "+times(t.draft.Count)+t.origin()+" and named no ticket; the one on the object, "+leftOver[t].list(3)+", was left over from before, so it may not cover this change.",
								"A ticket that stays on an object covers the change it was given for. Somebody must say whether it covers this one too.")
							return
						}
						t.tell(what, "Changed without a ticket: "+what,
							t.who.list(3)+" changed "+what+" "+times(t.draft.Count)+t.origin()+" and the object carries no ticket, so the change cannot be traced to an approval.",
							"A change without a reference cannot be matched with a request. Name the ticket, or find who approved it.")
					})
				},
			}
		},
	}
}

// byPersonOrPipeline says whether somebody who should name a ticket acted:
// controllers and components do not.
func byPersonOrPipeline(s *reports.Scope, e *connectors.Event) bool {
	if e.Person() {
		return true
	}
	_, ok := s.Roster.CoversActor(roster.CIPrincipals, e)
	return ok
}

// unticketable is why nothing can be said about a write's ticket.
func unticketable(verb string) string {
	if verb == "delete" || verb == "deletecollection" {
		return "a deletion leaves no object that could carry a ticket"
	}
	return "the resulting object is not recorded"
}
