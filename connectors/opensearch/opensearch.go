// Package opensearch reads events from OpenSearch. It owns what its sources
// begin with; how a store is asked, and whether its answer is complete, is the
// business of connectors/search.
package opensearch

import "logreeve/connectors/search"

// Open makes a source. It connects to nothing; fault.Invalid says what of the
// configuration is wrong. profiles go before the presets.
func Open(c search.Config, o search.Options, profiles ...search.Profile) (*search.Source, error) {
	return search.Open(c, search.Store{Name: "OpenSearch", Profile: "kubernetes", Profiles: profiles, Product: search.OpenSearch}, o)
}
