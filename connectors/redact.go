package connectors

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"logreeve/connectors/rawjson"
)

// Removed stands where secret material was taken out of a record.
const Removed = "removed by Logreeve: may hold secrets"

// Redact gives the raw record as it may be stored and shown: without bodies
// that hold secrets, without managed fields, with masked commands. It is valid
// UTF-8 in which NUL and other invalid bytes are visible as escapes; for
// Kubernetes it is valid JSON. The digest of the record stays that of the
// untouched bytes.
func Redact(e *Event) []byte {
	if e.Kind != Kubernetes {
		return []byte(MaskCommand(Visible(string(e.raw))))
	}
	r := redactor{secret: secretResource(e.Object), config: e.Object.Resource == "configmaps"}
	if err := r.record(e.raw); err != nil || !json.Valid(r.out.Bytes()) {
		return []byte(`{"unreadable":"the record is not valid JSON and ` + Removed + `"}`)
	}
	return r.out.Bytes()
}

// Visible makes text safe to store and show: invalid UTF-8, NUL and control
// bytes other than tab and line end become \xNN.
func Visible(s string) string {
	clean := true
	for _, c := range s {
		if c == utf8.RuneError || (c < ' ' && c != '\t' && c != '\n') || c == 0x7f {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	var out strings.Builder
	for i := 0; i < len(s); {
		c, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case c == utf8.RuneError && n == 1, c < ' ' && c != '\t' && c != '\n', c == 0x7f:
			fmt.Fprintf(&out, `\x%02x`, s[i])
		default:
			out.WriteString(s[i : i+n])
		}
		i += n
	}
	return out.String()
}

// secretResource says whether the bodies of requests for a resource are secret.
func secretResource(o Object) bool {
	switch o.Resource {
	case "secrets", "tokenreviews", "tokenrequests":
		return true
	}
	return o.Subresource == "token"
}

// secretKind says the same of an object by its kind, whatever it is part of.
func secretKind(kind string) bool {
	switch kind {
	case "Secret", "SecretList", "TokenReview", "TokenRequest":
		return true
	}
	return false
}

// credentialName matches names under which people keep secrets.
var credentialName = regexp.MustCompile(`(?i)(?:passw(?:or)?d|passphrase|passwort|pwd|secret|token|api[-_.]?key|access[-_.]?key|private[-_.]?key|credential|\.pem$|\.key$|kubeconfig|id_rsa|id_ed25519|htpasswd|\.pgpass|dsn$|connection[-_.]?string)`)

// redactor writes a record anew, leaving out what may not be kept.
type redactor struct {
	out    bytes.Buffer
	secret bool // bodies are secret as a whole
	config bool // bodies are config maps
}

// object writes an object. member gives what writes a member's value, or nil to
// leave the member out.
func (r *redactor) object(b []byte, member func(key string, value []byte) (write func() error)) error {
	r.out.WriteByte('{')
	first := true
	var failed error
	err := rawjson.Members(b, func(rawKey, value []byte) bool {
		key := rawjson.Unescape(rawKey)
		write := member(key, value)
		if write == nil {
			return true
		}
		if !first {
			r.out.WriteByte(',')
		}
		first = false
		r.text(key)
		r.out.WriteByte(':')
		failed = write()
		return failed == nil
	})
	r.out.WriteByte('}')
	if err != nil {
		return err
	}
	return failed
}

func (r *redactor) array(b []byte, element func(value []byte) error) error {
	r.out.WriteByte('[')
	first := true
	var failed error
	err := rawjson.Elements(b, func(value []byte) bool {
		if !first {
			r.out.WriteByte(',')
		}
		first = false
		failed = element(value)
		return failed == nil
	})
	r.out.WriteByte(']')
	if err != nil {
		return err
	}
	return failed
}

// text writes a string that was decoded or never encoded.
func (r *redactor) text(s string) {
	enc := json.NewEncoder(&r.out)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string into a buffer cannot fail
	r.out.Truncate(r.out.Len() - 1)
}

// scalar writes a number, truth value, null or string as it stands; in a string
// invalid bytes become visible.
func (r *redactor) scalar(value []byte) {
	if value[0] != '"' || (utf8.Valid(value) && bytes.IndexByte(value, 0) < 0) {
		r.out.Write(value)
		return
	}
	r.text(Visible(string(value[1 : len(value)-1])))
}

func (r *redactor) record(b []byte) error {
	return r.object(b, func(key string, value []byte) func() error {
		switch key {
		case "requestObject", "responseObject":
			return func() error { return r.bodyOrString(value) }
		case "requestURI":
			return func() error {
				s, _ := rawjson.String(value)
				r.text(MaskURI(s))
				return nil
			}
		}
		return func() error { return r.plain(value) }
	})
}

// plain writes a value of the record's envelope.
func (r *redactor) plain(value []byte) error {
	switch value[0] {
	case '{':
		return r.object(value, func(_ string, v []byte) func() error { return func() error { return r.plain(v) } })
	case '[':
		return r.array(value, r.plain)
	}
	r.scalar(value)
	return nil
}

// bodyOrString writes a body that is JSON, or a string that holds JSON.
func (r *redactor) bodyOrString(value []byte) error {
	if r.secret {
		r.text(Removed)
		return nil
	}
	if value[0] != '"' {
		return r.body(value, r.config)
	}
	s, _ := rawjson.String(value)
	if i := rawjson.Space([]byte(s), 0); i >= len(s) || (s[i] != '{' && s[i] != '[') {
		r.text(Visible(s))
		return nil
	}
	inner := redactor{config: r.config}
	if err := inner.body([]byte(s), r.config); err != nil || !json.Valid(inner.out.Bytes()) {
		r.text(Removed) // cut JSON: what it holds cannot be told
		return nil
	}
	r.text(inner.out.String())
	return nil
}

// body writes a piece of a body; config says that it belongs to a config map.
func (r *redactor) body(b []byte, config bool) error {
	b = b[rawjson.Space(b, 0):]
	if len(b) == 0 {
		return rawjson.ErrSyntax
	}
	switch b[0] {
	case '[':
		return r.array(b, func(v []byte) error { return r.body(v, config) })
	case '{':
	default:
		r.scalar(b)
		return nil
	}
	kind := rawjson.Text(b, "kind")
	if secretKind(kind) {
		r.text(Removed)
		return nil
	}
	config = config || kind == "ConfigMap"
	variable := credentialName.MatchString(rawjson.Text(b, "name"))
	patched := credentialName.MatchString(rawjson.Text(b, "path")) // an operation of a JSON patch
	return r.object(b, func(key string, value []byte) func() error {
		switch key {
		case "managedFields":
			return nil
		case "kubectl.kubernetes.io/last-applied-configuration":
			return func() error { return r.applied(value, config) }
		case "data", "binaryData":
			if config && value[0] == '{' {
				return func() error { return r.configData(value) }
			}
		case "value":
			if (variable || (config && patched)) && value[0] != 'n' {
				return func() error { r.text(Removed); return nil }
			}
		case "command", "args":
			if value[0] == '[' {
				return func() error { return r.words(value) }
			}
		}
		return func() error { return r.body(value, config) }
	})
}

// applied writes the copy of an object that kubectl keeps in an annotation.
func (r *redactor) applied(value []byte, config bool) error {
	s, ok := rawjson.String(value)
	if !ok {
		return r.body(value, config)
	}
	inner := redactor{}
	if err := inner.body([]byte(s), config); err != nil || !json.Valid(inner.out.Bytes()) {
		r.text(Removed)
		return nil
	}
	r.text(inner.out.String())
	return nil
}

func (r *redactor) configData(data []byte) error {
	return r.object(data, func(key string, value []byte) func() error {
		return func() error {
			s, ok := rawjson.String(value)
			if credentialName.MatchString(key) {
				r.text(Removed)
			} else if ok {
				r.text(MaskCommand(Visible(s)))
			} else {
				return r.plain(value)
			}
			return nil
		}
	})
}

// words writes a container's command line with its secrets masked.
func (r *redactor) words(value []byte) error {
	previous := ""
	return r.array(value, func(v []byte) error {
		s, ok := rawjson.String(v)
		if !ok {
			return r.plain(v)
		}
		masked := MaskCommand(s)
		if masked == s && previous != "" && strings.HasSuffix(MaskCommand(previous+` "x"`), Mask) {
			masked = Mask
		}
		r.text(masked)
		previous = s
		return nil
	})
}
