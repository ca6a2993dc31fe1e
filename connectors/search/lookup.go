package search

import (
	"context"
	"strings"

	"logreeve/connectors"
)

// lookupIDs is how many requests are looked up at once, lookupPage how many
// documents that may give.
const (
	lookupIDs  = 200
	lookupPage = 2_000
)

// narrowing is a read that the store narrows by filters, and counts for.
type narrowing struct {
	view    *view
	window  object            // all documents of the window
	within  connectors.Window // the window in whole milliseconds, as the store knows it
	reach   object            // those of the window and of the lead before it
	ends    question
	id      string // the field that holds whole auditIDs
	time    string
	place   string // the field that names the place, "" when no document does
	parser  *parser
	account *Account
}

// narrowing prepares narrowed reads; nil when the store cannot tell enough about
// its documents, so that everything has to be read.
func (s *Source) narrowing(p *prepared, q connectors.Query, account *Account, alike seeds) *narrowing {
	a := s.asker(p)
	id := p.fields.at(s.profile.path("auditID"))
	if s.profile.Kind != connectors.Kubernetes || len(s.profile.Wrapped) > 0 || s.profile.Lag != 0 || id.whole == "" {
		return nil
	}
	n := &narrowing{
		view: p.view, window: s.profile.window(q.Window), within: inMilliseconds(q.Window), reach: s.profile.window(q.Reach()),
		ends: a.ended(), id: id.whole, time: s.profile.Time, account: account,
		parser: newParser(s.profile, s.Name(), q.Attribution, alike),
	}
	if n.ends.narrow == nil {
		return nil // what ended cannot be counted
	}
	for _, path := range s.profile.Cluster {
		f := p.fields.at(path)
		switch {
		case f.shape == unmapped && p.fields.limits.absent(path):
		case f.whole != "" && n.place == "":
			n.place = f.whole
		default:
			return nil // where events were cannot be counted
		}
	}
	return n
}

// inMilliseconds widens a window to whole milliseconds.
func inMilliseconds(w connectors.Window) connectors.Window {
	w.From -= w.From % 1000
	w.To += (1000 - w.To%1000) % 1000
	return w
}

func (s *Source) asker(p *prepared) asker {
	return asker{profile: s.profile, fields: p.fields, source: s.Name()}
}

// whole says whether every value of a field can be asked for and counted: that
// none was too long to be kept whole, and then seems absent.
func (n *narrowing) whole(ctx context.Context, a asker, f Field) (bool, error) {
	l := a.fields.limits
	none := func(conditions ...object) (bool, error) {
		c, err := n.view.count(ctx, n.account, all(append(conditions, n.reach)...))
		return c == 0, err
	}
	missing := negate(object{"exists": object{"field": f.whole}})
	switch {
	case f.shape == unmapped:
		return l.absent(f.Path), nil
	case f.shape == number, f.shape == address:
		return true, nil
	case f.whole == "" || l.special[f.whole]:
		return false, nil
	case f.shape == doubled:
		return none(object{"exists": object{"field": f.Path}}, missing)
	case !l.known || f.shape != exact:
		return false, nil
	case !l.bounded[f.whole] || brief[lastOf(f.Path)]:
		return true, nil
	case n.view.server.Product == Elasticsearch && n.view.server.major() >= 7:
		return none(object{"term": object{"_ignored": f.whole}})
	case f.Path == a.profile.path("user.username"):
		return none(missing)
	case f.Path == a.profile.path("impersonatedUser.username"):
		groups := a.fields.at(a.profile.path("impersonatedUser.groups"))
		if groups.whole == "" {
			return groups.shape == unmapped && l.absent(groups.Path), nil
		}
		return none(object{"exists": object{"field": groups.whole}}, missing)
	}
	return false, nil
}

// brief are fields whose values Kubernetes itself keeps shorter than any index
// cuts them (kubernetes.io, "Object Names and IDs": labels of DNS, 63 characters).
var brief = map[string]bool{
	"namespace": true, "resource": true, "subresource": true, "apiGroup": true, "apiVersion": true, "verb": true, "level": true, "stage": true,
}

// requestKey is what the records of one request share.
type requestKey struct {
	at connectors.Instant
	id string
}

func keyOf(e *connectors.Event) requestKey { return requestKey{e.Time, e.NativeID()} }

// complete adds the last records of requests of which only the first were
// selected: an event is judged by how it ended.
func (n *narrowing) complete(ctx context.Context, events []connectors.Event, marks []mark) ([]connectors.Event, []mark, error) {
	lacking := map[requestKey]bool{}
	for i := 0; i < len(events); {
		j := i
		ended := false
		for ; j < len(events) && together(&events[i], &events[j]); j++ {
			ended = ended || rank(&events[j]) >= 2
		}
		if !ended {
			lacking[keyOf(&events[i])] = true
		}
		i = j
	}
	if len(lacking) == 0 {
		return events, marks, nil
	}
	found, foundMarks, err := n.lookup(ctx, lacking)
	if err != nil {
		return events, marks, err
	}
	byKey := map[requestKey][]int{}
	for i := range found {
		k := keyOf(&found[i])
		byKey[k] = append(byKey[k], i)
	}
	var out []connectors.Event
	var outMarks []mark
	for i := range events {
		out, outMarks = append(out, events[i]), append(outMarks, marks[i])
		if i+1 < len(events) && together(&events[i], &events[i+1]) {
			continue
		}
		k := keyOf(&events[i])
		for _, f := range byKey[k] {
			if lacking[k] {
				out, outMarks = append(out, found[f]), append(outMarks, foundMarks[f])
			}
		}
	}
	return out, outMarks, nil
}

// lookup reads the last records of requests.
func (n *narrowing) lookup(ctx context.Context, of map[requestKey]bool) (events []connectors.Event, marks []mark, err error) {
	err = n.ofRequests(ctx, of, n.ends.wide, true, func(p page) {
		for _, d := range p.documents {
			events, marks, _ = n.parser.parse(d, events, marks)
		}
	})
	return events, marks, err
}

// ofRequests finds records of requests, in as many searches as it takes.
func (n *narrowing) ofRequests(ctx context.Context, of map[requestKey]bool, which object, source bool, take func(page)) error {
	var ids []string
	ask := func() error {
		if len(ids) == 0 {
			return nil
		}
		p, err := n.view.search(ctx, object{
			"size": lookupPage, "_source": source, "query": all(n.reach, which, object{"terms": object{n.id: ids}}),
			"sort": []object{{n.time: object{"order": "asc", "unmapped_type": "date"}}, {n.id: object{"order": "asc", "unmapped_type": "keyword"}}},
		})
		ids = nil
		if err != nil {
			return err
		}
		n.account.note(p.lack()...)
		if p.Total != nil && p.Total.Value > p.Hits {
			n.account.note("more records belong to a few requests than can be looked up")
		}
		take(p)
		return nil
	}
	for k := range of {
		if ids = append(ids, k.id); len(ids) == lookupIDs {
			if err := ask(); err != nil {
				return err
			}
		}
	}
	return ask()
}

// lastOf is the last part of a dotted path.
func lastOf(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }
