package rawjson

// Words remembers short strings by their raw bytes, so that events can
// share one copy. Each slot keeps the last word that fell on it; the memory is fixed.
type Words struct {
	slots [1024]word
}

type word struct{ raw, text string }

// Of decodes the inside of a JSON string.
func (w *Words) Of(b []byte) string {
	n := len(b)
	if n == 0 {
		return ""
	}
	if n > 256 {
		return Unescape(b)
	}
	h := uint32(n)*0x9e3779b1 ^ uint32(b[0])*0x85ebca6b ^ uint32(b[n-1])*0xc2b2ae35 ^ uint32(b[n/2])*0x27d4eb2f
	slot := &w.slots[(h^h>>15)&1023]
	if slot.raw == string(b) {
		return slot.text
	}
	text := Unescape(b)
	slot.raw, slot.text = string(b), text
	if text == slot.raw {
		slot.text = slot.raw
	}
	return slot.text
}
