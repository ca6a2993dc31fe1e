package policy

import (
	"fmt"
	"strings"
)

// Sentence says in plain English what an object does after a change and what it
// did before. What cannot be put in words is said to be so. Values from the log
// stand in the sentences as they are, only shortened: making hidden characters
// visible is for whoever prints them.
func Sentence(c *Change) (now, before string) {
	now, before = sentenceNow(c), sentenceBefore(c)
	if c.Operation == Modified && c.BeforeKnown && c.ContentKnown {
		if same := sameInWords(c); same != "" {
			now = same
		}
	}
	if c.AsRequested && c.ContentKnown {
		now += " This is what was asked for; the answer is not in the log."
	}
	return now, before
}

func sentenceNow(c *Change) string {
	switch {
	case c.Operation == Deleted && c.Name == "":
		return "A collection of these objects was deleted. The log does not say which were in it."
	case c.Operation == Deleted && c.Implied:
		return "It went with its namespace, which was deleted. No record names the object itself."
	case c.Operation == Deleted && c.WithNamespace:
		return "It no longer exists: its namespace was deleted."
	case c.Operation == Deleted && c.Staged():
		return "It no longer exists. It was staged, so nothing that is enforced changed."
	case c.Operation == Deleted:
		return "It no longer exists."
	case !c.ContentKnown:
		return "What it says now is not in the log, which holds only who wrote it and when."
	}
	t := describe(c.API, c.Kind, c.After)
	if c.Staged() {
		return "Staged, not enforced. If it were enforced: " + t.now() + "."
	}
	return "Now " + t.now() + "."
}

func sentenceBefore(c *Change) string {
	switch {
	case c.Operation == Created:
		return "Before: it did not exist."
	case c.Missed:
		return "Before: not known. The object was changed at least once that the log does not show."
	case c.Uncovered && !c.BeforeKnown:
		return "Before: not known for certain. The object was seen earlier, but nobody read all of the time since."
	case !c.BeforeKnown:
		return "Before: not known. The log does not show the object earlier."
	}
	t := describe(c.API, c.Kind, c.Before)
	if c.ContentKnown && c.Operation == Modified {
		if after := describe(c.API, c.Kind, c.After); after.workloads == t.workloads {
			t.workloads = ""
		}
	}
	if c.Staged() {
		return "Before, if it had been enforced: " + t.then() + "."
	}
	return "Before: " + t.then() + "."
}

// sameInWords says what a change that leaves the same words changed, if it is
// the place among others; "" if the words differ.
func sameInWords(c *Change) string {
	was, is := describe(c.API, c.Kind, c.Before), describe(c.API, c.Kind, c.After)
	if was.other || is.other || was.now() != is.now() {
		return ""
	}
	before, after := was.reading, is.reading
	if before == nil || after == nil {
		return ""
	}
	switch {
	case before.tier != after.tier:
		return fmt.Sprintf("Now stands in tier %s instead of %s; its rules are the same.", shorten(after.tier), shorten(before.tier))
	case before.order != after.order:
		when := "later"
		if earlier(after.order, before.order) {
			when = "earlier"
		}
		return fmt.Sprintf("Now is evaluated %s: order %s instead of %s. Its rules are the same.", when, orNone(after.order), orNone(before.order))
	}
	return "The change does not show in these words; the difference shows it."
}

// telling is an object put in words.
type telling struct {
	other     bool // it cannot be put in words as a policy
	present   string
	past      string
	reading   *reading
	workloads string
}

func describe(api, kind string, spec []byte) telling {
	if !decidesTraffic(kind) {
		return describeReference(kind, spec)
	}
	r, ok := understand(api, kind, spec)
	if !ok {
		return telling{
			other:   true,
			present: "has rules this version cannot put in words: it is a " + kind + "; the difference shows them",
			past:    "it had rules this version cannot put in words",
		}
	}
	return telling{reading: r, workloads: r.workloads}
}

func (t telling) now() string {
	if t.reading == nil {
		return t.present
	}
	r := t.reading
	var parts []string
	if d, all := r.deniesOnly(); d != "" && all {
		return "denies all " + d + " that no other policy" + r.ofTier() + " allows, for " + t.workloads
	}
	for _, d := range directions() {
		if r.side(d).governed {
			part := r.tellNow(d, t.workloads)
			if len(parts) > 0 {
				part = "It " + part
			}
			parts = append(parts, part)
		}
	}
	if len(parts) == 0 {
		return "decides nothing: it is about neither ingress nor egress"
	}
	return strings.Join(parts, ". ")
}

func (t telling) then() string {
	if t.reading == nil {
		return t.past
	}
	r := t.reading
	whom := ""
	if t.workloads != "" {
		whom = ", for " + t.workloads
	}
	if d, all := r.deniesOnly(); d != "" && all {
		return "all " + d + " that no other policy" + r.ofTier() + " allowed was denied" + whom
	}
	var parts []string
	for _, d := range directions() {
		if r.side(d).governed {
			parts = append(parts, r.tellThen(d))
		}
	}
	if len(parts) == 0 {
		return "it decided nothing"
	}
	return strings.Join(parts, "; ") + whom
}

// ofTier says among which policies a policy without rules leaves the decision.
func (r *reading) ofTier() string {
	if !r.ordered {
		return ""
	}
	return " of tier " + shorten(r.tier)
}

// deniesOnly names the directions that a policy denies wholly by having no rules;
// all is true when it is about no other direction.
func (r *reading) deniesOnly() (names string, all bool) {
	var list []string
	all = true
	for _, d := range directions() {
		s := r.side(d)
		switch {
		case s.governed && len(s.rules) == 0:
			list = append(list, string(d))
		case s.governed:
			all = false
		}
	}
	return and(list, 2), all
}

// both says whether a policy is about both directions, so that "everything"
// must say of which.
func (r *reading) both() bool { return r.in.governed && r.out.governed }

func (r *reading) tellNow(d Direction, workloads string) string {
	rules := r.told(d)
	whom := ", for " + workloads
	if len(rules) == 0 {
		return "denies all " + string(d) + " that no other policy" + r.ofTier() + " allows" + whom
	}
	var parts []string
	verb := ""
	for i, x := range rules[:min(len(rules), maxRules)] {
		what := r.traffic(d, x, i)
		switch {
		case x.action == pass:
			what += " on to the next tier"
		case x.unknown():
			what = "treats " + what + " in a way this version cannot put in words"
		}
		if v := presentOf(x.action); v != "" && v != verb {
			verb, what = v, v+" "+what
		}
		parts = append(parts, what)
	}
	if more := len(rules) - maxRules; more > 0 {
		parts = append(parts, fmt.Sprintf("has %d more rules for %s", more, d))
	}
	out := strings.Join(parts[:len(parts)-1], ", ")
	if out != "" {
		out += ", and "
	}
	out += parts[len(parts)-1] + whom
	switch {
	case leavesNothing(rules):
	case r.ordered:
		out += "; what no rule matches is left to the rest of tier " + shorten(r.tier)
	default:
		out += "; it allows no other " + string(d)
	}
	return out
}

func (r *reading) tellThen(d Direction) string {
	rules := r.told(d)
	if len(rules) == 0 {
		return "all " + string(d) + " that no other policy" + r.ofTier() + " allowed was denied"
	}
	var parts []string
	for i, x := range rules[:min(len(rules), maxRules)] {
		parts = append(parts, r.traffic(d, x, i)+" "+pastOf(x))
	}
	out := strings.Join(parts, "; ")
	if more := len(rules) - maxRules; more > 0 {
		out += fmt.Sprintf("; and there were %d more rules for %s", more, d)
	}
	switch {
	case leavesNothing(rules):
	case r.ordered:
		out += "; what no rule matched was left to the rest of tier " + shorten(r.tier)
	default:
		out += "; it allowed no other " + string(d)
	}
	return out
}

// leavesNothing says whether the last rule is about everything the others left.
func leavesNothing(rules []rule) bool {
	last := rules[len(rules)-1]
	return last.action != log && last.free() && len(last.ports) == 0 && last.everywhere() && len(excepts(last.peers)) == 0
}

// told are the rules worth telling: in a Kubernetes policy a rule that lets
// everything through makes the others say nothing.
func (r *reading) told(d Direction) []rule {
	rules := r.effective(d)
	if !r.ordered {
		for _, x := range rules {
			if x.everything() {
				return []rule{x}
			}
		}
	}
	return rules
}

func (r rule) unknown() bool { return presentOf(r.action) == "" }

func presentOf(a action) string {
	switch a {
	case allow:
		return "allows"
	case deny:
		return "denies"
	case pass:
		return "passes"
	case log:
		return "logs"
	}
	return ""
}

func pastOf(r rule) string {
	switch r.action {
	case allow:
		return "was allowed"
	case deny:
		return "was denied"
	case pass:
		return "passed on to the next tier"
	case log:
		return "was logged"
	}
	return "was treated in a way this version cannot put in words"
}

// traffic names what a rule, the n-th of its direction, matches.
func (r *reading) traffic(d Direction, x rule, n int) string {
	far, near := " from ", " to "
	if d == Egress {
		far, near = near, far
	}
	if x.everything() {
		switch {
		case n == 0:
			return string(d) + far + "anywhere on all ports"
		case r.both():
			return "all other " + string(d)
		}
		return "everything else"
	}
	what := string(d)
	if len(x.ports) > 0 {
		what = x.ports.String()
	}
	where := "anywhere"
	if len(x.peers) > 0 && (!x.everywhere() || len(excepts(x.peers)) > 0) {
		words := make([]string, len(x.peers))
		for i, p := range x.peers {
			words[i] = p.words
		}
		where = and(words, maxListed)
	}
	what += far + where
	if where == "anywhere" && len(x.ports) == 0 && x.free() {
		what += " on all ports"
	}
	if x.near != "" {
		what += near + x.near
	}
	if x.other && !x.unknown() {
		what += " under conditions this version cannot put in words"
	}
	return what
}

func excepts(peers []peer) (all []string) {
	for _, p := range peers {
		all = append(all, p.except...)
	}
	return all
}

// describeReference puts in words what policies refer to.
func describeReference(kind string, spec []byte) telling {
	n, ok := parse(spec)
	if !ok || n.kind != object {
		return telling{other: true, present: "says something this version cannot put in words", past: "it said something this version cannot put in words"}
	}
	t := telling{other: true}
	switch kind {
	case "NetworkSet", "GlobalNetworkSet":
		nets := n.get("nets").strings()
		domains := n.get("allowedEgressDomains").strings()
		held := and(append(shortenAll(nets), shortenAll(domains)...), maxListed)
		if held == "" {
			held = "no address"
		}
		if coversAll(setNets(n)) {
			held += ", which is every address"
		}
		t.present, t.past = "holds "+held, "it held "+held
	case "Tier":
		order, fate := orNone(n.get("order").plain()), "denied"
		if n.get("defaultAction").str() == "Pass" {
			fate = "passed on to the next tier"
		}
		t.present = "stands at order " + order + "; what its policies leave undecided is " + fate
		t.past = "it stood at order " + order + "; what its policies left undecided was " + fate
	case "HostEndpoint":
		what := "interface " + shorten(n.get("interfaceName").str()) + " of node " + shorten(n.get("node").str())
		if n.get("interfaceName").str() == "" {
			what = "the addresses " + and(shortenAll(n.get("expectedIPs").strings()), maxListed) + " of node " + shorten(n.get("node").str())
		}
		t.present, t.past = "stands for "+what, "it stood for "+what
	}
	return t
}
