package auth

import (
	"net/netip"
	"sync"
	"time"
)

// Limit is a bucket of attempts: Burst at once, then one every Every.
type Limit struct {
	Burst int
	Every time.Duration
}

// Limits are the bounds on attempts that fail. They hold in one process; with n
// replicas n times as many can be made.
type Limits struct {
	// Address bounds one client address (IPv6: its /64 network) over all accounts.
	Address Limit
	// Account bounds one client address for one e-mail address.
	Account Limit
}

// DefaultLimits are 30 and then one every 10 seconds for an address, and 5 and
// then one a minute for an address and an e-mail address together.
func DefaultLimits() Limits {
	return Limits{Address: Limit{30, 10 * time.Second}, Account: Limit{5, time.Minute}}
}

// bucketsKept bounds memory: when there are more, full ones are dropped first
// and then all, which gives guessers a fresh burst rather than the server none.
const bucketsKept = 100_000

type bucket struct {
	used    int // attempts not yet forgotten
	since   time.Time
	limit   Limit
	refused bool // a refusal was reported since the last attempt let through
}

// forget lets time pass.
func (b *bucket) forget(now time.Time) {
	if n := int(now.Sub(b.since) / b.limit.Every); n > 0 {
		b.used = max(0, b.used-n)
		b.since = b.since.Add(time.Duration(n) * b.limit.Every)
	}
	if b.used == 0 {
		b.since = now
	}
}

type limiter struct {
	mu      sync.Mutex
	limits  Limits
	buckets map[string]*bucket
}

func newLimiter(l Limits) *limiter { return &limiter{limits: l, buckets: map[string]*bucket{}} }

// take uses up one attempt. When there is none left it says how long to wait,
// and whether this is the first refusal since an attempt was let through.
func (l *limiter) take(now time.Time, address, email string) (wait time.Duration, first bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	pair := l.pair(now, address, email)
	for _, b := range pair {
		if b.used >= b.limit.Burst {
			wait = max(wait, b.since.Add(b.limit.Every).Sub(now), time.Second)
			first = first || !b.refused
			b.refused = true
		}
	}
	if wait > 0 {
		return wait, first
	}
	for _, b := range pair {
		b.used++
		b.refused = false
	}
	return 0, false
}

// giveBack returns an attempt that succeeded.
func (l *limiter) giveBack(now time.Time, address, email string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, b := range l.pair(now, address, email) {
		b.used = max(0, b.used-1)
	}
}

func (l *limiter) pair(now time.Time, address, email string) [2]*bucket {
	if len(l.buckets) > bucketsKept {
		l.drop(now)
	}
	network := networkOf(address)
	return [2]*bucket{
		l.bucket(now, network, l.limits.Address),
		l.bucket(now, network+" "+hashToken(email), l.limits.Account),
	}
}

func (l *limiter) bucket(now time.Time, key string, limit Limit) *bucket {
	b, ok := l.buckets[key]
	if !ok {
		b = &bucket{since: now, limit: limit}
		l.buckets[key] = b
	}
	b.forget(now)
	return b
}

func (l *limiter) drop(now time.Time) {
	for key, b := range l.buckets {
		if b.forget(now); b.used == 0 {
			delete(l.buckets, key)
		}
	}
	if len(l.buckets) > bucketsKept {
		l.buckets = map[string]*bucket{}
	}
}

// networkOf is what one client can choose freely counted as one: an IPv4
// address, or the /64 network of an IPv6 address.
func networkOf(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	a = a.Unmap()
	if a.Is4() {
		return a.String()
	}
	p, err := a.WithZone("").Prefix(64)
	if err != nil {
		return a.String()
	}
	return p.String()
}
