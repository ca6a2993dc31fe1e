package config_test

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"logreeve/app/config"
	"logreeve/app/fault"
	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reports/roster"
)

const contractRegisters = `registers:
  ci_principals:      [{value: "system:serviceaccount:ci:deployer", owner: alice@example.com, reason: delivery pipeline, expires: 2027-12-31}]
  ci_networks:        [{value: 127.0.9.0/24, owner: alice@example.com, reason: runners}]
  shared_accounts:    [{value: "k8s:shared-ops", owner: alice@example.com, reason: on-call, approver: erin@example.com, ticket: SEC-12, expires: 2027-01-31}]
  break_glass: []
  trusted_impersonators: []
  trusted_proxies: []
  allowed_networks: []
  automation: []           # principals that are machines although they look like people
  prod_scope:         [{value: "namespace:payments"}, {value: "namespace:web"}, {value: "namespace:data"}, {value: "cluster-scoped"}]
  protected_policies: []
  audited_tables:     [{value: public.users}]
  application_roles:  [{value: app}]
expected_sources: [{name: kubernetes, max_gap: 1h}]
`

func TestReadRegistersOfTheContract(t *testing.T) {
	got, err := config.ReadRegisters(strings.NewReader(contractRegisters), "registers.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Entries) != 9 {
		t.Fatalf("%d entries", len(got.Entries))
	}
	i := slices.IndexFunc(got.Entries, func(e roster.Entry) bool { return e.Register == roster.SharedAccounts })
	var end connectors.Instant
	if err := end.UnmarshalJSON([]byte(`"2027-02-01T00:00:00Z"`)); err != nil {
		t.Fatal(err)
	}
	want := roster.Entry{
		Register: roster.SharedAccounts, Value: "k8s:shared-ops", Owner: "alice@example.com", Reason: "on-call",
		Approver: "erin@example.com", Ticket: "SEC-12", Expires: end,
	}
	if got.Entries[i] != want {
		t.Errorf("got %+v", got.Entries[i])
	}
	if !slices.Equal(got.Expected, []roster.ExpectedSource{{Name: "kubernetes", MaxGap: 3600}}) {
		t.Errorf("expected sources %+v", got.Expected)
	}
	r := roster.New(roster.Snapshot{Registers: got})
	if _, ok := r.Covers(roster.SharedAccounts, "k8s:shared-ops", end-1); !ok {
		t.Error("the last day does not count")
	}
	if _, ok := r.Covers(roster.SharedAccounts, "k8s:shared-ops", end); ok {
		t.Error("the entry outlives its day")
	}
}

func TestReadRegistersOtherForms(t *testing.T) {
	got, err := config.ReadRegisters(strings.NewReader("witnesses: [PRV-04]\nexpected_sources:\n- name: authlog\n  host: worker-1\n  max_gap: 90m\nregisters:\n  automation:\n  ci_networks:\n  - value: 10.0.0.1\n    expires: 2026-01-31T12:00:00+01:00\n"), "r")
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Entries) != 1 || got.Entries[0].Expires.String() != "2026-01-31T11:00:00.000000Z" {
		t.Errorf("entries %+v", got.Entries)
	}
	if len(got.Expected) != 1 || got.Expected[0] != (roster.ExpectedSource{Name: "authlog", Host: "worker-1", MaxGap: 5400}) {
		t.Errorf("expected %+v", got.Expected)
	}
	if !slices.Equal(got.Witnesses, []string{"PRV-04"}) {
		t.Errorf("witnesses %v", got.Witnesses)
	}
}

func wantFault(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil {
		t.Fatalf("accepted; want %q", want)
	}
	if fault.KindOf(err) != fault.Invalid || fault.Message(err) != want {
		t.Errorf("got  %q\nwant %q", fault.Message(err), want)
	}
}

func TestReadRegistersSaysWhatIsWrong(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"empty", "# nothing\n", "r.yaml is empty. It holds registers, expected_sources or witnesses."},
		{"no mapping", "- a\n", "r.yaml, line 1: the file is not a mapping of keys to values."},
		{"unknown top key", "registers: {}\nexpected: []\n", `r.yaml, line 2: unknown key "expected" of the file; known are registers, expected_sources, witnesses.`},
		{"unknown register", "registers:\n  automation: []\n  robots: []\n", `r.yaml, line 3: unknown register "robots".`},
		{"register twice", "registers:\n  automation: []\n  automation: []\n", `r.yaml, line 3: the key "automation" of registers is there twice.`},
		{"no list", "registers:\n  automation: {value: x}\n", "r.yaml, line 2: automation is not a list."},
		{"bare entry", "registers:\n  automation:\n  - bot\n", "r.yaml, line 3: an entry of automation is not written as {value: …}."},
		{"unknown key", "registers:\n  automation:\n  - value: bot\n    until: 2027-01-01\n", `r.yaml, line 4: unknown key "until" of an entry of automation; known are value, owner, reason, approver, ticket, expires.`},
		{"no value", "registers:\n  automation:\n  - owner: alice@example.com\n", "r.yaml, line 3: an entry of automation has no value."},
		{"empty value", "registers:\n  automation:\n  - value:\n", "r.yaml, line 3: an entry of automation has no value."},
		{"bad network", "registers:\n  ci_networks:\n  - value: 10.0.0.0/8\n  - value: 10.0.0.0/33\n", `r.yaml, line 4: "10.0.0.0/33" is not a network like 10.1.0.0/16 or 2001:db8::/32.`},
		{"bad date", "registers:\n  automation:\n  - value: bot\n    expires: 2027-02-30\n", `r.yaml, line 4: expires: "2027-02-30" is not a date like 2026-01-31 or 2026-01-31T09:00:00Z.`},
		{"empty date", "registers:\n  automation:\n  - value: bot\n    expires:\n", "r.yaml, line 4: expires of an entry of automation is empty; leave it out if the entry never expires."},
		{"nested value", "registers:\n  automation:\n  - value: [bot]\n", "r.yaml, line 3: value is not a single value."},
		{"alias", "registers:\n  automation:\n  - value: &a bot\n  - value: *a\n", "r.yaml, line 4: value is an alias; write the value itself."},
		{"scope", "registers:\n  prod_scope: [{value: payments}]\n", `r.yaml, line 2: "payments" is neither namespace:NAME nor cluster-scoped.`},
		{"gap", "expected_sources:\n- name: kubernetes\n  max_gap: soon\n", `r.yaml, line 3: max_gap: "soon" is not a time of whole seconds like 5m or 24h.`},
		{"no gap", "expected_sources:\n- name: kubernetes\n  max_gap: 0s\n", `r.yaml, line 3: max_gap: "0s" is not a time of whole seconds like 5m or 24h.`},
		{"unnamed source", "expected_sources:\n- host: a\n", "r.yaml, line 2: an expected source has no name."},
		{"witness", "witnesses:\n- PRV-04\n- secrets\n", `r.yaml, line 3: "secrets" is not a check like PRV-04.`},
		{"two documents", "registers: {}\n---\nregisters: {}\n", "r.yaml, line 2: a second document begins; one file is one document."},
		{"the first of several", "registers:\n  automation:\n  - owner: x\n  robots: []\n  ci_networks: [{value: x}]\n", "r.yaml, line 3: an entry of automation has no value."},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := config.ReadRegisters(strings.NewReader(c.text), "r.yaml")
			wantFault(t, err, c.want)
			if len(got.Entries) > 0 {
				t.Error("and yet something applies")
			}
		})
	}
	_, err := config.ReadRegisters(strings.NewReader("registers:\n\t- x\n"), "r.yaml")
	if fault.KindOf(err) != fault.Invalid || !strings.HasPrefix(fault.Message(err), "r.yaml, line 2: the text is not YAML: ") {
		t.Errorf("got %v", err)
	}
	_, err = config.ReadRegisters(strings.NewReader(strings.Repeat("# long\n", 1<<20)), "r.yaml")
	wantFault(t, err, "r.yaml is larger than 4 MiB.")
}

const policyText = `apiVersion: audit.k8s.io/v1
kind: Policy
metadata: {name: ours}
omitStages: [RequestReceived]
rules:
- level: Metadata
  resources: [{group: "", resources: [secrets, configmaps, serviceaccounts/token]}, {group: authentication.k8s.io, resources: [tokenreviews]}]
- level: RequestResponse
  omitManagedFields: true
  verbs: [create, update, patch, delete, deletecollection]
  resources: [{group: rbac.authorization.k8s.io}, {group: apps, resources: [deployments], resourceNames: [web]}]
  namespaces: ["", payments]
- level: None
  users: ["system:kube-proxy"]
  userGroups: ["system:nodes"]
  nonResourceURLs: ["/healthz*", "*"]
  omitStages: [Panic]
- level: Metadata
`

func TestReadAuditPolicy(t *testing.T) {
	got, err := config.ReadAuditPolicy(strings.NewReader(policyText), "policy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Digest) != 64 {
		t.Errorf("digest %q", got.Digest)
	}
	got.Digest = ""
	want := &reports.AuditPolicy{
		OmitStages: []string{"RequestReceived"},
		Rules: []reports.PolicyRule{
			{Level: "Metadata", Resources: []reports.PolicyResources{
				{Resources: []string{"secrets", "configmaps", "serviceaccounts/token"}},
				{Group: "authentication.k8s.io", Resources: []string{"tokenreviews"}},
			}},
			{
				Level: "RequestResponse", Verbs: []string{"create", "update", "patch", "delete", "deletecollection"},
				Namespaces: []string{"", "payments"},
				Resources: []reports.PolicyResources{
					{Group: "rbac.authorization.k8s.io"},
					{Group: "apps", Resources: []string{"deployments"}, Names: []string{"web"}},
				},
			},
			{
				Level: "None", Users: []string{"system:kube-proxy"}, Groups: []string{"system:nodes"},
				NonResource: []string{"/healthz*", "*"}, OmitStages: []string{"Panic"},
			},
			{Level: "Metadata"},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
}

func TestReadAuditPolicySaysWhatIsWrong(t *testing.T) {
	const head = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n"
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "p.yaml is empty; an audit policy has at least one rule."},
		{"old version", "apiVersion: audit.k8s.io/v1beta1\nkind: Policy\nrules: [{level: None}]\n", `p.yaml, line 1: apiVersion is "audit.k8s.io/v1beta1", not audit.k8s.io/v1.`},
		{"no version", "kind: Policy\nrules: [{level: None}]\n", "p.yaml, line 1: apiVersion is missing; it is audit.k8s.io/v1."},
		{"other kind", "apiVersion: audit.k8s.io/v1\nkind: Event\nrules: [{level: None}]\n", `p.yaml, line 2: kind is "Event", not Policy.`},
		{"no rules", head, "p.yaml, line 1: the policy has no rule."},
		{"unknown key", head + "- level: None\n  namespace: [a]\n", `p.yaml, line 5: unknown key "namespace" of a rule; known are level, users, userGroups, verbs, resources, namespaces, nonResourceURLs, omitStages, omitManagedFields.`},
		{"level", head + "- level: Everything\n", `p.yaml, line 4: level is "Everything", not None, Metadata, Request or RequestResponse.`},
		{"no level", head + "- verbs: [get]\n", "p.yaml, line 4: a rule has no level."},
		{"stage", head + "- level: None\n  omitStages: [Started]\n", `p.yaml, line 5: unknown stage "Started"; stages are RequestReceived, ResponseStarted, ResponseComplete and Panic.`},
		{"both", head + "- level: None\n  resources: [{group: apps}]\n  nonResourceURLs: [/x]\n", "p.yaml, line 4: a rule is about resources or about nonResourceURLs, not both."},
		{"group", head + "- level: None\n  resources: [{group: apps/v1}]\n", `p.yaml, line 5: group "apps/v1" has a version; write the group alone.`},
		{"names", head + "- level: None\n  resources: [{resourceNames: [x]}]\n", "p.yaml, line 5: resourceNames need resources beside them."},
		{"url", head + "- level: None\n  nonResourceURLs: [healthz]\n", `p.yaml, line 5: the URL "healthz" does not begin with /.`},
		{"star", head + "- level: None\n  nonResourceURLs: [/a*b]\n", `p.yaml, line 5: the URL "/a*b" has a * before its end.`},
		{"flag", head + "- level: None\n  omitManagedFields: maybe\n", `p.yaml, line 5: omitManagedFields is "maybe", not true or false.`},
		{"verbs", head + "- level: None\n  verbs: get\n", "p.yaml, line 5: verbs is not a list."},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := config.ReadAuditPolicy(strings.NewReader(c.text), "p.yaml")
			wantFault(t, err, c.want)
		})
	}
}

func FuzzReadRegisters(f *testing.F) {
	f.Add(contractRegisters)
	f.Add("registers: {automation: [{value: a, expires: 2020-01-01}]}\nwitnesses: [A]\nexpected_sources: [{name: x}]")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := config.ReadRegisters(strings.NewReader(text), "r")
		if err == nil && len(roster.Validate(got)) > 0 {
			t.Error("accepted what is not valid")
		}
		if err != nil && fault.KindOf(err) != fault.Invalid {
			t.Errorf("not a sentence: %v", err)
		}
	})
}

func open(t *testing.T, path string) *os.File {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}
