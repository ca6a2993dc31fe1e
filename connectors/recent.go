package connectors

import "unsafe"

// Recent remembers something for each of the texts that came lately, by where a
// text lies and not by what it says: events share their strings, so the same
// text mostly lies at the same place. It forgets as it likes, so whoever uses it
// keeps what it must not lose elsewhere. The zero Recent is ready for use, from
// one goroutine.
type Recent[T any] struct {
	slots []recentText[T]
}

// recentText keeps the text it is about from being freed, so that no other one
// can come to lie in its place.
type recentText[T any] struct {
	at     *byte
	length int
	value  T
}

const recentTexts = 4096 // a power of two

// Get gives what was set for a text; ok is false when it is not known.
func (r *Recent[T]) Get(text string) (value T, ok bool) {
	if r.slots == nil || text == "" {
		return value, false
	}
	s := r.slot(text)
	if s.at != unsafe.StringData(text) || s.length != len(text) {
		return value, false
	}
	return s.value, true
}

// Set remembers a value for a text. Nothing is remembered for "".
func (r *Recent[T]) Set(text string, value T) {
	if text == "" {
		return
	}
	if r.slots == nil {
		r.slots = make([]recentText[T], recentTexts)
	}
	*r.slot(text) = recentText[T]{at: unsafe.StringData(text), length: len(text), value: value}
}

func (r *Recent[T]) slot(text string) *recentText[T] {
	place := uint64(uintptr(unsafe.Pointer(unsafe.StringData(text))))
	return &r.slots[place*0x9e3779b97f4a7c15>>52%recentTexts]
}
