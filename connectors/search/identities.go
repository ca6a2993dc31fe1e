package search

import (
	"context"
	"maps"
	"slices"

	"logreeve/connectors"
)

// maxIdentities is how many are held; a store with more is read instead.
const maxIdentities = 20_000

// identities are all pairs of a login and the name it took for itself that the
// documents hold. They are few, however many documents there are, and what
// decides who is responsible is our register and not in the store: so it is
// asked of each pair here, and the store is asked for the pairs.
type identities struct {
	pairs       []pair
	login, as   Field // how the indices keep the two names; as is unmapped where nobody acted as another
	attribution *connectors.Attribution
	times       []connectors.Instant // that stand for the whole read
}

// pair is a login and the name it took. A name that is not there is nil.
type pair struct{ login, as []byte }

// unauthenticatedGroup makes whoever is in it nobody, whatever the name.
const unauthenticatedGroup = "system:unauthenticated"

// identify lists the identities in the documents; nil when the store cannot tell
// them, which is no error.
func identify(ctx context.Context, n *narrowing, a asker, by *connectors.Attribution, reach connectors.Window) (*identities, error) {
	i := &identities{login: a.fields.at(a.profile.path("user.username")), as: a.fields.at(a.profile.path("impersonatedUser.username")), attribution: by}
	if by == nil {
		i.attribution = &connectors.Attribution{}
	}
	i.times = connectors.Instants(i.attribution.Changes, reach.From, reach.To)
	sources := []object{}
	for _, f := range []Field{i.login, i.as} {
		ok, err := n.whole(ctx, a, f)
		if err != nil || !ok {
			return nil, err
		}
		if f.shape != unmapped {
			sources = append(sources, terms(f.whole))
		}
	}
	if i.login.shape == unmapped {
		return nil, nil
	}
	_, err := n.view.groups(ctx, n.account, grouping{query: n.reach, sources: sources, most: maxIdentities}, func(b bucket) {
		p := pair{login: b.values[0]}
		if len(b.values) > 1 {
			p.as = b.values[1]
		}
		i.pairs = append(i.pairs, p)
	})
	if uncountable(err) {
		return nil, nil
	}
	return i, err
}

// event is a request of the pair, as far as the pair says.
func (p pair) event() connectors.Event {
	e := connectors.Event{Kind: connectors.Kubernetes, Category: connectors.CategoryAPI, Login: scalar(p.login)}
	if as := scalar(p.as); as != e.Login {
		e.Effective = as
	}
	return e
}

// system says that no name of the pair could be a person's.
func (p pair) system() bool {
	e := p.event()
	for _, name := range []string{e.Login, e.Effective} {
		if name != "" && connectors.PrincipalKind(name, nil) == connectors.Human {
			return false
		}
	}
	return true
}

// decides says whether the pairs alone decide a filter.
func (i *identities) decides(f connectors.Filter) bool {
	switch f.Op {
	case connectors.OpAll, connectors.OpHour:
		return false
	case connectors.OpAnd, connectors.OpOr, connectors.OpNot:
		return i != nil && len(f.Args) > 0 && !slices.ContainsFunc(f.Args, func(a connectors.Filter) bool { return !i.decides(a) })
	}
	return i != nil && slices.Contains([]string{"login", "effective", "actor", "actor_kind"}, f.Field)
}

// gather gives the parts of an "and" or an "or", what the pairs decide as one.
func (i *identities) gather(f connectors.Filter) []connectors.Filter {
	var rest, decided []connectors.Filter
	var sort func([]connectors.Filter)
	sort = func(args []connectors.Filter) {
		for _, a := range args {
			switch {
			case a.Op == f.Op:
				sort(a.Args)
			case i.decides(a):
				decided = append(decided, a)
			default:
				rest = append(rest, a)
			}
		}
	}
	sort(f.Args)
	if len(decided) > 0 {
		rest = append(rest, connectors.Filter{Op: f.Op, Args: decided})
	}
	return rest
}

// about says whether a filter asks for a field.
func about(f connectors.Filter, fields ...string) bool {
	return slices.Contains(fields, f.Field) || slices.ContainsFunc(f.Args, func(a connectors.Filter) bool { return about(a, fields...) })
}

// ask turns such a filter to a question. Pairs whose answer changes with time are
// asked for only in the wide one.
func (i *identities) ask(a asker, f connectors.Filter) question {
	m, err := connectors.Compile(f)
	if err != nil {
		return question{}
	}
	var always, perhaps, doubtful []pair
	for _, p := range i.pairs {
		e := p.event()
		yes, no := false, false
		for _, at := range i.times {
			dated := i.attribution.At(e, at)
			if m.Match(&dated) {
				yes = true
			} else {
				no = true
			}
		}
		switch {
		case yes && !no:
			always = append(always, p)
		case yes:
			perhaps = append(perhaps, p)
		}
		if about(f, "actor_kind") && !p.system() {
			doubtful = append(doubtful, p)
		}
	}
	sure, wide := i.of(a, always), i.of(a, append(perhaps, always...))
	if len(doubtful) == 0 || sure == nil || wide == nil {
		return question{wide, sure}
	}
	// A person's name in the group of those who are nobody is read, not counted.
	nobody := either(
		a.leaf(connectors.In("", unauthenticatedGroup), "user.groups"),
		a.leaf(connectors.In("", unauthenticatedGroup), "impersonatedUser.groups"),
	)
	odd := both(exactly(i.of(a, doubtful)), nobody)
	return question{either(exactly(wide), odd).wide, both(exactly(sure), odd.not()).narrow}
}

// logins asks for all requests of the pairs' logins.
func (i *identities) logins(pairs []pair) object {
	var names []string
	missing := false
	for _, p := range pairs {
		if p.login == nil {
			missing = true
			continue
		}
		names = append(names, scalar(p.login))
	}
	return withAbsent(i.login.whole, names, missing)
}

// of asks for exactly the pairs; nil when they are too many to be asked for.
func (i *identities) of(a asker, pairs []pair) object {
	var plain []pair // as nobody else
	others := map[string][]pair{}
	for _, p := range pairs {
		if p.as == nil {
			plain = append(plain, p)
			continue
		}
		login := string(p.login)
		others[login] = append(others[login], p)
	}
	if len(others) > 500 {
		return nil
	}
	var list []object
	if len(plain) > 0 {
		o := i.logins(plain)
		if slices.ContainsFunc(i.pairs, func(p pair) bool { return p.as != nil }) {
			o = joined([]object{o, negate(object{"exists": object{"field": i.as.whole}})}, "filter", everything, nothing)
		}
		list = append(list, o)
	}
	for _, login := range slices.Sorted(maps.Keys(others)) {
		of := others[login]
		var names []string
		for _, p := range of {
			names = append(names, scalar(p.as))
		}
		list = append(list, joined([]object{i.logins(of[:1]), withAbsent(i.as.whole, names, false)}, "filter", everything, nothing))
	}
	return joined(list, "should", nothing, everything)
}

// withAbsent asks for one of the values, or for no value at all.
func withAbsent(field string, values []string, absent bool) object {
	slices.Sort(values)
	var list []object
	if values = slices.Compact(values); len(values) > 0 {
		list = append(list, object{"terms": object{field: values}})
	}
	if absent {
		list = append(list, negate(object{"exists": object{"field": field}}))
	}
	return joined(list, "should", nothing, everything)
}
