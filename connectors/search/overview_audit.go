package search

import (
	"context"

	"logreeve/connectors"
	"logreeve/connectors/rawjson"
)

const (
	newestEntries = 50
	topOptions    = 40 // values that a selector offers
)

// audit counts who did what, as far as the selectors select it.
func (c *tallier) audit(ctx context.Context, o *connectors.Overview, completed selection) {
	a := &connectors.Audit{}
	o.Audit = a
	window := c.window(o.Window)
	user, resource, verb := c.field("user.username"), c.field("objectRef.resource"), c.field("verb")
	chosen := [...]selection{c.selected(user, c.q.Users), c.selected(resource, c.q.Resources), c.selected(verb, c.q.Verbs)}
	narrowed := window
	for _, s := range chosen {
		if s.why != "" {
			c.unselected(o, s.why)
			return
		}
		narrowed = all(narrowed, s.query)
	}
	decision := c.decision()
	var each []connectors.Tally
	a.Records, each = c.count(ctx, narrowed, c.values(decision, "allow"), c.values(decision, "forbid"), c.undecided(decision))
	a.Allowed, a.Forbidden, a.Undecided = each[0], each[1], each[2]
	o.Course = c.course(ctx, narrowed, completed)
	if c.blind != "" {
		a.Unbroken, a.Unread = c.blind, c.blind
		return
	}
	levels := []Field{decision, resource, verb, c.field("objectRef.namespace")}
	groups, left, lack := c.combinations(ctx, narrowed, levels)
	a.Unbroken = lack
	a.Decisions, _, _ = tree(groups, topValues)
	if left > 0 {
		a.Decisions = append(a.Decisions, connectors.Portion{Blind: true, Count: left})
	}
	for i, of := range []*connectors.Choices{&a.Users, &a.Resources, &a.Verbs} {
		query := window
		for j, s := range chosen {
			if j != i {
				query = all(query, s.query)
			}
		}
		*of = c.options(ctx, query, [...]Field{user, resource, verb}[i])
	}
	a.Newest, a.Unread = c.newest(ctx, narrowed)
}

// selected is what a selector selects; everything when it is empty.
func (c *tallier) selected(f Field, values []string) selection {
	if len(values) == 0 {
		return selection{}
	}
	return c.values(f, values...)
}

// unselected says that nothing can be said of a selection.
func (c *tallier) unselected(o *connectors.Overview, why string) {
	a, none := o.Audit, unknown(why)
	a.Records, a.Allowed, a.Forbidden, a.Undecided, a.Unbroken, a.Unread = none, none, none, none, why, why
	o.Course = connectors.Course{Step: courseStep(o.Window), Blind: true, Lack: why}
}

// undecided selects records without a note of the authoriser.
func (c *tallier) undecided(f Field) selection {
	if why := c.uncountable(f); why != "" {
		return selection{why: why}
	}
	return selection{query: negate(object{"exists": object{"field": f.Path}})}
}

// options are the values of a field among the documents of a query.
func (c *tallier) options(ctx context.Context, query object, f Field) connectors.Choices {
	if why := c.uncountable(f); why != "" {
		return connectors.Choices{Lack: why}
	}
	found, left, lack := c.combinations(ctx, query, []Field{f})
	var named []combination
	for _, g := range found {
		if !g.values[0].none {
			named = append(named, g)
		}
	}
	out := connectors.Choices{Lack: lack}
	out.Values, out.Others, out.OtherValues = tree(named, topOptions)
	out.Others += left
	return out
}

// newest gives the newest documents of a query, the newest first.
func (c *tallier) newest(ctx context.Context, query object) (entries []connectors.AuditEntry, why string) {
	profile := c.source.profile
	order := c.p.view.order(profile, c.p.fields)
	order[0] = object{profile.Time: object{"order": "desc", "unmapped_type": "date"}}
	wanted := append([]string{profile.Time}, profile.Wrapped...)
	if len(profile.Wrapped) == 0 {
		for _, name := range recordFields {
			wanted = append(wanted, profile.path(name))
		}
	}
	p, why := c.search(ctx, object{"size": newestEntries, "query": query, "sort": order, "_source": wanted})
	if why != "" {
		return nil, why
	}
	unread := 0
	for _, d := range p.documents {
		e, ok := profile.entry(d)
		if !ok {
			unread++
			continue
		}
		entries = append(entries, e)
	}
	switch {
	case unread > 0:
		why = "some of the newest hold no record where the profile says"
	case int64(len(p.documents)) < min(p.Total.Value, newestEntries):
		why = "the store gave fewer records than it counted"
	}
	return entries, why
}

// entry says a document in words; false when it holds no record.
func (p Profile) entry(d document) (connectors.AuditEntry, bool) {
	record, err := p.record(d.source)
	if err != nil {
		return connectors.AuditEntry{}, false
	}
	of := func(path string) string { return text(record, []string{path}) }
	e := connectors.AuditEntry{
		Time: connectors.At(instant(at(d.source, p.Time))), Stage: of("stage"), Decision: of("annotations.authorization.k8s.io/decision"),
		User: of("user.username"), Impersonated: of("impersonatedUser.username"), Verb: of("verb"), Code: of("responseStatus.code"), URI: of("requestURI"),
		Resource: of("objectRef.resource"), Subresource: of("objectRef.subresource"), Namespace: of("objectRef.namespace"), Name: of("objectRef.name"),
		Index: rawjson.Unescape(d.index), ID: rawjson.Unescape(d.id),
	}
	return e, true
}
