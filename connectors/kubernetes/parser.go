// Package kubernetes turns audit records of the Kubernetes API server
// (audit.k8s.io v1 and v1beta1) into events and joins the stages of one request.
// It reads bytes it is given and opens nothing; where the records lie is the
// business of the stores (connectors/file, connectors/search).
package kubernetes

import (
	"bytes"
	"errors"
	"hash/maphash"
	"net/url"

	"logreeve/connectors"
	"logreeve/connectors/rawjson"
)

// Reasons why a line is no record. They never carry the line's text.
var (
	errNotJSON    = errors.New("is not a JSON object")
	errNotAudit   = errors.New("is JSON, but no audit event: it lacks auditID or stage")
	errOtherAPI   = errors.New("is JSON of another API than audit.k8s.io")
	errNoTime     = errors.New("has no readable time")
	errItem       = errors.New("holds items that are no audit events")
	errAfterValue = errors.New("has more after its JSON object")
)

// Parser decodes records. It remembers the names it has met so that events can
// share them; a Parser belongs to one goroutine.
type Parser struct {
	names      *Names
	words      rawjson.Words
	seed       maphash.Seed
	identities heard[identity] // of names, without asking them
	addresses  heard[[]string]
	clock      clock
	refusals   refusals
	beginnings []beginning // at most maxBeginnings
}

// beginning is how records begin, up to their first member that tells them
// apart: most API servers write the same bytes in front of every audit id.
type beginning struct {
	bytes                []byte
	kind, version, level string
}

const maxBeginnings = 4

// NewParser makes a parser with names of its own.
func NewParser() *Parser { return NewNames().Parser() }

// Parser makes a parser that uses these names.
func (n *Names) Parser() *Parser {
	return &Parser{names: n, seed: maphash.MakeSeed(), identities: newHeard[identity](), addresses: newHeard[[]string]()}
}

// Parse appends the events of one line to dst: one for an Event, one for each
// item of an EventList. An error says why the line is no record, or, when
// events were appended, that some items of a list were not.
func (p *Parser) Parse(line []byte, ref connectors.Ref, dst []connectors.Event) ([]connectors.Event, error) {
	if len(dst) < cap(dst) {
		dst = dst[:len(dst)+1]
	} else {
		dst = append(dst, connectors.Event{})
	}
	items, err := p.event(line, ref, &dst[len(dst)-1])
	if err == nil && items == nil {
		return dst, nil
	}
	dst = dst[:len(dst)-1]
	if err != nil {
		return dst, err
	}
	bad := false
	err = rawjson.Elements(items, func(item []byte) bool {
		at := ref
		at.Offset += int64(cap(line) - cap(item)) // both end where the same array ends
		dst = append(dst, connectors.Event{})
		if nested, err := p.event(item, at, &dst[len(dst)-1]); err != nil || nested != nil {
			dst = dst[:len(dst)-1]
			bad = true
		}
		return true
	})
	if err != nil || bad {
		return dst, errItem
	}
	return dst, nil
}

// event decodes one record into e in one walk over its members, in whatever
// order they stand; of members that stand twice the last counts. When the
// record is an EventList it gives the list's items instead.
func (p *Parser) event(line []byte, ref connectors.Ref, e *connectors.Event) (items []byte, err error) {
	*e = connectors.Event{Kind: connectors.Kubernetes, Category: connectors.CategoryAPI}
	e.SetRaw(line, ref)
	var (
		user                     *identity
		kind, version            string
		received, stage, written connectors.Instant
		created                  connectors.Instant // as v1beta1 has it
		forbidden                bool
		effective                *identity
	)
	w := rawjson.Object(line, 0)
	if b := p.begins(line); b != nil {
		w = rawjson.ObjectFrom(line, len(b.bytes))
		kind, version, e.Level = b.kind, b.version, b.level
	}
	common, members := 0, 0
	for ; w.Next(); members++ {
		v, key := w.Value(), w.Key
	member:
		switch string(key) {
		case "kind":
			kind = p.text(v)
			common++
		case "apiVersion":
			version = p.text(v)
			common++
		case "level":
			e.Level = p.text(v)
			common++
		case "auditID":
			setText(e, connectors.TextNativeID, v, w.Start)
			if common == members && common > 0 && len(p.beginnings) < maxBeginnings {
				end := cap(line) - cap(w.Key) - 1 // the key's quote: both end where the same array ends
				p.beginnings = append(p.beginnings, beginning{bytes.Clone(line[:end]), kind, version, e.Level})
			}
		case "stage":
			e.Stage = p.text(v)
		case "requestURI":
			setText(e, connectors.TextURI, v, w.Start)
			e.DryRun = dryRun(e.TextView(connectors.TextURI))
		case "verb":
			e.Verb = p.text(v)
		case "user":
			user = p.identity(v)
		case "impersonatedUser":
			effective = p.identity(v)
		case "sourceIPs":
			e.Addresses = p.sources(v)
		case "userAgent":
			setText(e, connectors.TextUserAgent, v, w.Start)
		case "objectRef":
			p.object(line, w.Start, e)
		case "responseStatus":
			p.status(line, w.Start, e)
		case "requestObject":
			setBody(e.SetRequest, v, w.Start)
		case "responseObject":
			setBody(e.SetResponse, v, w.Start)
		case "requestReceivedTimestamp":
			received = p.clock.read(v)
			setText(e, connectors.TextReceived, v, w.Start)
		case "stageTimestamp":
			stage = p.clock.read(v)
		case "timestamp":
			written = p.clock.read(v)
		case "annotations":
			e.SetText(connectors.TextAnnotations, 0, 0, false)
			if forbidden = false; v[0] == '{' {
				e.SetText(connectors.TextAnnotations, w.Start, len(v), false)
				forbidden = p.refusals.of(v)
			}
		case "metadata":
			created = p.clock.read(rawjson.Get(v, "creationTimestamp"))
		case "cluster.name":
			e.Cluster = p.text(v)
		case "items":
			items = v
		default: // perhaps a known name, spelt with escapes
			if name := w.Name(); len(name) != len(key) {
				key = name
				goto member
			}
		}
	}
	if w.Err() != nil {
		return nil, errNotJSON
	}
	if rawjson.Space(line, w.After()) != len(line) {
		return nil, errAfterValue
	}
	if version != "" && !bytes.HasPrefix([]byte(version), []byte("audit.k8s.io/")) {
		return nil, errOtherAPI
	}
	if kind == "EventList" && len(items) > 0 && items[0] == '[' {
		return items, nil
	}
	if id, _ := e.TextView(connectors.TextNativeID); (kind != "" && kind != "Event") || len(id) == 0 || e.Stage == "" {
		return nil, errNotAudit
	}
	switch {
	case received != 0:
		e.Time, e.TimeBasis = received, connectors.Received
	case stage != 0:
		e.Time, e.TimeBasis = stage, connectors.StageEnd
	case written != 0:
		e.Time, e.TimeBasis = written, connectors.StageEnd
	case created != 0:
		e.Time, e.TimeBasis = created, connectors.StageEnd
	default:
		return nil, errNoTime
	}
	e.Logged = stage
	if user != nil {
		e.Login, e.Groups, e.Credential = user.name, user.groups, user.credential
	}
	if effective != nil && effective.name != "" && effective.name != e.Login {
		e.Effective, e.EffGroups = effective.name, effective.groups
	}
	e.Outcome = outcome(e.Code, forbidden)
	if e.Code == "401" && e.Login == "" {
		e.ActorKind = connectors.Unauthenticated
	}
	return nil, nil
}

// begins gives the known beginning of a record, nil when there is none.
func (p *Parser) begins(line []byte) *beginning {
	for i := range p.beginnings {
		if b := &p.beginnings[i]; bytes.HasPrefix(line, b.bytes) {
			return b
		}
	}
	return nil
}

// outcome reads the answer of the server (contract.md §2).
func outcome(code string, forbidden bool) connectors.Outcome {
	switch {
	case forbidden, code == "401", code == "403":
		return connectors.Denied
	case len(code) == 3 && code[0] >= '1' && code[0] <= '3':
		return connectors.OK
	case code == "":
		return connectors.Unknown
	}
	return connectors.Failed
}

// text decodes a JSON string that stands in many records.
func (p *Parser) text(v []byte) string {
	if len(v) < 2 || v[0] != '"' {
		return ""
	}
	return p.words.Of(v[1 : len(v)-1])
}

// setText leaves a string in the record.
func setText(e *connectors.Event, t connectors.Text, v []byte, start int) {
	if len(v) < 2 || v[0] != '"' {
		e.SetText(t, 0, 0, false)
		return
	}
	e.SetText(t, start+1, len(v)-2, rawjson.Encoded(v[1:len(v)-1]))
}

// setBody leaves a body in the record. Pipelines that keep bodies as strings
// write "none" where there is no body (formats.md §3.2).
func setBody(set func(off, length int, escaped bool), v []byte, start int) {
	switch {
	case v[0] == '"' && (len(v) == 2 || string(v) == `"none"`), v[0] == 'n':
		set(0, 0, false)
	case v[0] == '"':
		set(start+1, len(v)-2, true)
	default:
		set(start, len(v), false)
	}
}

// object decodes an objectRef.
func (p *Parser) object(line []byte, start int, e *connectors.Event) {
	e.Object = connectors.Object{}
	e.SetText(connectors.TextName, 0, 0, false)
	for w := rawjson.Object(line, start); w.Next(); {
		v, key := w.Value(), w.Key
	member:
		switch string(key) {
		case "resource":
			e.Object.Resource = p.text(v)
		case "namespace":
			e.Object.Namespace = p.text(v)
		case "name":
			setText(e, connectors.TextName, v, w.Start)
		case "apiGroup":
			e.Object.Group = p.text(v)
		case "apiVersion":
			e.Object.Version = p.text(v)
		case "subresource":
			e.Object.Subresource = p.text(v)
		default:
			if name := w.Name(); len(name) != len(key) {
				key = name
				goto member
			}
		}
	}
}

// plainStatus begins the answer to most requests.
var plainStatus = []byte(`{"metadata":{},"code":`)

func number(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return b[0] != '0'
}

// status decodes a responseStatus: the code, and the message as the reason.
func (p *Parser) status(line []byte, start int, e *connectors.Event) {
	e.Code = ""
	e.SetText(connectors.TextReason, 0, 0, false)
	if rest, ok := bytes.CutPrefix(line[start:], plainStatus); ok && len(rest) > 3 && rest[3] == '}' && number(rest[:3]) {
		e.Code = p.words.Of(rest[:3])
		return
	}
	var message, reason rawjson.Walk // stand at the member, so as to read it at the end
	for w := rawjson.Object(line, start); w.Next(); {
		v, key := w.Value(), w.Key
	member:
		switch string(key) {
		case "code":
			e.Code = ""
			if c := v[0]; c >= '1' && c <= '9' {
				e.Code = p.words.Of(v)
			}
		case "message":
			message = w
		case "reason":
			reason = w
		default:
			if name := w.Name(); len(name) != len(key) {
				key = name
				goto member
			}
		}
	}
	if v := message.Value(); len(v) > 2 && v[0] == '"' {
		setText(e, connectors.TextReason, v, message.Start)
	} else {
		setText(e, connectors.TextReason, reason.Value(), reason.Start)
	}
}

// identity decodes a user.
func (p *Parser) identity(v []byte) *identity {
	if v[0] != '{' {
		return nil
	}
	hash := maphash.Bytes(p.seed, v)
	known := p.identities.find(hash)
	if known == nil {
		if known = p.names.identity(v); len(v) <= maxIdentity {
			p.identities.keep(hash, known)
		}
	}
	return known
}

// sources decodes sourceIPs.
func (p *Parser) sources(v []byte) []string {
	hash := maphash.Bytes(p.seed, v)
	known := p.addresses.find(hash)
	if known == nil {
		list := p.names.source(v)
		if known = &list; len(v) <= maxAddresses {
			p.addresses.keep(hash, known)
		}
	}
	return *known
}

// refusals remembers what annotations of late say: most records repeat a few.
type refusals struct {
	slots [64]struct {
		annotations []byte
		forbid      bool
	}
}

// of says whether annotations record a refusal by an authoriser.
func (r *refusals) of(v []byte) bool {
	if len(v) > 1024 {
		return forbids(v)
	}
	slot := &r.slots[(len(v)*7+int(v[len(v)/2])+int(v[len(v)*3/4]))%len(r.slots)]
	if !bytes.Equal(slot.annotations, v) {
		slot.annotations, slot.forbid = append(slot.annotations[:0], v...), forbids(v)
	}
	return slot.forbid
}

// forbids works it out. Only one kind of escape can spell letters.
func forbids(v []byte) bool {
	if !bytes.Contains(v, []byte("forbid")) && !bytes.Contains(v, []byte(`\u`)) {
		return false
	}
	return rawjson.Text(v, "authorization.k8s.io/decision") == "forbid"
}

// dryRun says whether a request URI asked not to be carried out. Parameters may be
// spelt with escapes, of JSON or of the URI.
func dryRun(uri []byte, encoded bool) bool {
	if encoded {
		return asksDryRun(rawjson.AppendUnescaped(nil, uri))
	}
	return bytes.IndexByte(uri, '?') >= 0 && asksDryRun(uri)
}

func asksDryRun(uri []byte) bool {
	_, query, _ := bytes.Cut(uri, []byte("?"))
	if !bytes.Contains(query, []byte("dryRun")) && !escapedName(query) {
		return false
	}
	u, err := url.Parse(string(uri))
	if err != nil {
		return false
	}
	for _, value := range u.Query()["dryRun"] {
		if value != "" {
			return true
		}
	}
	return false
}

// escapedName says whether the name of a parameter has escapes of its own.
func escapedName(query []byte) bool {
	if bytes.IndexByte(query, '%') < 0 {
		return false
	}
	for len(query) > 0 {
		var parameter []byte
		parameter, query, _ = bytes.Cut(query, []byte("&"))
		if name, _, _ := bytes.Cut(parameter, []byte("=")); bytes.IndexByte(name, '%') >= 0 {
			return true
		}
	}
	return false
}
