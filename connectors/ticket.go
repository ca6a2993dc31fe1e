package connectors

import (
	"regexp"
	"strings"

	"logreeve/connectors/rawjson"
)

// TicketRule finds change references in records: an annotation or label whose
// last path part is "ticket", or whose value matches Pattern (contract.md §6).
type TicketRule struct {
	Pattern *regexp.Regexp // nil: only the name counts
}

// DefaultTicketPattern matches references as trackers write them, like CHG-7219.
var DefaultTicketPattern = regexp.MustCompile(`^[A-Z][A-Z0-9]{1,9}-[0-9]{1,9}$`)

// Of finds the change reference an event carries: in its resulting object,
// else in its request, else in its own annotations.
func (r TicketRule) Of(e *Event) string {
	if e.Kind != Kubernetes {
		return ""
	}
	if t := r.InObject(e.Response()); t != "" {
		return t
	}
	if t := r.InObject(e.Request()); t != "" {
		return t
	}
	return r.inMap(e.Annotations(), false)
}

// InObject finds the change reference in a Kubernetes object's annotations and
// labels, also in those that Calico's v1 API keeps inside an annotation.
func (r TicketRule) InObject(object []byte) string {
	if len(object) == 0 || object[0] != '{' {
		return ""
	}
	meta := rawjson.Get(object, "metadata")
	if meta == nil {
		return ""
	}
	annotations := rawjson.Get(meta, "annotations")
	if t := r.inMap(annotations, true); t != "" {
		return t
	}
	if t := r.inMap(rawjson.Get(meta, "labels"), true); t != "" {
		return t
	}
	inner := rawjson.Text(annotations, "projectcalico.org/metadata")
	if inner == "" {
		return ""
	}
	if t := r.inMap(rawjson.Get([]byte(inner), "annotations"), true); t != "" {
		return t
	}
	return r.inMap(rawjson.Get([]byte(inner), "labels"), true)
}

// inMap looks through one map of strings. A name counts before a pattern.
func (r TicketRule) inMap(m []byte, patterns bool) string {
	if m == nil {
		return ""
	}
	var named, matched string
	_ = rawjson.Members(m, func(key, value []byte) bool {
		v, ok := rawjson.String(value)
		if !ok || v == "" {
			return true
		}
		k := rawjson.Unescape(key)
		if k[strings.LastIndexByte(k, '/')+1:] == "ticket" {
			named = v
			return false
		}
		if patterns && matched == "" && r.Pattern != nil && r.Pattern.MatchString(v) {
			matched = v
		}
		return true
	})
	if named != "" {
		return named
	}
	return matched
}
