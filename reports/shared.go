package reports

// Shared are the things that the readers of one run use together, each made
// once: what several checks would otherwise work out from the same events each
// for itself. Its zero value holds nothing. It is used from one goroutine.
//
// What is put in before the run, such as what earlier runs knew, is part of
// what the run depends on: who puts it in also notes it with the run.
type Shared struct {
	things map[any]any
}

// Share gives the thing under a key, made by whoever asks first. The key is of
// a type that only the owner of the thing has, so that no two mean the same; to
// ask for another type of thing under it is a broken invariant and panics.
func Share[K comparable, T any](s *Shared, key K, create func() T) T {
	if thing, ok := s.things[key]; ok {
		return thing.(T)
	}
	if s.things == nil {
		s.things = map[any]any{}
	}
	thing := create()
	s.things[key] = thing
	return thing
}
