package connectors

import (
	"strconv"

	"logreeve/connectors/rawjson"
)

// SetRaw gives the event its raw record and where it lies. Formats call it
// first; spans given later are offsets into raw.
func (e *Event) SetRaw(raw []byte, ref Ref) { e.raw, e.ref, e.owned = raw, ref, false }

// SetText says that a text is raw[off:off+length]; escaped says that it is the
// inside of a JSON string that may hold escapes.
func (e *Event) SetText(t Text, off, length int, escaped bool) {
	e.texts[t] = span{off: int32(off), len: int32(length), json: escaped} //nolint:gosec // a record is at most 16 MiB
}

// SetValue gives a text that does not lie in the raw record as one piece; a
// span set by SetText goes before it.
func (e *Event) SetValue(t Text, value string) {
	values := new([textCount]string)
	if e.values != nil {
		*values = *e.values // an event that was kept shares the old ones
	}
	values[t] = value
	e.values = values
}

// SetRequest says that the request body is raw[off:off+length]: JSON, or with
// escaped the inside of a JSON string that holds JSON.
func (e *Event) SetRequest(off, length int, escaped bool) {
	e.request = span{off: int32(off), len: int32(length), json: escaped} //nolint:gosec // as above
}

// SetResponse is SetRequest for the response body.
func (e *Event) SetResponse(off, length int, escaped bool) {
	e.response = span{off: int32(off), len: int32(length), json: escaped} //nolint:gosec // as above
}

// SetIdentity gives the parts that Key hashes after the kind. Formats whose
// identity is in fields that are always decoded set it; Kubernetes does not
// need to, its identity is taken from the texts.
func (e *Event) SetIdentity(parts ...string) { e.identity = parts }

// SetOrdinal replaces the last identity part: the place among identical
// records, counted from 1, that only the one who sees them all in order knows.
func (e *Event) SetOrdinal(n int) {
	if len(e.identity) > 0 {
		e.identity[len(e.identity)-1] = strconv.Itoa(n)
	}
}

// MoveLine adds to the line number of the place where the record lies. Parts
// of a file are read in parallel and learn their first line afterwards.
func (e *Event) MoveLine(by int64) { e.ref.Line += by }

// Reset empties the event for reuse. Its slices are dropped, not reused: formats
// share them between events.
func (e *Event) Reset() { *e = Event{} }

// text decodes a text of the raw record.
func (e *Event) text(t Text) string {
	s := e.texts[t]
	if s.len == 0 {
		if e.values != nil {
			return e.values[t]
		}
		return ""
	}
	b := e.raw[s.off : s.off+s.len]
	if s.json {
		return rawjson.Unescape(b)
	}
	return string(b)
}

// TextView gives the undecoded bytes of a text and whether they may hold JSON
// escapes. Valid until the callback returns.
func (e *Event) TextView(t Text) (b []byte, escaped bool) {
	s := e.texts[t]
	if s.len == 0 && e.values != nil {
		return []byte(e.values[t]), false
	}
	return e.raw[s.off : s.off+s.len], s.json
}

func (e *Event) body(s span) []byte {
	if s.len == 0 {
		return nil
	}
	b := e.raw[s.off : s.off+s.len]
	if s.json {
		return []byte(rawjson.Unescape(b))
	}
	return b
}
