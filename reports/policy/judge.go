package policy

import (
	"fmt"
	"net/netip"
	"strings"

	"logreeve/reports"
)

// Verdict is what one check makes of one change (domain.md §2.4, NET).
type Verdict struct {
	Check    string // "NET-02"
	Severity reports.Severity
	Title    string // a few words: "Allows all egress"
	Sentence string // what holds now and did not before
	// Sure is false when what was before is not known: it may have held already.
	Sure bool
}

// Undecidable says in a few words why a change cannot be judged, or only in
// part; "" when it can. Staged policies and deletions with a namespace decide
// nothing about traffic.
func Undecidable(c *Change) string {
	switch {
	case c.Operation == Deleted && c.WithNamespace, c.Staged():
		return ""
	case !c.ContentKnown:
		return "content not recorded"
	case c.Missed:
		return "changes before it are not in the log"
	case c.Uncovered:
		return "what was before is not known: nobody read all of the time before it"
	case !c.BeforeKnown:
		return "what was before is not known"
	}
	if decidesTraffic(c.Kind) {
		for _, spec := range [][]byte{c.Before, c.After} {
			if e := ExposureOf(c.API, c.Kind, spec); !e.Understood {
				return "this version cannot judge the content of a " + c.Kind
			}
		}
	}
	return ""
}

// Judge gives what the checks NET-02 to NET-06 and NET-08 make of a change.
// Whether the change was allowed is not its business.
func Judge(c *Change) []Verdict {
	j := &judgement{c: c}
	switch {
	case !decidesTraffic(c.Kind):
		j.reference()
	default:
		if !c.Staged() {
			j.traffic()
		}
		j.deletion()
	}
	return j.verdicts
}

type judgement struct {
	c        *Change
	verdicts []Verdict
}

func (j *judgement) find(check string, s reports.Severity, title, sentence string) {
	j.verdicts = append(j.verdicts, Verdict{Check: check, Severity: s, Title: title, Sentence: sentence, Sure: j.c.BeforeKnown})
}

func (j *judgement) traffic() {
	c := j.c
	before, after := ExposureOf(c.API, c.Kind, c.Before), ExposureOf(c.API, c.Kind, c.After)
	if c.ContentKnown && before.Understood && after.Understood {
		j.opened(before, after)
		j.denied(before, after)
		j.order()
	}
	if c.Operation != Deleted || c.WithNamespace {
		return
	}
	baseline := c.Kind == "BaselineAdminNetworkPolicy"
	named := !c.BeforeKnown && (strings.Contains(c.Name, "default-deny") || strings.Contains(c.Name, "deny-all"))
	switch {
	case baseline:
		j.find("NET-03", reports.Critical, "Baseline policy deleted", "The baseline policy of the cluster, which decided what no other policy decides, was deleted.")
	case named:
		j.find("NET-03", reports.Critical, "Default deny deleted, by its name",
			"A policy called "+shorten(c.Name)+" was deleted. Its content is not known; its name says that it denied by default.")
	}
}

// opened is NET-02, NET-04 and NET-05.
func (j *judgement) opened(before, after Exposure) {
	for _, d := range directions() {
		was, is := before.Reach(d), after.Reach(d)
		far := "from"
		if d == Egress {
			far = "to"
		}
		switch {
		case is.AllowsAll && !was.AllowsAll:
			j.find("NET-02", reports.Critical, "Allows all "+string(d), fmt.Sprintf("A rule now lets all %s through, for %s.", d, after.Workloads))
		case !is.AllowsAll && is.AllowsAllPods && !was.AllowsAllPods && !was.AllowsAll:
			j.find("NET-02", reports.Medium, "Allows "+string(d)+" "+far+" all pods on some ports",
				fmt.Sprintf("A rule now lets %s %s all pods of all namespaces through on certain ports, for %s.", d, far, after.Workloads))
		}
		wider := is.Anywhere.Without(was.Anywhere)
		if len(wider) == 0 {
			continue
		}
		check, severity := "NET-04", reports.High
		if d == Ingress {
			check = "NET-05"
		}
		if wider.Named() {
			severity = reports.Medium
		}
		except := ""
		if len(is.Except) > 0 {
			except = " except " + and(shortenAll(is.Except), maxListed)
		}
		j.find(check, severity, fmt.Sprintf("%s %s anywhere", upper(string(d)), far),
			fmt.Sprintf("Every address%s can now be reached on %s, for %s.", except, wider, after.Workloads))
		if d == Ingress {
			j.verdicts[len(j.verdicts)-1].Sentence = fmt.Sprintf("Every address%s can now reach %s on %s.", except, after.Workloads, wider)
		}
	}
}

// denied is NET-03.
func (j *judgement) denied(before, after Exposure) {
	c := j.c
	if c.Operation == Created || c.WithNamespace || !c.BeforeKnown {
		return
	}
	var lost, kept []string
	for _, d := range directions() {
		switch {
		case !before.Reach(d).DefaultDeny:
		case !after.Reach(d).DefaultDeny:
			lost = append(lost, string(d))
		default:
			kept = append(kept, string(d))
		}
	}
	switch {
	case len(lost) > 0 && c.Operation == Deleted:
		j.find("NET-03", reports.Critical, "Default deny removed",
			fmt.Sprintf("The policy that denied all %s by default, for %s, was deleted.", and(lost, 2), before.Workloads))
	case len(lost) > 0:
		j.find("NET-03", reports.Critical, "Default deny weakened",
			fmt.Sprintf("The policy denied all %s by default, for %s, and no longer does.", and(lost, 2), before.Workloads))
	case len(kept) > 0 && before.Workloads != after.Workloads:
		j.find("NET-03", reports.Critical, "Default deny covers others",
			fmt.Sprintf("The policy denied all %s by default for %s, and now for %s only.", and(kept, 2), before.Workloads, after.Workloads))
		r, ok := understand(c.API, c.Kind, c.Before)
		j.verdicts[len(j.verdicts)-1].Sure = ok && r.everyone // else it may cover more than before
	}
}

// order is the part of NET-08 about policies.
func (j *judgement) order() {
	c := j.c
	if c.Operation != Modified || !c.BeforeKnown {
		return
	}
	was, ok := understand(c.API, c.Kind, c.Before)
	is, fine := understand(c.API, c.Kind, c.After)
	if !ok || !fine || !is.ordered {
		return
	}
	if was.tier != is.tier {
		j.find("NET-08", reports.Medium, fmt.Sprintf("tier %s → %s", shorten(was.tier), shorten(is.tier)),
			fmt.Sprintf("The policy moved from tier %s to tier %s.", shorten(was.tier), shorten(is.tier)))
		return
	}
	if earlier(is.order, was.order) {
		j.find("NET-08", reports.Low, fmt.Sprintf("order %s → %s: evaluated earlier", orNone(was.order), orNone(is.order)),
			fmt.Sprintf("The policy moved ahead in tier %s, from order %s to %s, so it is evaluated before policies that were before it.", shorten(is.tier), orNone(was.order), orNone(is.order)))
	}
}

// earlier says whether order a is evaluated before b; without an order, last.
func earlier(a, b string) bool {
	x, okA := (&node{kind: scalar, text: a}).number()
	y, okB := (&node{kind: scalar, text: b}).number()
	return okA && (!okB || x < y)
}

func orNone(order string) string {
	if order == "" {
		return "none"
	}
	return shorten(order)
}

// deletion is NET-06.
func (j *judgement) deletion() {
	c := j.c
	if c.Operation != Deleted {
		return
	}
	severity, how := reports.High, "was deleted"
	switch {
	case c.Staged():
		severity, how = reports.Low, "was deleted; it was staged and not enforced"
	case c.WithNamespace:
		how = "went with its namespace, which was deleted"
	}
	what := "The policy " + shorten(c.Name)
	if c.Name == "" {
		what = "An unknown number of policies of kind " + c.Kind
	}
	j.find("NET-06", severity, "Policy deleted", what+" "+how+".")
	j.verdicts[len(j.verdicts)-1].Sure = !c.Supposed()
}

// reference is the part of NET-08 about what policies refer to.
func (j *judgement) reference() {
	c := j.c
	was, _ := parse(c.Before)
	is, _ := parse(c.After)
	if was == nil {
		was = &node{}
	}
	if is == nil {
		is = &node{}
	}
	switch c.Kind {
	case "Tier":
		j.tier(was, is)
	case "NetworkSet", "GlobalNetworkSet":
		if c.Operation != Deleted && c.ContentKnown {
			j.set(was, is)
		}
	case "HostEndpoint":
		if c.Operation == Deleted {
			j.find("NET-08", reports.Medium, "Host endpoint removed", "The host endpoint "+shorten(c.Name)+" was removed, so no policy holds for that interface.")
		}
	}
}

func (j *judgement) tier(was, is *node) {
	c := j.c
	switch {
	case c.Operation == Created:
		j.find("NET-08", reports.Low, "Tier created", "The tier "+shorten(c.Name)+" was created. Its policies are evaluated together, before or after those of other tiers.")
	case c.Operation == Deleted:
		j.find("NET-08", reports.Medium, "Tier removed", "The tier "+shorten(c.Name)+" was removed.")
	case c.ContentKnown && c.BeforeKnown:
		if was.get("defaultAction").str() != "Pass" && is.get("defaultAction").str() == "Pass" {
			j.find("NET-08", reports.High, "Tier passes what it does not decide",
				"What the policies of tier "+shorten(c.Name)+" leave undecided was denied and is now passed on to the next tier.")
		}
		if a, b := was.get("order").plain(), is.get("order").plain(); a != b {
			j.find("NET-08", reports.Low, fmt.Sprintf("order %s → %s", orNone(a), orNone(b)),
				fmt.Sprintf("The tier %s moved from order %s to %s.", shorten(c.Name), orNone(a), orNone(b)))
		}
	}
}

func (j *judgement) set(was, is *node) {
	c := j.c
	before, after := setNets(was), setNets(is)
	var added []string
	for _, net := range after {
		if !covered(net, before) {
			added = append(added, net.String())
		}
	}
	switch {
	case len(added) == 0:
	case coversAll(after) && !coversAll(before):
		j.find("NET-08", reports.High, "Set holds every address",
			"The network set "+shorten(c.Name)+" now holds every address, so every rule that refers to it is a rule about everywhere.")
	case c.Operation == Modified && c.BeforeKnown:
		j.find("NET-08", reports.Medium, "Set widened", "The network set "+shorten(c.Name)+" now also holds "+and(added, maxListed)+".")
	}
}

func setNets(spec *node) []netip.Prefix {
	p, _ := readEnd(&node{kind: object, keys: []string{"nets"}, list: []*node{spec.get("nets")}})
	return p.nets
}
