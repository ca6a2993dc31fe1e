package search

import (
	"hash/maphash"

	"logreeve/connectors"
	"logreeve/connectors/authlog"
	"logreeve/connectors/kubernetes"
	"logreeve/connectors/rawjson"
)

// mark travels with an event from its parser to the joiner.
type mark struct {
	id   uint64
	auth authlog.Mark
}

// seeds keep the hashes of one read unpredictable, and alike in its parsers.
type seeds struct {
	kubernetes kubernetes.Seed
	authlog    maphash.Seed
}

func newSeeds() seeds { return seeds{kubernetes.NewSeed(), maphash.MakeSeed()} }

// parser makes events of documents; it belongs to one goroutine.
type parser struct {
	profile     Profile
	source      string
	attribution *connectors.Attribution
	seeds       seeds
	kubernetes  *kubernetes.Parser
	authlog     *authlog.Parser
	words       rawjson.Words
	marks       []authlog.Mark
}

func newParser(p Profile, source string, by *connectors.Attribution, s seeds) *parser {
	return &parser{
		profile: p, source: source, attribution: by, seeds: s,
		kubernetes: kubernetes.NewParser(), authlog: authlog.NewParser(s.authlog),
	}
}

// parse appends the events of one document. An error without events says why
// it is no record; with events, that a part of it could not be read.
func (p *parser) parse(d document, events []connectors.Event, marks []mark) ([]connectors.Event, []mark, error) {
	ref := connectors.Ref{Index: p.words.Of(d.index), ID: rawjson.Unescape(d.id)}
	n := len(events)
	record, err := p.profile.record(d.source)
	if err == nil {
		if p.profile.Kind == connectors.AuthLog {
			events, marks, err = p.syslog(d.source, record, ref, events, marks)
		} else {
			events, err = p.kubernetes.Parse(record, ref, events)
			for i := n; i < len(events); i++ {
				marks = append(marks, mark{id: p.seeds.kubernetes.ID(&events[i])})
			}
		}
	}
	cluster := ""
	for i := n; i < len(events); i++ {
		e := &events[i]
		if e.Cluster == "" && len(p.profile.Cluster) > 0 {
			if i == n {
				cluster = p.words.Of([]byte(text(d.source, p.profile.Cluster)))
			}
			e.Cluster = cluster
		}
		e.Source = p.source
		p.attribution.Apply(e)
	}
	return events, marks, err
}

// syslog makes events of a line, whole or taken apart.
func (p *parser) syslog(source, record []byte, ref connectors.Ref, events []connectors.Event, marks []mark) ([]connectors.Event, []mark, error) {
	when := instant(at(source, p.profile.Time))
	if len(p.profile.Wrapped) > 0 {
		var err error
		events, p.marks, err = p.authlog.Parse(record, ref, authlog.NewCalendar(nil, when, 0, nil), events, p.marks[:0])
		for _, m := range p.marks {
			marks = append(marks, mark{auth: m})
		}
		return events, marks, err
	}
	events = append(events, connectors.Event{})
	e := &events[len(events)-1]
	e.SetRaw(source, ref)
	m, err := p.authlog.ParseParts(authlog.Parts{
		Time: when, Host: text(source, p.profile.Host), Program: text(source, p.profile.Program),
		PID: text(source, p.profile.PID), Message: text(source, p.profile.Message),
	}, e)
	if err != nil {
		return events[:len(events)-1], marks, err
	}
	return events, append(marks, mark{auth: m}), nil
}

// joiner makes events of records that it is given in order: add answers whether
// e is to be emitted now.
type joiner interface {
	add(e *connectors.Event, m mark, emit func(*connectors.Event)) bool
	flush(emit func(*connectors.Event))
	counts() (merged, late, duplicates int64)
}

func newJoiner(k connectors.Kind) joiner {
	if k == connectors.AuthLog {
		return authlogJoiner{authlog.NewAssembler()}
	}
	return kubernetesJoiner{kubernetes.NewAssembler()}
}

type kubernetesJoiner struct{ a *kubernetes.Assembler }

func (k kubernetesJoiner) add(e *connectors.Event, m mark, emit func(*connectors.Event)) bool {
	return k.a.Add(e, m.id, emit)
}
func (k kubernetesJoiner) flush(emit func(*connectors.Event)) { k.a.Flush(emit) }
func (k kubernetesJoiner) counts() (merged, late, duplicates int64) {
	return k.a.Merged, k.a.Late, k.a.Duplicates
}

type authlogJoiner struct{ a *authlog.Assembler }

func (j authlogJoiner) add(e *connectors.Event, m mark, emit func(*connectors.Event)) bool {
	return j.a.Add(e, m.auth, emit)
}
func (j authlogJoiner) flush(emit func(*connectors.Event))       { j.a.Flush(emit) }
func (j authlogJoiner) counts() (merged, late, duplicates int64) { return 0, 0, 0 }
