package checks

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"logreeve/connectors"
)

// attempt is one refused attempt of a made-up flood.
type attempt struct {
	at      connectors.Instant
	address string
	name    string
}

func flood(r *rand.Rand) []attempt {
	var out []attempt
	at := connectors.Instant(1_800_000_000_000_000)
	for range 1 + r.IntN(60) {
		at = at.Add(time.Duration(r.IntN(8)) * time.Second)
		if r.IntN(6) == 0 {
			at = at.Add(time.Duration(r.IntN(40)) * time.Second)
		}
		out = append(out, attempt{at, fmt.Sprint(r.IntN(2)), fmt.Sprint(r.IntN(6))})
	}
	return out
}

// inBurst says by its definition which attempts lie in a burst: some stretch of
// the given length that begins with an attempt holds enough.
func inBurst(all []attempt, least, names int, within time.Duration) []int {
	var out []int
	for i, a := range all {
		for _, first := range all {
			if first.address != a.address || a.at < first.at || a.at.Sub(first.at) > within {
				continue
			}
			n, seen := 0, map[string]bool{}
			for _, b := range all {
				if b.address == a.address && b.at >= first.at && b.at.Sub(first.at) <= within {
					n++
					seen[b.name] = true
				}
			}
			if n >= least || names > 0 && len(seen) >= names {
				out = append(out, i)
				break
			}
		}
	}
	return out
}

func reported(all []attempt, least, names int, within time.Duration) []int {
	var out []int
	b := &bursts{least: least, names: names, within: within, found: func(_ string, e *connectors.Event) { out = append(out, int(e.Seq)) }}
	for i, a := range all {
		b.see(a.address, a.name, &connectors.Event{Time: a.at, Seq: uint64(i)})
	}
	b.end()
	slices.Sort(out)
	return out
}

// TestBursts compares what is reported with the definition, over random floods.
// The control shows that the comparison can fail.
func TestBursts(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	differs := false
	for range 2000 {
		all := flood(r)
		least, names := 1+r.IntN(6), r.IntN(5)
		within := time.Duration(5+r.IntN(30)) * time.Second
		got, want := reported(all, least, names, within), inBurst(all, least, names, within)
		if !slices.Equal(got, want) {
			t.Fatalf("least %d, names %d, within %s: %v, not %v of %v", least, names, within, got, want, all)
		}
		differs = differs || !slices.Equal(reported(all, least+1, names, within), want)
	}
	if !differs {
		t.Error("the control never differs, so the comparison shows nothing")
	}
}

// disorder gives attempts in an order in which none comes more than slack after
// a newer one.
func disorder(r *rand.Rand, all []attempt, slack time.Duration) []int {
	order := make([]int, len(all))
	key := make([]connectors.Instant, len(all))
	for i := range all {
		order[i], key[i] = i, all[i].at.Add(time.Duration(r.Int64N(int64(slack)+1)))
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(key[a], key[b]) })
	return order
}

// TestBurstsOutOfOrder compares with the definition, which remembers everything,
// while memory is swept after every few attempts: as long as nothing is later
// than allowed, forgetting changes nothing. The control forgets earlier.
func TestBurstsOutOfOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	controlDiffers := false
	for round := range 3000 {
		all := flood(r)
		for i := range all { // stretch it over hours, so that there is something to forget
			all[i].at = all[0].at.Add(all[i].at.Sub(all[0].at) * 40)
		}
		least, names := 1+r.IntN(6), r.IntN(5)
		within := time.Duration(5+r.IntN(30)) * 40 * time.Second
		order := disorder(r, all, lateness)
		run := func(early time.Duration) (out []int) {
			b := &bursts{least: least, names: names, within: within, found: func(_ string, e *connectors.Event) { out = append(out, int(e.Seq)) }}
			b.lost = func(e *connectors.Event) {
				t.Errorf("round %d: attempt %d is given up although it is not late", round, e.Seq)
			}
			if early > 0 {
				b.lost = func(*connectors.Event) {}
				b.horizon = nil
			}
			for n, i := range order {
				if n%3 == 0 && b.recent != nil {
					if b.sweep(); early > 0 {
						b.forget(b.newest.Add(early-b.within-lateness), false)
					}
				}
				for _, t := range b.recent {
					b.thin(t)
				}
				b.see(all[i].address, all[i].name, &connectors.Event{Time: all[i].at, Seq: uint64(i)})
			}
			b.end()
			if b.entries != 0 || b.size != 0 || len(b.recent) != 0 {
				t.Fatalf("round %d: at the end %d marks and %d bytes are left", round, b.entries, b.size)
			}
			slices.Sort(out)
			return out
		}
		want := inBurst(all, least, names, within)
		if got := run(0); !slices.Equal(got, want) {
			t.Fatalf("round %d: least %d, names %d, within %s: %v, not %v of %v in order %v", round, least, names, within, got, want, all, order)
		}
		controlDiffers = controlDiffers || !slices.Equal(run(lateness), want)
	}
	if !controlDiffers {
		t.Error("forgetting too early changes nothing, so the comparison shows nothing")
	}
}

// TestBurstsLate shows that what comes later than allowed is given up by name,
// and never silently, once memory ended before it.
func TestBurstsLate(t *testing.T) {
	start := connectors.Instant(1_800_000_000_000_000)
	var lost []uint64
	b := &bursts{least: 3, within: time.Minute, found: func(string, *connectors.Event) { t.Error("no burst is complete") }, lost: func(e *connectors.Event) { lost = append(lost, e.Seq) }}
	see := func(seq uint64, at time.Duration) {
		b.see("a", "", &connectors.Event{Time: start.Add(at), Seq: seq})
	}
	see(1, 0)
	see(2, time.Second)
	see(3, 3*time.Hour)
	see(4, 3*time.Hour-lateness) // late, but within what is allowed
	b.sweep()
	see(5, 2*time.Second) // would have made 1 and 2 a burst
	b.end()
	if !slices.Equal(lost, []uint64{5}) {
		t.Errorf("given up: %v, not only 5", lost)
	}
}

// hammer sends attempts of the same addresses, one every few seconds.
func hammer(b *bursts, n int) (entries, size int) {
	start := connectors.Instant(1_800_000_000_000_000)
	for i := range n {
		e := connectors.Event{Time: start.Add(time.Duration(i) * 3 * time.Second), Seq: uint64(i + 1)}
		if i%2 == 0 {
			b.see("loud", fmt.Sprint("user", i), &e)
		} else {
			b.see(fmt.Sprint("quiet", i%1000), "root", &e)
		}
		entries, size = max(entries, b.entries), max(size, b.size)
	}
	return entries, size
}

// TestBurstsAreBounded shows that memory grows with addresses and not with
// attempts. Without forgetting, and without thinning, it does grow.
func TestBurstsAreBounded(t *testing.T) {
	quiet := func(change func(*bursts)) *bursts {
		b := &bursts{least: 20, names: 5, within: 10 * time.Minute, found: func(string, *connectors.Event) {}, lost: func(*connectors.Event) {}}
		change(b)
		return b
	}
	few, fewBytes := hammer(quiet(func(*bursts) {}), 100_000)
	many, manyBytes := hammer(quiet(func(*bursts) {}), 1_000_000)
	if many > few*12/10 || manyBytes > fewBytes*12/10 {
		t.Errorf("10⁶ attempts keep %d marks in %d bytes, 10⁵ keep %d in %d", many, manyBytes, few, fewBytes)
	}
	never := func(b *bursts) { b.horizon = func() connectors.Instant { return 0 } }
	few, _ = hammer(quiet(never), 5_000)
	if many, _ = hammer(quiet(never), 50_000); many < 3*few {
		t.Errorf("without forgetting 50,000 attempts keep %d marks and 5,000 keep %d, so the test shows nothing", many, few)
	}
}

// TestBurstsGiveUp shows that of too many addresses at once the oldest attempts
// are given up by name, in the order of the log, and memory stays bounded.
func TestBurstsGiveUp(t *testing.T) {
	var lost []uint64
	b := &bursts{least: 20, within: time.Minute, found: func(string, *connectors.Event) { t.Error("a single attempt is a burst") }, lost: func(e *connectors.Event) { lost = append(lost, e.Seq) }}
	for i := range 120_000 { // fifty a second: most leave the stretch
		b.see(fmt.Sprint(i), "", &connectors.Event{Time: connectors.Instant(1_800_000_000_000_000 + i*20_000), Seq: uint64(i)})
	}
	if len(lost) != 0 {
		t.Errorf("%d attempts were given up although their time was over", len(lost))
	}
	for i := range 80_000 { // all at once
		b.see(fmt.Sprint("x", i), "", &connectors.Event{Time: 1_900_000_000_000_000, Seq: uint64(1_000_000 + i)})
		if b.size > heldBytes+sweepBytes+4096 {
			t.Fatalf("%d bytes are held", b.size)
		}
	}
	if len(lost) == 0 {
		t.Error("nothing was given up")
	}
}

// twoNights reports a flood as two runs over neighbouring windows do.
func twoNights(all []attempt, order []int, border connectors.Instant, least, names int, within, lead time.Duration) []int {
	var out []int
	for _, w := range []connectors.Window{{To: border}, {From: border}} {
		b := &bursts{least: least, names: names, within: within, found: func(_ string, e *connectors.Event) { out = append(out, int(e.Seq)) }, lost: func(*connectors.Event) {}}
		for _, i := range order {
			e := &connectors.Event{Time: all[i].at, Seq: uint64(i)}
			switch {
			case w.Contains(e.Time):
				b.see(all[i].address, all[i].name, e)
			case w.From != 0 && e.Time < w.From && e.Time >= w.From.Add(-lead):
				b.lead(all[i].address, all[i].name, e)
			}
		}
		b.end()
	}
	slices.Sort(out)
	return out
}

// TestBurstsAcrossMidnight shows that two runs over neighbouring windows report
// together what one run over both does, and each attempt once. Without the lead
// they do not.
func TestBurstsAcrossMidnight(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	differs := false
	for round := range 3000 {
		all := flood(r)
		least, names := 1+r.IntN(6), r.IntN(5)
		within := time.Duration(5+r.IntN(30)) * time.Second
		border := all[r.IntN(len(all))].at
		order := disorder(r, all, 20*time.Second)
		want := inBurst(all, least, names, within)
		// What straddles the border began at most within before it; and whether
		// an attempt there was in a burst of the night before takes as long again.
		if got := twoNights(all, order, border, least, names, within, 2*within); !slices.Equal(got, want) {
			t.Fatalf("round %d: least %d, names %d, within %s, border %d: %v, not %v of %v in order %v", round, least, names, within, border, got, want, all, order)
		}
		differs = differs || !slices.Equal(twoNights(all, order, border, least, names, within, 0), want)
	}
	if !differs {
		t.Error("the control without a lead never differs, so the comparison shows nothing")
	}
}

func TestPlainSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "less than a second", time.Second: "1 second", 90 * time.Second: "1 minute 30 seconds",
		time.Hour + 5*time.Second: "1 hour", 50 * time.Hour: "2 days 2 hours",
	} {
		if got := plainSpan(d); got != want {
			t.Errorf("%s is %q, not %q", d, got, want)
		}
	}
}

func TestShown(t *testing.T) {
	for name, want := range map[string]string{
		"alice@example.com": "alice@example.com", "": `""`, "a b": `"a b"`, "a\nb": `"a\nb"`, "\u202Egnp": `"\u202egnp"`, "O'Neil": "O'Neil",
	} {
		if got := shown(name); got != want {
			t.Errorf("%q is shown as %s, not %s", name, got, want)
		}
	}
}

func TestVisible(t *testing.T) {
	for sentence, want := range map[string]string{"Now it’s “fine”.": "Now it’s “fine”.", "a\nb\u202Ec\x00": `a\nb\u202ec\x00`} {
		if got := visible(sentence); got != want {
			t.Errorf("%q becomes %q, not %q", sentence, got, want)
		}
	}
}
