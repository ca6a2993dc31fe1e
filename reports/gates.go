package reports

import (
	"fmt"
	"time"

	"logreeve/connectors"
)

// CheckFacts is what gates must know of one check beyond the run's facts.
type CheckFacts struct {
	ID          string
	Needs       Needs
	Undecidable int64  // events that could not be judged
	Why         string // the first of them could not, in a few words
	Witnessed   int64  // events of the window that match Needs.Witness, at least when > 0
}

// rosterAge is how old a snapshot may be at the end of the window (G9).
const rosterAge = 7 * 24 * time.Hour

// gateIDs says which gates a check needs.
func gateIDs(n Needs) []GateID {
	if n.Gates != nil {
		ids := []GateID{G1}
		for _, id := range n.Gates {
			if id != G1 {
				ids = append(ids, id)
			}
		}
		return ids
	}
	ids := []GateID{G1, G2, G3, G4, G5}
	if n.Bodies {
		ids = append(ids, G6)
	}
	if n.Witness.Op != connectors.OpAll {
		ids = append(ids, G7)
	}
	ids = append(ids, G8)
	if n.People || n.Keys {
		ids = append(ids, G9)
	}
	if n.LedgerDays > 0 {
		ids = append(ids, G10)
	}
	return ids
}

// Judge judges the gates that a check needs. It is a pure function.
func Judge(f *Facts, c CheckFacts) []Gate {
	var out []Gate
	for _, id := range gateIDs(c.Needs) {
		ok, detail := judge(id, f, c)
		out = append(out, Gate{ID: id, OK: ok, Detail: detail})
	}
	return out
}

func judge(id GateID, f *Facts, c CheckFacts) (bool, string) {
	sources := f.Of(c.Needs.Kinds)
	if len(sources) == 0 && id != G9 && id != G10 {
		return false, "No source of " + kindsInWords(c.Needs.Kinds) + " was given."
	}
	switch id {
	case G1:
		return completeRead(sources)
	case G2:
		return presence(f, sources, c.Needs.Kinds)
	case G3:
		return retained(f, sources)
	case G4:
		return noGap(f, sources)
	case G5:
		return settled(f, sources)
	case G6:
		return contentRecorded(c)
	case G7:
		return witnessed(f, c)
	case G8:
		return parsed(sources)
	case G9:
		return rosterFresh(f, c.Needs)
	case G10:
		return ledgerDeep(f, c.Needs)
	}
	return false, fmt.Sprintf("The gate %s does not exist.", id)
}

// completeRead is G1: every source was read to its end without a problem.
func completeRead(sources []SourceFacts) (bool, string) {
	var records, before, inStores int64
	for _, s := range sources {
		if n := len(s.Read.Problems); n > 0 {
			p := s.Read.Problems[0]
			return false, fmt.Sprintf("The read of %s is not complete: %s (%s)%s.", s.Name, p.Reason, p.Where, andMore(n-1, "problem"))
		}
		records += s.Read.Records
		inStores += s.Read.Counted
		for _, r := range s.Read.Resumed {
			before += r.Lines
		}
	}
	if inStores > 0 {
		return true, fmt.Sprintf("%s were counted in the store, which answered in full; %s of %s, all that had to be looked at, were read to the end.",
			counted(inStores, "event"), counted(records, "record"), counted(int64(len(sources)), "source"))
	}
	if before > 0 {
		return true, fmt.Sprintf("%s of %s were read to the end; of these, %s before the window were read by an earlier run and not again.",
			counted(records, "record"), counted(int64(len(sources)), "source"), counted(before, "line"))
	}
	return true, fmt.Sprintf("%s of %s were read to the end.", counted(records, "record"), counted(int64(len(sources)), "source"))
}

// presence is G2: every source given, and every source expected, has an event
// in the window.
func presence(f *Facts, sources []SourceFacts, kinds []connectors.Kind) (bool, string) {
	var events int64
	for _, s := range sources {
		if s.Events == 0 {
			return false, fmt.Sprintf("The source %s has no event in the window.", s.Name)
		}
		events += s.Events
	}
	if missing := f.Missing(kinds); len(missing) > 0 {
		return false, fmt.Sprintf("The expected source %s has no event in the window%s.", expectedName(missing[0]), andMore(len(missing)-1, "expected source"))
	}
	return true, fmt.Sprintf("%s from %s in the window; %s.", counted(events, "event"), counted(int64(len(sources)), "source"),
		allOf(len(f.ExpectedOf(kinds)), "expected source", "reports"))
}

// retained is G3: what was read begins at the start of the window or before,
// within the silence that is normal for the source.
func retained(f *Facts, sources []SourceFacts) (bool, string) {
	if f.Window.From == 0 {
		return false, "There are no events and no window was given, so nothing can be said about its start."
	}
	for _, s := range sources {
		oldest := s.Read.Oldest
		if oldest == 0 {
			return false, fmt.Sprintf("The source %s holds no event, so it does not reach back to the start of the window.", s.Name)
		}
		if late := oldest.Sub(f.Window.From); late > f.MaxGap(s, "") {
			return false, fmt.Sprintf("The source %s begins at %s, %s after the start of the window.", s.Name, oldest, inWords(late))
		}
	}
	return true, fmt.Sprintf("The data reaches back to the start of the window, %s.", f.Window.From)
}

// noGap is G4: no place was silent for longer than its max_gap inside the
// window, from its start to its end.
func noGap(f *Facts, sources []SourceFacts) (bool, string) {
	if f.Window.From == 0 || f.Window.To == 0 {
		return false, "There are no events and no window was given, so silence cannot be measured."
	}
	var longest Place
	for _, s := range sources {
		for _, p := range f.Places(s) {
			if p.TooQuiet() {
				return false, fmt.Sprintf("The source %s is silent for %s from %s; at most %s is allowed.",
					placeName(s.Name, p.Name), seconds(p.LongestGap), p.GapFrom, seconds(p.AllowedGap))
			}
			if p.LongestGap >= longest.LongestGap {
				longest = p
			}
		}
	}
	return true, fmt.Sprintf("The longest silence is %s; at most %s is allowed.", seconds(longest.LongestGap), seconds(longest.AllowedGap))
}

// settled is G5: the window is over, nothing more can arrive, and no clock ran ahead.
func settled(f *Facts, sources []SourceFacts) (bool, string) {
	if f.Window.To == 0 {
		return false, "There are no events and no window was given, so the window has no end."
	}
	for _, s := range sources {
		if s.Read.Future > 0 {
			return false, fmt.Sprintf("%s of %s %s dated in the future, so a clock is wrong.", counted(s.Read.Future, "event"), s.Name, isOrAre(s.Read.Future))
		}
		if f.Window.To > f.Now.Add(-s.Settle) {
			if s.Settle > 0 {
				return false, fmt.Sprintf("The window ends at %s, but %s may deliver events up to %s late.", f.Window.To, s.Name, inWords(s.Settle))
			}
			return false, fmt.Sprintf("The window ends at %s, which is not over yet.", f.Window.To)
		}
	}
	return true, fmt.Sprintf("The window ended at %s and every event in it has arrived.", f.Window.To)
}

// contentRecorded is G6: every event the check wanted to look into had its content.
func contentRecorded(c CheckFacts) (bool, string) {
	if c.Undecidable > 0 {
		if c.Why != "" {
			return false, fmt.Sprintf("%s could not be judged, the first because: %s.", counted(c.Undecidable, "event"), c.Why)
		}
		return false, fmt.Sprintf("%s could not be judged because the log does not hold the content.", counted(c.Undecidable, "event"))
	}
	return true, "Every event that was looked at holds the content needed to judge it."
}

// witnessed is G7: there is a sign that this kind of event is logged at all.
func witnessed(f *Facts, c CheckFacts) (bool, string) {
	what := c.Needs.WitnessText
	if what == "" {
		what = "events of this kind"
	}
	if c.Witnessed > 0 {
		return true, fmt.Sprintf("The log records %s: the window holds at least one.", what)
	}
	for _, id := range f.Witnesses {
		if id == c.ID {
			return true, fmt.Sprintf("The registers declare that the log records %s.", what)
		}
	}
	if f.Policy != nil && f.Policy.LogsAll(c.Needs.PolicyNeeds) {
		return true, fmt.Sprintf("The audit policy given records %s.", what)
	}
	return false, fmt.Sprintf("Nothing shows that the log records %s at all: the window holds none, by anyone.", what)
}

// parsed is G8: at least 99.9 % of what a source holds was understood.
func parsed(sources []SourceFacts) (bool, string) {
	var understood, all int64
	for _, s := range sources {
		bad := s.Read.Unparsed
		lines := s.Read.Lines - s.Read.Blank
		if lines == 0 { // a store has documents, not lines
			lines = s.Read.Records + bad
		}
		if bad*1000 > lines {
			return false, fmt.Sprintf("%s of %s in %s could not be read, more than one in a thousand.", grouping(bad), counted(lines, "line"), s.Name)
		}
		understood += lines - bad
		all += lines
	}
	return true, fmt.Sprintf("%s of %s were understood.", grouping(understood), counted(all, "line"))
}

// rosterFresh is G9: people and keys are given as needed, not older than a week
// at the end of the window.
func rosterFresh(f *Facts, n Needs) (bool, string) {
	if n.People && !f.HasPeople {
		return false, "No people file was given."
	}
	if n.Keys && !f.HasKeys {
		return false, "No file of registered SSH keys was given."
	}
	if f.RosterTakenAt == 0 {
		return false, "It is not known from when the people and keys are."
	}
	if age := f.Window.To.Sub(f.RosterTakenAt); age > rosterAge {
		return false, fmt.Sprintf("People and keys are from %s, %s before the end of the window; at most 7 days is allowed.", f.RosterTakenAt, inWords(age))
	}
	return true, fmt.Sprintf("People and keys are from %s.", f.RosterTakenAt)
}

// ledgerDeep is G10: the ledger began early enough to say who is new or dormant.
func ledgerDeep(f *Facts, n Needs) (bool, string) {
	if !f.HasLedger || f.LedgerSince == 0 {
		return false, fmt.Sprintf("There is no record yet of who was seen before; %d days before the window are needed.", n.LedgerDays)
	}
	if f.Window.From == 0 {
		return false, "There are no events and no window was given, so nothing can be said about the time before it."
	}
	depth := f.Window.From.Sub(f.LedgerSince)
	if depth < time.Duration(n.LedgerDays)*24*time.Hour {
		return false, fmt.Sprintf("The record of who was seen before begins at %s; %d days before the window are needed.", f.LedgerSince, n.LedgerDays)
	}
	return true, fmt.Sprintf("The record of who was seen before begins at %s, at least %d days before the window.", f.LedgerSince, n.LedgerDays)
}
