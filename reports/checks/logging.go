package checks

import (
	"fmt"
	"time"

	"logreeve/connectors"
	"logreeve/connectors/rawjson"
	"logreeve/reports"
)

// nothing selects no event: the check judges what the run knows of its sources.
func nothing() connectors.Filter { return connectors.In("kind") }

// log01 finds silences that are too long.
func log01() reports.Check {
	return reports.Check{
		ID: "LOG-01", Version: 1,
		Title:     "Gaps in audit logs",
		Objective: "Audit logging never stops unnoticed.",
		Logic: "Looks at the events of every source, for each cluster or host of it, and measures how long nothing came, between two events and to both ends of the window, as far as the source reaches back. " +
			"A silence longer than allowed is a violation: max_gap of expected_sources, else 5 minutes for Kubernetes, 24 hours for auth logs and 1 hour for others. One item a source and place, with its gaps.",
		Type: reports.Health, Severity: reports.High, Controls: []string{"8.15"},
		Select: nothing(),
		Needs:  reports.Needs{Gates: []reports.GateID{reports.G1, reports.G2, reports.G3, reports.G5, reports.G8}},
		Params: []reports.Param{{
			Name: "max_gap", Kind: reports.ParamDuration, Default: "0s",
			Doc: "How long any source may be silent, in place of what is declared or usual; 0s leaves that as it is.",
		}},
		Each: func(s *reports.Scope) reports.Observer {
			return watch{
				see: func(*connectors.Event) {},
				end: func() {
					f := s.Facts()
					for _, source := range f.Sources {
						if source.Events == 0 {
							continue // nothing to measure from: that it is missing is for G2 and LOG-05 to say
						}
						for _, p := range f.Places(source) {
							allowed := time.Duration(p.AllowedGap) * time.Second
							if over := s.Duration("max_gap"); over > 0 {
								allowed = over
							}
							tellGaps(s, source, p.Name, allowed)
						}
					}
				},
			}
		},
	}
}

// tellGaps reports the silences of one place of a source that are too long.
func tellGaps(s *reports.Scope, source reports.SourceFacts, place string, allowed time.Duration) {
	c := source.Read.Coverage[place]
	if c == nil {
		c = connectors.NewCoverage()
	}
	w := s.Facts().Window
	if oldest := source.Read.Oldest; oldest > w.From {
		w.From = oldest // before its first record the source may not have kept anything: that is for G3 to say
	}
	gaps := silences(c, connectors.Window{From: w.From, To: w.To}, allowed, nil)
	if len(gaps) == 0 {
		return
	}
	longest := gaps[0]
	for _, g := range gaps {
		if g.length > longest.length {
			longest = g
		}
	}
	d := s.Item(source.Name, place)
	d.Subject = shown(source.Name)
	if place != "" {
		d.Subject = shown(place) + " (" + shown(source.Name) + ")"
	}
	d.Violation = true
	d.First, d.Last = gaps[0].from, gaps[len(gaps)-1].until()
	d.Title = d.Subject + " was silent for " + plainSpan(longest.length)
	d.Summary = fmt.Sprintf("%s logged nothing %s for longer than %s, at most for %s from %s, so what happened then is not known.",
		d.Subject, times(int64(len(gaps))), plainSpan(allowed), plainSpan(longest.length), moment(longest.from))
	d.Data = map[string]string{"source": source.Name, "place": place}
	for _, g := range gaps[:min(maxTold, len(gaps))] {
		d.Facts = append(d.Facts, reports.Fact{Label: "Silent", Value: span(g.from, g.until()) + ", " + plainSpan(g.length)})
	}
	if hidden := len(gaps) - maxTold; hidden > 0 {
		d.Facts = append(d.Facts, reports.Fact{Label: "Silent", Value: count(int64(hidden), "more gap")})
	}
	d.Facts = append(d.Facts,
		reports.Fact{Label: "Allowed", Value: plainSpan(allowed)},
		reports.Fact{Label: "Why", Value: "No finding about this time can be relied on. Find out whether the system, its logging or the way here stood still."})
}

// silence is a stretch without events.
type silence struct {
	from   connectors.Instant
	length time.Duration
}

func (s silence) until() connectors.Instant { return s.from.Add(s.length) }

// maxSilences is how many gaps of one place are looked for.
const maxSilences = 1000

// silences finds every stretch without events longer than allowed, in time order.
func silences(c *connectors.Coverage, w connectors.Window, allowed time.Duration, found []silence) []silence {
	length, from := c.Gap(w)
	if length <= allowed || length == 0 || len(found) >= maxSilences {
		return found
	}
	gap := silence{from, length}
	if from > w.From && from != 0 {
		found = silences(c, connectors.Window{From: w.From, To: from}, allowed, found)
	}
	found = append(found, gap)
	if w.To == 0 || gap.until() < w.To {
		found = silences(c, connectors.Window{From: gap.until(), To: w.To}, allowed, found)
	}
	return found
}

// plainSpan writes a duration with its two largest units: "2 hours 5 minutes".
func plainSpan(d time.Duration) string {
	if d < time.Second {
		return "less than a second"
	}
	out := ""
	units := 0
	for _, u := range []struct {
		size time.Duration
		name string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}} {
		n := d / u.size
		if n == 0 {
			if units > 0 {
				break
			}
			continue
		}
		if units > 0 {
			out += " "
		}
		out += count(int64(n), u.name)
		d -= n * u.size
		if units++; units == 2 {
			break
		}
	}
	return out
}

// log05 compares the sources that report with the ones that should.
func log05() reports.Check {
	return reports.Check{
		ID: "LOG-05", Version: 1,
		Title:     "Every expected source reports",
		Objective: "Every system that should log is heard, and every one that is heard is known.",
		Logic: "Compares expected_sources of the registers file with the sources read, and their hosts where hosts are declared. An expected source without any event in the window is a violation. " +
			"A source, or a host of a source whose hosts are declared, that is not expected is an item without being one. Without expected_sources it does not run. One item a source and host.",
		Type: reports.Health, Severity: reports.High, Controls: []string{"8.15"},
		Select: nothing(),
		Needs:  reports.Needs{Expected: true, Gates: []reports.GateID{reports.G1, reports.G5}},
		Each: func(s *reports.Scope) reports.Observer {
			return watch{
				see: func(*connectors.Event) {},
				end: func() {
					f := s.Facts()
					for _, e := range f.Missing(nil) {
						d := s.Item(e.Name, e.Host)
						d.Violation = true
						d.Subject = account(e.Host, e.Name)
						d.First, d.Last = f.Window.From, f.Window.To
						d.Title = d.Subject + " does not report"
						d.Summary = "The expected source " + d.Subject + " has no event in the window, so nothing is known of what happened there."
						d.Data = map[string]string{"source": e.Name, "place": e.Host}
						d.Facts = []reports.Fact{
							{Label: "Window", Value: span(f.Window.From, f.Window.To)},
							{Label: "Why", Value: "It is declared in expected_sources. Either its logging stands still, its logs do not get here, or it no longer exists and the declaration is old."},
						}
					}
					for _, source := range f.Sources {
						tellUnexpected(s, source)
					}
				},
			}
		},
	}
}

// tellUnexpected lists a source, or those of its hosts, that nobody declared.
func tellUnexpected(s *reports.Scope, source reports.SourceFacts) {
	expected, hosts := false, map[string]bool{}
	for _, e := range s.Facts().Expected {
		if e.Name == source.Name {
			expected = true
			if e.Host != "" {
				hosts[e.Host] = true
			}
		}
	}
	tell := func(host string) {
		if source.Events == 0 {
			return
		}
		d := s.Item(source.Name, host)
		d.Severity = reports.Low
		d.Subject = account(host, source.Name)
		d.First, d.Last = source.Read.First, source.Read.Last
		d.Title = d.Subject + " is in no inventory"
		d.Summary = "The source " + d.Subject + " reports, but expected_sources does not declare it, so nobody would notice if it fell silent."
		d.Data = map[string]string{"source": source.Name, "place": host}
		d.Facts = []reports.Fact{{Label: "Why", Value: "Declare it in expected_sources, with how long it may be silent."}}
	}
	if !expected {
		tell("")
		return
	}
	if len(hosts) == 0 {
		return
	}
	for _, p := range s.Facts().Places(source) {
		if p.Name != "" && !hosts[p.Name] && p.Events > 0 {
			tell(p.Name)
		}
	}
}

// log13 finds secrets that the audit log itself gives away.
func log13() reports.Check {
	return reports.Check{
		ID: "LOG-13", Version: 1,
		Title:     "Secret material recorded in audit logs",
		Objective: "The audit log does not hold the secrets it watches over.",
		Logic: "Selects requests to the Kubernetes API on secrets, tokens of service accounts and token reviews. One whose record holds the body of the request or of the answer is a violation, " +
			"unless the body only says how to delete or why the request failed. One item for each kind of object and namespace; bodies are never shown.",
		Type: reports.Assertion, Severity: reports.High, Controls: []string{"8.15"},
		Select: inKubernetes(connectors.Or(
			connectors.In("resource", "secrets", "tokenreviews"),
			connectors.And(connectors.In("resource", "serviceaccounts"), connectors.In("subresource", "token")),
		)),
		Needs: reports.Needs{Kinds: kubernetesLog()},
		// A record at level Metadata has no body (kubernetes.io, "Auditing", audit policy).
		Scout: &reports.Scout{By: []string{"level"}, Wants: func(*reports.Scope) func(*connectors.Event) bool {
			return func(e *connectors.Event) bool { return e.Level != metadata }
		}},
		Each: func(s *reports.Scope) reports.Observer {
			items := newStories(s)
			return watch{
				see: func(e *connectors.Event) {
					if !tellsSecrets(e.Request()) && !tellsSecrets(e.Response()) {
						return
					}
					t := items.of(kindOf(e), e.Object.Namespace)
					t.on.note(e.Level)
					t.add(e)
				},
				end: func() {
					items.each(func(t *story) {
						what := shown(t.part(0))
						if t.part(1) != "" {
							what += " in " + shown(t.part(1))
						}
						t.draft.Data = map[string]string{"namespace": t.part(1)}
						t.tell(what, "The audit log holds "+what,
							"The records of "+count(t.draft.Count, "request")+" on "+what+" hold the content, so whoever may read the audit log can read the secrets.",
							"Log these at level Metadata in the audit policy, and replace the secrets: they lie in every copy of the log.")
					})
				},
			}
		},
	}
}

// tellsSecrets says whether a body may hold what the object holds: it is there,
// and is neither the reason for a failure nor options for a deletion.
func tellsSecrets(body []byte) bool {
	if len(body) == 0 || string(body) == "null" {
		return false
	}
	kind := rawjson.Text(body, "kind")
	return kind != "Status" && kind != "DeleteOptions"
}
