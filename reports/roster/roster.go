// Package roster owns who people are: persons with their principals and keys,
// and the registers of declared behaviour. It answers who stood behind a
// principal at a time, and which register entry covers a value at a time. A
// snapshot never changes once made; its digest goes into every run. Reading
// files into snapshots is here too; keeping them is left to app/store.
package roster

import (
	"logreeve/connectors"
)

// Person is one human, as imported.
type Person struct {
	ID         string             `json:"id"` // the e-mail in lower case; identity across snapshots
	Name       string             `json:"name"`
	Email      string             `json:"email"`
	JoinedAt   connectors.Instant `json:"joined_at"` // 0: not known
	LeftAt     connectors.Instant `json:"left_at"`   // 0: has not left
	Manager    string             `json:"manager,omitempty"`
	Principals []Principal        `json:"principals"`
}

// Principal is a technical name a person acts under, as a typed pattern
// (contract.md §3): System is "k8s", "linux", "sshkey", "pg" or "paralus";
// Host only for "linux:HOST:LOGIN"; Pattern may hold "*".
type Principal struct {
	System  string `json:"system"`
	Host    string `json:"host,omitempty"`
	Pattern string `json:"pattern"`
}

// Key is an SSH key and the person it belongs to.
type Key struct {
	Fingerprint string `json:"fingerprint"` // SHA256:…
	Owner       string `json:"owner"`       // as written in the comment: e-mail or login
	Type        string `json:"type"`
}

// Snapshot is everything known of people at one time.
type Snapshot struct {
	TakenAt   connectors.Instant `json:"taken_at"`
	People    []Person           `json:"people"`
	Keys      []Key              `json:"keys"`
	Registers Registers          `json:"registers"`
	// What was given at all: a check that needs what was not given does not run.
	HasPeople    bool `json:"has_people"`
	HasKeys      bool `json:"has_keys"`
	HasRegisters bool `json:"has_registers"`
}

// Register names a register.
type Register string

// The registers of contract.md §3.
const (
	CIPrincipals         Register = "ci_principals"
	CINetworks           Register = "ci_networks"
	SharedAccounts       Register = "shared_accounts"
	BreakGlass           Register = "break_glass"
	TrustedImpersonators Register = "trusted_impersonators"
	TrustedProxies       Register = "trusted_proxies"
	AllowedNetworks      Register = "allowed_networks"
	Automation           Register = "automation"
	ProdScope            Register = "prod_scope"
	ProtectedPolicies    Register = "protected_policies"
	AuditedTables        Register = "audited_tables"
	ApplicationRoles     Register = "application_roles"
)

// Entry is one declared expectation. An entry past Expires does not apply.
type Entry struct {
	Register Register           `json:"register"`
	Value    string             `json:"value"`
	Owner    string             `json:"owner,omitempty"`
	Reason   string             `json:"reason,omitempty"`
	Approver string             `json:"approver,omitempty"`
	Ticket   string             `json:"ticket,omitempty"`
	Expires  connectors.Instant `json:"expires"` // end of that day, UTC; 0: never
}

// ExpectedSource is a source that must report (gate G2, LOG-05) and how long it
// may be silent (gate G4, LOG-01).
type ExpectedSource struct {
	Name   string `json:"name"`
	MaxGap int64  `json:"max_gap_seconds"` // 0: the default of the kind
	Host   string `json:"host,omitempty"`
}

// Registers is the content of a registers file.
type Registers struct {
	Entries   []Entry          `json:"entries"`
	Expected  []ExpectedSource `json:"expected_sources"`
	Witnesses []string         `json:"witnesses,omitempty"` // check ids declared to be logged (gate G7)
}
