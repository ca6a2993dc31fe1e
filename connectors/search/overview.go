package search

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"logreeve/app/fault"
	"logreeve/connectors"
)

// longestOverview bounds the period that is counted at once.
const longestOverview = 400 * 24 * time.Hour

var _ connectors.Overviewer = (*Source)(nil)

// Overview counts the records of a window in the store: the numbers of Welkin's
// dashboards "Log review overview" and "Audit user", and the keywords of its
// procedure. Where those dashboards ask for status codes of 399–499 and 499–599,
// this asks for 400–499 and 500–599. The window is asked of the time field of the
// profile, without its lag.
func (s *Source) Overview(ctx context.Context, q connectors.OverviewQuery) (*connectors.Overview, error) {
	switch w := q.Window; {
	case w.From == 0 || w.To == 0 || w.From >= w.To:
		return nil, fault.Field("to", "A period that is counted has a beginning, and ends after it.")
	case max(w.To.Sub(w.From), q.Before.To.Sub(q.Before.From)) > longestOverview:
		return nil, fault.Field("to", "At most 400 days are counted at once.")
	}
	before := s.spent()
	account := &Account{}
	p, err := s.prepare(ctx, account)
	if err != nil {
		return nil, s.failed(ctx, err)
	}
	o := &connectors.Overview{Kind: s.Kind(), Window: q.Window, Time: s.profile.Time, Oldest: p.bounds.oldest, Newest: p.bounds.newest}
	if now := connectors.At(s.now()); now != 0 {
		o.Unsettled = q.Window.To > now.Add(-s.SettleDelay())
	}
	c := &tallier{source: s, p: p, account: account, q: q, ask: s.asker(p)}
	if p.view == nil {
		c.blind = "the store cannot be asked for a period"
	} else {
		defer p.view.close(ctx)
		if q.Noted != nil {
			if c.held, err = s.held(ctx, p, account); err != nil {
				return nil, fmt.Errorf("count %s: %w", s.Name(), err)
			}
		}
	}
	account.Lost = c.lost(q.Window)
	if s.Kind() == connectors.AuthLog {
		c.lines(ctx, o)
	} else {
		c.requests(ctx, o)
	}
	c.words(ctx, o)
	if ctx.Err() != nil {
		return nil, fmt.Errorf("count %s: %w", s.Name(), ctx.Err())
	}
	o.Problems = account.Problems()
	o.Limit(c.shortfall(o))
	now := s.spent()
	o.AskedRequests, o.AskedBytes, o.Took = now.requests-before.requests, now.received-before.received, now.took-before.took
	return o, nil
}

// tallier counts in a store.
type tallier struct {
	source  *Source
	p       *prepared
	account *Account
	q       connectors.OverviewQuery
	ask     asker
	held    *connectors.StoreNote // what the store holds now; nil: nothing to compare it with
	blind   string                // why nothing can be counted; "" when something can
}

// lost is what the store held of a window, or should hold, and does not.
func (c *tallier) lost(w connectors.Window) []string {
	lost := c.source.daysMissing(c.account, w)
	if c.held != nil {
		lost = append(lost, remembered(c.q.Noted, *c.held, w)...)
	}
	return lost
}

// shortfall is why no number may be all there is: "" when the store answered
// whole and reaches back to the beginning of the window.
func (c *tallier) shortfall(o *connectors.Overview) string {
	if len(o.Problems) > 0 {
		return o.Problems[0].Where + " " + o.Problems[0].Reason
	}
	return c.reach(o.Window)
}

// reach says what a window lacks because the store begins later.
func (c *tallier) reach(w connectors.Window) string {
	switch oldest := c.p.bounds.oldest; {
	case oldest == 0:
		return "the store holds no record with a time at all"
	case oldest > w.From:
		return "the store holds nothing from before " + oldest.Time().Format("2 January 2006, 15:04 UTC")
	}
	return ""
}

// window selects the documents of a window.
func (c *tallier) window(w connectors.Window) object {
	return between(c.source.profile.Time, milliseconds(w.From, false), milliseconds(w.To, true), false, false)
}

// field is a field of the record.
func (c *tallier) field(path string) Field { return c.p.fields.at(c.source.profile.path(path)) }

// selection is a question whose documents are counted. A why says that the store
// cannot tell exactly which they are.
type selection struct {
	query object
	why   string
}

// exact takes a question that the store answers as we do; of is the field.
func (c *tallier) exact(q question, of Field) selection {
	if why := c.uncountable(of); why != "" {
		return selection{why: why}
	}
	if q.wide == nil || q.narrow == nil || !bytes.Equal(encode(q.wide), encode(q.narrow)) {
		return selection{why: "the store cannot tell exactly which records these are by " + of.Path}
	}
	return selection{query: q.wide}
}

// values selects whole values of a field.
func (c *tallier) values(f Field, values ...string) selection {
	return c.exact(c.ask.field(connectors.In("", values...), f), f)
}

// codes selects status codes in [from, to), kept as numbers or as whole values.
func (c *tallier) codes(from, to int) selection {
	f := c.field("responseStatus.code")
	if f.shape == exact || f.shape == doubled {
		var all []string
		for code := from; code < to; code++ {
			all = append(all, strconv.Itoa(code))
		}
		return c.values(f, all...)
	}
	return c.exact(c.ask.field(connectors.Range("", strconv.Itoa(from), strconv.Itoa(to)), f), f)
}

// decision is the field of what the authoriser noted.
func (c *tallier) decision() Field {
	if c.source.profile.Underscores {
		return c.field("annotations.authorization_k8s_io/decision")
	}
	return c.field("annotations.authorization.k8s.io/decision")
}

// uncountable says why the values of a field cannot be counted whole; "" when
// they can.
func (c *tallier) uncountable(f Field) string {
	l := c.p.fields.limits
	switch {
	case len(c.source.profile.Wrapped) > 0:
		return "the whole record lies in one field, of which the store cannot count parts"
	case f.shape == unmapped && l.absent(f.Path), f.shape == number:
		return ""
	case f.shape == unmapped:
		return "no index keeps " + f.Path + " so that it can be asked for"
	case f.shape == conflict:
		return "the indices keep " + f.Path + " in ways that do not fit together (" + strings.Join(f.types, ", ") + ")"
	case f.shape == invisible:
		return f.Path + " may not be searched"
	case f.whole == "":
		return f.Path + " is kept as words, of which whole values cannot be counted"
	case l.special[f.whole]:
		return "the indices keep " + f.Path + " cut short or changed"
	case f.shape == exact && !l.known:
		return "it is not certain that " + f.Path + " is kept whole: its mapping may not be read"
	}
	return ""
}

// unknown is a number that could not be counted.
func unknown(why string) connectors.Tally { return connectors.Tally{Unknown: true, Lack: why} }

// search asks once and notes what the answer lacks. A why says that there is no
// answer.
func (c *tallier) search(ctx context.Context, body object) (page, string) {
	p, err := c.p.view.search(ctx, body)
	if err != nil {
		return page{}, c.unanswered(err)
	}
	c.account.note(p.lack()...)
	if p.Total == nil {
		return page{}, "the store did not say how many there are"
	}
	return p, ""
}

// unanswered notes that a question was not answered, and says why.
func (c *tallier) unanswered(err error) string {
	why := sentence(err)
	c.account.note("a question was not answered. " + why)
	return "the store did not answer this question: " + why
}

// count counts the documents of a query, and how many of them each selection
// selects.
func (c *tallier) count(ctx context.Context, query object, selections ...selection) (total connectors.Tally, each []connectors.Tally) {
	each = make([]connectors.Tally, len(selections))
	fail := func(why string) (connectors.Tally, []connectors.Tally) {
		for i := range each {
			each[i] = unknown(why)
		}
		return unknown(why), each
	}
	if c.blind != "" {
		return fail(c.blind)
	}
	aggregations := object{}
	for i, s := range selections {
		if s.why == "" {
			aggregations[strconv.Itoa(i)] = object{"filter": s.query}
		}
	}
	body := object{"size": 0, "query": query}
	if len(aggregations) > 0 {
		body["aggs"] = aggregations
	}
	p, why := c.search(ctx, body)
	if why != "" {
		return fail(why)
	}
	for i, s := range selections {
		var counted struct {
			Count *int64 `json:"doc_count"`
		}
		switch {
		case s.why != "":
			each[i] = unknown(s.why)
		case p.aggregation(strconv.Itoa(i), &counted) != nil || counted.Count == nil:
			each[i] = unknown("the store's answer lacks this number")
		default:
			each[i] = connectors.Tally{Count: *counted.Count}
		}
	}
	return connectors.Tally{Count: p.Total.Value}, each
}

// lines counts what there is of an auth log.
func (c *tallier) lines(ctx context.Context, o *connectors.Overview) {
	opened := c.texts(ctx).word("opened")
	var each []connectors.Tally
	o.Records, each = c.count(ctx, c.window(o.Window), opened)
	o.Sessions = each[0]
	o.Course = c.course(ctx, c.window(o.Window), selection{query: everything()})
}

// requests counts what there is of a Kubernetes audit log.
func (c *tallier) requests(ctx context.Context, o *connectors.Overview) {
	completed := c.values(c.field("stage"), "ResponseComplete")
	var each []connectors.Tally
	o.Records, each = c.count(ctx, c.window(o.Window), completed, c.values(c.decision(), "forbid"), c.codes(400, 500), c.codes(500, 600))
	o.Requests, o.Forbidden, o.ClientErrors, o.ServerErrors = each[0], each[1], each[2], each[3]
	c.audit(ctx, o, completed)
}
