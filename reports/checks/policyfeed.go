package checks

import (
	"crypto/sha256"
	"strings"

	"logreeve/connectors"
	"logreeve/connectors/rawjson"
	"logreeve/reports"
	"logreeve/reports/policy"
)

// policyFeed observes the writes on policies and, at the end, gives each change
// that they amount to with its event. Which writes are changes is known only
// then: what a write changed depends on what was before it.
type policyFeed struct {
	history *policy.History
	events  map[string]*connectors.Event // by key
	repeats map[string]*repeat           // by request path
}

// repeat is how often in a row a write left the same specification.
type repeat struct {
	digest [32]byte
	times  int
}

// maxRepeats is how many writes in a row that leave the same specification are
// kept: controllers apply the same again and again, which changes nothing.
const maxRepeats = 16

func newPolicyFeed(tickets connectors.TicketRule) *policyFeed {
	h := policy.NewHistory(nil)
	h.Tickets = tickets
	return &policyFeed{history: h, events: map[string]*connectors.Event{}, repeats: map[string]*repeat{}}
}

func (f *policyFeed) see(e *connectors.Event) {
	f.history.Observe(e)
	if e.Outcome != connectors.OK || e.DryRun || f.same(e) {
		return
	}
	f.events[e.Key()] = e.Keep()
}

// same says whether the write is one of a long row that left one specification.
func (f *policyFeed) same(e *connectors.Event) bool {
	spec := rawjson.Get(e.Response(), "spec")
	if spec == nil || e.Verb != "update" && e.Verb != "patch" {
		return false
	}
	p := path(e)
	r, digest := f.repeats[p], sha256.Sum256(spec)
	if r == nil || r.digest != digest {
		f.repeats[p] = &repeat{digest: digest}
		return false
	}
	r.times++
	return r.times > maxRepeats
}

// each visits the changes in order of time, with the event of each.
func (f *policyFeed) each(visit func(*policy.Change, *connectors.Event)) {
	all := f.history.Report().Changes
	for i := range all {
		visit(&all[i], f.events[all[i].Event.Key])
	}
}

// policyWrites selects what a policyFeed observes and takes for a change.
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
func policyName(c *policy.Change) string {
	name := c.Name
	if name == "" {
		name = "*"
	}
	return c.Kind + " " + place(c.Namespace, name)
}

// isPolicyKind says whether an object is a policy, staged or not, and not one of
// those that policies refer to, such as sets and tiers.
func isPolicyKind(kind string) bool { return strings.HasSuffix(kind, "Policy") }

// ref points from an item to a change.
func ref(c *policy.Change) *reports.ChangeRef {
	return &reports.ChangeRef{Object: c.Object(), EventKey: c.Event.Key}
}

// addChange puts the event of a change into an item. A change whose event was
// let go stands for itself.
func (t *story) addChange(c *policy.Change, e *connectors.Event) {
	if e != nil {
		t.add(e)
	} else {
		t.who.note(c.Actor)
		t.from.note(c.ClientIP)
		if t.draft.First == 0 {
			t.draft.First = c.Time
		}
		t.draft.Last = max(t.draft.Last, c.Time)
	}
	t.draft.Change = ref(c)
	t.draft.Data = map[string]string{"namespace": c.Namespace, "name": c.Name, "kind": c.Kind, "api": c.API}
}

// changeFact describes one change in a line.
func changeFact(c *policy.Change) reports.Fact {
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
	case !c.BeforeKnown:
		text += ", what was before is not known"
	}
	return reports.Fact{Label: moment(c.Time), Value: text}
}
