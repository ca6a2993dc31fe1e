package config

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"logreeve/app/fault"
	"logreeve/reports"
)

const auditVersion = "audit.k8s.io/v1"

// ReadAuditPolicy reads a Kubernetes audit policy (audit.k8s.io/v1, kind
// Policy) as the API server would: unknown keys, levels and stages, a policy
// without rules and a rule about both resources and URLs are wrong. The first
// thing wrong gives one fault.Invalid sentence with file, line and reason.
func ReadAuditPolicy(r io.Reader, file string) (*reports.AuditPolicy, error) {
	text, err := readFile(r, file)
	if err != nil {
		return nil, err
	}
	d, root, err := open(text, file)
	if err != nil {
		return nil, err
	}
	if root == nil {
		return nil, fault.New(fault.Invalid, "%s is empty; an audit policy has at least one rule.", file)
	}
	sum := sha256.Sum256(text)
	policy := &reports.AuditPolicy{Digest: hex.EncodeToString(sum[:])}
	var version, kind string
	for _, f := range d.fields(root, "an audit policy", []string{"apiVersion", "kind", "metadata", "omitStages", "omitManagedFields", "rules"}) {
		switch f.key {
		case "apiVersion":
			version = d.text(f.value, f.key)
			if version != auditVersion {
				d.wrong(f.line, "apiVersion is %q, not %s", version, auditVersion)
			}
		case "kind":
			if kind = d.text(f.value, f.key); kind != "Policy" {
				d.wrong(f.line, "kind is %q, not Policy", kind)
			}
		case "metadata":
			d.fields(f.value, f.key, nil)
		case "omitStages":
			policy.OmitStages = d.stages(f.value)
		case "omitManagedFields":
			d.flag(f.value, f.key)
		case "rules":
			for _, rule := range d.list(f.value, f.key) {
				policy.Rules = append(policy.Rules, d.policyRule(rule))
			}
		}
	}
	if version == "" {
		d.wrong(root.Line, "apiVersion is missing; it is %s", auditVersion)
	}
	if kind == "" {
		d.wrong(root.Line, "kind is missing; it is Policy")
	}
	if len(policy.Rules) == 0 {
		d.wrong(root.Line, "the policy has no rule")
	}
	if err := d.first(); err != nil {
		return nil, err
	}
	return policy, nil
}

func (d *document) policyRule(n *yaml.Node) reports.PolicyRule {
	var rule reports.PolicyRule
	if n.Kind != yaml.MappingNode {
		d.wrong(n.Line, "a rule is not a mapping of keys to values")
		return rule
	}
	for _, f := range d.fields(n, "a rule", []string{
		"level", "users", "userGroups", "verbs", "resources", "namespaces", "nonResourceURLs", "omitStages", "omitManagedFields",
	}) {
		switch f.key {
		case "level":
			rule.Level = d.text(f.value, f.key)
			if !slices.Contains([]string{"None", "Metadata", "Request", "RequestResponse"}, rule.Level) {
				d.wrong(f.line, "level is %q, not None, Metadata, Request or RequestResponse", rule.Level)
			}
		case "users":
			rule.Users = d.texts(f.value, f.key)
		case "userGroups":
			rule.Groups = d.texts(f.value, f.key)
		case "verbs":
			rule.Verbs = d.texts(f.value, f.key)
		case "namespaces":
			rule.Namespaces = d.texts(f.value, f.key)
		case "nonResourceURLs":
			rule.NonResource = d.urls(f.value)
		case "resources":
			for _, resources := range d.list(f.value, f.key) {
				rule.Resources = append(rule.Resources, d.policyResources(resources))
			}
		case "omitStages":
			rule.OmitStages = d.stages(f.value)
		case "omitManagedFields":
			d.flag(f.value, f.key)
		}
	}
	switch {
	case rule.Level == "" && !slices.ContainsFunc(n.Content, func(k *yaml.Node) bool { return k.Value == "level" }):
		d.wrong(n.Line, "a rule has no level")
	case len(rule.NonResource) > 0 && (len(rule.Resources) > 0 || len(rule.Namespaces) > 0):
		d.wrong(n.Line, "a rule is about resources or about nonResourceURLs, not both")
	}
	return rule
}

func (d *document) policyResources(n *yaml.Node) reports.PolicyResources {
	var r reports.PolicyResources
	for _, f := range d.fields(n, "resources", []string{"group", "resources", "resourceNames"}) {
		switch f.key {
		case "group":
			if r.Group = d.text(f.value, f.key); strings.Contains(r.Group, "/") {
				d.wrong(f.line, "group %q has a version; write the group alone", r.Group)
			}
		case "resources":
			r.Resources = d.texts(f.value, f.key)
		case "resourceNames":
			r.Names = d.texts(f.value, f.key)
		}
	}
	if len(r.Names) > 0 && len(r.Resources) == 0 {
		d.wrong(n.Line, "resourceNames need resources beside them")
	}
	return r
}

func (d *document) stages(n *yaml.Node) []string {
	stages := d.texts(n, "omitStages")
	for _, s := range stages {
		if !slices.Contains([]string{"RequestReceived", "ResponseStarted", "ResponseComplete", "Panic"}, s) {
			d.wrong(n.Line, "unknown stage %q; stages are RequestReceived, ResponseStarted, ResponseComplete and Panic", s)
		}
	}
	return stages
}

func (d *document) urls(n *yaml.Node) []string {
	urls := d.texts(n, "nonResourceURLs")
	for _, u := range urls {
		if u != "*" && !strings.HasPrefix(u, "/") {
			d.wrong(n.Line, "the URL %q does not begin with /", u)
		} else if i := strings.IndexByte(u, '*'); i >= 0 && i != len(u)-1 {
			d.wrong(n.Line, "the URL %q has a * before its end", u)
		}
	}
	return urls
}

func (d *document) flag(n *yaml.Node, what string) {
	if s := d.text(n, what); s != "" && s != "true" && s != "false" {
		d.wrong(n.Line, "%s is %q, not true or false", what, s)
	}
}
