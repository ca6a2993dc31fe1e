package policy

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"logreeve/connectors"
)

// BaselineRef names what a history started from.
type BaselineRef struct {
	SHA256    string `json:"sha256"`    // in hex, of the states used, as Digest gives it
	Objects   int    `json:"objects"`   // how many objects were known
	Uncovered int    `json:"uncovered"` // of these, how many may have changed since, unseen
}

// Baseline chooses from what is known of objects what held when a window began.
// A state of that instant or later is replaced by the one that history, which
// lists an object's changes oldest first, shows for the time before. read are
// the windows that were read whole: a state from before them is Uncovered.
// Without a beginning nothing is known.
func Baseline(from connectors.Instant, known []State, read []connectors.Window, history func(object string) ([]Change, error)) ([]State, error) {
	if from == 0 {
		return nil, nil
	}
	since := CoveredSince(from, read)
	var states []State
	for _, s := range known {
		if s.At >= from {
			changes, err := history(s.Object)
			if err != nil {
				return nil, fmt.Errorf("history of %s: %w", s.Object, err)
			}
			var ok bool
			if s, ok = stateBefore(from, changes); !ok {
				continue
			}
		}
		s.Uncovered = s.At < since
		states = append(states, s)
	}
	slices.SortFunc(states, func(a, b State) int { return cmp.Compare(a.Object, b.Object) })
	return states, nil
}

// CoveredSince is the instant from which the windows, put together, reach
// without a gap to the instant given; that instant itself when none reaches it.
func CoveredSince(to connectors.Instant, read []connectors.Window) connectors.Instant {
	latest := slices.Clone(read)
	slices.SortFunc(latest, func(a, b connectors.Window) int { return cmp.Compare(b.To, a.To) })
	since := to
	for _, w := range latest {
		if w.To < since {
			break
		}
		since = min(since, w.From)
	}
	return since
}

// stateBefore is the object as the last change before an instant left it; false
// when no change is known, or what is known contradicts itself.
func stateBefore(at connectors.Instant, changes []Change) (State, bool) {
	next := slices.IndexFunc(changes, func(c Change) bool { return c.Time >= at })
	if next < 0 {
		next = len(changes)
	}
	if next == 0 {
		return State{}, false
	}
	c := &changes[next-1]
	if next > 1 && changes[next-2].Time == c.Time { // nothing says which was last
		return State{}, false
	}
	if next < len(changes) {
		if n := &changes[next]; n.BeforeKnown && n.Operation != Created && c.ContentKnown && !leads(c, n) {
			return State{}, false
		}
	}
	s := State{
		Object: c.Object(), At: c.Time, Cluster: c.Cluster, API: c.API, Kind: c.Kind, Namespace: c.Namespace, Name: c.Name,
		Exists: c.Operation != Deleted, Known: c.ContentKnown, Spec: slices.Clone(c.After), Ticket: c.Ticket, EventKey: c.Event.Key,
		LabelsUnknown: true,
	}
	return s, true
}

// leads says whether one change left what the next one found.
func leads(c, next *Change) bool {
	if c.Operation == Deleted {
		return next.Before == nil
	}
	return string(Canonical(c.API, c.Kind, c.After)) == string(Canonical(next.API, next.Kind, next.Before))
}

// Ref names the states that a history starts from; nil when there are none.
func Ref(states []State) *BaselineRef {
	if len(states) == 0 {
		return nil
	}
	ref := BaselineRef{SHA256: Digest(states), Objects: len(states)}
	for i := range states {
		if states[i].Uncovered {
			ref.Uncovered++
		}
	}
	return &ref
}

// Digest is the SHA-256, in hex, over states in the order given, with what is
// known of the time since each.
func Digest(states []State) string {
	h := sha256.New()
	enc := json.NewEncoder(h)
	for i := range states {
		s := &states[i]
		raw := sha256.Sum256(s.Spec) // as recorded: JSON would respell it
		labels := sha256.Sum256(s.Labels)
		line := *s
		line.Spec, line.Labels = nil, nil
		if err := enc.Encode([]any{line, hex.EncodeToString(raw[:]), hex.EncodeToString(labels[:])}); err != nil {
			panic(err) // only strings, numbers and flags: cannot fail
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}
