package checks

import (
	"cmp"
	"slices"
	"strings"

	"logreeve/connectors"
	"logreeve/connectors/rawjson"
	"logreeve/reports"
)

// bindingWrites selects what changed role bindings, with success, by anyone but
// the API server itself.
func bindingWrites(verbs ...string) connectors.Filter {
	return inKubernetes(
		connectors.In("resource", "rolebindings", "clusterrolebindings"),
		connectors.In("verb", verbs...),
		succeeded(), connectors.Not(dryRun()), connectors.Not(connectors.In("actor", apiServer)),
	)
}

// anyBindingWrite witnesses that writes of role bindings are logged at all.
func anyBindingWrite() connectors.Filter {
	return inKubernetes(
		connectors.In("resource", "rolebindings", "clusterrolebindings"),
		connectors.In("verb", writeVerbs()...),
	)
}

func bindingsLogged() []reports.PolicyNeed {
	return []reports.PolicyNeed{loggedOfAll(requestResponse, "rbac.authorization.k8s.io", writeVerbs(), "rolebindings", "clusterrolebindings")}
}

// binding is a role binding as far as the log shows it.
type binding struct {
	known    bool
	role     string // kind and name: "ClusterRole cluster-admin"
	roleKind string
	roleName string
	subjects []string
}

// bindingOf reads the binding that resulted from a write: from the answer, else
// for a creation or replacement from what was asked for. A patch asks for a
// part only, and a Status is no binding.
func bindingOf(e *connectors.Event) binding {
	if b := readBinding(e.Response()); b.known {
		return b
	}
	if e.Verb == "create" || e.Verb == "update" {
		return readBinding(e.Request())
	}
	return binding{}
}

func readBinding(object []byte) (b binding) {
	ref := rawjson.Get(object, "roleRef")
	b.roleName, b.roleKind = rawjson.Text(ref, "name"), rawjson.Text(ref, "kind")
	if b.roleName == "" {
		return binding{}
	}
	b.known, b.role = true, strings.TrimSpace(b.roleKind+" "+shown(b.roleName))
	_ = rawjson.Elements(rawjson.Get(object, "subjects"), func(v []byte) bool {
		kind, namespace, name := rawjson.Text(v, "kind"), rawjson.Text(v, "namespace"), rawjson.Text(v, "name")
		if namespace != "" {
			name = namespace + "/" + name
		}
		b.subjects = append(b.subjects, strings.TrimSpace(shown(kind)+" "+shown(name)))
		return true
	})
	slices.Sort(b.subjects)
	return b
}

// gives says whom the binding gives which role.
func (b binding) gives() string {
	if !b.known {
		return "content not recorded"
	}
	return b.to() + " gets " + b.role
}

// to lists the subjects.
func (b binding) to() string {
	if len(b.subjects) == 0 {
		return "nobody"
	}
	few := b.subjects[:min(10, len(b.subjects))]
	if rest := len(b.subjects) - len(few); rest > 0 {
		return joinAnd(append(slices.Clone(few), count(int64(rest), "other")))
	}
	return joinAnd(few)
}

// nameOf is the name of the object, also where the server made it up
// (generateName); "*" for a collection.
func nameOf(e *connectors.Event) string {
	if name := e.Name(); name != "" {
		return name
	}
	if e.Verb == "deletecollection" {
		return "*"
	}
	return rawjson.Text(e.Response(), "metadata", "name")
}

// bindingName names a binding for people.
func bindingName(resource, namespace, name string) string {
	return strings.TrimSuffix(resource, "s") + " " + place(namespace, name)
}

// maxTold is how many single events an item describes one by one.
const maxTold = 50

// done writes a verb as what was done.
func done(verb string) string {
	switch verb {
	case "create":
		return "created"
	case "update":
		return "replaced"
	case "patch":
		return "patched"
	case "delete":
		return "deleted"
	case "deletecollection":
		return "deleted with others"
	}
	return shown(verb)
}

// bindingCourse is the course of one binding: its first maxTold writes in order
// of time, whatever order they come in.
type bindingCourse struct {
	writes []bindingWrite
}

// bindingWrite is one write on a binding.
type bindingWrite struct {
	logged, time connectors.Instant
	seq          uint64
	verb         string
	actor        string
	ticket       string
	left         binding // as recorded
}

func (w bindingWrite) compare(o bindingWrite) int {
	return cmp.Or(cmp.Compare(w.logged, o.logged), cmp.Compare(w.time, o.time), cmp.Compare(w.seq, o.seq))
}

func (c *bindingCourse) note(e *connectors.Event, tickets connectors.TicketRule) {
	w := bindingWrite{logged: cmp.Or(e.Logged, e.Time), time: e.Time, seq: e.Seq, verb: e.Verb}
	at, _ := slices.BinarySearchFunc(c.writes, w, bindingWrite.compare)
	if at == maxTold {
		return
	}
	w.actor, w.ticket, w.left = actorOf(e), tickets.Of(e), bindingOf(e)
	c.writes = slices.Insert(c.writes, at, w)
	c.writes = c.writes[:min(len(c.writes), maxTold)]
}

// told describes each write with who held what before and after it.
func (c *bindingCourse) told() (facts []reports.Fact) {
	before := "not known"
	for _, w := range c.writes {
		after := w.left.gives()
		switch w.verb {
		case "create":
			before = "none"
		case "delete", "deletecollection":
			if w.left.known { // the answer is what was deleted
				before = w.left.gives()
			}
			after = "none"
		}
		text := done(w.verb) + " by " + shown(w.actor) + ": before, " + before + "; after, " + after
		if w.ticket != "" {
			text += "; ticket " + shown(w.ticket)
		} else {
			text += "; no ticket in the record"
		}
		facts = append(facts, reports.Fact{Label: moment(w.time), Value: text})
		if before = after; after == "none" {
			before = "not known" // of what is written next: the log lacks its creation
		}
	}
	return facts
}

// reg06 is the register of what changed in access rights.
func reg06() reports.Check {
	return reports.Check{
		ID: "REG-06", Version: 1,
		Title:     "Register of changes to access rights",
		Objective: "Every change to who holds which role is seen by somebody who can tell whether it was wanted.",
		Logic: "Selects writes on role bindings and cluster role bindings that succeeded, by anyone but system:apiserver; dry runs change nothing and are left out. " +
			"Lists each binding as one item with who held what before and after, as far as the log has shown it. A register: items need a person, none is a violation by itself.",
		Type: reports.RegisterT, Severity: reports.Medium, Controls: []string{"5.18", "5.15"},
		Select: bindingWrites(writeVerbs()...),
		Needs: reports.Needs{
			Kinds: kubernetesLog(), Witness: anyBindingWrite(), WitnessText: "writes of role bindings", PolicyNeeds: bindingsLogged(),
		},
		Each: func(s *reports.Scope) reports.Observer {
			items := newStories(s)
			written := map[*story]*bindingCourse{}
			return watch{
				see: func(e *connectors.Event) {
					t := items.of(e.Object.Resource, e.Object.Namespace, nameOf(e))
					t.add(e)
					if written[t] == nil {
						written[t] = &bindingCourse{}
					}
					written[t].note(e, s.Tickets)
				},
				end: func() {
					items.each(func(t *story) {
						what := bindingName(t.part(0), t.part(1), t.part(2))
						t.draft.Data = map[string]string{"namespace": t.part(1), "name": t.part(2)}
						t.tell(what, "Changed: "+what,
							"The "+what+" was changed "+times(t.draft.Count)+" by "+t.who.list(3)+t.origin()+", so somebody must say whether this access was approved.",
							"A role binding decides who may do what. Its changes are reviewed against requests and approvals.",
							written[t].told()...)
					})
				},
			}
		},
	}
}

// prv01 finds grants of an administrator's role.
func prv01() reports.Check {
	return reports.Check{
		ID: "PRV-01", Version: 1,
		Title:     "Administrator role granted",
		Objective: "Nobody becomes an administrator unseen.",
		Logic: "Selects creations and changes of role bindings and cluster role bindings that succeeded, by anyone but system:apiserver; dry runs are left out. " +
			"A binding whose role is an administrator's is a violation: a name in admin_roles, of which admin counts only for the whole cluster. " +
			"Where the record lacks the resulting binding it cannot be judged. One item a binding.",
		Type: reports.Assertion, Severity: reports.Critical, Controls: []string{"8.2", "5.18"},
		Select: bindingWrites("create", "update", "patch"),
		Needs: reports.Needs{
			Kinds: kubernetesLog(), Bodies: true, Witness: anyBindingWrite(), WitnessText: "writes of role bindings", PolicyNeeds: bindingsLogged(),
		},
		Params: []reports.Param{{
			Name: "admin_roles", Kind: reports.ParamList, Default: "cluster-admin,admin",
			Doc: "Names of roles that make an administrator. The role admin counts in cluster role bindings only: in one namespace it administers that namespace.",
		}},
		Each: func(s *reports.Scope) reports.Observer {
			items := newStories(s)
			admin := set(s.List("admin_roles"))
			given := map[*story]binding{}
			return watch{
				see: func(e *connectors.Event) {
					b := bindingOf(e)
					if !b.known {
						s.Undecidable(e, "the resulting role binding is not recorded")
						return
					}
					if !admin[b.roleName] || b.roleName == "admin" && e.Object.Resource != "clusterrolebindings" {
						return
					}
					t := items.of(e.Object.Resource, e.Object.Namespace, nameOf(e))
					given[t] = b
					t.add(e)
				},
				end: func() {
					items.each(func(t *story) {
						what, b := bindingName(t.part(0), t.part(1), t.part(2)), given[t]
						where := "the whole cluster"
						if t.part(1) != "" {
							where = "the namespace " + shown(t.part(1))
						}
						t.draft.Data = map[string]string{"namespace": t.part(1), "name": t.part(2), "role": b.roleName}
						t.tell(what, b.role+" granted to "+b.to(),
							t.who.list(3)+t.origin()+" gave "+b.to()+" the role "+b.role+" with the "+what+", which makes an administrator of "+where+".",
							"An administrator's role allows what all other controls are meant to limit. It needs an approval by somebody else than the one who granted it.",
							reports.Fact{Label: "Role", Value: b.role},
							reports.Fact{Label: "Subjects", Value: b.to()})
					})
				},
			}
		},
	}
}
