package authlog

import (
	"hash/maphash"
	"strings"
	"time"
	"unsafe"

	"logreeve/connectors"
)

// Mark is what an Assembler needs to know of an event besides the event itself.
type Mark struct {
	id   uint64 // hash of the identity without its ordinal
	conn uint64 // hash of host and pid
	role role
}

// Parser decodes lines. It remembers the names it has met so that events can
// share them; a Parser belongs to one goroutine.
type Parser struct {
	seed  maphash.Seed
	names map[string]string
}

// NewParser makes a parser. All parsers whose marks meet in one Assembler need
// the same seed.
func NewParser(seed maphash.Seed) *Parser {
	return &Parser{seed: seed, names: map[string]string{}}
}

// Parse appends the events of one line to dst, and their marks to marks: one,
// or several for a line that says it stands for several. An error says why the
// line is no syslog line.
func (p *Parser) Parse(line []byte, ref connectors.Ref, c *Calendar, dst []connectors.Event, marks []Mark) ([]connectors.Event, []Mark, error) {
	if len(line) == 0 {
		return dst, marks, errNoTime
	}
	// The string is a view of the line; what outlives it is copied by own.
	text := unsafe.String(&line[0], len(line))
	h, start, err := readLine(text)
	if err != nil {
		return dst, marks, err
	}
	at, ok := c.at(h.stamp)
	if !ok {
		return dst, marks, errNoTime
	}
	message, times := repeated(text[start:])
	f := read(h.program, message)
	identity := []string{p.own(h.host), h.stamp.normal(), p.own(h.program), p.own(h.pid), strings.Clone(message)}
	mark := p.mark(identity, f.role)
	for range times {
		dst = append(dst, connectors.Event{})
		e := &dst[len(dst)-1]
		e.SetRaw(line, ref)
		p.fill(e, f, connectors.At(at), identity)
		span := func(t connectors.Text, piece string) {
			if piece != "" {
				off := uintptr(unsafe.Pointer(unsafe.StringData(piece))) - uintptr(unsafe.Pointer(&line[0]))
				e.SetText(t, int(off), len(piece), false)
			}
		}
		span(connectors.TextMessage, message)
		span(connectors.TextCommand, f.command)
		span(connectors.TextName, f.name)
		marks = append(marks, mark)
	}
	return dst, marks, nil
}

// Parts is a syslog line that a pipeline has taken apart.
type Parts struct {
	Time                        time.Time
	Host, Program, PID, Message string
}

// ParseParts fills the event from a line that a pipeline has taken apart, also
// from one it has taken apart wrongly: Welkin's tail expects one word of time,
// and of "Oct  3 12:34:56 node sshd[1]: …" makes program "3" and message
// "34:56 node sshd[1]: …" (formats.md §4.3). The caller has called SetRaw.
func (p *Parser) ParseParts(parts Parts, e *connectors.Event) (Mark, error) {
	if parts.Host == "" && isNumber(parts.Program) {
		m := parts.Message
		if len(m) > 6 && m[2] == ':' && m[5] == ' ' {
			if host, rest, ok := strings.Cut(m[6:], " "); ok {
				if program, pid, message, ok := readTag(rest); ok {
					parts.Host, parts.Program, parts.PID, parts.Message = host, program, pid, message
				}
			}
		}
	}
	if parts.Time.IsZero() {
		return Mark{}, errNoTime
	}
	if parts.Host == "" || parts.Program == "" {
		return Mark{}, errNoProgram
	}
	f := read(parts.Program, parts.Message)
	s := stamp{at: parts.Time.Truncate(time.Microsecond)}
	identity := []string{parts.Host, s.normal(), parts.Program, parts.PID, parts.Message}
	p.fill(e, f, connectors.At(parts.Time), identity)
	e.SetValue(connectors.TextMessage, parts.Message)
	if f.command != "" {
		e.SetValue(connectors.TextCommand, f.command)
	}
	if f.name != "" {
		e.SetValue(connectors.TextName, f.name)
	}
	return p.mark(identity, f.role), nil
}

func isNumber(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// mark hashes an identity.
func (p *Parser) mark(identity []string, r role) Mark {
	hash := func(parts ...string) uint64 {
		var h maphash.Hash
		h.SetSeed(p.seed)
		for _, s := range parts {
			_, _ = h.WriteString(s)
			_ = h.WriteByte(0)
		}
		return h.Sum64()
	}
	m := Mark{id: hash(identity...), role: r}
	if r != noRole {
		m.conn = hash(identity[0], identity[3])
	}
	return m
}

// fill sets what the facts say. The facts are views; the event owns its fields.
func (p *Parser) fill(e *connectors.Event, f facts, at connectors.Instant, identity []string) {
	e.Kind, e.Time, e.TimeBasis = connectors.AuthLog, at, connectors.Syslog
	e.Host, e.Category, e.Outcome, e.ActorKind = identity[0], f.category, f.outcome, f.kind
	e.Verb, e.Login, e.Effective = p.own(f.verb), p.own(f.login), p.own(f.effective)
	e.Credential, e.Object.Resource = p.own(f.credential), f.resource
	if f.address != "" && f.address != "UNKNOWN" {
		e.Addresses = []string{p.own(f.address)}
	}
	e.SetIdentity(identity[0], identity[1], identity[2], identity[3], identity[4], "1")
}

// maxNames bounds a parser's memory of names.
const maxNames = 16_384

// own gives a copy of a view, one for all that are equal.
func (p *Parser) own(view string) string {
	if view == "" {
		return ""
	}
	if s, ok := p.names[view]; ok {
		return s
	}
	s := strings.Clone(view)
	if len(s) <= 128 {
		if len(p.names) >= maxNames {
			clear(p.names)
		}
		p.names[s] = s
	}
	return s
}
