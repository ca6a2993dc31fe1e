package store_test

import (
	"cmp"
	"reflect"
	"slices"

	"logreeve/reports/policy"
)

// inOrder gives the changes of a report as the store lists them.
func inOrder(r *policy.Report) []policy.Change {
	out := slices.Clone(r.Changes)
	slices.SortFunc(out, func(a, b policy.Change) int { return cmp.Compare(a.Time, b.Time) })
	return out
}

func contains(all []policy.State, one policy.State) bool {
	return slices.ContainsFunc(all, func(s policy.State) bool { return reflect.DeepEqual(s, one) })
}
