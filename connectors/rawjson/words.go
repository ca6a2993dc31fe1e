package rawjson

// Words remembers short strings by their raw bytes, so that events can share one
// copy. Each pair of slots keeps the last two words that fell on it; the memory is
// fixed.
type Words struct {
	pairs [512][2]word
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
	pair := &w.pairs[(h^h>>15)%uint32(len(w.pairs))]
	slot, other := &pair[0], &pair[1]
	if slot.raw == string(b) {
		return slot.text
	}
	if other.raw == string(b) {
		return other.text
	}
	*other = *slot
	slot.raw, slot.text = string(b), Unescape(b)
	if slot.text == slot.raw {
		slot.text = slot.raw
	}
	return slot.text
}
