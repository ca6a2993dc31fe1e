package authlog

import (
	"time"

	"logreeve/connectors"
)

// Limits of what waits for the end of its attempt (contract.md §2).
const (
	patience      = 15 * time.Minute
	maxAttempts   = 100_000
	maxIdenticals = 1 << 16 // identities remembered per generation
)

// Assembler makes one login event of one SSH attempt: its Failed lines, else
// Invalid user, else its closing line, joined by host and pid. It also counts
// identical lines. It belongs to one goroutine and sees the lines in order.
type Assembler struct {
	attempts   map[uint64]*attempt
	queue      []*attempt // in order of arrival; also of some that are over
	number     map[uint64]int
	older      map[uint64]int
	numberFrom connectors.Instant
}

// attempt is what is known of one connection that has not been let in.
type attempt struct {
	conn    uint64
	waiting *connectors.Event // Invalid user, until it is known whether a Failed comes
	counted bool              // the attempt has its login event
	until   connectors.Instant
	over    bool
}

// NewAssembler makes an assembler.
func NewAssembler() *Assembler {
	return &Assembler{attempts: map[uint64]*attempt{}, number: map[uint64]int{}, older: map[uint64]int{}}
}

// Waiting is how many events wait.
func (a *Assembler) Waiting() int {
	n := 0
	for _, t := range a.attempts {
		if t.waiting != nil {
			n++
		}
	}
	return n
}

// Open is how many attempts are not over.
func (a *Assembler) Open() int { return len(a.attempts) }

// Add takes the next event. It answers true when e is to be emitted; before that
// it hands over the events that wait no longer.
func (a *Assembler) Add(e *connectors.Event, m Mark, emit func(*connectors.Event)) bool {
	if n := a.ordinal(m.id, e.Time); n > 1 {
		e.SetOrdinal(n)
	}
	for len(a.queue) > 0 && (a.queue[0].over || a.queue[0].until < e.Time || len(a.queue) > maxAttempts) {
		a.end(a.queue[0], emit)
		a.queue[0] = nil
		a.queue = a.queue[1:]
	}
	if m.role == noRole {
		return true
	}
	t := a.attempts[m.conn]
	switch m.role {
	case accepted:
		if t != nil {
			a.end(t, emit)
		}
	case failed:
		if t == nil {
			t = a.begin(m.conn, e.Time)
		}
		if t.waiting != nil {
			w := t.waiting
			t.waiting = nil
			remark(w)
			emit(w)
		}
		t.counted = true
	case invalid:
		switch {
		case t == nil:
			t = a.begin(m.conn, e.Time)
			t.waiting = e.Keep()
			return false
		case t.waiting == nil && !t.counted:
			t.waiting = e.Keep()
			return false
		default:
			remark(e)
		}
	case limited, closing:
		if t == nil {
			t = a.begin(m.conn, e.Time)
		}
		if t.waiting != nil || t.counted {
			remark(e)
		}
		if t.waiting != nil {
			w := t.waiting
			t.waiting = nil
			emit(w)
		}
		t.counted = true
		if m.role == closing {
			a.end(t, emit)
		}
	case ended:
		if t != nil {
			a.end(t, emit)
		}
	}
	return true
}

// remark takes the event out of the count of attempts: another line stands for
// this one.
func remark(e *connectors.Event) {
	e.Category, e.Outcome = connectors.CategoryOther, connectors.Unknown
}

func (a *Assembler) begin(conn uint64, at connectors.Instant) *attempt {
	t := &attempt{conn: conn, until: at.Add(patience)}
	a.attempts[conn] = t
	a.queue = append(a.queue, t)
	return t
}

func (a *Assembler) end(t *attempt, emit func(*connectors.Event)) {
	if t.over {
		return
	}
	t.over = true
	if t.waiting != nil {
		emit(t.waiting)
		t.waiting = nil
	}
	if a.attempts[t.conn] == t {
		delete(a.attempts, t.conn)
	}
}

// Flush hands over everything that still waits: the stream has ended.
func (a *Assembler) Flush(emit func(*connectors.Event)) {
	for _, t := range a.queue {
		a.end(t, emit)
	}
	a.queue = nil
}

// ordinal counts identical lines. Lines are identical only within one second (or
// less), so it remembers the last two stretches of the log.
func (a *Assembler) ordinal(id uint64, at connectors.Instant) int {
	n := max(a.number[id], a.older[id]) + 1
	if len(a.number) >= maxIdenticals && (at != a.numberFrom || len(a.number) >= 16*maxIdenticals) {
		a.older, a.number = a.number, map[uint64]int{}
		a.numberFrom = at
	}
	a.number[id] = n
	return n
}
