package runs

import (
	"cmp"
	"slices"

	"logreeve/connectors"
)

// sortRecords puts records in order of time, then key.
func sortRecords(records []connectors.Record) {
	slices.SortStableFunc(records, func(a, b connectors.Record) int {
		return cmp.Or(cmp.Compare(a.Time, b.Time), cmp.Compare(a.Key, b.Key))
	})
}
