package file

import (
	"bytes"
	"hash/maphash"

	"logreeve/connectors"
	"logreeve/connectors/authlog"
	"logreeve/connectors/kubernetes"
	"logreeve/connectors/rawjson"
)

// format is what this package needs to know of a kind of log.
type format struct {
	kind      connectors.Kind
	recognise func(sample []byte) (fits, lines int)
	// joined says that what a record means may depend on those before it.
	joined bool
	// session begins one read: its parsers and its joiner belong together.
	session func() session
}

// session is the state of one read in one format.
type session interface {
	// parser makes a parser for one goroutine.
	parser() parser
	// joiner makes the one that sees all records in order.
	joiner() joiner
}

// mark travels with an event from its parser to the joiner.
type mark struct {
	id   uint64
	auth authlog.Mark
}

// parser appends the events of one record. When it gives an error without
// events the record is unparsed; with events, a part of it could not be read.
type parser interface {
	parse(record []byte, ref connectors.Ref, in *input, events []connectors.Event, marks []mark) ([]connectors.Event, []mark, error)
}

// joiner makes events of records: add answers whether e is to be emitted now.
type joiner interface {
	// expect says which records come next.
	expect(next []mark)
	add(e *connectors.Event, m mark, emit func(*connectors.Event)) bool
	flush(emit func(*connectors.Event))
	// quiet says that nothing before can change what later records mean, but for
	// records that spoil a note.
	quiet() bool
	// waiting visits the events that wait.
	waiting(visit func(*connectors.Event))
	counts() (merged, late, duplicates int64)
}

var formats = []format{
	{
		kind: connectors.Kubernetes, recognise: kubernetes.Recognise,
		session: func() session { return kubernetesSession{seed: kubernetes.NewSeed(), names: kubernetes.NewNames()} },
	},
	{
		kind: connectors.AuthLog, recognise: authlog.Recognise, joined: true,
		session: func() session { return authlogSession{seed: maphash.MakeSeed()} },
	},
}

func formatOf(kind connectors.Kind) (format, bool) {
	for _, f := range formats {
		if f.kind == kind {
			return f, true
		}
	}
	return format{}, false
}

// recognised gives the formats a sample fits best: several when they fit
// equally, none when less than a quarter of its lines fits any.
func recognised(sample []byte) (best []format) {
	share := 0.25
	for _, f := range formats {
		fits, lines := f.recognise(sample)
		if lines == 0 {
			continue
		}
		switch s := float64(fits) / float64(lines); {
		case fits == 0 || s < share:
		case s > share || len(best) == 0:
			best, share = []format{f}, s
		default:
			best = append(best, f)
		}
	}
	return best
}

// seen says in a few words what a sample looks like that is no log we read.
func seen(sample []byte) string {
	text := bytes.TrimSpace(sample)
	line, _, _ := bytes.Cut(text, []byte("\n"))
	switch {
	case len(sample) == 0:
		return "it is empty"
	case len(text) == 0:
		return "it holds only white space"
	case bytes.IndexByte(text[:min(len(text), 4096)], 0) >= 0:
		return "it holds binary data"
	case bytes.Contains(line, []byte("type=")) && bytes.Contains(line, []byte("msg=audit(")):
		return "it looks like an auditd log, which this version does not read"
	case text[0] == '{' || text[0] == '[':
		if v := rawjson.Text(line, "kind"); v == "Event" {
			return "it holds JSON of Kubernetes, but no audit events"
		}
		return "it holds JSON, but no audit events"
	}
	return "it holds text that is neither audit events nor syslog lines"
}

type kubernetesSession struct {
	seed  kubernetes.Seed
	names *kubernetes.Names
}

func (s kubernetesSession) parser() parser {
	return kubernetesParser{seed: s.seed, p: s.names.Parser()}
}

func (s kubernetesSession) joiner() joiner { return &kubernetesJoiner{a: kubernetes.NewAssembler()} }

type kubernetesParser struct {
	seed kubernetes.Seed
	p    *kubernetes.Parser
}

func (k kubernetesParser) parse(record []byte, ref connectors.Ref, _ *input, events []connectors.Event, marks []mark) ([]connectors.Event, []mark, error) {
	n := len(events)
	events, err := k.p.Parse(record, ref, events)
	for i := n; i < len(events); i++ {
		marks = append(marks, mark{id: k.seed.ID(&events[i])})
	}
	return events, marks, err
}

type kubernetesJoiner struct {
	a    *kubernetes.Assembler
	next []uint64
}

func (k *kubernetesJoiner) expect(next []mark) {
	k.next = k.next[:0]
	for _, m := range next {
		k.next = append(k.next, m.id)
	}
	k.a.Expect(k.next)
}

func (k *kubernetesJoiner) add(e *connectors.Event, m mark, emit func(*connectors.Event)) bool {
	return k.a.Add(e, m.id, emit)
}
func (k *kubernetesJoiner) flush(emit func(*connectors.Event))    { k.a.Flush(emit) }
func (k *kubernetesJoiner) quiet() bool                           { return true }
func (k *kubernetesJoiner) waiting(visit func(*connectors.Event)) { k.a.EachWaiting(visit) }
func (k *kubernetesJoiner) counts() (merged, late, duplicates int64) {
	return k.a.Merged, k.a.Late, k.a.Duplicates
}

type authlogSession struct{ seed maphash.Seed }

func (s authlogSession) parser() parser {
	return &authlogParser{p: authlog.NewParser(s.seed)}
}
func (s authlogSession) joiner() joiner { return authlogJoiner{authlog.NewAssembler()} }

type authlogParser struct {
	p     *authlog.Parser
	marks []authlog.Mark
}

func (a *authlogParser) parse(record []byte, ref connectors.Ref, in *input, events []connectors.Event, marks []mark) ([]connectors.Event, []mark, error) {
	var err error
	events, a.marks, err = a.p.Parse(record, ref, in.calendar, events, a.marks[:0])
	for _, m := range a.marks {
		marks = append(marks, mark{auth: m})
	}
	return events, marks, err
}

type authlogJoiner struct{ a *authlog.Assembler }

func (j authlogJoiner) expect([]mark) {}

func (j authlogJoiner) add(e *connectors.Event, m mark, emit func(*connectors.Event)) bool {
	return j.a.Add(e, m.auth, emit)
}
func (j authlogJoiner) flush(emit func(*connectors.Event))       { j.a.Flush(emit) }
func (j authlogJoiner) quiet() bool                              { return j.a.Open() == 0 }
func (j authlogJoiner) waiting(func(*connectors.Event))          {}
func (j authlogJoiner) counts() (merged, late, duplicates int64) { return 0, 0, 0 }
