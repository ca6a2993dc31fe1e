package search

import (
	"context"
	"errors"
	"slices"
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
	window  object // all documents of the window
	inside  object // those of whole milliseconds of the window: they are in it for certain
	edges   object // the others; nil when there are none
	reach   object // those of the window and of the lead before it
	ends    object // the last records of requests
	id      string // the field that holds whole auditIDs
	stage   string // the field that holds the stage
	time    string
	order   []object // documents in the order of time and of requests
	place   string   // the field that names the place, "" when no document does
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
		view: p.view, window: s.profile.window(q.Window), reach: s.profile.window(q.Reach()),
		id: id.whole, stage: s.profile.path("stage"), time: s.profile.Time, order: p.view.order(s.profile, p.fields), account: account,
		parser: newParser(s.profile, s.Name(), q.Attribution, alike),
	}
	ended := a.ended()
	if ended.narrow == nil {
		return nil // what ended cannot be counted
	}
	n.ends = all(ended.narrow, object{"exists": object{"field": n.id}})
	whole := inMilliseconds(q.Window)
	n.inside = s.profile.window(whole)
	if whole != q.Window {
		n.edges = all(n.window, negate(n.inside))
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

// inMilliseconds narrows a window to whole milliseconds.
func inMilliseconds(w connectors.Window) connectors.Window {
	w.From += (1000 - w.From%1000) % 1000
	w.To -= w.To % 1000
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
	case lastOf(f.Path) == "requestURI": // every request has one
		return none(missing)
	case lastOf(f.Path) == "username": // who has a name has groups, system:authenticated at least
		groups := a.fields.at(strings.TrimSuffix(f.Path, "username") + "groups")
		if groups.whole == "" {
			return groups.shape == unmapped && l.absent(groups.Path), nil
		}
		return none(object{"exists": object{"field": groups.whole}}, missing)
	}
	return false, nil
}

// extent is how many documents a query selects and from when to when they are, in
// milliseconds.
func (n *narrowing) extent(ctx context.Context, query object) (count, first, last int64, err error) {
	p, err := n.view.search(ctx, object{"size": 0, "query": query, "aggs": object{
		"min": object{"min": object{"field": n.time}}, "max": object{"max": object{"field": n.time}},
	}})
	if err != nil {
		return 0, 0, 0, err
	}
	n.account.note(p.lack()...)
	switch {
	case p.Total == nil:
		return 0, 0, 0, errUnreadable
	case p.Total.Value == 0:
		return 0, 0, 0, nil
	}
	var s span
	if err := errors.Join(p.aggregation("min", &s.Min), p.aggregation("max", &s.Max)); err != nil || s.Min.Value == nil || s.Max.Value == nil {
		return 0, 0, 0, errUnreadable
	}
	return p.Total.Value, int64(*s.Min.Value), int64(*s.Max.Value), nil
}

// brief are fields whose values Kubernetes itself keeps shorter than any index
// cuts them: labels of DNS, 63 characters (kubernetes.io, "Object Names and IDs"),
// and addresses, 45.
var brief = map[string]bool{
	"namespace": true, "resource": true, "subresource": true, "apiGroup": true, "apiVersion": true, "verb": true, "level": true, "stage": true,
	"sourceIPs": true,
}

// requestKey is what the records of one request share.
type requestKey struct {
	at connectors.Instant
	id string
}

// ofRequests finds records of requests, in as many searches as it takes.
func (n *narrowing) ofRequests(ctx context.Context, ids []string, which object, source bool, take func(page)) error {
	for some := range slices.Chunk(ids, lookupIDs) {
		p, err := n.view.search(ctx, object{
			"size": lookupPage, "_source": source, "query": all(n.reach, which, n.oneOf(some)), "sort": n.order,
		})
		if err != nil {
			return err
		}
		n.account.note(p.lack()...)
		if p.Total != nil && p.Total.Value > p.Hits {
			n.account.note("more records belong to a few requests than can be looked up")
		}
		take(p)
	}
	return nil
}

// lastOf is the last part of a dotted path.
func lastOf(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }
