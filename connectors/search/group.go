package search

import (
	"slices"

	"logreeve/connectors"
)

// maxGroup bounds how many records of one request wait for each other.
const maxGroup = 1_000

// grouper puts the stages of one request in the order in which they happened.
// Documents come in the order of their received time, which all stages of a
// request share, so that they stand together, but among themselves as the store
// likes. Records that may have more of their kind on the next page wait.
type grouper struct {
	events []connectors.Event
	marks  []mark
}

// add takes the records of a page and gives those that are ready.
func (g *grouper) add(events []connectors.Event, marks []mark) ([]connectors.Event, []mark) {
	if len(events) == 0 {
		return nil, nil
	}
	if len(g.events) > 0 {
		events = append(g.events, events...)
		marks = append(g.marks, marks...)
	}
	cut := len(events) - 1
	for cut > 0 && together(&events[cut-1], &events[len(events)-1]) {
		cut--
	}
	if len(events)-cut > maxGroup {
		cut = len(events)
	}
	g.events, g.marks = nil, nil
	for i := cut; i < len(events); i++ {
		g.events = append(g.events, *events[i].Keep()) // the page goes
	}
	g.marks = slices.Clone(marks[cut:])
	sortStages(events[:cut], marks[:cut])
	return events[:cut], marks[:cut]
}

// rest gives what still waits.
func (g *grouper) rest() ([]connectors.Event, []mark) {
	sortStages(g.events, g.marks)
	events, marks := g.events, g.marks
	g.events, g.marks = nil, nil
	return events, marks
}

// together says whether two records may be of one request.
func together(a, b *connectors.Event) bool {
	if a.Time != b.Time || a.Kind != connectors.Kubernetes {
		return false
	}
	x, escaped := a.TextView(connectors.TextNativeID)
	y, also := b.TextView(connectors.TextNativeID)
	return escaped == also && string(x) == string(y)
}

func sortStages(events []connectors.Event, marks []mark) {
	for i := 0; i < len(events); {
		j := i + 1
		for j < len(events) && together(&events[i], &events[j]) {
			j++
		}
		for k := i + 1; k < j; k++ { // groups are small
			for m := k; m > i && rank(&events[m]) < rank(&events[m-1]); m-- {
				events[m], events[m-1] = events[m-1], events[m]
				marks[m], marks[m-1] = marks[m-1], marks[m]
			}
		}
		i = j
	}
}

// rank is the place of a stage among those of a request.
func rank(e *connectors.Event) int {
	switch e.Stage {
	case "RequestReceived":
		return 0
	case "ResponseStarted":
		return 1
	case "Panic":
		return 2
	}
	return 3
}
