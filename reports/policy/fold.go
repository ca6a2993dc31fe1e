package policy

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"logreeve/connectors"
)

// fold is what all writes amount to when they are taken in order.
type fold struct {
	live      map[string]*live
	changes   []placed
	unchanged []connectors.Instant

	specs func(subject, []byte) *spec
}

// live is an object as it stands at a point of the fold.
type live struct {
	State
	spec *spec
	// doomed is the deletion of the object's namespace, while nothing says that
	// the object itself went.
	doomed *write
}

// placed is a change with the place it has among those of the same time.
type placed struct {
	Change
	at position
	n  int // among the objects of one collection
}

// ordered sorts writes as they came about: by when they were answered, and where
// that is equal, those of one object by the version they left.
func ordered(all []*write) {
	slices.SortFunc(all, func(a, b *write) int {
		return cmp.Or(cmp.Compare(a.logged, b.logged), cmp.Compare(a.time, b.time), a.at.compare(b.at))
	})
	for i := 0; i < len(all); {
		j := i + 1
		for j < len(all) && all[j].logged == all[i].logged {
			j++
		}
		if j-i > 1 {
			byVersion(all[i:j])
		}
		i = j
	}
}

// byVersion puts the writes of one moment that are about one object, and say
// which version they left, in the order of these versions.
func byVersion(moment []*write) {
	places := map[string][]int{}
	for i, w := range moment {
		if w.resourceCount != 0 {
			places[w.id] = append(places[w.id], i)
		}
	}
	for _, at := range places {
		own := make([]*write, len(at))
		for i, p := range at {
			own[i] = moment[p]
		}
		slices.SortStableFunc(own, func(a, b *write) int { return cmp.Compare(a.resourceCount, b.resourceCount) })
		for i, p := range at {
			moment[p] = own[i]
		}
	}
}

func (h *History) fold() *fold {
	if h.folded != nil {
		return h.folded
	}
	f := &fold{live: map[string]*live{}, specs: h.spec}
	for _, s := range h.baseline {
		l := &live{State: s}
		if s.Known && s.Exists {
			l.spec = h.spec(subject{api: s.API, kind: s.Kind}, s.Spec)
			l.Known = l.spec != nil
		}
		f.live[s.Object] = l
	}
	var all []*write
	for _, s := range h.writes {
		all = append(all, s.writes...)
	}
	all = joinTwins(all)
	ordered(all)
	f.changes = make([]placed, 0, len(all)) // most writes are changes
	for _, w := range all {
		f.take(w)
	}
	for _, l := range f.live {
		if l.doomed != nil {
			f.goneWithNamespace(l)
		}
	}
	slices.SortFunc(f.changes, func(a, b placed) int {
		return cmp.Or(cmp.Compare(a.Time, b.Time), a.at.compare(b.at), cmp.Compare(a.n, b.n), cmp.Compare(a.Identity, b.Identity))
	})
	h.folded = f
	return f
}

// twinWithin is how long after the v3 request Calico's API server writes the v1
// object it is stored as, beyond the time the request took.
const twinWithin = 2 * time.Second

// joinTwins makes one write of a v3 request to Calico's API server and of the v1
// write that server then makes itself: the first says who, the second what.
func joinTwins(all []*write) []*write {
	fronts := map[string][]*write{}
	behind := false
	for _, w := range all {
		switch {
		case w.ofNamespace:
		case w.group() == "projectcalico.org":
			fronts[w.id] = append(fronts[w.id], w)
		case w.byCalico():
			behind = true
		}
	}
	if !behind || len(fronts) == 0 {
		return all
	}
	own := map[*write]*write{} // the joined write, by its front
	joined := make([]*write, 0, len(all))
	for _, w := range all {
		if w.byCalico() {
			if front := frontOf(fronts[w.id], w, own); front != nil {
				own[front] = front.with(w)
				continue
			}
		}
		joined = append(joined, w)
	}
	for i, w := range joined {
		if j := own[w]; j != nil {
			joined[i] = j
		}
	}
	return joined
}

// byCalico says whether Calico's API server made a write of the v1 API.
func (w *write) byCalico() bool {
	return !w.ofNamespace && w.group() == "crd.projectcalico.org" && strings.HasPrefix(w.by.name, "system:serviceaccount:") && strings.HasSuffix(w.by.name, ":calico-apiserver")
}

// frontOf finds the latest request that a write of Calico's API server can belong to.
func frontOf(fronts []*write, w *write, taken map[*write]*write) (found *write) {
	for _, f := range fronts {
		if taken[f] == nil && f.time <= w.time && w.time <= f.logged.Add(twinWithin) && operationOf(f.verb, f.code) == operationOf(w.verb, w.code) &&
			(found == nil || f.time > found.time) {
			found = f
		}
	}
	return found
}

// with gives a v3 write the content that its twin recorded.
func (w *write) with(twin *write) *write {
	j := *w
	if j.after.spec == nil && twin.after.spec != nil {
		j.after, j.patch, j.metadataOnly, j.resourceCount = twin.after, nil, twin.metadataOnly, twin.resourceCount
		j.after.uid = "" // it is another one in each API
		if j.ticket == "" {
			j.ticket, j.ticketSource = twin.ticket, twin.ticketSource
		}
	}
	if len(j.listed) == 0 {
		j.listed = twin.listed
	}
	return &j
}

// take carries out one write.
func (f *fold) take(w *write) {
	switch {
	case w.ofNamespace:
		for _, l := range f.live {
			if l.Exists && l.Cluster == w.cluster && l.Namespace == w.namespace && l.doomed == nil {
				l.doomed = w
			}
		}
	case w.verb == "deletecollection":
		f.takeCollection(w)
	case w.verb == "delete":
		gone := listed{subject: w.subject, id: w.id}
		if len(w.listed) == 1 {
			gone = w.listed[0]
		}
		f.remove(w, gone, 0)
	default:
		f.put(w)
	}
}

func (f *fold) takeCollection(w *write) {
	gone := w.listed
	if !w.told && w.choose.sure {
		gone = nil
		for id, l := range f.live {
			if l.Exists && strings.HasPrefix(id, w.id) && w.choose.takes(&l.State) {
				l.Uncovered = l.Uncovered || l.LabelsUnknown && len(w.choose.labels) > 0
				gone = append(gone, listed{subject: subject{cluster: l.Cluster, api: w.api, kind: l.Kind, namespace: l.Namespace, name: l.Name}, id: id})
			}
		}
		slices.SortFunc(gone, func(a, b listed) int { return cmp.Compare(a.id, b.id) })
	}
	for i, g := range gone {
		f.remove(w, g, i)
	}
	// Something may have been deleted that we never saw. Who empties a deleted
	// namespace deletes every kind of object, mostly where there is none.
	if !w.told && len(gone) == 0 && w.by.name != namespaceController {
		c := f.change(w, w.subject, w.id, Deleted, 0)
		f.list(w, c)
	}
}

func (f *fold) object(s subject, id string) *live {
	l := f.live[id]
	if l == nil {
		l = &live{State: State{Object: id}}
		f.live[id] = l
	}
	return l
}

func (f *fold) remove(w *write, gone listed, n int) {
	l := f.live[gone.id]
	seen := l != nil
	if seen && !l.Exists && gone.terminating && l.UID == gone.uid {
		f.unchanged = append(f.unchanged, w.time) // it waits for its finalizers
		return
	}
	c := f.change(w, gone.subject, gone.id, Deleted, n)
	c.ContentKnown = true // nothing is left
	c.WithNamespace = w.by.name == namespaceController || seen && l.doomed != nil
	switch {
	case gone.spec != nil:
		c.Before, c.BeforeKnown = gone.spec.raw, true
	case seen && !l.Exists:
		c.Missed = true
	case seen && l.Uncovered:
		c.Uncovered = true
	case seen && l.Known:
		c.Before, c.BeforeKnown = l.spec.raw, true
	}
	f.list(w, c)
	l = f.object(gone.subject, gone.id)
	l.set(gone.subject, w)
	l.Exists, l.Known, l.spec, l.Spec, l.doomed = false, true, nil, nil, nil
	l.Labels, l.LabelsUnknown, l.Generation = nil, false, 0
	if gone.uid != "" {
		l.UID = gone.uid
	}
}

func (f *fold) put(w *write) {
	l := f.live[w.id]
	seen := l != nil
	if w.after.terminating && (!seen || !l.Exists) {
		f.unchanged = append(f.unchanged, w.time) // finalizers of what is deleted
		return
	}
	op := operationOf(w.verb, w.code)
	if op == Created && seen && l.Exists && l.doomed != nil {
		f.goneWithNamespace(l)
	}
	c := f.change(w, w.subject, w.id, op, 0)
	var before *spec
	if op == Modified && seen {
		c.Missed = l.missed(w.after)
		c.Uncovered = l.Uncovered && !c.Missed
		if l.Exists && l.Known && !c.Missed && !c.Uncovered {
			before = l.spec
		}
	}
	c.BeforeKnown = op == Created || before != nil
	after := w.after.spec
	if after == nil && before != nil && w.patch != nil {
		if w.metadataOnly {
			after = before
		} else if raw, ok := patched(before.raw, w.patch); ok {
			after = f.specs(w.subject, raw)
			c.AsRequested = after != nil
		}
	}
	if before != nil {
		c.Before = before.raw
	}
	if after != nil {
		c.After, c.ContentKnown = after.raw, true
	}
	c.AsRequested = c.AsRequested || w.after.asRequested && after != nil
	same := before != nil && after != nil && before.meaning == after.meaning
	// Also what we do not know can be known not to have changed.
	still := before == nil && (w.metadataOnly || seen && l.Exists && !c.Missed && w.after.generation != 0 && w.after.generation == l.Generation && w.after.uid == l.UID)
	if op == Modified && (same || still) {
		f.unchanged = append(f.unchanged, w.time)
	} else {
		f.list(w, c)
	}
	l = f.object(w.subject, w.id)
	l.set(w.subject, w)
	l.Exists = true
	l.spec, l.Known, l.Spec = after, after != nil, nil
	if after != nil {
		l.Spec = after.raw
	}
	if w.after.labels != nil || w.after.spec != nil {
		l.Labels, l.LabelsUnknown = w.after.labels, false
	}
	l.UID, l.Generation = w.after.uid, w.after.generation
}

// missed says whether the object has changed, or was made anew, between what we
// know of it and a write that left r: its generation counts its changes.
func (l *live) missed(r result) bool {
	switch {
	case !l.Exists:
		return true
	case r.uid == "" || l.UID == "":
		return false
	case r.uid != l.UID:
		return true
	}
	return l.Generation != 0 && r.generation > l.Generation+1
}

// set notes what object this is and the last write on it.
func (l *live) set(s subject, w *write) {
	if l.API != "" && l.API != s.api {
		l.UID, l.Generation = "", 0 // of the other API
	}
	l.At, l.Cluster, l.API, l.Kind, l.Namespace, l.Name = w.time, s.cluster, s.api, s.kind, s.namespace, s.name
	l.Ticket, l.EventKey, l.Uncovered = w.ticket, w.ref.Key, false
}

// goneWithNamespace lists an object that went with its namespace without a
// record of its own: no event is logged for it where only policies are audited.
func (f *fold) goneWithNamespace(l *live) {
	w := l.doomed
	s := subject{cluster: l.Cluster, api: l.API, kind: l.Kind, namespace: l.Namespace, name: l.Name}
	c := f.change(w, s, l.Object, Deleted, 0)
	c.Implied, c.WithNamespace, c.ContentKnown, c.Uncovered = true, true, true, l.Uncovered
	if l.Known && !l.Uncovered {
		c.Before, c.BeforeKnown = l.spec.raw, true
	}
	f.list(w, c)
	l.doomed, l.Exists, l.Known, l.spec, l.Spec, l.Labels, l.Uncovered = nil, false, true, nil, nil, nil, false
	l.At, l.EventKey = max(l.At, w.time), w.ref.Key
}

func (f *fold) change(w *write, s subject, id string, op Operation, n int) placed {
	c := placed{at: w.at, n: n, Change: Change{
		Time: w.time, Actor: w.by.name, ActorKind: w.by.kind, ClientIP: w.by.ip,
		Operation: op, API: s.api, Kind: s.kind, Namespace: s.namespace, Name: s.name,
		Ticket: w.ticket, TicketSource: w.ticketSource, Event: w.ref, Identity: id,
		Source: w.source, Cluster: s.cluster, UserAgent: w.by.agent, Verb: w.verb,
	}}
	if op == Deleted {
		c.Ticket, c.TicketSource = "", NoTicket
	}
	return c
}

func (f *fold) list(w *write, c placed) {
	if !w.silent {
		f.changes = append(f.changes, c)
	}
}
