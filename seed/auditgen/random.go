package auditgen

// rng is splitmix64 (Steele, Lea, Flood 2014), the only randomness there is.
type rng uint64

func (r *rng) next() uint64 {
	*r += 0x9e3779b97f4a7c15
	z := uint64(*r)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// n is a number from 0 to n-1.
func (r *rng) n(n int) int { return int((r.next() >> 11) % uint64(n)) } //nolint:gosec // n is above zero

func pick(r *rng, s []string) string { return s[r.n(len(s))] }
