package policy

import (
	"cmp"
	"slices"

	"logreeve/connectors"
	"logreeve/connectors/rawjson"
)

// rbacGroup is the API group of Kubernetes' role bindings.
const rbacGroup = "rbac.authorization.k8s.io"

// SelectAccess selects the events that an AccessHistory observes: successful
// writes on role bindings.
var SelectAccess = connectors.And(
	connectors.In("kind", string(connectors.Kubernetes)),
	connectors.In("verb", "create", "update", "patch", "delete", "deletecollection"),
	connectors.In("resource", "rolebindings", "clusterrolebindings"),
	connectors.In("group", rbacGroup),
	connectors.In("outcome", string(connectors.OK)),
)

// Subject is somebody who is given a role.
type Subject struct {
	Kind      string `json:"kind"` // User, Group, ServiceAccount
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name"`
}

// String names the subject: "User alice@example.com", "ServiceAccount ci/deployer".
func (s Subject) String() string {
	if s.Namespace != "" {
		return s.Kind + " " + s.Namespace + "/" + s.Name
	}
	return s.Kind + " " + s.Name
}

func (s Subject) compare(o Subject) int {
	return cmp.Or(cmp.Compare(s.Kind, o.Kind), cmp.Compare(s.Namespace, o.Namespace), cmp.Compare(s.Name, o.Name))
}

// Role is what a binding gives.
type Role struct {
	Kind string `json:"kind"` // ClusterRole or Role
	Name string `json:"name"`
}

// Administers says whether holding the role makes an administrator: its name is
// one of names. The built-in role "admin" administers a namespace, so it counts
// only when it is bound for the whole cluster.
func (r Role) Administers(names []string, wholeCluster bool) bool {
	return r.Kind == "ClusterRole" && slices.Contains(names, r.Name) && (wholeCluster || r.Name != "admin")
}

// RoleRef reads the role of a binding; ok is false when the body is no binding.
func RoleRef(body []byte) (role Role, ok bool) {
	ref := rawjson.Get(body, "roleRef")
	role = Role{Kind: rawjson.Text(ref, "kind"), Name: rawjson.Text(ref, "name")}
	return role, role.Name != ""
}

// Subjects reads whom a binding gives its role, sorted, each once.
func Subjects(body []byte) []Subject {
	var all []Subject
	_ = rawjson.Elements(rawjson.Get(body, "subjects"), func(b []byte) bool {
		all = append(all, Subject{Kind: rawjson.Text(b, "kind"), Namespace: rawjson.Text(b, "namespace"), Name: rawjson.Text(b, "name")})
		return true
	})
	slices.SortFunc(all, Subject.compare)
	return slices.Compact(all)
}

// Access is one change of who holds a role.
type Access struct {
	Time      connectors.Instant   `json:"time"`
	Actor     string               `json:"actor"`
	ActorKind connectors.ActorKind `json:"actor_kind"`
	ClientIP  string               `json:"client_ip"`
	Operation Operation            `json:"operation"`
	Kind      string               `json:"kind"` // RoleBinding, ClusterRoleBinding
	Namespace string               `json:"namespace"`
	Name      string               `json:"name"`
	Role      Role                 `json:"role"` // empty when not known
	// BeforeKnown and AfterKnown say whether Before and After are who held the
	// role; nobody holds it before a creation and after a deletion.
	BeforeKnown bool      `json:"before_known"`
	Before      []Subject `json:"before"`
	AfterKnown  bool      `json:"after_known"`
	After       []Subject `json:"after"`
	Event       EventRef  `json:"event"`
}

// Given are those who hold the role since, as far as both sides are known.
func (a *Access) Given() []Subject { return a.difference(a.After, a.Before) }

// Taken are those who hold it no longer, as far as both sides are known.
func (a *Access) Taken() []Subject { return a.difference(a.Before, a.After) }

func (a *Access) difference(of, without []Subject) (all []Subject) {
	if !a.BeforeKnown || !a.AfterKnown {
		return nil
	}
	for _, s := range of {
		if !slices.Contains(without, s) {
			all = append(all, s)
		}
	}
	return all
}

// AccessHistory is the history of role bindings in the events it observed, in
// whatever order they came. Writes that change nothing are not in it, nor what
// the API server makes itself. It is used from one goroutine.
type AccessHistory struct {
	writes []accessWrite
	seen   map[string]struct{}
}

type accessWrite struct {
	Access
	logged connectors.Instant
	at     position
	object string
	// held are the bindings that a deletion took, by object, as its answer lists them.
	held map[string]Access
	// all says that a whole collection was deleted.
	all bool
}

// NewAccessHistory makes an empty history.
func NewAccessHistory() *AccessHistory { return &AccessHistory{seen: map[string]struct{}{}} }

// Observe takes note of an event; others than those SelectAccess selects, and
// dry runs, are ignored. An event observed twice counts once.
func (h *AccessHistory) Observe(e *connectors.Event) {
	if e.Kind != connectors.Kubernetes || e.Object.Group != rbacGroup || !e.Write() || e.Outcome != connectors.OK || e.DryRun || e.Object.Subresource != "" {
		return
	}
	kind := map[string]string{"rolebindings": "RoleBinding", "clusterrolebindings": "ClusterRoleBinding"}[e.Object.Resource]
	key := e.Key()
	if _, again := h.seen[key]; again || kind == "" {
		return
	}
	h.seen[key] = struct{}{}
	w := accessWrite{logged: e.Logged, at: positionOf(e, key), Access: Access{
		Time: e.Time, Actor: e.Actor, ActorKind: e.ActorKind, ClientIP: e.ClientIP, Operation: operationOf(e.Verb, e.Code),
		Kind: kind, Namespace: e.Object.Namespace, Name: e.Name(), Event: EventRef{Key: key, NativeID: e.NativeID()},
	}}
	if w.logged == 0 {
		w.logged = e.Time
	}
	answer := e.Response()
	if w.Name == "" && e.Verb != "deletecollection" {
		w.Name = cmp.Or(rawjson.Text(answer, "metadata", "name"), rawjson.Text(e.Request(), "metadata", "name"))
	}
	place := e.Cluster + "\x00" + kind + "\x00" + w.Namespace + "\x00"
	w.object = place + w.Name
	switch {
	case e.Verb == "deletecollection":
		w.all, w.object = true, place
		if items := rawjson.Get(answer, "items"); items != nil {
			w.held = map[string]Access{}
			_ = rawjson.Elements(items, func(b []byte) bool {
				name := rawjson.Text(b, "metadata", "name")
				w.hold(place+name, name, b)
				return true
			})
		}
	case e.Verb == "delete":
		if _, ok := RoleRef(answer); ok {
			w.held = map[string]Access{}
			w.hold(w.object, w.Name, answer)
		}
	default:
		body := answer
		role, ok := RoleRef(body)
		if !ok && e.Verb != "patch" {
			body = e.Request()
			role, ok = RoleRef(body)
		}
		if ok {
			w.Role, w.After, w.AfterKnown = role, Subjects(body), true
		}
	}
	h.writes = append(h.writes, w)
}

func (w *accessWrite) hold(object, name string, body []byte) {
	role, ok := RoleRef(body)
	a := w.Access
	a.Name, a.Role, a.After, a.AfterKnown = name, role, Subjects(body), ok
	w.held[object] = a
}

// Changes lists every change of who holds what, in order of time.
func (h *AccessHistory) Changes() []Access {
	writes := slices.Clone(h.writes)
	slices.SortFunc(writes, func(a, b accessWrite) int {
		return cmp.Or(cmp.Compare(a.logged, b.logged), cmp.Compare(a.Time, b.Time), a.at.compare(b.at))
	})
	now := map[string]Access{} // what stands, by object
	changes := []Access{}
	list := func(a Access) {
		if a.Actor != apiServer {
			changes = append(changes, a)
		}
	}
	remove := func(w accessWrite, object string) {
		a := w.Access
		if held, ok := w.held[object]; ok {
			a.Name, a.Role, a.Before, a.BeforeKnown = held.Name, held.Role, held.After, held.AfterKnown
		} else if was, ok := now[object]; ok {
			a.Name, a.Role, a.Before, a.BeforeKnown = was.Name, was.Role, was.After, was.AfterKnown
		}
		a.AfterKnown = true
		delete(now, object)
		list(a)
	}
	for _, w := range writes {
		switch {
		case w.all:
			objects := h.collection(w, now)
			for _, object := range objects {
				remove(w, object)
			}
			if len(objects) == 0 && w.held == nil && w.Actor != namespaceController {
				list(w.Access) // what was in it is not known
			}
		case w.Operation == Deleted:
			remove(w, w.object)
		default:
			a := w.Access
			was, seen := now[w.object]
			switch {
			case a.Operation == Created:
				a.BeforeKnown = true
			case seen:
				a.Before, a.BeforeKnown = was.After, was.AfterKnown
			}
			if !a.AfterKnown && seen {
				a.Role = was.Role // it cannot change
			}
			now[w.object] = a
			if a.Operation == Created || !a.BeforeKnown || !a.AfterKnown || !slices.Equal(a.Before, a.After) {
				list(a)
			}
		}
	}
	slices.SortStableFunc(changes, func(a, b Access) int { return cmp.Compare(a.Time, b.Time) })
	return changes
}

// collection lists the objects that the deletion of a collection took, in order.
func (h *AccessHistory) collection(w accessWrite, now map[string]Access) (objects []string) {
	if w.held != nil {
		for object := range w.held {
			objects = append(objects, object)
		}
	} else {
		for object := range now {
			if len(object) > len(w.object) && object[:len(w.object)] == w.object {
				objects = append(objects, object)
			}
		}
	}
	slices.Sort(objects)
	return objects
}
