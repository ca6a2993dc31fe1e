package web

import (
	"io"
	"strings"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/fault"
	"logreeve/app/web/chart"
	"logreeve/app/web/part"
	"logreeve/reports"
)

// coveragePage says for each check how much of what it looks for an audit
// policy lets it see.
type coveragePage struct {
	Page
	Head        part.Head
	Errors      []part.FieldError
	Text        part.Field
	File        part.Field
	Given       bool // a policy is saved
	Figures     []part.Figure
	Table       *part.Table
	Recommended string
}

// recommendedPolicy is the least that makes every check conclusive
// (domain.md §2.5).
const recommendedPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Metadata                  # never bodies
  resources: [{group: "", resources: [secrets, configmaps, serviceaccounts/token]},
              {group: authentication.k8s.io, resources: [tokenreviews]}]
- level: RequestResponse           # these checks need the resulting object
  verbs: [create, update, patch, delete, deletecollection]
  resources: [{group: rbac.authorization.k8s.io}, {group: networking.k8s.io, resources: [networkpolicies]},
              {group: projectcalico.org}, {group: crd.projectcalico.org}, {group: policy.networking.k8s.io}, {group: cilium.io},
              {group: certificates.k8s.io}, {group: admissionregistration.k8s.io}, {group: "", resources: [namespaces]}]
- level: Metadata
  resources: [{group: "", resources: [pods/exec, pods/attach, pods/portforward, pods/proxy, pods/ephemeralcontainers, nodes/proxy, services/proxy]}]
- level: Metadata                  # catch-all: keeps refusals, reads by people, and signs that things are logged
`

// newCoveragePage shows the policy in force, or, with wrong, the text that could
// not be read.
func newCoveragePage(frame Page, checks []reports.Check, text string, policy *reports.AuditPolicy, wrong string) *coveragePage {
	p := &coveragePage{
		Page: frame, Given: policy != nil, Recommended: recommendedPolicy,
		Head: part.Head{Crumbs: []part.Link{{Text: "Settings", Href: "/settings"}, {Text: "Audit policy"}}, Title: "What your audit policy lets us check"},
		Text: part.Field{ID: "policy", Name: "policy", Label: "Audit policy, as YAML", Kind: "textarea", Rows: 16, Mono: true, Value: text, Error: wrong,
			Hint: "The file your API servers read with --audit-policy-file. It is kept, and used as a sign that things are logged (condition G7)."},
		File: part.Field{ID: "file", Name: "file", Label: "Or choose the file", Kind: "file", Optional: true, Accept: ".yaml,.yml"},
	}
	if wrong != "" {
		p.Errors = []part.FieldError{{ID: "policy", Text: wrong + " Nothing was changed."}}
	}
	if policy == nil {
		p.Head.Lede = "No audit policy is given, so nobody can say beforehand which checks could be conclusive. Each run still judges by what it sees."
		return p
	}
	titles := map[string]string{}
	for i := range checks {
		titles[checks[i].ID] = checks[i].Title
	}
	n := map[reports.Verdict]int{}
	coverage := reports.Coverage(checks, policy)
	p.Table = &part.Table{ID: "coverage", Caption: "What the policy lets each check see, worst first", Quiet: true, Stacked: true, Columns: []part.Column{{Text: "Check"}, {Text: "It sees"}, {Text: "Why"}}}
	for _, verdict := range []reports.Verdict{reports.Blind, reports.Partly, reports.Conclusive} {
		for _, one := range coverage {
			if one.Verdict != verdict {
				continue
			}
			n[verdict]++
			p.Table.Rows = append(p.Table.Rows, part.Row{Cells: []part.Cell{{Text: titles[one.Check], Sub: one.Check, Href: "/checks/" + one.Check, Name: true}, {Chips: []part.Chip{verdictChip(verdict)}}, {Text: logText(one.Why), Small: true}}})
		}
	}
	p.Figures = []part.Figure{
		{Value: chart.Count(int64(n[reports.Conclusive])), Label: "see everything they look for"},
		{Value: chart.Count(int64(n[reports.Partly])), Label: "see it partly"},
		{Value: chart.Count(int64(n[reports.Blind])), Label: "are blind"},
	}
	if n[reports.Blind] > 0 {
		p.Figures[2].Kind = "bad"
	}
	p.Head.Lede = coverageLede(len(coverage), n)
	return p
}

func coverageLede(all int, n map[reports.Verdict]int) string {
	if n[reports.Conclusive] == all {
		return "This policy logs everything that the " + plural(all, "check", "checks") + " of Kubernetes look for."
	}
	said := "With this policy " + chart.Count(int64(n[reports.Conclusive])) + " of " + plural(all, "check", "checks") + " of Kubernetes see everything they look for"
	if n[reports.Partly] > 0 {
		said += ", " + chart.Count(int64(n[reports.Partly])) + " a part of it"
	}
	if n[reports.Blind] > 0 {
		said += ", and " + chart.Count(int64(n[reports.Blind])) + " nothing"
	}
	return said + ". A check that does not see everything cannot pass. The policy below mends it."
}

func verdictChip(v reports.Verdict) part.Chip {
	switch v {
	case reports.Conclusive:
		return part.Chip{Text: "everything", Kind: "good", Icon: "check"}
	case reports.Partly:
		return part.Chip{Text: "a part", Kind: "warn", Icon: "eye"}
	case reports.Blind:
		return part.Chip{Text: "nothing", Kind: "bad", Icon: "cross"}
	}
	return part.Chip{Text: string(v)}
}

func (s *Server) coverageShow(c *fiber.Ctx) error {
	set, err := s.Runs.Settings(c.UserContext())
	if err != nil {
		return err
	}
	var policy *reports.AuditPolicy
	wrong := ""
	if set.AuditPolicy != "" {
		if policy, err = s.Runs.ReadAuditPolicy(strings.NewReader(set.AuditPolicy), "The audit policy"); err != nil {
			wrong = logText(fault.Message(err))
		}
	}
	return s.render(c, "policy_coverage", newCoveragePage(s.page(c, "Audit policy", "settings"), s.Runs.Checks, set.AuditPolicy, policy, wrong))
}

func (s *Server) coverageSave(c *fiber.Ctx) error {
	text, err := policyText(c)
	if err != nil {
		return err
	}
	set, err := s.Runs.Settings(c.UserContext())
	if err != nil {
		return err
	}
	set.AuditPolicy = text
	err = s.Runs.SaveSettings(c.UserContext(), s.actor(c), set)
	switch {
	case err == nil && text == "":
		s.flash(c, "ok", "The audit policy is taken away.")
	case err == nil:
		s.flash(c, "ok", "The audit policy is kept. Runs use it from now on.")
	case fault.KindOf(err) == fault.Invalid:
		return s.renderInvalid(c, "policy_coverage", newCoveragePage(s.page(c, "Audit policy", "settings"), s.Runs.Checks, text, nil, logText(fault.Message(err))))
	default:
		return err
	}
	return s.redirect(c, "/settings/audit-policy")
}

// policyText is the chosen file, or else what was pasted.
func policyText(c *fiber.Ctx) (string, error) {
	if sent, err := c.FormFile("file"); err == nil && sent.Size > 0 {
		in, err := sent.Open()
		if err != nil {
			return "", err
		}
		defer in.Close()
		text, err := io.ReadAll(in)
		return string(text), err
	}
	text := strings.ReplaceAll(readForm(c).Get("policy"), "\r\n", "\n")
	if strings.TrimSpace(text) == "" {
		return "", nil
	}
	return text, nil
}
