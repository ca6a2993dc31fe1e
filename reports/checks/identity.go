package checks

import (
	"fmt"
	"slices"
	"strings"

	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reports/roster"
)

// idn01 asks of every deed of a person who that person is.
func idn01() reports.Check {
	return reports.Check{
		ID: "IDN-01", Version: 1,
		Title:     "Every action of a person resolves to exactly one person",
		Objective: "Whatever a person does can be traced to that one person on the roster.",
		Logic: "Selects requests to the Kubernetes API by people, accepted logins on hosts and commands run with sudo. " +
			"Resolves each at its own time: by the owner of the SSH key, else by the principals on the roster. " +
			"A principal that resolves to nobody, or to several persons who belonged to the organisation at that time, is a violation. " +
			"A valid entry of shared_accounts or break_glass holds it back.",
		Type: reports.Assertion, Severity: reports.High, Controls: []string{"5.16", "5.15"},
		Select: deedsOfPeople(),
		Needs:  reports.Needs{Kinds: peopleLogs(), People: true},
		Scout:  byIdentity(func(s *reports.Scope, e *connectors.Event) bool { return len(whoActed(s.Roster, e)) != 1 }),
		Each: func(s *reports.Scope) reports.Observer {
			items := newStories(s)
			several := map[*story]string{}
			return watch{
				see: func(e *connectors.Event) {
					persons := whoActed(s.Roster, e)
					if len(persons) == 1 || heldBack(s, e, roster.SharedAccounts, roster.BreakGlass) {
						return
					}
					p := roster.ActingAs(e)
					t := items.of(p.System, p.Host, p.Pattern)
					t.on.note(target(e))
					t.add(e)
					if len(persons) > 1 {
						several[t] = names(persons)
					}
				},
				end: func() {
					items.each(func(t *story) {
						who := account(t.part(1), t.part(2))
						deeds := count(t.draft.Count, "action")
						if persons, ok := several[t]; ok {
							t.tell(who, who+" stands for several persons",
								deeds+" under "+who+t.origin()+" may be the work of "+persons+", so no one person can be held responsible.",
								"The roster gives this principal to several persons. Give each an own account, or register the shared account.")
							return
						}
						t.tell(who, who+" resolves to nobody",
							deeds+" under "+who+t.origin()+" cannot be traced to a person on the roster, so nobody can be held responsible.",
							"No person on the roster has this principal, and no entry of shared_accounts or break_glass that is still valid declares it.",
							lapsed(s, t, roster.SharedAccounts, roster.BreakGlass)...)
					})
				},
			}
		},
	}
}

// whoActed gives the persons behind an event: of several, those who belonged to
// the organisation then, if there are any.
func whoActed(r *roster.Roster, e *connectors.Event) []roster.Person {
	persons := r.PersonsOf(e)
	if len(persons) > 1 {
		if now := active(persons, e.Time); len(now) > 0 {
			return now
		}
	}
	return persons
}

// lapsed explains an item by an entry that covered its principal once.
func lapsed(s *reports.Scope, t *story, registers ...roster.Register) []reports.Fact {
	p := roster.Principal{System: t.part(0), Host: t.part(1), Pattern: t.part(2)}
	for _, r := range registers {
		if entry, ok := s.Roster.Lapsed(r, p.String(), t.draft.Last); ok {
			return []reports.Fact{{Label: "Register", Value: "The entry " + shown(entry.Value) + " of " + string(r) + " expired on " + moment(entry.Expires) + "."}}
		}
	}
	return nil
}

// names lists persons for people.
func names(persons []roster.Person) string {
	var out []string
	for _, p := range persons {
		out = append(out, shown(p.Email))
	}
	return joinAnd(out)
}

// account names an account, with its host where it has one: "ubuntu on worker-1".
func account(host, login string) string {
	if host == "" {
		return shown(login)
	}
	return shown(login) + " on " + shown(host)
}

// target names what an event acted on, for a list: "secrets in payments",
// "host worker-1".
func target(e *connectors.Event) string {
	switch {
	case e.Object.Resource != "":
		return shown(kindOf(e)) + within(e.Object.Namespace)
	case e.Host != "":
		return "host " + shown(e.Host)
	}
	return shown(path(e))
}

// kindOf names the sort of thing an event acted on: "pods/exec".
func kindOf(e *connectors.Event) string {
	if e.Object.Subresource == "" {
		return e.Object.Resource
	}
	return e.Object.Resource + "/" + e.Object.Subresource
}

// within says in which namespace, for the end of a clause.
func within(namespace string) string {
	if namespace == "" {
		return ""
	}
	return " in " + shown(namespace)
}

// path is the path of a request, without its query.
func path(e *connectors.Event) string {
	p, _, _ := strings.Cut(e.URI(), "?")
	return p
}

// builtInNames are names that installers give to built-in administrators
// (kubeadm, kops, GKE, AKS and older distributions).
const builtInNames = "kubernetes-admin,kubernetes-super-admin,system:admin,admin,kube-admin,masterclient,clusterAdmin"

// idn02 lists every use of a built-in administrator's name.
func idn02() reports.Check {
	return reports.Check{
		ID: "IDN-02", Version: 1,
		Title:     "Built-in administrator credential used",
		Objective: "Credentials of built-in administrators, which belong to no person, lie unused except in emergencies.",
		Logic: "Selects requests to the Kubernetes API whose login is a built-in administrator's name, whatever their outcome. " +
			"Only a valid entry of break_glass holds one back, not one of shared_accounts. One item a name.",
		Type: reports.Assertion, Severity: reports.High, Controls: []string{"5.16", "8.2"},
		// A built-in administrator is a user, never a service account or a node;
		// which names there are is a parameter.
		Select: inKubernetes(connectors.Exists("login"), connectors.Not(connectors.Prefix("login", "system:serviceaccount:", "system:node:"))),
		Needs:  reports.Needs{Kinds: kubernetesLog()},
		Params: []reports.Param{{
			Name: "names", Kind: reports.ParamList, Default: builtInNames,
			Doc: "The names of built-in administrators, as they log in. Names of service accounts and nodes are never looked at.",
		}},
		Scout: &reports.Scout{By: []string{"login"}, Wants: func(s *reports.Scope) func(*connectors.Event) bool {
			builtIn := set(s.List("names"))
			return func(e *connectors.Event) bool { return builtIn[e.Login] }
		}},
		Each: func(s *reports.Scope) reports.Observer {
			items := newStories(s)
			builtIn := set(s.List("names"))
			return watch{
				see: func(e *connectors.Event) {
					if !builtIn[e.Login] {
						return
					}
					if entry, ok := s.Roster.Covers(roster.BreakGlass, roster.Principal{System: "k8s", Pattern: e.Login}.String(), e.Time); ok {
						s.Suppress(e, entry)
						return
					}
					t := items.of(e.Login)
					t.on.note(target(e))
					t.add(e)
				},
				end: func() {
					items.each(func(t *story) {
						who := shown(t.part(0))
						t.tell(who, who+" was used",
							"The built-in administrator "+who+" was used "+times(t.draft.Count)+t.origin()+withCredentials(t)+"; the name belongs to no person, so nobody can be held responsible.",
							"Whoever holds this credential is an administrator without a name. It belongs in a safe, and its use in break_glass.")
					})
				},
			}
		},
	}
}

// withCredentials says with how many credentials, where the records say.
func withCredentials(t *story) string {
	if n := t.keys.distinct(); n > 0 {
		return " with " + count(int64(n), "credential")
	}
	return ""
}

func set(values []string) map[string]bool {
	m := make(map[string]bool, len(values))
	for _, v := range values {
		m[v] = true
	}
	return m
}

// idn03 lists who acts in the group that no role can bind.
func idn03() reports.Check {
	return reports.Check{
		ID: "IDN-03", Version: 1,
		Title:     "system:masters in use",
		Objective: "Nobody but the API server acts in system:masters, the group that passes every authorisation and cannot be revoked.",
		Logic:     "Selects requests to the Kubernetes API whose login is in the group system:masters, whatever their outcome; leaves out system:apiserver and what except names. One item a login.",
		Type:      reports.Assertion, Severity: reports.Critical, Controls: []string{"8.2"},
		Select: inKubernetes(connectors.In("groups", mastersGroup)),
		Needs:  reports.Needs{Kinds: kubernetesLog()},
		Params: []reports.Param{{
			Name: "except", Kind: reports.ParamList, Default: "",
			Doc: "Logins that may be in system:masters besides system:apiserver.",
		}},
		Scout: &reports.Scout{By: []string{"login"}, Wants: func(s *reports.Scope) func(*connectors.Event) bool {
			except := set(append(s.List("except"), apiServer))
			return func(e *connectors.Event) bool { return !except[e.Login] }
		}},
		Each: func(s *reports.Scope) reports.Observer {
			items := newStories(s)
			except := set(append(s.List("except"), apiServer))
			return watch{
				see: func(e *connectors.Event) {
					if except[e.Login] {
						return
					}
					t := items.of(e.Login)
					t.on.note(target(e))
					t.add(e)
				},
				end: func() {
					items.each(func(t *story) {
						who := shown(t.part(0))
						t.tell(who, who+" acts in system:masters",
							who+" made "+count(t.draft.Count, "request")+" as a member of system:masters"+t.origin()+withCredentials(t)+"; this group passes every authorisation, whatever roles say.",
							"Membership of system:masters comes with the credential and cannot be revoked by removing a role binding. The credential must be replaced.")
					})
				},
			}
		},
	}
}

// mastersGroup is the group that the API server lets do everything
// (kubernetes.io, "Using RBAC authorization", default roles).
const mastersGroup = "system:masters"

// idn11 lists who acted as someone else.
func idn11() reports.Check {
	return reports.Check{
		ID: "IDN-11", Version: 1,
		Title:     "Impersonation outside approved proxies",
		Objective: "Only approved proxies act under another's identity, and never with the rights of system:masters.",
		Logic: "Selects requests to the Kubernetes API with an impersonated identity, whatever their outcome. " +
			"A valid entry of trusted_impersonators for the login holds one back, unless the impersonated groups contain system:masters. " +
			"One item for each login and the identity it took.",
		Type: reports.Assertion, Severity: reports.High, Controls: []string{"8.2", "5.16"},
		Select: inKubernetes(connectors.Exists("effective")),
		Needs:  reports.Needs{Kinds: kubernetesLog()},
		Each: func(s *reports.Scope) reports.Observer {
			items := newStories(s)
			masters := map[*story]bool{}
			return watch{
				see: func(e *connectors.Event) {
					all := slices.Contains(e.EffGroups, mastersGroup)
					if !all {
						if entry, ok := s.Roster.Covers(roster.TrustedImpersonators, roster.Principal{System: "k8s", Pattern: e.Login}.String(), e.Time); ok {
							s.Suppress(e, entry)
							return
						}
					}
					t := items.of(e.Login, e.Effective)
					t.on.note(target(e))
					t.add(e)
					if all {
						masters[t] = true
						t.draft.Severity = reports.Critical
					}
				},
				end: func() {
					items.each(func(t *story) {
						login, as := shown(t.part(0)), shown(t.part(1))
						summary := login + " acted as " + as + " " + times(t.draft.Count) + t.origin() + endings(t)
						why := "Impersonation lets one person act with another's rights and hides the doer from whoever reads only the effective name."
						if masters[t] {
							summary += ", in the group system:masters, which may do everything."
							why += " The group system:masters passes every authorisation."
						} else {
							summary += ", and " + login + " is not registered as a trusted impersonator."
						}
						t.tell(login+" as "+as, login+" acted as "+as, summary, why)
					})
				},
			}
		},
	}
}

// endings says how many of the events were refused or failed: ", 2 of them refused".
func endings(t *story) string {
	refused := t.how.of(string(connectors.Denied))
	failed := t.how.of(string(connectors.Failed))
	switch {
	case refused == t.draft.Count && refused == 1:
		return ", which was refused"
	case refused == t.draft.Count:
		return ", all refused"
	case refused > 0 && failed > 0:
		return fmt.Sprintf(", %d of them refused and %d failed", refused, failed)
	case refused > 0:
		return fmt.Sprintf(", %d of them refused", refused)
	case failed == t.draft.Count && failed == 1:
		return ", which failed"
	case failed == t.draft.Count:
		return ", all of which failed"
	case failed > 0:
		return fmt.Sprintf(", %d of them failed", failed)
	}
	return ""
}
