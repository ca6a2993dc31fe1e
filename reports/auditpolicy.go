package reports

import (
	"fmt"
	"slices"
	"strings"
)

// Levels of an audit policy, the least first (audit.k8s.io/v1 Level).
var policyLevels = [...]string{"None", "Metadata", "Request", "RequestResponse"}

func levelRank(level string) int { return slices.Index(policyLevels[:], level) }

// Level is the level at which the policy logs a request: that of the first rule
// that matches, "None" when none does (Kubernetes, Auditing, "Audit policy").
// An empty resource is a request for no resource; only rules without resources
// and namespaces match it here.
func (p *AuditPolicy) Level(user string, groups []string, verb, group, resource, subresource, namespace string) string {
	for _, r := range p.Rules {
		if r.matches(user, groups, verb, group, resource, subresource, namespace) {
			return r.Level
		}
	}
	return "None"
}

func (r PolicyRule) matches(user string, groups []string, verb, group, resource, subresource, namespace string) bool {
	if len(r.Users) > 0 && !slices.Contains(r.Users, user) {
		return false
	}
	if len(r.Groups) > 0 && !slices.ContainsFunc(groups, func(g string) bool { return slices.Contains(r.Groups, g) }) {
		return false
	}
	if len(r.Verbs) > 0 && !slices.Contains(r.Verbs, verb) {
		return false
	}
	if len(r.Namespaces) == 0 && len(r.Resources) == 0 {
		return len(r.NonResource) == 0
	}
	if resource == "" || len(r.Namespaces) > 0 && !slices.Contains(r.Namespaces, namespace) {
		return false
	}
	if len(r.Resources) == 0 {
		return true
	}
	return slices.ContainsFunc(r.Resources, func(in PolicyResources) bool { return in.cover(group, resource, subresource) })
}

// cover says whether the entry speaks of a resource, whatever the object's name.
func (in PolicyResources) cover(group, resource, subresource string) bool {
	if in.Group != group {
		return false
	}
	whole := resource
	if subresource != "" {
		whole += "/" + subresource
	}
	return len(in.Resources) == 0 || slices.ContainsFunc(in.Resources, func(want string) bool {
		return want == "*" || want == whole ||
			subresource != "" && want == "*/"+subresource ||
			want == resource+"/*"
	})
}

// below says whether the entry speaks of a subresource of a resource.
func (in PolicyResources) below(resource string) bool {
	return slices.ContainsFunc(in.Resources, func(want string) bool {
		return strings.HasPrefix(want, resource+"/") || strings.HasPrefix(want, "*/")
	})
}

// Verdict says how much of what a check looks for a policy lets it see.
type Verdict string

// Verdicts of Coverage.
const (
	Conclusive Verdict = "conclusive" // everything the check needs is logged
	Partly     Verdict = "partly"     // some of it is, or depends on who, where or which object
	Blind      Verdict = "blind"      // nothing of it is
)

// CheckCoverage is what an audit policy lets one check see.
type CheckCoverage struct {
	Check   string  `json:"check"`
	Verdict Verdict `json:"verdict"`
	Why     string  `json:"why"` // a sentence
}

// Coverage says of each check that needs Kubernetes requests logged how much of
// them the policy lets it see, in the order of the checks.
func Coverage(checks []Check, p *AuditPolicy) []CheckCoverage {
	var out []CheckCoverage
	for _, c := range checks {
		if len(c.Needs.PolicyNeeds) == 0 {
			continue
		}
		verdict, why := p.judge(c.Needs.PolicyNeeds)
		out = append(out, CheckCoverage{Check: c.ID, Verdict: verdict, Why: why})
	}
	return out
}

// LogsAll says whether the policy logs everything that is needed. Without any
// need there is nothing a policy could show, so the answer is no.
func (p *AuditPolicy) LogsAll(needs []PolicyNeed) bool {
	if len(needs) == 0 {
		return false
	}
	verdict, _ := p.judge(needs)
	return verdict == Conclusive
}

// Logs says how much of one need the policy logs, and why.
func (p *AuditPolicy) Logs(n PolicyNeed) (Verdict, string) { return p.judge([]PolicyNeed{n}) }

func (p *AuditPolicy) judge(needs []PolicyNeed) (Verdict, string) {
	if slices.Contains(p.OmitStages, "ResponseComplete") {
		return Blind, "The policy omits the stage ResponseComplete, so no request's result is logged."
	}
	var full, none int
	var whyNot, whyPart string
	total := 0
	for _, n := range needs {
		verbs, resources := n.Verbs, n.Resources
		if len(verbs) == 0 {
			verbs = []string{""}
		}
		if len(resources) == 0 {
			resources = []string{""}
		}
		for _, verb := range verbs {
			for _, resource := range resources {
				total++
				verdict, why := p.judgeOne(n, verb, resource)
				switch verdict {
				case Conclusive:
					full++
				case Blind:
					none++
					whyNot = first(whyNot, why)
				default:
					whyPart = first(whyPart, why)
				}
			}
		}
	}
	switch {
	case full == total:
		return Conclusive, "The policy logs everything this check looks for."
	case none == total:
		return Blind, whyNot
	}
	return Partly, first(whyNot, whyPart)
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// judgeOne walks the rules for one verb on one resource. A rule that speaks only
// of some users, namespaces or objects decides some of the requests; the first
// that speaks of all decides the others.
func (p *AuditPolicy) judgeOne(n PolicyNeed, verb, resource string) (Verdict, string) {
	need := levelRank(n.Level)
	what := inWordsOf(n.Group, verb, resource)
	enough, tooLittle, worst := 0, 0, ""
	note := func(level, where string) {
		if levelRank(level) >= need {
			enough++
			return
		}
		tooLittle++
		worst = first(worst, fmt.Sprintf("%s %s at level %s, but %s is needed.", where, what, level, n.Level))
	}
	decided := false
	for i, r := range p.Rules {
		match := r.speaks(n, verb, resource)
		if match == speaksNot {
			continue
		}
		level := r.Level
		if slices.Contains(r.OmitStages, "ResponseComplete") {
			level = "None"
		}
		note(level, fmt.Sprintf("Rule %d of the policy logs", i+1))
		if match == speaksOfAll {
			decided = true
			break
		}
	}
	if !decided {
		note("None", "Without a rule that matches, the policy logs")
	}
	switch {
	case tooLittle == 0:
		return Conclusive, ""
	case enough == 0:
		return Blind, worst
	}
	return Partly, worst
}

type speaks int

const (
	speaksNot speaks = iota
	speaksOfSome
	speaksOfAll
)

func (r PolicyRule) speaks(n PolicyNeed, verb, resource string) speaks {
	how := speaksOfAll
	some := func() { how = speaksOfSome }
	if len(r.Users) > 0 {
		if !n.Anyone && !slices.ContainsFunc(r.Users, func(u string) bool { return !strings.HasPrefix(u, "system:") }) {
			return speaksNot
		}
		some()
	}
	if len(r.Groups) > 0 {
		switch {
		case slices.Contains(r.Groups, "system:authenticated"):
		case !n.Anyone && !slices.ContainsFunc(r.Groups, ofPeople):
			return speaksNot
		default:
			some()
		}
	}
	if len(r.Verbs) > 0 && verb == "" {
		some()
	} else if len(r.Verbs) > 0 && !slices.Contains(r.Verbs, verb) {
		return speaksNot
	}
	if len(r.Namespaces) == 0 && len(r.Resources) == 0 {
		if len(r.NonResource) > 0 {
			return speaksNot
		}
		return how
	}
	if len(r.Namespaces) > 0 {
		some()
	}
	if len(r.Resources) == 0 {
		return how
	}
	return min(how, coverage(r.Resources, n.Group, resource))
}

// ofPeople says whether people may be in a group: not in those of components
// and service accounts.
func ofPeople(group string) bool {
	return !strings.HasPrefix(group, "system:") || group == "system:masters"
}

func coverage(entries []PolicyResources, group, resource string) speaks {
	name, sub, _ := strings.Cut(resource, "/")
	best := speaksNot
	for _, in := range entries {
		if in.Group != group && group != AnyGroup {
			continue
		}
		switch {
		case resource == "" && len(in.Resources) > 0 && !slices.Contains(in.Resources, "*"):
			best = max(best, speaksOfSome)
		case resource != "" && !in.cover(in.Group, name, sub):
			if sub == "*" && in.below(name) {
				best = max(best, speaksOfSome)
			}
		case len(in.Names) > 0, group == AnyGroup:
			best = max(best, speaksOfSome)
		default:
			best = speaksOfAll
		}
	}
	return best
}

func inWordsOf(group, verb, resource string) string {
	what := first(resource, "everything")
	if group != "" && group != AnyGroup {
		what += " of " + group
	}
	if verb == "" {
		return what
	}
	return verb + " on " + what
}
