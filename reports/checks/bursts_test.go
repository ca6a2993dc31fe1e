package checks

import (
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

// TestBurstsForget shows that memory does not grow with the number of addresses,
// and that what is forgotten before it could be judged is said.
func TestBurstsForget(t *testing.T) {
	lost := 0
	b := &bursts{least: 20, within: time.Minute, found: func(string, *connectors.Event) { t.Error("a single attempt is a burst") }, lost: func(*connectors.Event) { lost++ }}
	for i := range 3 * maxAddresses { // a thousand a second: many leave the window
		b.see(fmt.Sprint(i), "", &connectors.Event{Time: connectors.Instant(1_800_000_000_000_000 + i*20_000), Seq: uint64(i)})
		if len(b.recent) > maxAddresses {
			t.Fatalf("%d addresses are kept", len(b.recent))
		}
	}
	if lost != 0 {
		t.Errorf("%d attempts were lost although their time was over", lost)
	}
	for i := range 2 * maxAddresses { // all at once
		b.see(fmt.Sprint("x", i), "", &connectors.Event{Time: 1_900_000_000_000_000, Seq: uint64(i)})
	}
	if lost == 0 || len(b.recent) > maxAddresses {
		t.Errorf("%d attempts lost, %d addresses kept", lost, len(b.recent))
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
