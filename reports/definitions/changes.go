package definitions

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"

	"logreeve/connectors"
	"logreeve/connectors/rawjson"
	"logreeve/reports"
	"logreeve/reports/policy"
)

// maxToldChanges is how many changes an item tells one by one: as many as it lists
// events.
const maxToldChanges = reports.MaxEvents

// changeFilter selects the writes that changes are found in: those that
// succeeded, were no dry run, and are about an object itself.
func changeFilter(more connectors.Filter) connectors.Filter {
	return connectors.And(
		policy.Select, connectors.Not(connectors.In("resource", "namespaces")), connectors.Not(connectors.Exists("subresource")),
		connectors.In("outcome", string(connectors.OK)), connectors.Not(connectors.In("dry_run", "true")), more,
	)
}

// replay follows each object through the writes on it and reports those that
// left another specification than the write seen before. It keeps one
// specification an object.
type replay struct {
	d     *Definition
	scope *reports.Scope
	last  map[object]state
	told  map[*reports.Draft]int64
}

// object is one policy; name "" stands for all of a namespace.
type object struct{ cluster, group, resource, namespace, name string }

// state is what a write left.
type state struct {
	spec  []byte // in canonical form, to compare; nil: not known, or gone
	raw   []byte // as recorded
	gone  bool
	known bool
}

func newReplay(d *Definition, s *reports.Scope) *replay {
	return &replay{d: d, scope: s, last: map[object]state{}, told: map[*reports.Draft]int64{}}
}

// Observe takes one write.
func (r *replay) Observe(e *connectors.Event) {
	if !policy.IsPolicy(e.Object) {
		return
	}
	o := objectOf(e)
	if e.Verb == "deletecollection" || e.Verb == "delete" && o.name == "" {
		for other := range r.last {
			if other.cluster == o.cluster && other.group == o.group && other.resource == o.resource && (o.namespace == "" || other.namespace == o.namespace) {
				delete(r.last, other)
			}
		}
		r.report(o, e, state{}, state{gone: true, known: true})
		return
	}
	before, now := r.last[o], left(e)
	if e.Verb == "create" && !before.known {
		before = state{gone: true, known: true}
	}
	r.last[o] = now
	switch {
	case !now.known:
		r.scope.Undecidable(e, "content not recorded")
	case now.gone || !before.known || before.gone || !bytes.Equal(before.spec, now.spec):
		r.report(o, e, before, now)
	}
}

// Finish has nothing to add: changes are reported as they come.
func (r *replay) Finish() {}

func objectOf(e *connectors.Event) object {
	group := strings.TrimPrefix(e.Object.Group, "crd.")
	if group == "extensions" {
		group = "networking.k8s.io"
	}
	o := object{e.Cluster, group, e.Object.Resource, e.Object.Namespace, e.Name()}
	if o.name == "" { // the server chose it
		o.name = rawjson.Text(e.Response(), "metadata", "name")
	}
	return o
}

// left is what a write left of the object: what was answered, else what was
// asked for, which a patch does not say.
func left(e *connectors.Event) state {
	if e.Verb == "delete" {
		return state{gone: true, known: true}
	}
	body := e.Response()
	raw := rawjson.Get(body, "spec")
	if raw == nil && e.Verb != "patch" {
		body = e.Request()
		raw = rawjson.Get(body, "spec")
	}
	if raw == nil || !json.Valid(raw) {
		return state{}
	}
	raw = bytes.Clone(raw)
	return state{spec: policy.Canonical(e.Object.Group+"/"+e.Object.Version, rawjson.Text(body, "kind"), raw), raw: raw, known: true}
}

func (r *replay) report(o object, e *connectors.Event, before, now state) {
	item := r.scope.Item(o.cluster, o.group, o.resource, o.namespace, o.name)
	item.Add(e)
	item.Subject = o.String()
	item.Title = r.d.Title + ": " + item.Subject
	item.Summary = fmt.Sprintf("%s: %s was changed by %s, last by %s at %s.", r.d.Title, item.Subject, count(item.Count, "write"), shown(e.Actor), moment(e.Time))
	item.Data = map[string]string{"namespace": o.namespace, "name": o.name, "resource": o.resource}
	if r.told[item]++; r.told[item] > maxToldChanges {
		return
	}
	item.Facts = append(item.Facts, reports.Fact{
		Label: moment(e.Time),
		Value: fmt.Sprintf("%s by %s; specification before %s, after %s", e.Verb, shown(e.Actor), before, now),
	})
}

// String names the object for people.
func (o object) String() string {
	name := o.name
	if name == "" {
		name = "*"
	}
	if o.namespace != "" {
		name = o.namespace + "/" + name
	}
	return shown(o.resource + " " + name)
}

// String names a specification by the first 16 hex digits of the SHA-256 of its
// JSON with sorted keys and no white space.
func (s state) String() string {
	switch {
	case s.gone:
		return "none"
	case !s.known:
		return "not known"
	}
	var v any
	if json.Unmarshal(s.raw, &v) != nil {
		return "not known"
	}
	text, err := json.Marshal(v)
	if err != nil {
		return "not known"
	}
	sum := sha256.Sum256(text)
	return fmt.Sprintf("%x", sum[:8])
}
