package connectors

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"

	"logreeve/connectors/rawjson"
)

// Name is the name of the object.
func (e *Event) Name() string { return e.text(TextName) }

// URI is the request URI with its query.
func (e *Event) URI() string { return e.text(TextURI) }

// UserAgent is the client software as the client claims it.
func (e *Event) UserAgent() string { return e.text(TextUserAgent) }

// NativeID is what the logging system calls the event; empty where it has none.
func (e *Event) NativeID() string { return e.text(TextNativeID) }

// Message is the log text.
func (e *Event) Message() string { return e.text(TextMessage) }

// Command is the shell command or SQL statement, with secrets masked.
func (e *Event) Command() string { return MaskCommand(e.text(TextCommand)) }

// Reason is why the request was refused or failed, as the server said it.
func (e *Event) Reason() string { return e.text(TextReason) }

// Raw is the raw record: the line without its line end, or the document's
// source. A view, valid until the callback returns.
func (e *Event) Raw() []byte { return e.raw }

// Ref says where the raw record lies.
func (e *Event) Ref() Ref { return e.ref }

// Request is the request body as JSON, nil when none was recorded. A view.
func (e *Event) Request() []byte { return e.body(e.request) }

// Response is the response body as JSON, nil when none was recorded. A view.
func (e *Event) Response() []byte { return e.body(e.response) }

// Annotations is the JSON object of the record's own annotations, nil if none.
func (e *Event) Annotations() []byte {
	s := e.texts[TextAnnotations]
	if s.len == 0 {
		return nil
	}
	return e.raw[s.off : s.off+s.len]
}

// Truncated says that the API server cut the bodies from the record because it
// was too large (annotation audit.k8s.io/truncated).
func (e *Event) Truncated() bool {
	return rawjson.Text(e.Annotations(), "audit.k8s.io/truncated") == "true"
}

// SHA256 is the digest of the raw record's bytes, in hex.
func (e *Event) SHA256() string {
	sum := sha256.Sum256(e.raw)
	return hex.EncodeToString(sum[:])
}

// Key is the event's identity for ever: 32 hex digits of SHA-256 over the kind
// and the identity (contract.md §2), each part preceded by its length. It does
// not depend on path, offset, source or index.
func (e *Event) Key() string {
	if e.identity != nil {
		return KeyOf(e.Kind, e.identity...)
	}
	return KeyOf(e.Kind, e.text(TextNativeID), e.Time.String(), e.Login, e.Verb, e.text(TextURI))
}

// KeyOf hashes a kind and identity parts to a key.
func KeyOf(kind Kind, parts ...string) string {
	h := sha256.New()
	var n [8]byte
	write := func(s string) {
		binary.BigEndian.PutUint64(n[:], uint64(len(s)))
		h.Write(n[:])
		h.Write([]byte(s))
	}
	write(string(kind))
	for _, p := range parts {
		write(p)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// Keep gives a copy of the event that lives on after the callback.
func (e *Event) Keep() *Event {
	k := *e
	if !e.owned {
		k.raw = slices.Clone(e.raw)
		k.owned = true
	}
	k.Groups = slices.Clone(e.Groups)
	k.EffGroups = slices.Clone(e.EffGroups)
	k.Addresses = slices.Clone(e.Addresses)
	k.identity = slices.Clone(e.identity)
	return &k
}

// Person says whether a person is held responsible, as far as is known.
func (e *Event) Person() bool { return e.ActorKind.Person() && e.Actor != "" }

// Write says whether the verb changes something (domain.md §2.3, macro "write").
func (e *Event) Write() bool {
	switch e.Verb {
	case "create", "update", "patch", "delete", "deletecollection":
		return true
	}
	return false
}

// InGroup says whether the one who authenticated is in a group.
func (e *Event) InGroup(group string) bool { return slices.Contains(e.Groups, group) }
