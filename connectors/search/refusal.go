package search

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"logreeve/app/fault"
)

// refusal is an answer that is no success. A store's refusals are an object, a
// JSON with a string, plain text, or nothing (docs/stores.md).
type refusal struct {
	status int
	kind   string // the store's type of error; "" when it gives none
	reason string // what it says, cut short
	html   bool   // not the store answered but something before it
}

// refused reads an answer that is no success.
func refused(r reply) *refusal {
	out := &refusal{status: r.status, html: bytes.HasPrefix(bytes.TrimLeft(r.body, " \t\r\n\ufeff"), []byte("<"))}
	type cause struct {
		Type   string `json:"type"`
		Reason string `json:"reason"`
	}
	var object struct {
		Error struct {
			cause
			Root   []cause `json:"root_cause"`
			Caused *cause  `json:"caused_by"`
		} `json:"error"`
	}
	var text struct {
		Error string `json:"error"`
	}
	switch {
	case json.Unmarshal(r.body, &object) == nil && object.Error.Type != "":
		out.kind, out.reason = object.Error.Type, object.Error.Reason
		if len(object.Error.Root) > 0 && object.Error.Root[0].Type != "" {
			out.kind = object.Error.Root[0].Type
			if object.Error.Root[0].Reason != "" {
				out.reason = object.Error.Root[0].Reason
			}
		}
		if out.reason == "" && object.Error.Caused != nil {
			out.reason = object.Error.Caused.Reason
		}
	case json.Unmarshal(r.body, &text) == nil && text.Error != "":
		out.reason = text.Error
	case !out.html:
		out.reason = string(bytes.TrimSpace(r.body))
	}
	if len(out.reason) > 300 {
		out.reason = strings.ToValidUTF8(out.reason[:300], "") + "…"
	}
	return out
}

// Error is for the operator.
func (r *refusal) Error() string {
	return strings.TrimSpace(fmt.Sprintf("status %d %s %s", r.status, r.kind, r.reason))
}

// right is the right that is missing, in the product's words: of OpenSearch the
// bracket of its reason, of Elasticsearch the action and the indices.
func (r *refusal) right() string {
	if m := rightOpenSearch.FindStringSubmatch(r.reason); m != nil {
		return m[1]
	}
	if m := rightElasticsearch.FindStringSubmatch(r.reason); m != nil {
		if m[2] != "" {
			return m[1] + " on " + m[2]
		}
		return m[1]
	}
	return ""
}

var (
	rightOpenSearch    = regexp.MustCompile(`no permissions for \[([^\]]+)\]`)
	rightElasticsearch = regexp.MustCompile(`action \[([^\]]+)\] is unauthorized(?:.* on indices \[([^\]]+)\])?`)
)

// sentence says in plain words why the store refused and what to do next.
func (r *refusal) sentence() string {
	switch {
	case r.html:
		return "What answers at the address is a web page, not the store. Perhaps a proxy asks for a sign-in: use the address of the store itself."
	case r.status == http.StatusUnauthorized:
		return "The store does not accept the credentials. Check user and password, key or token."
	case r.status == http.StatusForbidden && r.right() != "":
		return fmt.Sprintf("The store refuses: the right %s is missing. Add it to the role of this user.", r.right())
	case r.status == http.StatusForbidden:
		return "The store refuses: a right is missing. Compare the role of this user with the one in the documentation."
	case r.status == http.StatusNotFound && r.kind == "index_not_found_exception":
		return "The store has no index that matches the pattern. Check the pattern, and whether this user may read the indices."
	case r.kind == "index_closed_exception":
		return "An index that the pattern names is closed. Open it, or leave it out of the pattern."
	case strings.Contains(r.reason, "missing shards"):
		return "A part of an index cannot be read: shards are missing. Restore them, then read again."
	case r.status == http.StatusTooManyRequests:
		return "The store is too busy to answer. Try again later."
	case r.status >= 300 && r.status < 400:
		return "The address leads elsewhere. Use the address of the store itself."
	case r.status >= 500:
		return fmt.Sprintf("The store could not answer (status %d). See its log, then try again.", r.status)
	}
	return fmt.Sprintf("The store does not understand the request (status %d).", r.status)
}

// fault is the refusal for whoever asked.
func (r *refusal) fault() error { return fault.Wrap(fault.Unavailable, r, "%s", r.sentence()) }

// refusalOf finds the refusal in an error.
func refusalOf(err error) *refusal {
	r, _ := errors.AsType[*refusal](err)
	return r
}
