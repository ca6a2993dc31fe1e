package runs

import (
	"cmp"
	"reflect"
	"slices"

	"logreeve/reports/roster"
)

// SnapshotChanges is what one import changed: what is in it and was not before,
// what was and no longer is, and what is there but differs.
type SnapshotChanges struct {
	Added, Removed, Changed                      []roster.Person
	Left                                         []roster.Person // of Changed: a leaving date was added
	AddedKeys, RemovedKeys                       []roster.Key
	AddedEntries, RemovedEntries, ChangedEntries []roster.Entry
}

// CompareSnapshots says what changed from one snapshot to the next.
func CompareSnapshots(before, after roster.Snapshot) SnapshotChanges {
	var c SnapshotChanges
	var pairs [][2]roster.Person
	c.Added, c.Removed, pairs = split(before.People, after.People, func(p roster.Person) string { return p.ID })
	for _, p := range pairs {
		if reflect.DeepEqual(p[0], p[1]) {
			continue
		}
		c.Changed = append(c.Changed, p[1])
		if p[0].LeftAt == 0 && p[1].LeftAt != 0 {
			c.Left = append(c.Left, p[1])
		}
	}
	c.AddedKeys, c.RemovedKeys, _ = split(before.Keys, after.Keys, func(k roster.Key) string { return k.Fingerprint + "\x00" + k.Owner })
	var entries [][2]roster.Entry
	c.AddedEntries, c.RemovedEntries, entries = split(before.Registers.Entries, after.Registers.Entries, func(e roster.Entry) string { return string(e.Register) + "\x00" + e.Value })
	for _, e := range entries {
		if e[0] != e[1] {
			c.ChangedEntries = append(c.ChangedEntries, e[1])
		}
	}
	return c
}

// split pairs two lists by key; what is only in one is added or removed. All
// three results are in the order of keys.
func split[T any](before, after []T, key func(T) string) (added, removed []T, both [][2]T) {
	was := map[string]T{}
	for _, t := range before {
		was[key(t)] = t
	}
	is := map[string]bool{}
	for _, t := range after {
		k := key(t)
		if is[k] {
			continue
		}
		is[k] = true
		if old, known := was[k]; known {
			both = append(both, [2]T{old, t})
		} else {
			added = append(added, t)
		}
	}
	for k, t := range was {
		if !is[k] {
			removed = append(removed, t)
		}
	}
	byKey := func(a, b T) int { return cmp.Compare(key(a), key(b)) }
	slices.SortFunc(added, byKey)
	slices.SortFunc(removed, byKey)
	slices.SortFunc(both, func(a, b [2]T) int { return byKey(a[1], b[1]) })
	return added, removed, both
}
