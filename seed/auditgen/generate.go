package auditgen

import (
	"bufio"
	"fmt"
	"io"
	"time"
)

// Options say what to generate. Of every field the zero value means the default.
type Options struct {
	// Events to write: at least about 20,000, so that every finding finds its
	// place. Default 500,000.
	Events int64
	// Seed of all randomness. Default 1.
	Seed uint64
	// Rate is the mean number of events in a second of log time. Default 50.
	Rate float64
	// Start is the time of the first event. Default 2025-03-03T04:30:00Z.
	Start time.Time
	// Users is the number of people in the roster, 60,000 at most. Default 500.
	Users int
	// Shuffle writes top-level members in random order, as some shippers do.
	Shuffle bool
	// Metadata leaves bodies out of the background.
	Metadata bool
	// IDs lists the findings of filters one by one in the truth.
	IDs bool
	// Bulk, if set, writes a bulk stream of OpenSearch for the index of this name.
	Bulk string
}

func (o Options) withDefaults() (Options, error) {
	if o.Events == 0 {
		o.Events = 500_000
	}
	if o.Seed == 0 {
		o.Seed = 1
	}
	if o.Rate == 0 {
		o.Rate = 50
	}
	if o.Start.IsZero() {
		o.Start = time.Date(2025, 3, 3, 4, 30, 0, 0, time.UTC)
	}
	if o.Users == 0 {
		o.Users = 500
	}
	if o.Users < 1 || o.Users > 60_000 {
		return o, fmt.Errorf("%d users are outside 1..60000", o.Users)
	}
	if o.Events < 0 || o.Rate < 0 {
		return o, fmt.Errorf("%d events at %g a second: neither may be negative", o.Events, o.Rate)
	}
	return o, nil
}

// Generate writes the stream to w and gives the answers.
func Generate(w io.Writer, o Options) (*Truth, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	g := newGen(o, bufio.NewWriterSize(w, 1<<20))
	if err := g.run(); err != nil {
		return nil, fmt.Errorf("generate audit events: %w", err)
	}
	return g.close(), nil
}

// gen is the state of one stream.
type gen struct {
	r                    rng
	n, seq               int64   // events to write, and the current one
	now                  int64   // microseconds
	step                 float64 // mean microseconds between events
	shuffle, small, list bool
	bulk                 string
	w                    *bufio.Writer
	tr                   *Truth
	users                int
	humans               []string
	nodes, sas, ns       []string
	ips, spread          map[string]map[string]bool // addresses, and namespaces with secrets read, by user
	pols                 []*policy
	queue                []planted // events that wait for their place
	rec                  record
	b1, b2               []byte
	chg                  *PolicyChange // of the event that is emitted next
	noise                string        // why the event that is emitted next changes no policy
	sha                  [32]byte
	roundUser            int
	burst                int
	nextIPUser           int
	nextSpread           int
	ipUsers              int
	spreadUsers          int
}

func newGen(o Options, w *bufio.Writer) *gen {
	g := &gen{
		r: rng(o.Seed * 0x9e3779b97f4a7c15), n: o.Events, now: o.Start.UnixMicro(), step: 1e6 / o.Rate,
		shuffle: o.Shuffle, small: o.Metadata, list: o.IDs, bulk: o.Bulk, w: w, tr: newTruth(o), users: o.Users,
		humans: humans(o.Users), nodes: nodes(), ns: namespaces(), ips: map[string]map[string]bool{}, spread: map[string]map[string]bool{},
	}
	g.sas = serviceAccounts(g.ns)
	g.pols = g.policies()
	return g
}

func scale(n int64, ppm int) int64 {
	if ppm == 0 {
		return 0
	}
	return max(1, n*int64(ppm)/1_000_000)
}

// kind is what is planted, and how many are still to be.
type kind struct {
	id   string
	left int64
}

func (g *gen) kinds() (kinds []kind, units int64) {
	add := func(id string, n int64) {
		if n > 0 {
			kinds = append(kinds, kind{id, n})
			units += n
		}
	}
	for _, c := range Checks() {
		if c.Kind == Filter && c.ID != "F32" {
			add(c.ID, scale(g.n, c.ppm))
		}
	}
	// Burst, address and secret units are several events each, so few of them.
	add("burst", min(40, max(2, g.n/25_000)))
	add("nearburst", min(40, max(2, g.n/25_000)))
	g.ipUsers = int(min(60, max(3, g.n/20_000)))
	add("manyips", int64(g.ipUsers)*12) // 12 events each, over 4 to 12 addresses
	g.spreadUsers = int(min(12, max(1, g.n/100_000)))
	add("spread", int64(g.spreadUsers)*24) // 24 events each, over 11 to 22 namespaces
	add("policy", max(40, g.n*120/1_000_000))
	add("F32", scale(g.n, 200))
	return kinds, units
}

// run writes the events. Sequential sampling places exactly the planted kinds,
// in random order and constant memory.
func (g *gen) run() error {
	kinds, units := g.kinds()
	for i := int64(0); i < g.n; i++ {
		g.seq = i
		left := g.n - i
		q := int64(len(g.queue))
		next := planted{event: g.background}
		// A unit of unknown length needs room: start all units early enough.
		switch {
		case q > 0 && (q+units*50 >= left || g.r.n(10) < 6):
			next = g.queue[0]
			g.queue = g.queue[1:]
			g.tick(len(g.queue) > 0)
		case units > 0 && q == 0 && int64(g.r.next()>>1)%max(1, left-left/20) < units:
			k := int64(g.r.next()>>1) % units
			for j := range kinds {
				if k < kinds[j].left {
					kinds[j].left--
					units--
					g.plant(kinds[j].id)
					break
				}
				k -= kinds[j].left
			}
			i--
			continue
		default:
			g.tick(q > 0)
		}
		if err := g.emit(next.event(), next.finds); err != nil {
			return err
		}
	}
	if left := units + int64(len(g.queue)); left > 0 {
		return fmt.Errorf("%d events are too few to place every planted one: %d are left", g.n, left)
	}
	return g.w.Flush()
}

// tick moves the clock on by a step, uniform on [0, 2 steps), or by less within a
// burst.
func (g *gen) tick(fast bool) {
	d := g.step * float64(g.r.n(2000)) / 1000
	if fast {
		d = float64(g.r.n(40_000))
	}
	g.now += int64(d) + 1
}
