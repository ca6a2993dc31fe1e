package search

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"logreeve/connectors"
)

// Account is what was seen while a store was read: everything that decides
// whether its answer is complete. Problems judges it.
type Account struct {
	Store   string // where, for people
	Pattern string
	Indices []Index // the frozen list
	// Told are the indices that said how they keep their fields, nil when the
	// server does not tell; Untold is how many could not.
	Told   []string
	Untold int
	// Unproven says why indices may be left out for lack of rights.
	Unproven string
	// Moved says that the pattern no longer meant the frozen list.
	Moved bool
	// Needed are the fields without which nothing can be said.
	Needed []Field
	// Time is the field that the window is asked of.
	Time Field
	// Untimed is how many documents lack it; they are in no window.
	Untimed int64
	// Opened judges the answer that opened the view, where it says how many
	// parts it sees.
	Opened *Shards
	// Broken are the answers that were not complete: what each lacked, and how
	// many there were.
	Broken []Shortfall
	// Wanted and Received count documents of views that do not change.
	Wanted, Received int64
	// Lost is what an earlier read found and this one does not, and what the names
	// of the indices promise and there is not.
	Lost []string
	// Stopped says why the read ended early; "" when it did not.
	Stopped string
	// Partly is how many documents hold a list of which a part is no record.
	Partly int64
}

// Shortfall is what answers lacked.
type Shortfall struct {
	Reason string
	Times  int64
}

// where names the store to people.
func (a Account) where() string { return a.Store + "/" + a.Pattern }

// note keeps what an answer lacked.
func (a *Account) note(reasons ...string) {
	for _, reason := range reasons {
		i := slices.IndexFunc(a.Broken, func(s Shortfall) bool { return s.Reason == reason })
		switch {
		case i >= 0:
			a.Broken[i].Times++
		case len(a.Broken) < maxShortfalls:
			a.Broken = append(a.Broken, Shortfall{reason, 1})
		}
	}
}

// maxShortfalls bounds how many different ones are told.
const maxShortfalls = 20

// Problems is the completeness gate: the one place that decides whether what a
// store answered is all there is. Each rule guards against an answer that looks
// complete and is not (docs/stores.md). No problem means complete.
func (a Account) Problems() []connectors.Problem {
	out := []connectors.Problem{}
	add := func(where, format string, args ...any) {
		out = append(out, connectors.Problem{Where: where, Reason: fmt.Sprintf(format, args...)})
	}
	all := a.where()
	searched := open(a.Indices)
	if len(searched) == 0 {
		add(all, "the pattern matches no open index, so nothing was read")
	}
	for _, i := range a.Indices {
		if i.Closed {
			add(i.Name, "the index is closed, so its documents were not read. Open it, or leave it out of the pattern")
		}
	}
	if a.Told != nil {
		for _, name := range searched {
			if !slices.Contains(a.Told, name) {
				add(name, "the index does not say which fields it has: it cannot be read at the moment, or not by this user")
			}
		}
		for _, name := range a.Told {
			if !slices.Contains(searched, name) {
				add(name, "the index joined the pattern while it was read")
			}
		}
	}
	if a.Untold > 0 {
		add(all, "%d indices could not say which fields they have", a.Untold)
	}
	if a.Unproven != "" {
		add(all, "%s", a.Unproven)
	}
	if a.Moved {
		add(all, "the indices behind the pattern changed while it was read")
	}
	if len(searched) > 0 {
		a.fields(add)
	}
	if a.Untimed > 0 {
		add(all, "%d documents lack the time field %s and are in no window", a.Untimed, a.Time.Path)
	}
	if a.Opened != nil {
		for _, reason := range a.Opened.lack() {
			add(all, "%s", reason)
		}
	}
	for _, b := range a.Broken {
		add(all, "%d of its answers: %s", b.Times, b.Reason)
	}
	if a.Wanted != a.Received {
		add(all, "%d documents were counted and %d received", a.Wanted, a.Received)
	}
	for _, reason := range a.Lost {
		add(all, "%s", reason)
	}
	if a.Partly > 0 {
		add(all, "%d documents hold lists of which a part is no record", a.Partly)
	}
	if a.Stopped != "" {
		add(all, "the store was not read to its end: %s", a.Stopped)
	}
	return out
}

// fields judges the fields that everything rests on.
func (a Account) fields(add func(where, format string, args ...any)) {
	switch a.Time.shape {
	case date:
	case unmapped:
		add(a.Time.Path, "no index has the time field. Choose the profile that fits, or name the time field")
	case conflict:
		add(a.Time.Path, "the indices keep the time field in ways that do not fit together (%s)", strings.Join(a.Time.types, ", "))
	default:
		add(a.Time.Path, "no index keeps the time field as a date (%s)", strings.Join(a.Time.types, ", "))
	}
	for _, f := range a.Needed {
		switch f.shape {
		case unmapped:
			add(f.Path, "the field is in no index, or hidden from this user")
		case conflict:
			add(f.Path, "the indices keep the field in ways that do not fit together (%s)", strings.Join(f.types, ", "))
		}
	}
}

// lack says what shards lack to a complete answer. That none failed proves
// nothing: a part that is not assigned does not count as failed.
func (s *Shards) lack() []string {
	switch {
	case s.Total < 1:
		return []string{"no part of any index was asked"}
	case s.Successful != s.Total || s.Failed != 0:
		reason := fmt.Sprintf("%d of %d parts of the indices answered", s.Successful, s.Total)
		var named []string
		for _, f := range s.Failures {
			if f.Index != "" && !slices.Contains(named, f.Index) && len(named) < 5 {
				named = append(named, f.Index)
			}
		}
		if len(named) > 0 {
			reason += " (missing: " + strings.Join(named, ", ") + ")"
		}
		return []string{reason}
	}
	return nil
}

// lack says what one answer lacks to be complete.
func (a Answer) lack() (reasons []string) {
	add := func(format string, args ...any) { reasons = append(reasons, fmt.Sprintf(format, args...)) }
	if a.Status != http.StatusOK {
		add("status %d", a.Status)
	}
	switch {
	case a.TimedOut == nil:
		add("it does not say whether time ran out")
	case *a.TimedOut:
		add("time ran out before every document was looked at")
	}
	if a.Shards == nil {
		add("it does not say how many parts of the indices answered")
	} else {
		reasons = append(reasons, a.Shards.lack()...)
	}
	if a.Clusters != nil && (a.Clusters.Successful != a.Clusters.Total || a.Clusters.Skipped != 0) {
		add("%d of %d clusters answered", a.Clusters.Successful, a.Clusters.Total)
	}
	switch {
	case a.Total == nil:
		add("it does not say how many documents there are")
	case a.Total.Relation != "eq" || a.Total.Value < 0:
		add("it does not say exactly how many documents there are")
	case a.Hits > a.Total.Value:
		add("it holds %d documents and says there are %d", a.Hits, a.Total.Value)
	}
	if a.Terminated && a.Hits > 0 {
		add("it was ended early")
	}
	return reasons
}
