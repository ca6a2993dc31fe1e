package policy

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"logreeve/connectors"
	"logreeve/connectors/rawjson"
)

// MaxAttempts is how many refused or failed writes are listed; Summary counts all.
const MaxAttempts = 10_000

// apiServer creates objects on its own account, which nobody asked for.
const apiServer = "system:apiserver"

// namespaceController empties namespaces that were deleted.
const namespaceController = "system:serviceaccount:kube-system:namespace-controller"

// History is the history of all policy objects in the events it observed, in
// whatever order they came. It keeps writes and the distinct specifications
// they left, not events. It is used from one goroutine.
type History struct {
	// Tickets finds change references; NewHistory sets the default rule. Set
	// another one before the first event.
	Tickets connectors.TicketRule

	baseline []State
	writes   map[string]*series  // by identity of the object, of the collection, or of the namespace
	specs    map[[32]byte]*spec  // each distinct specification once
	callers  map[caller]*caller  // each once
	seen     map[string]struct{} // keys of kept events
	dry      []connectors.Instant
	attempts []attempt
	tried    []connectors.Instant // every attempt
	thinned  []connectors.Instant // writes that changed nothing and are only counted

	folded *fold // what the writes amount to; nil when there are new ones
}

// caller is who made a write, from where.
type caller struct {
	name  string
	kind  connectors.ActorKind
	ip    string
	agent string
}

// spec is a distinct specification.
type spec struct {
	raw     json.RawMessage
	meaning [32]byte // the digest of its canonical form: equal where they mean the same
}

// position orders events of the same time: by the order they came in, else by
// where they lie, else by their key.
type position struct {
	seq  uint64
	file string
	line int64
	key  string
}

func positionOf(e *connectors.Event, key string) position {
	ref := e.Ref()
	return position{seq: e.Seq, file: ref.File, line: ref.Line, key: key}
}

func (p position) compare(o position) int {
	return cmp.Or(cmp.Compare(p.seq, o.seq), cmp.Compare(p.file, o.file), cmp.Compare(p.line, o.line), cmp.Compare(p.key, o.key))
}

type attempt struct {
	Attempt
	at position
}

// series are the writes about one object, place or namespace.
type series struct {
	writes []*write
	thinAt int // how many writes there must be before thinning is worth it
}

// write is one successful write.
type write struct {
	time, logged connectors.Instant
	at           position
	by           *caller
	verb, code   string
	subject
	id     string
	source string
	ref    EventRef
	after  result
	listed []listed // what a deletion says it deleted
	// told says that listed is all that was deleted.
	told          bool
	choose        chooser // of a collection whose content is not told
	patch         []byte  // what was asked for, when the answer is not recorded
	metadataOnly  bool    // the patch cannot have changed the specification
	silent        bool    // by the API server itself
	ofNamespace   bool    // the deletion of a namespace
	ticket        Ticket
	ticketSource  TicketSource
	resourceCount uint64 // resourceVersion as a number, 0 not known
}

// result is what a write left of an object.
type result struct {
	spec        *spec // nil: not known
	asRequested bool
	terminating bool // deleted already, waiting for finalizers
	uid         string
	generation  int64
	labels      []byte
}

// listed is an object named in the answer to a deletion.
type listed struct {
	subject
	id string
	result
}

// NewHistory makes a history that starts from known states; none is nil.
func NewHistory(baseline []State) *History {
	return &History{
		Tickets:  connectors.TicketRule{Pattern: connectors.DefaultTicketPattern},
		baseline: slices.Clone(baseline),
		writes:   map[string]*series{}, specs: map[[32]byte]*spec{}, callers: map[caller]*caller{}, seen: map[string]struct{}{},
	}
}

// Observe takes note of an event; events that Select does not select, or that
// are about other objects, are ignored. An event observed twice counts once.
func (h *History) Observe(e *connectors.Event) {
	if e.Kind != connectors.Kubernetes || !e.Write() || e.Object.Subresource != "" {
		return
	}
	namespaceGone := e.Verb == "delete" && e.Object.Group == "" && e.Object.Resource == "namespaces"
	if !namespaceGone && !IsPolicy(e.Object) || namespaceGone && (e.Outcome != connectors.OK || e.DryRun) {
		return
	}
	key := e.Key()
	if _, again := h.seen[key]; again {
		return
	}
	h.seen[key] = struct{}{}
	h.folded = nil
	switch {
	case e.DryRun:
		h.dry = append(h.dry, e.Time)
	case e.Outcome != connectors.OK:
		if e.Actor != apiServer {
			h.attempted(e, key)
		}
	case namespaceGone:
		w := h.write(e, key)
		w.ofNamespace, w.subject = true, subject{cluster: e.Cluster, namespace: e.Name()}
		h.keep("namespace/"+w.cluster+"/"+w.namespace, w)
	default:
		w := h.written(e, key)
		h.keep(w.id, w)
	}
}

func (h *History) keep(id string, w *write) {
	s := h.writes[id]
	if s == nil {
		s = &series{thinAt: 2 * thinRun}
		h.writes[id] = s
	}
	s.writes = append(s.writes, w)
	if len(s.writes) >= s.thinAt {
		h.thin(s)
	}
}

// thinRun is how many writes that change nothing are kept of a run of them.
const thinRun = 128

// thin forgets the middle of long runs of writes that left the same
// specification, as controllers make them: they are counted, and the ends of the
// run stay in case an event arrives late that belongs between.
func (h *History) thin(s *series) {
	ordered(s.writes)
	kept := s.writes[:0]
	for i := 0; i < len(s.writes); {
		j := i + 1
		for j < len(s.writes) && s.writes[j].repeats(s.writes[i]) {
			j++
		}
		run := s.writes[i:j]
		if len(run) > thinRun {
			for _, w := range run[thinRun/2 : len(run)-thinRun/2] {
				h.thinned = append(h.thinned, w.time)
				delete(h.seen, w.ref.Key)
			}
			kept = append(kept, run[:thinRun/2]...)
			kept = append(kept, run[len(run)-thinRun/2:]...)
		} else {
			kept = append(kept, run...)
		}
		i = j
	}
	clear(s.writes[len(kept):])
	s.writes = kept
	s.thinAt = len(kept) + 2*thinRun
}

// repeats says whether a write left the object as another one had.
func (w *write) repeats(o *write) bool {
	return (w.verb == "update" || w.verb == "patch") && w.code != "201" && w.after.spec != nil && w.after.spec == o.after.spec && w.after.uid == o.after.uid
}

func operationOf(verb, code string) Operation {
	switch {
	case verb == "delete" || verb == "deletecollection":
		return Deleted
	case code == "201" || verb == "create" && code != "200":
		return Created
	}
	return Modified
}

func (h *History) attempted(e *connectors.Event, key string) {
	h.tried = append(h.tried, e.Time)
	if len(h.attempts) >= MaxAttempts {
		delete(h.seen, key)
		return
	}
	s := subjectOf(e)
	h.attempts = append(h.attempts, attempt{at: positionOf(e, key), Attempt: Attempt{
		Time: e.Time, Actor: e.Actor, ActorKind: e.ActorKind, ClientIP: e.ClientIP,
		Operation: operationOf(e.Verb, ""), Outcome: e.Outcome, Code: e.Code, Reason: e.Reason(),
		API: s.api, Kind: s.kind, Namespace: s.namespace, Name: s.name,
		Event: EventRef{Key: key, NativeID: e.NativeID()},
	}})
}

func (h *History) write(e *connectors.Event, key string) *write {
	c := caller{name: e.Actor, kind: e.ActorKind, ip: e.ClientIP, agent: e.UserAgent()}
	by := h.callers[c]
	if by == nil {
		by = &c
		h.callers[c] = by
	}
	logged := e.Logged
	if logged == 0 {
		logged = e.Time
	}
	return &write{
		time: e.Time, logged: logged, at: positionOf(e, key), by: by, verb: e.Verb, code: e.Code, source: e.Source,
		ref: EventRef{Key: key, NativeID: e.NativeID()}, silent: e.Actor == apiServer, ticketSource: NoTicket,
	}
}

func (h *History) written(e *connectors.Event, key string) *write {
	w := h.write(e, key)
	w.subject = subjectOf(e)
	request, response := e.Request(), e.Response()
	switch e.Verb {
	case "deletecollection":
		w.id = w.place()
		w.choose = chooserOf(e.URI())
		if items := rawjson.Get(response, "items"); items != nil {
			w.told = rawjson.Elements(items, func(b []byte) bool {
				w.listed = append(w.listed, h.listed(w.subject, b))
				return true
			}) == nil
		}
		return w
	case "delete":
		body := objectIn(response)
		w.id = w.identity(body)
		if body != nil {
			w.listed = []listed{h.listed(w.subject, body)}
		}
		return w
	}
	answer, asked := objectIn(response), objectIn(request)
	if answer != nil {
		w.id = w.identity(answer)
		w.after = h.result(w.subject, answer)
		w.resourceCount = resourceCount(answer)
	} else {
		w.id = w.identity(asked)
	}
	if e.Verb == "patch" {
		w.metadataOnly = len(request) > 0 && !touchesSpec(request)
	}
	if w.after.spec == nil {
		switch {
		case e.Verb == "patch":
			w.patch = slices.Clone(request)
		case asked != nil:
			w.after = h.result(w.subject, asked)
			w.after.asRequested, w.after.uid, w.after.generation = true, "", 0
		}
	}
	w.ticket, w.ticketSource = ticketOf(h.Tickets, request, answer)
	return w
}

// objectIn gives a body that is an object, not a status or a list.
func objectIn(body []byte) []byte {
	if len(body) == 0 || body[0] != '{' || rawjson.Get(body, "metadata") == nil {
		return nil
	}
	switch kind := rawjson.Text(body, "kind"); {
	case kind == "Status", kind == "DeleteOptions", strings.HasSuffix(kind, "List"):
		return nil
	}
	return body
}

func (h *History) listed(of subject, body []byte) listed {
	if name := rawjson.Text(body, "metadata", "name"); name != "" {
		of.name = name
	}
	if namespace := rawjson.Text(body, "metadata", "namespace"); namespace != "" {
		of.namespace = namespace
	}
	return listed{subject: of, id: of.identity(body), result: h.result(of, body)}
}

func (h *History) result(of subject, body []byte) result {
	meta := rawjson.Get(body, "metadata")
	r := result{
		uid:         rawjson.Text(meta, "uid"),
		labels:      slices.Clone(labelsOf(body)),
		terminating: rawjson.Text(meta, "deletionTimestamp") != "",
	}
	r.generation, _ = strconv.ParseInt(string(rawjson.Get(meta, "generation")), 10, 64)
	raw := specOf(body)
	if raw == nil && !decidesTraffic(of.kind) && rawjson.Text(body, "kind") != "PartialObjectMetadata" {
		raw = []byte("{}")
	}
	r.spec = h.spec(of, raw)
	return r
}

// resourceCount reads an object's resourceVersion. Kubernetes says that it is
// opaque; as a number it only breaks ties of time. Calico Enterprise writes a
// slash after it.
func resourceCount(body []byte) uint64 {
	n, _ := strconv.ParseUint(strings.TrimRight(rawjson.Text(body, "metadata", "resourceVersion"), "/"), 10, 64)
	return n
}

// spec keeps a specification, each distinct one once; nil for one that is not
// valid JSON, which cannot be kept as such.
func (h *History) spec(of subject, raw []byte) *spec {
	if raw == nil {
		return nil
	}
	if !utf8.Valid(raw) { // only inside strings can JSON have such bytes
		raw = []byte(strings.ToValidUTF8(string(raw), `\ufffd`))
	}
	if !json.Valid(raw) {
		return nil
	}
	sum := sha256.New()
	sum.Write([]byte(family(of.group()) + "/" + of.kind + "\n"))
	sum.Write(raw)
	digest := [32]byte(sum.Sum(nil))
	s := h.specs[digest]
	if s == nil {
		s = &spec{raw: slices.Clone(raw), meaning: sha256.Sum256(Canonical(of.api, of.kind, raw))}
		h.specs[digest] = s
	}
	return s
}

// Report gives the history of everything observed.
func (h *History) Report() Report { return h.ReportWithin(connectors.Window{}) }

// ReportWithin gives the history of a window; events before it only tell what
// was there when it began.
func (h *History) ReportWithin(w connectors.Window) Report {
	f := h.fold()
	r := Report{Changes: make([]Change, 0, len(f.changes)), Attempts: []Attempt{}}
	for i := range f.changes {
		c := &f.changes[i]
		if !w.Contains(c.Time) {
			continue
		}
		r.Changes = append(r.Changes, c.Change)
		switch {
		case c.Implied:
			r.Summary.Implied++
		case c.Operation == Created:
			r.Summary.Created++
		case c.Operation == Modified:
			r.Summary.Modified++
		default:
			r.Summary.Deleted++
		}
		if !c.ContentKnown {
			r.Summary.ContentUnknown++
		}
	}
	slices.SortFunc(h.attempts, func(a, b attempt) int { return cmp.Or(cmp.Compare(a.Time, b.Time), a.at.compare(b.at)) })
	for _, a := range h.attempts {
		if w.Contains(a.Time) {
			r.Attempts = append(r.Attempts, a.Attempt)
		}
	}
	within := func(times []connectors.Instant) (n int) {
		for _, t := range times {
			if w.Contains(t) {
				n++
			}
		}
		return n
	}
	r.Summary.Attempts = within(h.tried)
	r.Summary.DryRun = within(h.dry)
	r.Summary.Unchanged = within(f.unchanged) + within(h.thinned)
	return r
}

// Changes lists all changes in the order of contract.md §6: time, then position.
func (h *History) Changes() []Change { return h.Report().Changes }

// Attempts lists the writes that were refused, failed or have no recorded
// outcome, at most MaxAttempts, in order of time.
func (h *History) Attempts() []Attempt { return h.Report().Attempts }

// Summary counts everything observed.
func (h *History) Summary() Summary { return h.Report().Summary }

// States gives the last known state of every object, of deleted ones too, in
// order of Object: what the next history starts from.
func (h *History) States() []State {
	f := h.fold()
	all := make([]State, 0, len(f.live))
	for _, l := range f.live {
		s := l.State
		s.Spec = slices.Clone(s.Spec)
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b State) int { return cmp.Compare(a.Object, b.Object) })
	return all
}
