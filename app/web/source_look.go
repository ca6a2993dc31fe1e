package web

import (
	"strings"

	"logreeve/app/fault"
	"logreeve/app/runs"
	"logreeve/app/web/chart"
	"logreeve/app/web/part"
	"logreeve/connectors"
)

// look is what a quick look at a source found, in words.
type look struct {
	Problem *part.Notice // it could not be looked at
	Found   []lookFound
}

// lookFound is one kind of log that was found.
type lookFound struct {
	Title   string
	Chip    part.Chip
	Said    string // of a search store: all of it in a sentence
	Facts   []part.Pair
	Known   string // "10 of 12 fields recognised"
	Fields  []part.Chip
	Missing []string
	Keeps   *part.Notice // of a search store: how long it keeps events
	Role    *storeRole   // to copy, when rights are missing
	Sample  []part.Pair
}

// newLook says what a probe of a source found, or why it found nothing.
func newLook(f Format, now connectors.Instant, src runs.Source, probes []connectors.Probe, err error) *look {
	if err != nil && src.Store != runs.Files {
		return &look{Problem: storeProblem(src, err)}
	}
	if err != nil {
		return &look{Problem: probeProblem(err)}
	}
	l := &look{}
	for _, p := range probes {
		found := newLookFound(f, now, p)
		if p.Store != nil {
			found.store(f, now, src, p)
		}
		l.Found = append(l.Found, found)
	}
	return l
}

// probeProblem says why a place could not be looked at and what to do.
func probeProblem(err error) *part.Notice {
	n := &part.Notice{Kind: "down", Title: fault.Message(err)}
	switch fault.KindOf(err) {
	case fault.NotFound:
		n.Text = "The server looks on its own disk, not on yours. Check the path for typing mistakes, and that the folder with the logs is mounted on the machine that runs Logreeve."
	case fault.Unavailable:
		n.Text = "If permission is refused, let the account that runs Logreeve read the file: on many hosts by adding it to the group adm, or by mounting the folder read only. If the content is not recognised, choose the kind yourself."
	default:
		n.Text = "Mend what is named here and look again."
	}
	return n
}

func newLookFound(f Format, now connectors.Instant, p connectors.Probe) lookFound {
	l := lookFound{Title: kindWord(p.Kind), Chip: part.Chip{Text: "can be read", Kind: "good", Icon: "check"}}
	if p.Looked == 0 {
		l.Chip = part.Chip{Text: "no records", Kind: "warn", Icon: "warn"}
	}
	extent := "a part of it was looked at, from the beginning and the end"
	if p.Complete {
		extent = "everything was looked at"
	}
	l.Facts = []part.Pair{
		{Key: "Where", Text: logText(p.Where), Mono: true},
		{Key: "Size", Text: plural(p.Files, "file", "files") + ", " + sizeWords(p.Bytes), Sub: extent},
		{Key: "Records", Text: chart.Count(p.Parsed) + " of " + chart.Count(p.Looked) + " understood"},
	}
	if p.Newest != 0 {
		l.Facts = append(l.Facts,
			part.Pair{Key: "Newest event", Text: f.Time(p.Newest), Time: p.Newest.String(), UTC: f.UTC(p.Newest), Sub: ago(now, p.Newest)},
			part.Pair{Key: "Oldest event", Text: f.Time(p.Oldest), Time: p.Oldest.String(), UTC: f.UTC(p.Oldest), Sub: ago(now, p.Oldest)})
	}
	if len(p.Hosts) > 0 {
		l.Facts = append(l.Facts, part.Pair{Key: "Hosts or clusters", Text: firstFew(p.Hosts, 6)})
	}
	known := 0
	for _, field := range p.Fields {
		chip := part.Chip{Text: strings.ReplaceAll(field.Name, "_", " "), Kind: "warn", Icon: "dash"}
		if field.Found {
			known, chip.Kind, chip.Icon = known+1, "", "check"
		}
		l.Fields = append(l.Fields, chip)
	}
	l.Known = chart.Count(int64(known)) + " of " + plural(len(p.Fields), "field", "fields") + " recognised"
	for _, m := range p.Missing {
		l.Missing = append(l.Missing, logText(m))
	}
	if p.Sample != nil {
		l.Sample = recordPairs(f, *p.Sample)
	}
	return l
}

// firstFew lists names, and how many more there are.
func firstFew(names []string, few int) string {
	shown := make([]string, 0, few)
	for _, n := range names[:min(few, len(names))] {
		shown = append(shown, logText(n))
	}
	text := strings.Join(shown, ", ")
	if n := len(names) - few; n > 0 {
		text += " and " + chart.Count(int64(n)) + " more"
	}
	return text
}

// recordPairs renders an event in words, as far as its record goes.
func recordPairs(f Format, r connectors.Record) []part.Pair {
	pairs := []part.Pair{{Key: "When", Text: f.write(r.Time, moment), Time: r.Time.String(), UTC: f.UTC(r.Time)}}
	add := func(key, text string, mono bool) {
		if text != "" {
			pairs = append(pairs, part.Pair{Key: key, Text: logText(text), Mono: mono})
		}
	}
	who := or(r.Actor, r.Login)
	if r.ActorKind != "" {
		who += " (" + string(r.ActorKind) + ")"
	}
	add("Who", strings.TrimSpace(who), false)
	if r.Effective != "" && r.Effective != r.Actor {
		add("Acting as", r.Effective, false)
	}
	add("What", or(r.Deed(), string(r.Category)), false)
	add("Outcome", strings.TrimSpace(string(r.Outcome)+" "+r.Code), false)
	add("From", r.ClientIP, true)
	add("With", r.UserAgent, false)
	add("Credential", r.Credential, true)
	add("Where", strings.TrimSpace(r.Cluster+" "+r.Host), false)
	add("Command", r.Command, true)
	add("Message", r.Message, true)
	add("Change reference", r.Ticket, false)
	return pairs
}
