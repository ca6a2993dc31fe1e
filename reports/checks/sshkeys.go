package checks

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reports/roster"
)

// genericNames are accounts that stand for a task, not for a person.
const genericNames = "admin,administrator,root,test,guest,ops,devops,support,deploy,ubuntu,ec2-user,debian,core,shared,temp,oracle,postgres"

// byKey is the verb of a login that sshd accepted by public key.
const byKey = "publickey"

// keyNotRecorded is why a login by key cannot be judged.
const keyNotRecorded = "key fingerprint not recorded; set LogLevel VERBOSE in sshd_config"

// idn05 finds keys that several persons use.
func idn05() reports.Check {
	return reports.Check{
		ID: "IDN-05", Version: 1,
		Title:     "Same SSH key used by several people",
		Objective: "An SSH key identifies one person, whatever accounts and hosts it opens.",
		Logic: "Groups accepted SSH logins by key fingerprint over all hosts. The persons of a key are its registered owner and the person of each account it opened: " +
			"whom the roster gives the account to, else nobody if the account is registered as shared or has a generic name, else the login itself, " +
			"which is the same person as the owner if the owner's e-mail begins with it. More than one person is a violation; the item holds all logins with that key. " +
			"Logins by key whose fingerprint was not recorded cannot be judged.",
		Type: reports.Assertion, Severity: reports.High, Controls: []string{"5.17", "5.16"},
		Select: acceptedLogins(),
		Needs:  reports.Needs{Kinds: authLog(), Bodies: true},
		Params: []reports.Param{genericParam()},
		Each: func(s *reports.Scope) reports.Observer {
			items := newStories(s)
			holders := map[*story]*tally{}
			generic := set(s.List("generic"))
			return watch{
				see: func(e *connectors.Event) {
					if e.Credential == "" {
						if e.Verb == byKey {
							s.Undecidable(e, keyNotRecorded)
						}
						return
					}
					t := items.of(e.Credential)
					t.on.note(account(e.Host, e.Login))
					t.add(e)
					if holders[t] == nil {
						holders[t] = &tally{}
						for _, owner := range keyOwners(s.Roster, e.Credential) {
							holders[t].note(owner)
						}
					}
					if holder := accountHolder(s.Roster, e, generic); holder != "" {
						holders[t].note(holder)
					}
				},
				end: func() {
					items.each(func(t *story) {
						persons := holders[t]
						if persons.distinct() < 2 {
							items.drop(t)
							return
						}
						key := shown(t.part(0))
						t.tell("key "+key, "One key used by "+persons.list(3),
							"The SSH key "+key+" opened "+t.on.list(5)+" "+times(t.draft.Count)+t.origin()+", and stands for "+persons.list(5)+", so a login with it does not say who came.",
							"A key is evidence of who logged in only while one person holds it.",
							reports.Fact{Label: "Owner", Value: registration(s.Roster, t.part(0))})
					})
				},
			}
		},
	}
}

func genericParam() reports.Param {
	return reports.Param{
		Name: "generic", Kind: reports.ParamList, Default: genericNames,
		Doc: "Names of host accounts that stand for a task and not for a person.",
	}
}

// keyOwners names the registered owners of a key: person ids, else the owner as
// the keys file writes it.
func keyOwners(r *roster.Roster, fingerprint string) []string {
	owner, persons, _ := r.KeyOwner(fingerprint)
	var ids []string
	for _, p := range persons {
		ids = append(ids, p.ID)
	}
	if len(ids) == 0 {
		for o := range strings.SplitSeq(owner, ", ") {
			if o != "" {
				ids = append(ids, strings.ToLower(o))
			}
		}
	}
	return ids
}

// accountHolder names the person whose account a login opened: a person id, or
// the login itself when nothing says whose it is; "" when the account is not
// one person's. The owner of the key is preferred where the account may be his.
func accountHolder(r *roster.Roster, e *connectors.Event, generic map[string]bool) string {
	owners := keyOwners(r, e.Credential)
	persons := active(r.Resolve(roster.Principal{System: "linux", Host: e.Host, Pattern: e.Login}, e.Time), e.Time)
	switch {
	case len(persons) == 1:
		return persons[0].ID
	case len(persons) > 1: // a shared account: it says nothing about the key
		return ""
	}
	if _, shared := sharedAccount(r, e); shared || e.Login == "" || generic[e.Login] {
		return ""
	}
	for _, owner := range owners {
		if local, _, _ := strings.Cut(owner, "@"); local == strings.ToLower(e.Login) {
			return owner
		}
	}
	return e.Login
}

// sharedAccount finds the entry of shared_accounts for the account of a login.
func sharedAccount(r *roster.Roster, e *connectors.Event) (roster.Entry, bool) {
	return r.Covers(roster.SharedAccounts, roster.Principal{System: "linux", Host: e.Host, Pattern: e.Login}.String(), e.Time)
}

// registration says whose a key is, for people.
func registration(r *roster.Roster, fingerprint string) string {
	owner, _, known := r.KeyOwner(fingerprint)
	switch {
	case !known:
		return "not registered"
	case owner == "":
		return "registered, without an owner"
	}
	return "registered to " + shown(owner)
}

// idn06 finds accounts that several keys open.
func idn06() reports.Check {
	return reports.Check{
		ID: "IDN-06", Version: 1,
		Title:     "One account opened with several keys",
		Objective: "A personal account is opened by one person's keys, a shared account only where it is registered and every key has an owner.",
		Logic: "Groups accepted SSH logins by host and account. An account opened with two or more keys is a violation, unless every key is registered to exactly one person and " +
			"either that is the same person for all of them, or the account has a valid entry in shared_accounts, which then holds the logins back. " +
			"Without registered keys every key counts as unregistered. Logins by key whose fingerprint was not recorded cannot be judged.",
		Type: reports.Assertion, Severity: reports.Medium, Controls: []string{"5.16", "5.17"},
		Select: acceptedLogins(),
		Needs:  reports.Needs{Kinds: authLog(), Bodies: true},
		Each: func(s *reports.Scope) reports.Observer {
			items := newStories(s)
			entries := map[*story]roster.Entry{} // the entry that covered every login so far
			return watch{
				see: func(e *connectors.Event) {
					if e.Credential == "" {
						if e.Verb == byKey {
							s.Undecidable(e, keyNotRecorded)
						}
						return
					}
					t := items.of(e.Host, e.Login)
					entry, shared := sharedAccount(s.Roster, e)
					if before, ok := entries[t]; t.draft.Count > 0 && (!ok || before.Register == "") {
						shared = false
					}
					if !shared {
						entry = roster.Entry{}
					}
					entries[t] = entry
					t.add(e)
				},
				end: func() {
					items.each(func(t *story) {
						keys := t.keys.names()
						owners, loose := ownersOf(s.Roster, keys)
						oneEach := len(loose) == 0 && t.keys.whole()
						switch {
						case len(keys) < 2, oneEach && len(owners) == 1:
							items.drop(t)
							return
						case oneEach && entries[t].Register != "":
							s.Withhold(t.draft, entries[t])
							return
						}
						who := account(t.part(0), t.part(1))
						t.tell(who, who+" opened with "+count(int64(len(keys)), "key"),
							"The account "+who+" was opened "+times(t.draft.Count)+" with "+count(int64(len(keys)), "key")+t.origin()+", "+keyTrouble(owners, loose)+".",
							"Where several keys open one account, its name says nothing about who came; only the owner of each key does.",
							keyFacts(s.Roster, keys)...)
					})
				},
			}
		},
	}
}

// ownersOf gives the distinct owners of keys that have exactly one, and the
// keys that have none or several.
func ownersOf(r *roster.Roster, keys []string) (owners, loose []string) {
	seen := map[string]bool{}
	for _, k := range keys {
		if ids := keyOwners(r, k); len(ids) == 1 {
			seen[ids[0]] = true
		} else {
			loose = append(loose, k)
		}
	}
	return slices.Sorted(maps.Keys(seen)), loose
}

func keyTrouble(owners, loose []string) string {
	var parts []string
	if n := len(loose); n > 0 {
		parts = append(parts, fmt.Sprintf("%d of them not registered to one person", n))
	}
	if len(owners) > 1 {
		var who []string
		for _, o := range owners[:min(5, len(owners))] {
			who = append(who, shown(o))
		}
		parts = append(parts, "keys of "+joinAnd(who)+" although the account is not registered as shared")
	}
	return strings.Join(parts, " and ")
}

func keyFacts(r *roster.Roster, keys []string) []reports.Fact {
	var facts []reports.Fact
	for _, k := range keys[:min(20, len(keys))] {
		facts = append(facts, reports.Fact{Label: "Key", Value: shown(k) + " is " + registration(r, k)})
	}
	return facts
}

// idn08 finds logins that no registered key vouches for.
func idn08() reports.Check {
	return reports.Check{
		ID: "IDN-08", Version: 1,
		Title:     "Login not attributable to a key owner",
		Objective: "Every login on a host is made with a key whose owner is known.",
		Logic: "Selects accepted logins on hosts. One accepted without a key, or with a key that is not registered, is a violation. " +
			"One item for each host, account and key or way of authentication. A login by key whose fingerprint was not recorded cannot be judged.",
		Type: reports.Assertion, Severity: reports.High, Controls: []string{"5.17", "8.5"},
		Select: acceptedLogins(),
		Needs:  reports.Needs{Kinds: authLog(), Keys: true, Bodies: true},
		Each: func(s *reports.Scope) reports.Observer {
			items := newStories(s)
			methods := map[*story]bool{}
			return watch{
				see: func(e *connectors.Event) {
					var t *story
					switch {
					case e.Credential != "":
						if _, _, known := s.Roster.KeyOwner(e.Credential); known {
							return
						}
						t = items.of(e.Host, e.Login, e.Credential)
					case e.Verb == byKey:
						s.Undecidable(e, keyNotRecorded)
						return
					default:
						method := e.Verb
						if method == "" {
							method = "unknown"
						}
						t = items.of(e.Host, e.Login, method)
						methods[t] = true
					}
					t.add(e)
				},
				end: func() {
					items.each(func(t *story) {
						who, by := account(t.part(0), t.part(1)), shown(t.part(2))
						summary := who + " was opened " + times(t.draft.Count) + t.origin() + " with the key " + by + ", which is registered to nobody, so the log does not say who came."
						title := "Unknown key opened " + who
						if methods[t] {
							title = who + " opened without a key"
							summary = who + " was opened " + times(t.draft.Count) + t.origin() + " by " + by + ", without a key, so the log does not say who came."
						}
						t.tell(who+" with "+by, title, summary,
							"Only a registered key ties a login on a host to a person. Register the key to its owner, or remove it.")
					})
				},
			}
		},
	}
}
