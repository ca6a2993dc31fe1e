package checks

import (
	"strings"

	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reports/policy"
	"logreeve/reports/roster"
)

// net01 is the register of what changed in network policies.
func net01() reports.Check {
	return reports.Check{
		ID: "NET-01", Version: 1,
		Title:     "Register of network policy changes",
		Objective: "Every change to what may talk to what is seen by somebody who can tell whether it was wanted.",
		Logic: "Replays the writes on network policies of Kubernetes, Calico, the policy API and Cilium, and on the tiers, sets and endpoints they refer to. A write that left another specification is a change; " +
			"dry runs, refused writes and writes that change nothing are not, and objects that the API server makes itself are left out. Deleting a collection or a namespace changes each policy in it. " +
			"One item an object, with its changes. A register: items need a person, none is a violation by itself.",
		Type: reports.RegisterT, Severity: reports.Medium, Controls: []string{"8.32", "8.20", "8.22"},
		Select: policyWrites(),
		Needs:  policyNeeds(false),
		Each: func(s *reports.Scope) reports.Observer {
			items := newStories(s)
			feed := PoliciesOf(s.Shared, s.Tickets)
			told := map[*story][]reports.Fact{}
			named, made := map[*story]string{}, map[*story]int64{}
			return watch{
				see: func(e *connectors.Event) { feed.see(s, e) },
				end: func() {
					feed.each(func(c *policyChange) {
						t := items.of(c.Object())
						t.addChange(c)
						named[t] = policyName(c)
						made[t]++
						if len(told[t]) < maxTold {
							told[t] = append(append(told[t], changeFact(c)), c.inWords()...)
						}
					})
					items.each(func(t *story) {
						what := named[t]
						t.tell(what, "Changed: "+what,
							what+" was changed "+times(made[t])+" by "+t.who.list(3)+t.origin()+", so somebody must say whether this was wanted.",
							"Network policies decide what may talk to what. Their changes are reviewed against change requests.",
							told[t]...)
					})
				},
			}
		},
	}
}

// net02 finds policies that began to let everything through.
func net02() reports.Check {
	return reports.Check{
		ID: "NET-02", Version: 1,
		Title:     "Allow-all introduced",
		Objective: "No network policy begins to let everything through unseen.",
		Logic: "Replays the writes on network policies and judges each change by what the policy says after it and said before. A rule without conditions that was not there before is a violation: " +
			"in Kubernetes a rule without peers and ports or for all pods of all namespaces, in Calico an Allow without source, destination and ports for all workloads or in a tier ahead of the default one. " +
			"Where what was before is not known it may have held already: an item, no violation. A change whose content was not recorded, or is of a kind that cannot be judged, is undecidable. Staged policies are not enforced and left out. One item a policy.",
		Type: reports.Assertion, Severity: reports.Critical, Controls: []string{"8.20", "8.22"},
		Select: policyWrites(),
		Needs:  policyNeeds(true),
		Each: judged("NET-02", func(c *policyChange) string {
			switch {
			case c.Operation == policy.Deleted || c.Staged():
				return ""
			case !c.ContentKnown, !c.understood():
				return c.undecidable()
			}
			return ""
		}, "What may reach these workloads, or what they may reach, is no longer limited by this policy."),
	}
}

// net03 finds default denies that went or were weakened.
func net03() reports.Check {
	return reports.Check{
		ID: "NET-03", Version: 1,
		Title:     "Default deny removed or weakened",
		Objective: "What is not allowed stays refused: no default deny disappears or gets a hole unseen.",
		Logic: "Replays the writes on network policies and judges each change by what the policy says after it and said before. A policy that refused everything in a direction for all workloads and was deleted, " +
			"or no longer does, is a violation; so is the deletion of a baseline policy, and any change or deletion of a policy in protected_policies. " +
			"What is known by its name only is an item, no violation. A change is undecidable where what was before, or what it made, is not known. Staged policies and policies gone with their namespace are left out. One item a policy.",
		Type: reports.Assertion, Severity: reports.Critical, Controls: []string{"8.20", "8.22"},
		Select: policyWrites(),
		Needs:  policyNeeds(true),
		Each: judged("NET-03", func(c *policyChange) string {
			if c.Operation == policy.Created {
				return ""
			}
			return c.undecidable()
		}, "Without a default deny, whatever no policy mentions is allowed."),
	}
}

// judged makes the observer of a check that reports what policy.Judge finds
// under its name. Blind says why a change without a finding cannot be judged.
func judged(check string, blind func(*policyChange) string, why string) func(*reports.Scope) reports.Observer {
	return func(s *reports.Scope) reports.Observer {
		items := newStories(s)
		feed := PoliciesOf(s.Shared, s.Tickets)
		facts := map[*story][]reports.Fact{}
		return watch{
			see: func(e *connectors.Event) { feed.see(s, e) },
			end: func() {
				feed.each(func(c *policyChange) {
					if !isPolicyKind(c.Kind) {
						return
					}
					verdicts := verdictsOf(s, check, c)
					if len(verdicts) == 0 {
						if reason := blind(c); reason != "" && c.write != nil {
							s.UndecidableKept(c.write.Kept, reason)
						}
						return
					}
					known := s.Has(c.Object())
					t := items.of(c.Object())
					t.addChange(c)
					t.judge(c, verdicts, known)
					if len(facts[t]) < maxTold {
						facts[t] = append(facts[t], changeFact(c))
						facts[t] = append(facts[t], c.inWords()...)
					}
				})
				items.each(func(t *story) {
					d := t.draft
					t.tell(d.Subject, d.Title, d.Summary, why, facts[t]...)
				})
			},
		}
	}
}

// verdictsOf gives what the check finds in a change, with what protected_policies
// declares.
func verdictsOf(s *reports.Scope, check string, c *policyChange) []policy.Verdict {
	var found []policy.Verdict
	for _, v := range c.verdicts() {
		if v.Check == check {
			found = append(found, v)
		}
	}
	if check != "NET-03" || len(found) > 0 || c.Operation == policy.Created || c.Staged() {
		return found
	}
	name := c.Name
	if c.Namespace != "" {
		name = c.Namespace + "/" + c.Name
	}
	if entry, ok := s.Roster.Covers(roster.ProtectedPolicies, name, c.Time); ok {
		found = append(found, policy.Verdict{
			Check: check, Severity: reports.Critical, Title: "Protected policy " + string(c.Operation), Sure: true,
			Sentence: "The policy is declared in protected_policies as " + shown(entry.Value) + " and was " + string(c.Operation) + ".",
		})
	}
	return found
}

// judge writes what was found in a change into the item. Of several changes the
// worst speaks: one that is sure before one that is not, then the more severe.
func (t *story) judge(c *policyChange, verdicts []policy.Verdict, known bool) {
	d := t.draft
	for _, v := range verdicts {
		if known && (d.Violation && !v.Sure || d.Violation == v.Sure && v.Severity.Rank() >= d.Severity.Rank()) {
			continue
		}
		known = true
		d.Violation, d.Severity = v.Sure, v.Severity
		d.Subject = policyName(c)
		d.Title = visible(v.Title) + ": " + d.Subject
		d.Summary = shown(c.Actor) + " " + string(c.Operation) + " " + d.Subject + changedFrom(c) + ": " + lowerFirst(visible(v.Sentence))
		if !v.Sure {
			d.Summary = strings.TrimSuffix(d.Summary, ".") + "; it may have been so before, which the log does not show."
		}
	}
}

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// net06 finds policies that were deleted.
func net06() reports.Check {
	return reports.Check{
		ID: "NET-06", Version: 2,
		Title:     "Network policy deleted",
		Objective: "No network policy disappears unseen.",
		Logic: "Replays the writes on network policies and reports each policy that was deleted, by itself, with a collection, or with its namespace, for which no record of its own may exist. " +
			"The deletion of a staged policy, which was not enforced, has lower severity. A policy that no record names, and that was last seen before a time nobody read, may have been gone before: an item, no violation. One item a policy.",
		Type: reports.Assertion, Severity: reports.High, Controls: []string{"8.20", "8.22"},
		Select: policyWrites(),
		Needs:  policyNeeds(false),
		Each: func(s *reports.Scope) reports.Observer {
			items := newStories(s)
			feed := PoliciesOf(s.Shared, s.Tickets)
			last := map[*story]*policyChange{}
			return watch{
				see: func(e *connectors.Event) { feed.see(s, e) },
				end: func() {
					feed.each(func(c *policyChange) {
						if c.Operation != policy.Deleted || !isPolicyKind(c.Kind) {
							return
						}
						known := s.Has(c.Object())
						t := items.of(c.Object())
						t.addChange(c)
						if c.Staged() {
							t.draft.Severity = reports.Low
						}
						t.draft.Violation = !c.Supposed() || known && t.draft.Violation
						last[t] = c
					})
					items.each(func(t *story) {
						c := last[t]
						what := policyName(c)
						how, meaning := "was deleted", ", so what it allowed or refused is no longer decided by it."
						switch {
						case c.Supposed():
							how, meaning = "went, unless it was gone before,", "; nobody read all of the time since it was last seen, so somebody must say when it went."
						case c.WithNamespace:
							how = "went with its namespace, which was deleted"
						case c.Name == "":
							what = c.Kind + " in " + place(c.Namespace, "")
							how, meaning = "were deleted as a collection", ", and the record does not say which ones."
						case c.Staged():
							meaning = "; it was staged and not enforced, so nothing that is enforced changed."
						}
						t.tell(what, what+" deleted", what+" "+how+" by "+t.who.list(3)+t.origin()+meaning,
							"Without its policy a workload is reached by whatever the remaining policies let through, which may be everything.",
							append([]reports.Fact{changeFact(c)}, c.inWords()...)...)
					})
				},
			}
		},
	}
}
