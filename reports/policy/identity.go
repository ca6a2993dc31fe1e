package policy

import (
	"strings"

	"logreeve/connectors"
	"logreeve/connectors/rawjson"
)

// calicoMetadata is the annotation in which Calico's v1 API keeps the metadata
// of the v3 object.
const calicoMetadata = "projectcalico.org/metadata"

// subject is the object a write is about.
type subject struct {
	cluster, api, kind, namespace, name string
}

// subjectOf reads what a write is about; name may be empty.
func subjectOf(e *connectors.Event) subject {
	s := subject{cluster: e.Cluster, kind: kindOf(e.Object), namespace: e.Object.Namespace, name: e.Name()}
	s.api = strings.TrimPrefix(e.Object.Group+"/"+e.Object.Version, "/")
	if s.name == "" && e.Verb != "deletecollection" {
		for _, body := range [][]byte{e.Response(), e.Request()} {
			if rawjson.Text(body, "kind") == "Status" {
				continue
			}
			if s.name = rawjson.Text(body, "metadata", "name"); s.name != "" {
				break
			}
		}
	}
	return s
}

// group is the API group without its version.
func (s subject) group() string {
	group, _, _ := strings.Cut(s.api, "/")
	return group
}

// identity names the object the same way in every API that serves it
// (formats.md 6.2). body is the object if there is one: it can say what Calico's
// v1 API calls by another name.
func (s subject) identity(body []byte) string {
	name := s.name
	if family(s.group()) == calicoFamily && decidesTraffic(s.kind) {
		name = calicoName(s.name, body)
	}
	return s.place() + name
}

// place is the identity of a collection: everything before the name.
func (s subject) place() string {
	namespace := s.namespace
	if namespace == "" {
		namespace = "-"
	}
	id := family(s.group()) + "/" + s.kind + "/" + namespace + "/"
	if s.cluster != "" {
		id = s.cluster + "/" + id
	}
	return id
}

// calicoName is the name of the v3 object: as its v1 form says, else without
// the prefix of the default tier, which only some versions write. A policy's
// name begins with its tier, so only policies of the default tier have it.
func calicoName(name string, body []byte) string {
	if inner := rawjson.Text(body, "metadata", "annotations", calicoMetadata); inner != "" {
		if n := rawjson.Text([]byte(inner), "name"); n != "" {
			name = n
		}
	}
	return strings.TrimPrefix(name, "default.")
}

// labelsOf gives an object's labels as JSON, also those that Calico's v1 API
// keeps inside an annotation; nil when it has none.
func labelsOf(object []byte) []byte {
	if inner := rawjson.Text(object, "metadata", "annotations", calicoMetadata); inner != "" {
		if l := rawjson.Get([]byte(inner), "labels"); l != nil {
			return l
		}
	}
	return rawjson.Get(object, "metadata", "labels")
}

// specOf gives what an object specifies: its spec; of Cilium's policies also the
// list of specs. Nil when there is none.
func specOf(object []byte) []byte {
	for _, key := range []string{"spec", "specs"} {
		if s := rawjson.Get(object, key); s != nil && string(s) != "null" {
			return s
		}
	}
	return nil
}
