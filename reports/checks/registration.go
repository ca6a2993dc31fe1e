package checks

import (
	"time"

	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reports/roster"
)

// reg01 lists principals of people who are not on the roster.
func reg01() reports.Check {
	return reports.Check{
		ID: "REG-01", Version: 1,
		Title:     "Active principals not on the roster",
		Objective: "Whoever works with the systems is registered as a person of the organisation at that time.",
		Logic: "Selects what people did with success: requests to the Kubernetes API, accepted logins on hosts and commands run with sudo. " +
			"A principal behind which nobody stands who belonged to the organisation at that time is a violation; one who joins within grace after the event already counts. " +
			"A valid entry of shared_accounts or break_glass holds it back. One item a principal.",
		Type: reports.Assertion, Severity: reports.High, Controls: []string{"5.16", "5.18"},
		Select: connectors.And(succeeded(), deedsOfPeople()),
		Needs:  reports.Needs{Kinds: peopleLogs(), People: true},
		Params: []reports.Param{{
			Name: "grace", Kind: reports.ParamDuration, Default: "24h",
			Doc: "How long before the joining date of a person an action is still accepted.",
		}},
		// The times a group is judged at do not know of the grace; the first of them is
		// the earliest, and who joins in time for it does so for every later event.
		Scout: byIdentity(func(s *reports.Scope, e *connectors.Event) bool { return !onRoster(s, e, s.Roster.PersonsOf(e)) }),
		Each: func(s *reports.Scope) reports.Observer {
			items := newStories(s)
			left := map[*story]string{}
			return watch{
				see: func(e *connectors.Event) {
					persons := s.Roster.PersonsOf(e)
					if onRoster(s, e, persons) ||
						heldBack(s, e, roster.SharedAccounts, roster.BreakGlass) {
						return
					}
					p := roster.ActingAs(e)
					t := items.of(p.System, p.Host, p.Pattern)
					t.on.note(target(e))
					t.add(e)
					if len(persons) > 0 {
						left[t] = names(persons)
					}
				},
				end: func() {
					items.each(func(t *story) {
						who := account(t.part(1), t.part(2))
						deeds := count(t.draft.Count, "action")
						if persons, ok := left[t]; ok {
							t.tell(who, who+" is active but has left",
								deeds+" under "+who+t.origin()+" were made after "+persons+" had left, so the access right outlived its reason.",
								"The person behind this principal no longer belonged to the organisation when it was used.")
							return
						}
						t.tell(who, who+" is on no roster",
							deeds+" under "+who+t.origin()+" succeeded although nobody on the roster has this principal, so it was never registered or its owner is not recorded.",
							"A principal that works but belongs to nobody was not given out by the registration process, or the roster lacks it.",
							lapsed(s, t, roster.SharedAccounts, roster.BreakGlass)...)
					})
				},
			}
		},
	}
}

// onRoster says whether one of the persons belonged to the organisation at the
// time of the event, or joined soon after it.
func onRoster(s *reports.Scope, e *connectors.Event, persons []roster.Person) bool {
	return len(active(persons, e.Time)) > 0 || joinsWithin(s.Roster, e, s.Duration("grace"))
}

// joinsWithin says whether a person who stands behind the event joins within
// the grace period after it.
func joinsWithin(r *roster.Roster, e *connectors.Event, grace time.Duration) bool {
	if grace <= 0 {
		return false
	}
	later := *e
	later.Time = e.Time.Add(grace)
	for _, p := range r.PersonsOf(&later) {
		if p.JoinedAt > e.Time && !p.LeftBefore(later.Time) {
			return true
		}
	}
	return false
}

// reg02 lists what was done by people after they had left.
func reg02() reports.Check {
	return reports.Check{
		ID: "REG-02", Version: 1,
		Title:     "Activity after the leaving date",
		Objective: "Access ends with employment: nothing is done, and nothing tried, with the principals of people who have left.",
		Logic: "Selects requests to the Kubernetes API by people and everything hosts log about a login, account or session. " +
			"Resolves each at its own time, by the owner of the SSH key, else by the principals on the roster. " +
			"Where only persons who had left by then stand behind it, it is a violation, whatever its outcome; refused attempts have lower severity. One item a person.",
		Type: reports.Assertion, Severity: reports.Critical, Controls: []string{"6.5", "5.18"},
		Select: connectors.Or(inKubernetes(byPerson()), onHosts(connectors.In("category", string(connectors.CategoryLogin), string(connectors.CategorySession), string(connectors.CategoryCommand), string(connectors.CategoryAccount)), connectors.Exists("login"))),
		Needs:  reports.Needs{Kinds: peopleLogs(), People: true},
		Scout: byIdentity(func(s *reports.Scope, e *connectors.Event) bool {
			persons := s.Roster.PersonsOf(e)
			return len(persons) > 0 && len(active(persons, e.Time)) == 0
		}),
		Each: func(s *reports.Scope) reports.Observer {
			items := newStories(s)
			return watch{
				see: func(e *connectors.Event) {
					persons := s.Roster.PersonsOf(e)
					if len(persons) == 0 || len(active(persons, e.Time)) > 0 {
						return
					}
					for _, p := range persons {
						if !p.LeftBefore(e.Time) {
							continue
						}
						t := items.of(p.ID)
						t.on.note(target(e))
						t.add(e)
					}
				},
				end: func() {
					items.each(func(t *story) {
						person, _ := s.Roster.Person(t.part(0))
						who := shown(person.Email)
						tried := t.how.of(string(connectors.Denied)) + t.how.of(string(connectors.Failed))
						title, meaning := who+" acted after leaving", ", so access outlived employment."
						if tried == t.draft.Count {
							t.draft.Severity = reports.High
							title, meaning = who+" tried to act after leaving", ", so somebody still tries this access."
						}
						t.tell(who, title,
							count(t.draft.Count, "event")+" under the principals of "+who+t.origin()+" came after the leaving date, "+moment(person.LeftAt)+endings(t)+meaning,
							"Access must be removed when a person leaves. Remove the access, and find out who used it.",
							reports.Fact{Label: "Left", Value: moment(person.LeftAt)},
							reports.Fact{Label: "First event after", Value: moment(t.draft.First)})
					})
				},
			}
		},
	}
}
