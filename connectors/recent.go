package connectors

import (
	"math"
	"unsafe"
)

// Recent remembers something for each of the texts, or lists of texts, that came
// lately, by where a text lies and not by what it says: events share their
// strings and lists, so the same one mostly lies at the same place. It forgets as
// it likes, so whoever uses it keeps what it must not lose elsewhere. The zero
// Recent is ready for use, from one goroutine.
type Recent[T any] struct {
	slots []recentText[T]
}

// recentText keeps the text it is about from being freed, so that no other one
// can come to lie in its place.
type recentText[T any] struct {
	at     unsafe.Pointer // of the first byte of a text, or the first text of a list
	length int32
	value  T
}

const recentPairs = 1 << 11

// Get gives what was set for a text; ok is false when it is not known.
func (r *Recent[T]) Get(text string) (value T, ok bool) {
	return r.get(unsafe.Pointer(unsafe.StringData(text)), len(text))
}

// Set remembers a value for a text. Nothing is remembered for "".
func (r *Recent[T]) Set(text string, value T) {
	r.set(unsafe.Pointer(unsafe.StringData(text)), len(text), value)
}

// GetList gives what was set for a list; ok is false when it is not known.
func (r *Recent[T]) GetList(list []string) (value T, ok bool) {
	return r.get(unsafe.Pointer(unsafe.SliceData(list)), len(list))
}

// SetList remembers a value for a list that nobody changes any more. Nothing is
// remembered for an empty one.
func (r *Recent[T]) SetList(list []string, value T) {
	r.set(unsafe.Pointer(unsafe.SliceData(list)), len(list), value)
}

func (r *Recent[T]) get(at unsafe.Pointer, length int) (value T, ok bool) {
	if r.slots == nil || length == 0 {
		return value, false
	}
	pair := r.slots[place(at):][:2]
	for i := range pair {
		if s := &pair[i]; s.at == at && int(s.length) == length {
			return s.value, true
		}
	}
	return value, false
}

// set keeps what it sets and what was set before it of a pair of slots.
func (r *Recent[T]) set(at unsafe.Pointer, length int, value T) {
	if length == 0 || length > math.MaxInt32 {
		return
	}
	if r.slots == nil {
		r.slots = make([]recentText[T], 2*recentPairs)
	}
	pair := r.slots[place(at):][:2]
	pair[1] = pair[0]
	pair[0] = recentText[T]{at: at, length: int32(length), value: value} //nolint:gosec // not longer, as asked above
}

// place is where the two slots of a text begin.
func place(at unsafe.Pointer) int {
	return int(uint64(uintptr(at)) * 0x9e3779b97f4a7c15 >> 53 * 2)
}
