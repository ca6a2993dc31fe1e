package auditgen

import (
	"crypto/sha256"
	"encoding/json"
	"slices"
	"strconv"
	"time"
)

type event struct {
	level, stage, verb, uri      string
	user, uid                    string
	groups                       []string
	imp                          string
	ip, proxy                    string
	ua                           string
	res, sub, ns, name, api, ver string
	code                         int
	req, resp                    []byte
	forbid                       bool
	noUser                       bool
}

const layout = "2006-01-02T15:04:05.000000Z"

func ts(us int64) string { return time.UnixMicro(us).UTC().Format(layout) }

// uuid appends 32 random digits in the form of a UUID.
func (g *gen) uuid(b []byte) []byte {
	const digits = "0123456789abcdef"
	x, y := g.r.next(), g.r.next()
	for i := range 32 {
		if i == 8 || i == 12 || i == 16 || i == 20 {
			b = append(b, '-')
		}
		if i == 16 {
			x = y
		}
		b = append(b, digits[x&15])
		x >>= 4
	}
	return b
}

// record is a line as it comes into being: its members one after another,
// without what is between them.
type record struct {
	b       []byte
	members [20][2]int
	n       int
}

// str appends s as a JSON string; s is the generator's own and needs no escapes.
func (r *record) str(s string) {
	r.b = append(r.b, '"')
	r.b = append(r.b, s...)
	r.b = append(r.b, '"')
}

func (r *record) raw(s string) { r.b = append(r.b, s...) }

// key begins a member.
func (r *record) key(k string) {
	from := 0
	if r.n > 0 {
		from = r.members[r.n-1][1]
	}
	r.str(k)
	r.b = append(r.b, ':')
	r.members[r.n] = [2]int{from, 0}
	r.n++
}

// end ends the member.
func (r *record) end() { r.members[r.n-1][1] = len(r.b) }

func (r *record) text(key, value string) {
	r.key(key)
	r.str(value)
	r.end()
}

func (r *record) body(key string, value []byte) {
	if len(value) > 0 {
		r.key(key)
		r.b = append(r.b, value...)
		r.end()
	}
}

func (r *record) time(key string, us int64) {
	r.key(key)
	r.b = append(r.b, '"')
	r.b = time.UnixMicro(us).UTC().AppendFormat(r.b, layout)
	r.b = append(r.b, '"')
	r.end()
}

func (r *record) user(e *event) {
	r.key("user")
	r.raw("{")
	if !e.noUser {
		r.raw(`"username":`)
		r.str(e.user)
		if e.uid != "" {
			r.raw(`,"uid":`)
			r.str(e.uid)
		}
		r.raw(`,"groups":[`)
		for i, gr := range e.groups {
			if i > 0 {
				r.raw(",")
			}
			r.str(gr)
		}
		r.raw("]")
	}
	r.raw("}")
	r.end()
	if e.imp != "" {
		r.key("impersonatedUser")
		r.raw(`{"username":`)
		r.str(e.imp)
		r.raw(`,"groups":["system:authenticated"]}`)
		r.end()
	}
}

func (r *record) sources(e *event) {
	r.key("sourceIPs")
	r.raw("[")
	r.str(e.ip)
	if e.proxy != "" {
		r.raw(",")
		r.str(e.proxy)
	}
	r.raw("]")
	r.end()
}

func (r *record) object(e *event) {
	if e.res == "" {
		return
	}
	if e.ver == "" {
		e.ver = "v1"
	}
	r.key("objectRef")
	r.raw(`{"resource":`)
	r.str(e.res)
	for _, m := range [...]struct{ key, value string }{
		{`,"namespace":`, e.ns}, {`,"name":`, e.name}, {`,"apiGroup":`, e.api}, {`,"apiVersion":`, e.ver}, {`,"subresource":`, e.sub},
	} {
		if m.value != "" {
			r.raw(m.key)
			r.str(m.value)
		}
	}
	r.raw("}")
	r.end()
}

func (r *record) status(e *event) {
	r.key("responseStatus")
	r.raw(`{"metadata":{}`)
	if e.code >= 400 {
		r.raw(`,"status":"Failure","reason":"`)
		r.raw(reasons[e.code])
		r.raw(`"`)
	}
	r.raw(`,"code":`)
	r.b = strconv.AppendInt(r.b, int64(e.code), 10)
	r.raw("}")
	r.end()
}

func (r *record) annotations(e *event) {
	r.key("annotations")
	if e.forbid {
		r.raw(`{"authorization.k8s.io/decision":"forbid","authorization.k8s.io/reason":""}`)
	} else {
		r.raw(`{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":"RBAC: allowed by ClusterRoleBinding \"corp:readers\" of ClusterRole \"corp:readers\" to Group \"system:authenticated\""}`)
	}
	r.end()
}

// emit writes the event and counts what it answers.
func (g *gen) emit(e *event, finds []string) error {
	if e.level == "" {
		switch {
		case len(e.resp) > 0:
			e.level = "RequestResponse"
		case len(e.req) > 0:
			e.level = "Request"
		default:
			e.level = "Metadata"
		}
	}
	if e.stage == "" {
		e.stage = "ResponseComplete"
	}
	r := &g.rec
	r.b, r.n = r.b[:0], 0
	r.text("kind", "Event")
	r.text("apiVersion", "audit.k8s.io/v1")
	r.text("level", e.level)
	r.key("auditID")
	id := len(r.b) + 1
	r.b = append(r.b, '"')
	r.b = g.uuid(r.b)
	r.b = append(r.b, '"')
	auditID := string(r.b[id : len(r.b)-1])
	r.end()
	r.text("stage", e.stage)
	r.text("requestURI", e.uri)
	r.text("verb", e.verb)
	r.user(e)
	r.sources(e)
	r.text("userAgent", e.ua)
	r.object(e)
	r.status(e)
	r.body("requestObject", e.req)
	r.body("responseObject", e.resp)
	r.time("requestReceivedTimestamp", g.now)
	r.time("stageTimestamp", g.now+int64(500+g.r.n(40_000)))
	r.annotations(e)
	if err := g.write(auditID); err != nil {
		return err
	}
	g.count(e, auditID, finds)
	return nil
}

// write writes the record as a line.
func (g *gen) write(auditID string) error {
	r := &g.rec
	if g.bulk != "" {
		g.put([]byte(`{"create":{"_index":"` + g.bulk + `","_id":"` + auditID + "\"}}\n"))
	}
	order := [len(r.members)]int{}
	for i := range r.n {
		order[i] = i
	}
	if g.shuffle {
		for i := r.n - 1; i > 0; i-- {
			j := g.r.n(i + 1)
			order[i], order[j] = order[j], order[i]
		}
	}
	for i := range r.n {
		g.put([]byte{"{,"[min(i, 1)]})
		m := r.members[order[i]]
		g.put(r.b[m[0]:m[1]])
		g.tr.Bytes += int64(1 + m[1] - m[0])
	}
	g.tr.Bytes += 2
	_, err := g.w.WriteString("}\n")
	return err
}

// put writes bytes; a writer that failed says so at the end of the line.
func (g *gen) put(p []byte) { _, _ = g.w.Write(p) }

func add(m map[string]map[string]bool, key, value string) {
	if m[key] == nil {
		m[key] = map[string]bool{}
	}
	if !m[key][value] {
		m[key][value] = true
	}
}

// count adds the event to the answers that do not follow from what was planted.
func (g *gen) count(e *event, auditID string, finds []string) {
	t := g.tr
	if t.First == "" {
		t.First = ts(g.now)
	}
	u := e.user
	if e.noUser {
		u = ""
	}
	t.CountByUser[u]++
	if u != "" {
		add(g.ips, u, e.ip)
	}
	reads := e.verb == "get" || e.verb == "list" || e.verb == "watch"
	if reads && u != "" && e.res == "secrets" && e.code < 300 {
		add(g.spread, u, e.ns)
	}
	if h := time.UnixMicro(g.now).UTC().Hour(); !reads && (h < 6 || h >= 22) && slices.Contains(e.groups, "corp:admins") {
		t.Filters["F30"]++
		finds = append(finds, "F30")
	}
	if g.list {
		for _, id := range finds {
			t.FilterIDs[id] = append(t.FilterIDs[id], auditID)
		}
	}
	if g.noise != "" {
		t.Noise[g.noise]++
		if g.list {
			t.NoiseIDs[g.noise] = append(t.NoiseIDs[g.noise], auditID)
		}
		g.noise = ""
	}
	if c := g.chg; c != nil {
		g.chg = nil
		c.Seq, c.AuditID = g.seq, auditID
		t.Changes++
		t.ByVerb[c.Verb]++
		if !c.BeforeInWindow {
			t.BeforeUnknown++
		}
		if len(t.List) < maxList {
			t.List = append(t.List, *c)
		}
		j, _ := json.Marshal(c) // of strings, numbers and a bool: nothing that could fail
		g.sha = sha256.Sum256(append(g.sha[:], j...))
	}
}
