// Package calico reads the audit logs that Calico Enterprise and Calico Cloud
// keep in Elasticsearch. It owns where they lie; that up to three records tell
// of one change is settled where changes are (reports/policy).
package calico

import "logreeve/connectors/search"

// Pattern is where the audit logs lie: in indices of their own for each cluster,
// or all together.
const Pattern = "tigera_secure_ee_audit_*,calico_auditlogs*"

// Open makes a source. Without a pattern it reads both layouts. It connects to
// nothing; fault.Invalid says what of the configuration is wrong. profiles go
// before the presets.
func Open(c search.Config, o search.Options, profiles ...search.Profile) (*search.Source, error) {
	return search.Open(c, search.Store{Name: "Calico", Profile: "calico", Pattern: Pattern, Profiles: profiles, Product: search.Elasticsearch}, o)
}
