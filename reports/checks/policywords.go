package checks

import (
	"strings"

	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reports/policy"
)

// policyWrites selects the writes on policies that checks take for changes.
func policyWrites() connectors.Filter {
	return connectors.And(policy.Select, succeeded(), connectors.Not(dryRun()))
}

// policyNeeds is what every check on policies needs.
func policyNeeds(bodies bool) reports.Needs {
	n := reports.Needs{
		Kinds: kubernetesLog(), Bodies: bodies,
		Witness: inKubernetes(
			connectors.In("verb", writeVerbs()...), connectors.In("resource", resourcesOf(policyKinds())...),
		),
		WitnessText: "writes of network policies",
	}
	level := metadata
	if bodies {
		level = requestResponse
	}
	n.PolicyNeeds = []reports.PolicyNeed{loggedOfAll(level, "networking.k8s.io", writeVerbs(), "networkpolicies")}
	return n
}

// policyName names a policy object for people: "NetworkPolicy payments/default-deny".
func policyName(c *policyChange) string {
	name := c.Name
	if name == "" {
		name = "*"
	}
	return c.Kind + " " + place(c.Namespace, name)
}

// isPolicyKind says whether an object is a policy, staged or not, and not one of
// those that policies refer to, such as sets and tiers.
func isPolicyKind(kind string) bool { return strings.HasSuffix(kind, "Policy") }

// addChange puts the event of a change into an item. A change whose event was
// let go stands for itself.
func (t *story) addChange(c *policyChange) {
	t.who.note(c.Actor)
	t.from.note(c.ClientIP)
	if c.write != nil {
		t.draft.AddKept(c.write.Kept)
		t.keys.note(c.write.credential)
		t.did.note(c.Verb)
		t.how.note(string(connectors.OK))
		t.with.note(c.UserAgent)
	} else {
		if t.draft.First == 0 {
			t.draft.First = c.Time
		}
		t.draft.Last = max(t.draft.Last, c.Time)
	}
	t.draft.Change = &reports.ChangeRef{Object: c.Object(), EventKey: c.Event.Key}
	t.draft.Data = map[string]string{"namespace": c.Namespace, "name": c.Name, "kind": c.Kind, "api": c.API}
}

// changeFact describes one change in a line.
func changeFact(c *policyChange) reports.Fact {
	text := string(c.Operation) + " by " + shown(c.Actor)
	if c.ClientIP != "" {
		text += " from " + shown(c.ClientIP)
	}
	switch {
	case c.Operation == policy.Deleted: // it leaves no object that could carry one
	case c.TicketSource == policy.FromRequest:
		text += ", ticket " + shown(c.Ticket)
	case c.TicketSource == policy.Inherited:
		text += ", ticket " + shown(c.Ticket) + " left over from before"
	default:
		text += ", no ticket"
	}
	switch {
	case c.Implied:
		text += ", with its namespace"
	case !c.ContentKnown:
		text += ", content not recorded"
	case !c.BeforeKnown && !c.Uncovered:
		text += ", what was before is not known"
	}
	switch {
	case c.Supposed():
		text += ", unless it was gone before: nobody read all of the time since it was last seen"
	case c.Uncovered:
		text += ", what was before is not known: nobody read all of the time since it was last seen"
	}
	return reports.Fact{Label: moment(c.Time), Value: text}
}

// inWords says what the object does after a change and what it did before.
func inWords(c *policy.Change) []reports.Fact {
	now, before := policy.Sentence(c)
	return []reports.Fact{
		{Label: "After", Value: visible(now)},
		{Label: "Before", Value: visible(strings.TrimPrefix(before, "Before: "))},
	}
}

// changedFrom says from where a change came, for the end of a clause.
func changedFrom(c *policyChange) string {
	if c.ClientIP == "" {
		return ""
	}
	return " from " + shown(c.ClientIP)
}
