package web

import (
	"slices"
	"strconv"
	"strings"

	"logreeve/app/web/chart"
	"logreeve/app/web/part"
	"logreeve/connectors"
)

// overviewWords are the keywords of a log review beside the period before.
type overviewWords struct {
	Beside string // the period before
	Said   string
	Table  part.Table
	Blind  string // words that cannot be counted
	Why    string
}

func newOverviewWords(f Format, o *connectors.Overview) *overviewWords {
	w := &overviewWords{Beside: "beside " + f.Span(o.Words.Before), Said: searchedWords(o), Table: part.Table{ID: "words", Caption: "Keywords", Quiet: true, Tight: true, Stacked: true, Columns: []part.Column{
		{Text: "Keyword"}, {Text: "This period", Number: true}, {Text: "Before", Number: true}, {Text: "Change", Number: true},
	}}}
	add := func(name part.Cell, now, before connectors.Tally) {
		name.Name = true
		w.Table.Rows = append(w.Table.Rows, part.Row{Cells: []part.Cell{name, tallyCell(o, now), tallyCell(o, before), {Text: changeWords(now, before), Number: true}}})
	}
	add(part.Cell{Text: "all records"}, o.Records, o.Words.Records)
	blind, why := blindWords(o)
	for _, word := range o.Words.Words {
		if !slices.Contains(blind, word.Word) {
			add(part.Cell{Text: word.Word}, word.Now, word.Before)
		}
	}
	if len(blind) > 0 {
		w.Blind = "Not known: " + firstFew(blind, len(blind)) + "."
		w.Why = upper(logText(why)) + ". That these words are not counted does not say that they are not there."
	}
	return w
}

// blindWords are the words that cannot be counted at all, and why, when there are
// several with one reason: the same line for each would hide the rest.
func blindWords(o *connectors.Overview) (words []string, why string) {
	for _, word := range o.Words.Words {
		switch {
		case !word.Now.Unknown || !word.Before.Unknown || word.Now.Lack != word.Before.Lack:
		case len(words) == 0 || why == word.Now.Lack:
			words, why = append(words, word.Word), word.Now.Lack
		}
	}
	if len(words) < 2 {
		return nil, ""
	}
	return words, why
}

// tallyCell is a number in a table. Why one is not known stands below it; why it
// falls short stands above the table.
func tallyCell(o *connectors.Overview, t connectors.Tally) part.Cell {
	c := part.Cell{Text: tallyValue(t), Number: true}
	if t.Unknown {
		c.Sub = lackWords(o, t.Lack)
	}
	return c
}

// changeWords says how a number changed, if both are known whole.
func changeWords(now, before connectors.Tally) string {
	if now.Unknown || before.Unknown {
		return "not known"
	}
	if now.Lack != "" || before.Lack != "" {
		return "cannot be compared"
	}
	change := now.Count - before.Count
	if change == 0 {
		return "same"
	}
	sign := "+"
	if change < 0 {
		sign, change = "−", -change
	}
	text := sign + chart.Count(change)
	if before.Count > 0 {
		share := (change*100 + before.Count/2) / before.Count
		if share == 0 {
			return text + " (under 1 %)"
		}
		text += " (" + sign + strconv.FormatInt(share, 10) + " %)"
	}
	return text
}

// searchedWords says where words are looked for, so that nobody takes a zero for
// more than it is.
func searchedWords(o *connectors.Overview) string {
	w := o.Words
	var said []string
	if len(w.Searched) > 0 {
		said = append(said, "Words are looked for in "+fieldNames(w.Searched)+", as the store takes texts apart.")
	}
	if w.Codes != "" {
		said = append(said, "Numbers are status codes in "+logText(w.Codes)+". Names, addresses and bodies are not searched.")
	}
	if len(w.PassedOver) > 0 {
		said = append(said, "No word can be looked for in "+fieldNames(w.PassedOver)+".")
	}
	if before := w.Records.Lack; before != "" && before != o.Lack {
		said = append(said, "Of the period before, "+logText(before)+".")
	}
	return strings.Join(said, " ")
}

func fieldNames(paths []string) string {
	out := make([]string, len(paths))
	for i, p := range paths {
		out[i] = logText(p)
	}
	if n := len(out); n > 1 {
		return strings.Join(out[:n-1], ", ") + " and " + out[n-1]
	}
	return strings.Join(out, "")
}
