package search

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"logreeve/connectors"
)

const (
	// maxIndices is how many indices are told apart by what they hold.
	maxIndices = 10_000
	// memory is how long an index that is gone is remembered after its newest event.
	memory = 400 * 24 * time.Hour
)

// held notes what the store holds now; nil when it does not say, which the account
// says then. The error is that of the context.
func (s *Source) held(ctx context.Context, p *prepared, account *Account) (*connectors.StoreNote, error) {
	indices, err := p.view.inventory(ctx, account, s.profile.Time)
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		account.note("what each index holds could not be asked: " + sentence(err))
		return nil, nil
	}
	return &connectors.StoreNote{Where: account.where(), Cluster: p.server.Cluster, Indices: indices}, nil
}

// daysMissing says which daily indices of an audit log are not there, though there
// are others around them.
func (s *Source) daysMissing(account *Account, w connectors.Window) (lost []string) {
	if s.Kind() != connectors.Kubernetes {
		return nil
	}
	for _, name := range daysWithout(open(account.Indices), w) {
		lost = append(lost, "there is no index "+name+", though there are indices for the days around it")
	}
	return lost
}

// inventory is what each index of the frozen list holds, by time.
func (v *view) inventory(ctx context.Context, account *Account, field string) ([]connectors.IndexNote, error) {
	p, err := v.search(ctx, object{"size": 0, "query": object{"match_all": object{}}, "aggs": object{"indices": object{
		"terms": object{"field": "_index", "size": maxIndices},
		"aggs":  object{"first": object{"min": object{"field": field}}, "last": object{"max": object{"field": field}}},
	}}})
	if err != nil {
		return nil, err
	}
	account.note(p.lack()...)
	var answer struct {
		Buckets []struct {
			Key         string `json:"key"`
			Count       int64  `json:"doc_count"`
			First, Last struct{ Value *float64 }
		} `json:"buckets"`
	}
	if err := p.aggregation("indices", &answer); err != nil {
		return nil, nil // no document at all
	}
	var out []connectors.IndexNote
	for _, b := range answer.Buckets {
		n := connectors.IndexNote{Name: b.Key, Documents: b.Count}
		if b.First.Value != nil && b.Last.Value != nil {
			n.Oldest, n.Newest = connectors.Instant(*b.First.Value)*1000, connectors.Instant(*b.Last.Value)*1000
		}
		out = append(out, n)
	}
	slices.SortFunc(out, func(a, b connectors.IndexNote) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// remembered compares what an earlier read noted of a store with what it holds
// now, and says what is missing of the window. A store at another address or with
// another pattern has nothing to be compared with.
func remembered(before *connectors.StoreNote, now connectors.StoreNote, w connectors.Window) (lost []string) {
	if before == nil || before.Where != now.Where {
		return nil
	}
	if before.Cluster != "" && now.Cluster != "" && before.Cluster != now.Cluster {
		lost = append(lost, "the store at this address is another cluster than the one that was read before. Add it as a source of its own, or find out what became of the old one")
	}
	for _, b := range before.Indices {
		if !overlaps(b, w) {
			continue
		}
		i := slices.IndexFunc(now.Indices, func(n connectors.IndexNote) bool { return n.Name == b.Name })
		switch {
		case i < 0:
			lost = append(lost, fmt.Sprintf("the index %s, which held %d documents from %s to %s when it was read before, is gone", b.Name, b.Documents, b.Oldest, b.Newest))
		case now.Indices[i].Documents < b.Documents:
			lost = append(lost, fmt.Sprintf("the index %s held %d documents when it was read before and holds %d now", b.Name, b.Documents, now.Indices[i].Documents))
		}
	}
	return lost
}

func overlaps(n connectors.IndexNote, w connectors.Window) bool {
	return n.Documents > 0 && (w.To == 0 || n.Oldest < w.To) && (w.From == 0 || n.Newest >= w.From)
}

// dated finds the day in the name of an index.
var dated = regexp.MustCompile(`^(.*?)(\d{4})([.\-_])(\d{2})([.\-_])(\d{2})(.*)$`)

// daysWithout names the days of the window for which a family of daily indices
// has none, between its first and its last. An audit log has events every day.
func daysWithout(names []string, w connectors.Window) (missing []string) {
	families := map[string][]time.Time{}
	shape := map[string][2]string{} // separators
	for _, name := range names {
		m := dated.FindStringSubmatch(name)
		if m == nil {
			continue
		}
		day, err := time.Parse("2006-01-02", m[2]+"-"+m[4]+"-"+m[6])
		if err != nil {
			continue
		}
		// What follows the day counts parts of it and is another for every index.
		families[m[1]] = append(families[m[1]], day)
		shape[m[1]] = [2]string{m[3], m[5]}
	}
	for family, days := range families {
		slices.SortFunc(days, time.Time.Compare)
		for day := days[0]; day.Before(days[len(days)-1]); day = day.AddDate(0, 0, 1) {
			from, to := connectors.At(day), connectors.At(day.AddDate(0, 0, 1))
			inside := (w.To == 0 || from < w.To) && (w.From == 0 || to > w.From)
			if _, there := slices.BinarySearchFunc(days, day, time.Time.Compare); !there && inside {
				s := shape[family]
				missing = append(missing, family+day.Format("2006"+s[0]+"01"+s[1]+"02"))
			}
		}
	}
	slices.Sort(missing)
	return missing
}

// keep is the note for the next read: what there is, and what there was.
func keep(before *connectors.StoreNote, now connectors.StoreNote, at connectors.Instant) *connectors.StoreNote {
	if before == nil || before.Where != now.Where {
		return &now
	}
	for _, b := range before.Indices {
		known := slices.ContainsFunc(now.Indices, func(n connectors.IndexNote) bool { return n.Name == b.Name })
		if !known && len(now.Indices) < maxIndices && (at == 0 || b.Newest > at.Add(-memory)) {
			now.Indices = append(now.Indices, b)
		}
	}
	slices.SortFunc(now.Indices, func(a, b connectors.IndexNote) int { return strings.Compare(a.Name, b.Name) })
	return &now
}
