package kubernetes

// heard remembers what was decoded of late by the hash of its raw bytes alone: to
// compare the bytes would mean to fetch them, and those of all users of a log do not
// fit the memory next to a core. The hash has 64 bits and a seed of its own for each
// parser, so that nobody can choose what collides; by chance two of 100,000 texts do
// once in three thousand million logs.
type heard[T any] struct {
	buckets []bucket[T]
}

// bucket is four places, the newest first: 64 bytes, which a processor fetches at once.
type bucket[T any] [4]struct {
	hash  uint64
	value *T // nil: free
}

const heardBuckets = 1 << 11

func newHeard[T any]() heard[T] { return heard[T]{buckets: make([]bucket[T], heardBuckets)} }

// find gives what was decoded of the bytes with a hash, nil when it is not known.
func (h *heard[T]) find(hash uint64) *T {
	b := &h.buckets[hash%heardBuckets]
	for i := range b {
		if b[i].hash == hash {
			return b[i].value
		}
	}
	return nil
}

// keep remembers what was decoded, in place of the oldest of four.
func (h *heard[T]) keep(hash uint64, value *T) {
	b := &h.buckets[hash%heardBuckets]
	copy(b[1:], b[:3])
	b[0].hash, b[0].value = hash, value
}
