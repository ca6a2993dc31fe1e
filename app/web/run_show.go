package web

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/runs"
	"logreeve/app/web/chart"
	"logreeve/app/web/part"
	"logreeve/reports"
)

// runPage is one run: how far it is, or what it found and how complete it was.
type runPage struct {
	Page
	Head     part.Head
	ID       string
	Going    bool
	Progress part.Progress
	Notice   *part.Notice
	Figures  []part.Figure
	Results  *part.Table
	Sources  *part.Table
	Asked    *part.Table // what search stores were asked
	Places   *part.Table
	Problems *part.Table
	Facts    []part.Pair
}

func newRunPage(frame Page, r *runs.Run, by string) *runPage {
	f := frame.Format()
	purpose, _ := purposeWords(r.Purpose)
	p := &runPage{
		Page: frame, ID: r.ID, Facts: runFactsOf(f, r, by),
		Head: part.Head{Crumbs: []part.Link{{Text: "Results", Href: "/results"}, {Text: "Runs", Href: "/runs"}, {Text: purpose}}, Title: windowWords(f, r.Window), Chips: []part.Chip{statusChip(r.Status)}},
	}
	switch r.Status {
	case runs.Queued, runs.Running:
		p.going(frame, r)
	case runs.Done:
		p.done(f, r)
	case runs.Failed:
		p.Head.Lede = "This run could not be carried out. Nothing of it was kept, and nothing passed because of it."
		p.Notice = &part.Notice{Kind: "error", Title: f.Sentence(or(r.Problem, "No reason is known.")), Text: "Mend what is named here, look at the source it names, and start the run again.",
			Actions: []part.Action{{Text: "See sources", Href: "/sources"}}}
		p.Head.Actions = startAction(frame)
	case runs.Cancelled:
		p.Head.Lede = "This run was cancelled. Nothing of it was kept."
		p.Head.Actions = startAction(frame)
	}
	return p
}

// windowWords says a window; a run over everything knows its own when it is done.
func windowWords(f Format, w reports.RunWindow) string {
	if w.From == 0 && w.To == 0 {
		return "Everything there is"
	}
	return f.Span(windowOf(w))
}

// going is the page while the run is under way.
func (p *runPage) going(frame Page, r *runs.Run) {
	p.Going = true
	p.Head.Lede = "The sources are being read. You may leave this page; the run goes on."
	if r.Status == runs.Queued {
		p.Head.Lede = "The run waits for its turn: runs are carried out one after the other."
	}
	done, of := permille(r.Progress)
	p.Progress = part.Progress{ID: "run-progress", Done: done, Of: of, Fill: true, Text: progressText(r), Label: "Reading"}
	p.Head.Actions = []part.Action{{Text: "Load again", Href: "/runs/" + r.ID, Icon: "refresh"}}
	if r.CancelAsked {
		p.Head.Lede = "Somebody asked to cancel this run. It stops in a moment and keeps nothing."
	} else if frame.Actor.Has("admin", "officer", "reviewer") {
		p.Head.Confirm = &part.Confirm{Open: "Cancel…", Icon: "stop", Title: "Cancel this run?", Text: "It stops and keeps nothing of what it found so far. Sources are not changed. The cancelling is in the trail.",
			Href: "/runs/" + r.ID + "/cancel", CSRF: frame.CSRF, Do: "Cancel the run", Final: true}
	}
}

// permille gives progress in thousandths, so that terabytes fit any browser.
func permille(p runs.Progress) (done, of int) {
	if p.Total <= 0 {
		return 0, 0
	}
	return int(math.Min(1000, float64(p.Bytes)/float64(p.Total)*1000)), 1000
}

// progressText says how far a run is: bytes of all, events, rate, time left.
func progressText(r *runs.Run) string {
	p := r.Progress
	if r.Status == runs.Queued {
		return "Waiting for its turn."
	}
	if r.CancelAsked {
		return "Stopping."
	}
	if p.Bytes == 0 && p.Events == 0 {
		return "Opening the sources."
	}
	words := []string{sizeWords(p.Bytes)}
	if p.Total > 0 {
		words[0] += " of " + sizeWords(p.Total)
	}
	words = append(words, plural(p.Events, "event", "events"))
	if p.PerSecond >= 1 {
		words = append(words, chart.Count(int64(p.PerSecond))+" a second")
	}
	switch {
	case p.LeftSeconds >= 0 && p.Bytes >= p.Total && p.Total > 0:
		words = append(words, "judging what was read")
	case p.LeftSeconds >= 0:
		words = append(words, "about "+secondsWords(p.LeftSeconds)+" left")
	}
	if p.Source != "" {
		words = append(words, "reading "+logText(p.Source))
	}
	return strings.Join(words, " · ")
}

// done is the page of a run that has ended well.
func (p *runPage) done(f Format, r *runs.Run) {
	n := map[reports.Outcome]int{}
	var events, inWindow int64
	problems := 0
	for i := range r.Results {
		n[r.Results[i].Outcome]++
	}
	for i := range r.Sources {
		events += r.Sources[i].Events
		inWindow += r.Sources[i].InWindow
		problems += len(r.Sources[i].Problems)
	}
	p.Head.Chips = nil
	p.Head.Lede = "Of " + plural(len(r.Results), "check", "checks") + ", " + outcomeCounts(n) + "."
	switch {
	case problems > 0:
		p.Head.Lede += " The reading was not complete, so nothing that depends on it can pass."
	case inWindow == 0:
		p.Head.Lede += " The window holds no event at all."
	}
	text, href := purposeWords(r.Purpose)
	p.Head.Facts = []part.Fact{{Text: text}, {Text: plural(inWindow, "event", "events") + " in the window"}, {Text: "finished " + f.Time(r.FinishedAt)}}
	if href != "" {
		p.Head.Actions = []part.Action{{Text: "Open the review", Href: href, Icon: "reviews"}}
	}
	p.Notice = unreadNotice(f, r)
	p.Figures = outcomeFigures(n)
	p.Results = runResults(f, r)
	p.sources(f, r)
}

// unreadNotice names the sources that were not read whole, and the first reason;
// nil when there are none. All reasons stand further below.
func unreadNotice(f Format, r *runs.Run) *part.Notice {
	var names []string
	var first string
	more := -1
	for i := range r.Sources {
		s := &r.Sources[i]
		if len(s.Problems) == 0 {
			continue
		}
		if first == "" {
			first = strings.TrimSuffix(reasonWords(f, s.Problems[0]), ".") + "."
		}
		names, more = append(names, s.Name), more+len(s.Problems)
	}
	if len(names) == 0 {
		return nil
	}
	if more > 0 {
		first += " " + plural(more, "more reason stands", "more reasons stand") + " below."
	}
	return &part.Notice{Kind: "down", Title: firstFew(names, 3) + " could not be read whole.", Text: first, Actions: []part.Action{{Text: "See sources", Href: "/sources"}}}
}

func runResults(f Format, r *runs.Run) *part.Table {
	sorted := slices.Clone(r.Results)
	slices.SortStableFunc(sorted, compareResults)
	t := &part.Table{ID: "results", Caption: "Results, worst first", Quiet: true, Stacked: true,
		Columns: []part.Column{{Text: "Severity", Hush: true}, {Text: "Check"}, {Text: "Outcome"}, {Text: "Items", Number: true}, {Text: "Events looked at", Number: true}, {Text: "Why"}}}
	for i := range sorted {
		res := &sorted[i]
		t.Rows = append(t.Rows, part.Row{Cells: []part.Cell{{Severity: string(res.Severity)}, {Text: res.Title, Sub: res.Check, Href: resultHref(r.ID, res.Check), Name: true}, outcomeCell(res),
			{Text: chart.Count(int64(len(res.Items))), Number: true}, {Text: chart.Count(res.Population), Number: true}, {Text: f.Sentence(res.Reason), Small: true}}})
	}
	return t
}

// sources fills how complete the reading was.
func (p *runPage) sources(f Format, r *runs.Run) {
	p.Sources = &part.Table{ID: "sources", Caption: "What was read", Quiet: true, Tight: true, Stacked: true, Columns: []part.Column{{Text: "Source"}, {Text: "Lines", Number: true}, {Text: "Records", Number: true}, {Text: "Events", Number: true},
		{Text: "In the window", Number: true}, {Text: "Not understood", Number: true}, {Text: "First"}, {Text: "Last"}}}
	places := &part.Table{ID: "places", Caption: "Silence by cluster or host", Quiet: true, Tight: true, Stacked: true,
		Columns: []part.Column{{Text: "Cluster or host"}, {Text: "Source"}, {Text: "Events", Number: true}, {Text: "Longest silence", Number: true}, {Text: "From"}, {Text: "Allowed", Number: true}}}
	problems := &part.Table{ID: "problems", Caption: "What could not be read", Quiet: true, Tight: true, Stacked: true, Columns: []part.Column{{Text: "Source"}, {Text: "Where"}, {Text: "Why"}}}
	for i := range r.Sources {
		s := &r.Sources[i]
		name := part.Cell{Text: logText(s.Name), Sub: kindWord(s.Kind), Name: true}
		if len(s.Problems) > 0 {
			name.Chips = []part.Chip{{Text: "not complete", Kind: "bad", Icon: "warn"}}
		}
		p.Sources.Rows = append(p.Sources.Rows, part.Row{Cells: []part.Cell{name, {Text: chart.Count(s.Lines), Number: true}, {Text: chart.Count(s.Records), Number: true}, {Text: chart.Count(s.Events), Number: true},
			{Text: chart.Count(s.InWindow), Number: true}, {Text: chart.Count(s.Unparsed), Number: true}, timeCell(f, s.First), timeCell(f, s.Last)}})
		for _, pl := range s.Places {
			gap := part.Cell{Text: secondsWords(pl.LongestGap), Number: true}
			if pl.LongestGap > pl.AllowedGap && pl.AllowedGap > 0 {
				gap.Chips = []part.Chip{{Text: "too long", Kind: "bad", Icon: "silent"}}
			}
			places.Rows = append(places.Rows, part.Row{Cells: []part.Cell{{Text: or(logText(pl.Name), "not said"), Name: true}, {Text: logText(s.Name), Small: true}, {Text: chart.Count(pl.Events), Number: true}, gap,
				timeCell(f, pl.GapFrom), {Text: secondsWords(pl.AllowedGap), Number: true}}})
		}
		for _, pr := range s.Problems {
			problems.Rows = append(problems.Rows, part.Row{Cells: []part.Cell{{Text: logText(s.Name), Name: true}, {Text: logText(pr.Where), Mono: true}, {Text: reasonWords(f, pr)}}})
		}
		for _, sk := range s.Skipped {
			problems.Rows = append(problems.Rows, part.Row{Past: true, Cells: []part.Cell{{Text: logText(s.Name), Name: true}, {Text: logText(sk.File), Mono: true}, {Text: "left out: " + logText(sk.Reason)}}})
		}
	}
	p.Asked = askedTable(r.Sources)
	if len(places.Rows) > 0 {
		p.Places = places
	}
	if len(problems.Rows) > 0 {
		p.Problems = problems
	}
}

// askedTable is what search stores were asked and what it cost; nil when there
// are none.
func askedTable(sources []reports.SourceSummary) *part.Table {
	t := &part.Table{ID: "asked", Caption: "What stores were asked", Quiet: true, Tight: true, Stacked: true,
		Columns: []part.Column{{Text: "Source"}, {Text: "Counted there", Number: true}, {Text: "Read", Number: true}, {Text: "Requests", Number: true}, {Text: "Received", Number: true}, {Text: "Time", Number: true}}}
	for i := range sources {
		s := &sources[i]
		if s.Requests == 0 {
			continue
		}
		counted := part.Cell{Text: chart.Count(s.Counted), Number: true}
		if s.Counted == 0 && s.Records > 0 {
			counted = part.Cell{Text: "none", Sub: "all was read", Number: true}
		}
		t.Rows = append(t.Rows, part.Row{Cells: []part.Cell{{Text: logText(s.Name), Name: true}, counted, {Text: chart.Count(s.Records), Number: true}, {Text: chart.Count(s.Requests), Number: true}, {Text: sizeWords(s.BytesReceived), Number: true},
			{Text: millisWords(s.TookMillis), Number: true}}})
	}
	if len(t.Rows) == 0 {
		return nil
	}
	return t
}

// millisWords writes a short time: "840 ms", "12.4 s", then as secondsWords.
func millisWords(ms int64) string {
	switch {
	case ms < 1000:
		return strconv.FormatInt(ms, 10) + " ms"
	case ms < 60_000:
		return strconv.FormatFloat(float64(ms)/1000, 'f', 1, 64) + " s"
	}
	return secondsWords(ms / 1000)
}

// runFactsOf is what a run depended on.
func runFactsOf(f Format, r *runs.Run, by string) []part.Pair {
	facts := []part.Pair{
		{Key: "Started by", Text: by, Sub: f.Time(r.CreatedAt)},
		{Key: "Run", Text: r.ID, Mono: true},
		{Key: "Version", Text: or(r.Tool, "not known")},
	}
	if len(r.Only) > 0 {
		facts = append(facts, part.Pair{Key: "Only the sources", Text: firstFew(r.Only, len(r.Only))})
	}
	if r.Snapshot != "" {
		facts = append(facts, part.Pair{Key: "List of people", Text: short(r.SnapshotDigest), Href: "/people/history/" + r.Snapshot, Mono: true, Sub: "as it was imported then"})
	} else if r.Status == runs.Done {
		facts = append(facts, part.Pair{Key: "List of people", Text: "none was imported"})
	}
	if r.PolicyDigest != "" {
		facts = append(facts, part.Pair{Key: "Audit policy", Text: short(r.PolicyDigest), Mono: true})
	}
	if r.Digest != "" {
		facts = append(facts, part.Pair{Key: "SHA-256 of the results", Text: r.Digest, Mono: true})
	}
	return facts
}

func (s *Server) runShow(c *fiber.Ctx) error {
	r, err := s.Runs.Run(c.UserContext(), c.Params("id"))
	if err != nil {
		return err
	}
	names, err := s.actorNames(c.UserContext(), r.By)
	if err != nil {
		return err
	}
	return s.render(c, "run_show", newRunPage(s.page(c, "Run", "results"), r, or(names[r.By], r.By)))
}

// runProgress is how far a run is, for static/js/run.js.
type runProgress struct {
	Done  int    `json:"done"`
	Of    int    `json:"of"`
	Text  string `json:"text"`
	State string `json:"state"`
	Href  string `json:"href"`
}

func newRunProgress(r *runs.Run) runProgress {
	p := runProgress{Text: progressText(r), State: string(r.Status), Href: "/runs/" + r.ID}
	p.Done, p.Of = permille(r.Progress)
	return p
}

func (s *Server) runProgress(c *fiber.Ctx) error {
	r, err := s.Runs.Run(c.UserContext(), c.Params("id"))
	if err != nil {
		return err
	}
	return s.json(c, fiber.StatusOK, newRunProgress(r))
}

func (s *Server) runCancel(c *fiber.Ctx) error {
	if err := s.Runs.Cancel(c.UserContext(), s.actor(c), c.Params("id")); err != nil {
		return err
	}
	s.flash(c, "ok", "The run is asked to stop.")
	return s.redirect(c, "/runs/"+c.Params("id"))
}
