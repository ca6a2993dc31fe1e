package search

import (
	"context"
	"slices"
	"strconv"

	"logreeve/connectors"
)

// texts are the fields in which words are looked for.
type texts struct {
	searched   []Field
	passedOver []string // kept so that no word is found in them
	codes      func(from, to int) selection
	why        string // why no word can be looked for
}

// texts finds out where words can be looked for: in the message of a line; of a
// Kubernetes record in what the server and the authoriser said of it, and for
// codes in the status code. Names and bodies are not searched: a resource may be
// called "errors".
func (c *tallier) texts(ctx context.Context) texts {
	profile := c.source.profile
	paths := profile.Message
	var t texts
	switch {
	case len(profile.Wrapped) > 0:
		paths = profile.Wrapped
	case profile.Kind == connectors.Kubernetes:
		reason := "annotations.authorization.k8s.io/reason"
		if profile.Underscores {
			reason = "annotations.authorization_k8s_io/reason"
		}
		paths = []string{profile.path("responseStatus.reason"), profile.path("responseStatus.message"), profile.path(reason)}
		t.codes = c.codes
	}
	if c.blind != "" {
		return texts{why: c.blind}
	}
	fields, err := askFields(ctx, c.source.transport, c.p.view.target, paths)
	if err != nil {
		c.account.note("a question was not answered. " + sentence(err))
		return texts{why: "the store does not say how it keeps texts: " + sentence(err)}
	}
	for _, path := range paths {
		switch f := fields.at(path); {
		case f.shape == words || f.shape == doubled:
			t.searched = append(t.searched, f)
		case f.shape == unmapped && c.p.fields.limits.absent(path):
		default:
			t.passedOver = append(t.passedOver, path)
		}
	}
	if len(t.searched) == 0 && len(t.passedOver) > 0 {
		t.why = "the store keeps no text in which words can be found"
	}
	return t
}

// word selects the documents with a word, as the store takes texts apart.
func (t texts) word(w string) selection {
	if code, err := strconv.Atoi(w); err == nil && t.codes != nil {
		return t.codes(code, code+1)
	}
	if t.why != "" {
		return selection{why: t.why}
	}
	var list []object
	for _, f := range t.searched {
		list = append(list, object{"match": object{f.Path: object{"query": w, "operator": "and"}}})
	}
	return selection{query: joined(list, "should", nothing, everything)}
}

// words counts the keywords of a log review, in the window and in the one before.
func (c *tallier) words(ctx context.Context, o *connectors.Overview) {
	t := c.texts(ctx)
	w := &o.Words
	if w.Before = c.q.Before; w.Before == (connectors.Window{}) {
		w.Before = connectors.Window{From: 2*o.Window.From - o.Window.To, To: o.Window.From}
	}
	for _, f := range t.searched {
		w.Searched = append(w.Searched, f.Path)
	}
	w.PassedOver = t.passedOver
	if t.codes != nil {
		w.Codes = c.field("responseStatus.code").Path
	}
	var selections []selection
	for _, word := range connectors.Keywords() {
		selections = append(selections, t.word(word))
	}
	_, now := c.count(ctx, c.window(o.Window), selections...)
	records, before := c.count(ctx, c.window(w.Before), selections...)
	short := c.reach(w.Before)
	if lost := c.lost(w.Before); len(lost) > 0 {
		short = lost[0]
	}
	limited := func(tally connectors.Tally) connectors.Tally {
		if tally.Lack == "" {
			tally.Lack = short
		}
		return tally
	}
	w.Records = limited(records)
	for i, word := range slices.All(connectors.Keywords()) {
		w.Words = append(w.Words, connectors.Word{Word: word, Now: now[i], Before: limited(before[i])})
	}
}
