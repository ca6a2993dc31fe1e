package web

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/actor"
	"logreeve/app/fault"
	"logreeve/app/trail"
	"logreeve/app/web/part"
	"logreeve/connectors"
)

// trailPage is the product's own trail, newest first.
type trailPage struct {
	Page
	Head    part.Head
	Filters part.Filters
	Day     part.Field
	Object  part.Field
	Keep    []part.Hidden // what the form of the two keeps
	Errors  []part.FieldError
	Notice  *part.Notice
	Breaks  *part.Table
	Table   part.Table
}

const (
	trailShown  = 100    // records a page
	trailLooked = 1000   // newest records whose people and actions are offered as filters
	trailPiece  = 5000   // records read at once for an export
	trailMost   = 200000 // records of one export
)

// trailAsked is how the list is narrowed.
type trailAsked struct {
	By, Action, Kind, Object, Day string
	Before                        int64 // only records before this one; 0: from the newest
}

func readTrailAsked(c *fiber.Ctx) trailAsked {
	before, _ := strconv.ParseInt(c.Query("before"), 10, 64) // 0 when it is none
	return trailAsked{By: c.Query("by"), Action: c.Query("action"), Kind: c.Query("kind"), Object: strings.TrimSpace(c.Query("object")), Day: strings.TrimSpace(c.Query("day")), Before: max(before, 0)}
}

func (a trailAsked) href(path string) string {
	q := url.Values{}
	for key, value := range map[string]string{"by": a.By, "action": a.Action, "kind": a.Kind, "object": a.Object, "day": a.Day} {
		if value != "" {
			q.Set(key, value)
		}
	}
	if a.Before > 0 {
		q.Set("before", strconv.FormatInt(a.Before, 10))
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// with is the list narrowed otherwise, from its newest record.
func (a trailAsked) with(set func(*trailAsked)) string {
	a.Before = 0
	set(&a)
	return a.href("/trail")
}

func (a trailAsked) filter(zone *time.Location) (trail.Filter, error) {
	f := trail.Filter{By: a.By, Kind: a.Kind, Object: a.Object}
	if a.Action != "" {
		f.Actions = []string{a.Action}
	}
	if a.Day != "" {
		day, err := time.ParseInLocation(time.DateOnly, a.Day, zone)
		if err != nil || day.Year() < 1990 || day.Year() > 2200 {
			return f, fault.Field("day", "“%s” is not a day. Write it as 2026-11-21.", logText(a.Day))
		}
		f.From, f.To = connectors.At(day), connectors.At(day.AddDate(0, 0, 1))
	}
	return f, nil
}

// trailSeen is what the page is made from.
type trailSeen struct {
	Asked   trailAsked
	Faults  Faults
	Records []trail.Record // one more than is shown, if there are more
	Recent  []trail.Record // who did what on what lately, whatever the filters
	Names   map[string]actor.Actor
	Seq     int64 // where the chain ends
	Hash    string
}

func newTrailPage(frame Page, seen trailSeen) *trailPage {
	f, a := frame.Format(), seen.Asked
	p := &trailPage{Page: frame, Errors: seen.Faults.List("day"), Head: part.Head{Title: "Trail", Near: true,
		Lede:  "Who changed, signed, exported or was refused what: " + plural(seen.Seq, "record", "records") + ", each bound to the one before by its hash.",
		Facts: []part.Fact{{Text: "the chain ends with " + short(seen.Hash)}},
		Actions: []part.Action{
			{Text: "Verify the chain", Href: "/trail/verify", Post: true, CSRF: frame.CSRF, Icon: "shield", Kind: "primary"},
		},
	}}
	if frame.Actor.Has("admin", "officer", "auditor") {
		whole := a
		whole.Before = 0
		p.Head.Actions = append(p.Head.Actions, part.Action{Text: "Export", Href: whole.href("/trail/export.jsonl"), Icon: "download"})
	}
	p.filters(seen)
	more := len(seen.Records) > trailShown
	records := seen.Records[:min(len(seen.Records), trailShown)]
	p.Filters.Text = countWord(len(records)) + " shown, newest first"
	if a == (trailAsked{}) {
		p.Filters.Text = "newest " + countWord(len(records)) + " of " + countWord64(seen.Seq)
		if !more {
			p.Filters.Text = "all " + countWord(len(records)) + " shown, newest first"
		}
	}
	p.Table = part.Table{ID: "trail", Caption: "Records of the trail, newest first", Quiet: true, Tight: true, Stacked: true,
		Columns: []part.Column{{Text: "Record", Number: true}, {Text: "When"}, {Text: "Who"}, {Text: "What"}, {Text: "On"}, {Text: "With"}},
		Empty:   &part.Empty{Kind: part.NoMatch, Title: "No record matches these filters", Text: "The trail has " + plural(seen.Seq, "record", "records") + ", none of them like this.", Actions: []part.Action{{Text: "Show the whole trail", Href: "/trail"}}}}
	if seen.Seq == 0 {
		p.Table.Empty = &part.Empty{Kind: part.Nothing, Title: "The trail is empty", Text: "The first record is written when somebody does something here."}
	}
	for _, r := range records {
		p.Table.Rows = append(p.Table.Rows, trailRow(f, a, seen.Names, r))
	}
	if more {
		next := a
		next.Before = records[len(records)-1].Seq
		p.Table.Pager = &part.Pager{Text: "records " + countWord64(records[0].Seq) + " to " + countWord64(next.Before), Next: next.href("/trail")}
	}
	if a.Before > 0 {
		newest := a
		newest.Before = 0
		if p.Table.Pager == nil {
			p.Table.Pager = &part.Pager{Text: "the oldest that match"}
		}
		p.Table.Pager.Previous = newest.href("/trail")
	}
	return p
}

func trailRow(f Format, a trailAsked, names map[string]actor.Actor, r trail.Record) part.Row {
	when := momentCell(f, r.At)
	who := part.Cell{Text: trailName(names, r.By), Sub: strings.Trim(shortID(r.By)+" · "+logText(r.Address), " ·"), Href: a.with(func(a *trailAsked) { a.By = r.By })}
	on := part.Cell{Text: shortID(r.Object), Sub: logText(strings.ReplaceAll(r.Kind, "_", " ")), Href: objectPlace(r.Kind, r.Object), Small: true}
	return part.Row{Cells: []part.Cell{
		{Text: countWord64(r.Seq), Sub: short(r.Hash)[:min(len(r.Hash), 8)], Number: true}, when, who,
		{Text: actionWords(r.Action), Name: true, Href: a.with(func(a *trailAsked) { a.Action = r.Action })}, on, {Text: detailWords(r.Detail), Small: true},
	}}
}

// shortID is an id that a reader need not compare: the export has it whole.
func shortID(id string) string {
	if tail := id[strings.LastIndexByte(id, '_')+1:]; len(tail) >= 20 && strings.Trim(tail, "0123456789abcdef") == "" {
		return logText(id[:len(id)-len(tail)+8]) + "…"
	}
	return logText(id)
}

// trailName is who an id is; the chain itself holds only the id.
func trailName(names map[string]actor.Actor, id string) string {
	n := names[id]
	return logText(cmp.Or(n.Name, n.Email, "no longer known"))
}

// objectPlace is the page of an object, "" if it has none.
func objectPlace(kind, id string) string {
	at := map[string]string{"review": "/reviews/", "finding": "/findings/", "run": "/runs/", "source": "/sources/", "snapshot": "/people/history/"}[kind]
	if at == "" || id == "" {
		return ""
	}
	return at + url.PathEscape(id)
}

// actionWords says an action to people: "review.limit_acknowledged" is "review:
// limit acknowledged".
func actionWords(action string) string {
	subject, deed, ok := strings.Cut(action, ".")
	if !ok {
		return logText(action)
	}
	return logText(strings.ReplaceAll(subject, "_", " ") + ": " + strings.ReplaceAll(deed, "_", " "))
}

// detailWords says the small facts of a record in order of their names; digests
// are shortened.
func detailWords(detail map[string]string) string {
	words := make([]string, 0, len(detail))
	for key, value := range detail {
		if len(value) >= 32 && strings.Trim(value, "0123456789abcdef") == "" {
			value = short(value)
		}
		words = append(words, logText(strings.ReplaceAll(key, "_", " "))+" "+logText(value))
	}
	slices.Sort(words)
	return strings.Join(words, " · ")
}

// filters offers the people, actions and kinds of object among the newest
// records; any other is reached from a record or by its id.
func (p *trailPage) filters(seen trailSeen) {
	a := seen.Asked
	for _, x := range []struct {
		label, any, chosen string
		of                 func(trail.Record) string
		word               func(string) string
		set                func(*trailAsked, string)
	}{
		{"Who", "anybody", a.By, func(r trail.Record) string { return r.By }, func(s string) string { return trailName(seen.Names, s) }, func(a *trailAsked, v string) { a.By = v }},
		{"Action", "any action", a.Action, func(r trail.Record) string { return r.Action }, actionWords, func(a *trailAsked, v string) { a.Action = v }},
		{"On", "anything", a.Kind, func(r trail.Record) string { return r.Kind }, func(s string) string { return logText(strings.ReplaceAll(s, "_", " ")) }, func(a *trailAsked, v string) { a.Kind, a.Object = v, "" }},
	} {
		filter := part.Filter{Label: x.label, Options: []part.FilterOption{{Text: x.any, Href: a.with(func(a *trailAsked) { x.set(a, "") }), Current: x.chosen == ""}}}
		if x.chosen != "" {
			filter.Value = x.word(x.chosen)
		}
		var values []string
		for _, r := range seen.Recent {
			if v := x.of(r); v != "" && !slices.Contains(values, v) {
				values = append(values, v)
			}
		}
		slices.SortFunc(values, func(p, q string) int { return cmp.Or(cmp.Compare(x.word(p), x.word(q)), cmp.Compare(p, q)) })
		for _, v := range values[:min(len(values), optionsShown)] {
			filter.Options = append(filter.Options, part.FilterOption{Text: x.word(v), Href: a.with(func(a *trailAsked) { x.set(a, v) }), Current: v == x.chosen})
		}
		p.Filters.Filters = append(p.Filters.Filters, filter)
	}
	p.Day = part.Field{ID: "day", Name: "day", Label: "Day", Kind: "date", Value: a.Day, Error: seen.Faults.For("day")}
	p.Object = part.Field{ID: "object", Name: "object", Label: "Object, by its id", Value: a.Object, MaxLength: 300, Placeholder: "W0-2026-W46, F-0001, …", Autocomplete: "off"}
	for _, h := range []part.Hidden{{Name: "by", Value: a.By}, {Name: "action", Value: a.Action}, {Name: "kind", Value: a.Kind}} {
		if h.Value != "" {
			p.Keep = append(p.Keep, h)
		}
	}
	if a != (trailAsked{}) {
		p.Filters.Clear = "/trail"
	}
}

// verified shows what verification of the chain found.
func (p *trailPage) verified(breaks []trail.Break, read int64, hash string) {
	if len(breaks) == 0 {
		p.Notice = &part.Notice{Kind: "info", Title: "The chain holds: " + plural(read, "record", "records") + ", none changed, removed or moved",
			Text: "It ended with " + hash + ". To know that nothing was cut off at the end, compare this with the end printed in the newest evidence package or one you wrote down."}
		return
	}
	p.Notice = &part.Notice{Kind: "error", Title: "The chain does not hold at " + plural(len(breaks), "place", "places"),
		Text: "Somebody changed the database past the program, or it was damaged. Keep it as it is, do not sign anything, and compare with a backup and with the ends printed in evidence packages."}
	p.Breaks = &part.Table{ID: "breaks", Caption: plural(len(breaks), "break", "breaks") + " in " + plural(read, "record", "records"), Tight: true, Columns: []part.Column{{Text: "Record", Number: true}, {Text: "What is wrong"}}}
	for _, b := range breaks[:min(len(breaks), 500)] {
		p.Breaks.Rows = append(p.Breaks.Rows, part.Row{Cells: []part.Cell{{Text: countWord64(b.Seq), Number: true}, {Text: logText(b.What), Name: true}}})
	}
	if len(breaks) > 500 {
		p.Breaks.Pager = &part.Pager{Text: "first 500 of " + countWord(len(breaks))}
	}
}

// trailSeen reads what the page shows.
func (s *Server) trailSeen(c *fiber.Ctx, zone *time.Location, a trailAsked) (trailSeen, error) {
	ctx := c.UserContext()
	seen := trailSeen{Asked: a}
	filter, err := a.filter(zone)
	if faults, ok := faultsOf(err); ok {
		seen.Faults = faults
	}
	if seen.Records, err = s.Trail.Trail(ctx, filter, a.Before, trailShown+1); err != nil {
		return seen, err
	}
	if seen.Recent, err = s.Trail.TrailRecent(ctx, trailLooked); err != nil {
		return seen, err
	}
	ids := []string{a.By}
	for _, r := range slices.Concat(seen.Records, seen.Recent) {
		ids = append(ids, r.By)
	}
	if seen.Names, err = s.Trail.Principals(ctx, ids); err != nil {
		return seen, err
	}
	seen.Seq, seen.Hash, err = s.Trail.TrailHead(ctx)
	return seen, err
}

func (s *Server) trailList(c *fiber.Ctx) error {
	frame := s.page(c, "Trail", "trail")
	seen, err := s.trailSeen(c, frame.Zone, readTrailAsked(c))
	if err != nil {
		return err
	}
	status := fiber.StatusOK
	if len(seen.Faults) > 0 {
		status = fiber.StatusUnprocessableEntity
	}
	return s.renderStatus(c, status, "trail_list", newTrailPage(frame, seen))
}

// trailVerify reads the whole chain. That it did is itself a record, written
// after what it read and before the answer.
func (s *Server) trailVerify(c *fiber.Ctx) error {
	ctx := c.UserContext()
	_, hash, err := s.Trail.TrailHead(ctx)
	if err != nil {
		return err
	}
	breaks, read, err := s.Trail.VerifyTrail(ctx)
	if err != nil {
		return err
	}
	e := trail.Entry{Action: "trail.verified", ObjectKind: "trail", ObjectID: "chain", Detail: map[string]string{"records": strconv.FormatInt(read, 10), "breaks": strconv.Itoa(len(breaks))}}
	if err := s.Trail.Append(ctx, s.actor(c), e); err != nil {
		return fmt.Errorf("record the verification of the trail: %w", err)
	}
	frame := s.page(c, "Trail", "trail")
	seen, err := s.trailSeen(c, frame.Zone, trailAsked{})
	if err != nil {
		return err
	}
	p := newTrailPage(frame, seen)
	p.verified(breaks, read, hash)
	return s.render(c, "trail_list", p)
}

// trailExport sends the records that the filters select, oldest first, one JSON
// object a line. That they were taken is in the trail before they leave.
func (s *Server) trailExport(c *fiber.Ctx) error {
	ctx, frame := c.UserContext(), s.bare(c, "")
	filter, err := readTrailAsked(c).filter(frame.Zone)
	if err != nil {
		return err
	}
	var records []trail.Record
	for before := int64(0); ; {
		some, err := s.Trail.Trail(ctx, filter, before, trailPiece)
		if err != nil {
			return err
		}
		records = append(records, some...)
		if len(records) > trailMost {
			return fault.New(fault.Invalid, "More than %s records match. Export them day by day.", countWord(trailMost))
		}
		if len(some) < trailPiece {
			break
		}
		before = some[len(some)-1].Seq
	}
	e := trail.Entry{Action: "trail.exported", ObjectKind: "trail", ObjectID: "chain", Detail: map[string]string{"records": strconv.Itoa(len(records))}}
	if err := s.Trail.Append(ctx, s.actor(c), e); err != nil {
		return fmt.Errorf("record the export of the trail: %w", err)
	}
	slices.Reverse(records)
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	for i := range records {
		if err := enc.Encode(&records[i]); err != nil {
			return fmt.Errorf("write the trail: %w", err)
		}
	}
	return sendFile(c, "application/jsonl; charset=utf-8", "trail.jsonl", out.Bytes())
}
