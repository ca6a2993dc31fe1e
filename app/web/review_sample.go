package web

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/fault"
	"logreeve/app/web/part"
	"logreeve/reports"
	"logreeve/reports/roster"
	"logreeve/reviews"
)

// newSamplePage lists the sample of a review: entries that no check raised,
// read one by one. It is the queue with other lines and other decisions.
func newSamplePage(frame Page, v reviewSeen) *queuePage {
	r := v.Review
	p := &queuePage{reviewFrame: newReviewFrame(frame, v, stepSample), Heading: plural(len(r.Picks), "entry", "entries") + " drawn"}
	_, read := r.Progress()
	p.fill(v, read, len(r.Picks), "read")
	p.Queue.Base = "sample"
	p.Queue.Groups, p.More = grouped(pickLines(v), "")
	p.Procedure = "Read each entry: does it look like normal work of this person? No check raised it, so a surprise here is worth more than one in the queue. " +
		"The sample was drawn from " + countWord64(r.Sample.Population) + " entries; how is in the overview."
	if len(r.Picks) == 0 {
		p.Empty = &part.Empty{Kind: part.Nothing, Title: "The sample is empty", Text: "In this period there was nothing to draw from: " + v.Template.SampleText + ".", Actions: []part.Action{{Text: "Go on to health", Href: reviewPath(r.ID, stepHealth), Kind: "primary"}}}
	}
	return p
}

// pickLines is the sample as lines of a queue, in the order it was drawn.
func pickLines(v reviewSeen) []part.QueueItem {
	r := v.Review
	stands := r.Stands(true)
	lines := make([]part.QueueItem, 0, len(r.Picks))
	for i := range r.Picks {
		pick := &r.Picks[i]
		st := stands[pick.Key]
		l := part.QueueItem{
			Key: pick.Key, Href: reviewPath(r.ID, "sample", pick.Key), Version: int64(st.Version),
			Title: recordTitle(pick.Record), By: countWord(pick.Rank) + " · " + stratumWord(pick.Stratum),
		}
		l.State, l.Word = standing(v, st.Last, pick.Key, true)
		lines = append(lines, l)
	}
	return lines
}

// stratumWord says a part of the population: "authlog · bastion-1 · human · login".
func stratumWord(name string) string {
	return logText(strings.Join(slices.DeleteFunc(strings.Split(name, "|"), func(s string) bool { return s == "" }), " · "))
}

// newPickView is an entry of the sample as its reader sees it.
func newPickView(frame Page, v reviewSeen, pick reviews.Pick, people []roster.Person, no refusal) *itemView {
	r, f, rec := v.Review, frame.Format(), pick.Record
	w := &itemView{
		Check: "Entry " + countWord(pick.Rank) + " of " + countWord(len(r.Picks)) + " · " + stratumWord(pick.Stratum), Short: short(pick.Key), Key: pick.Key,
		Title: recordTitle(rec), Base: reviewPath(r.ID, "sample", pick.Key),
	}
	if rec.Actor != "" || rec.Login != "" {
		w.Pairs = append(w.Pairs, part.Pair{Key: "Who", Text: logText(cmp.Or(rec.Actor, rec.Login)), Strong: true, Sub: personsWord(pick.Persons, people)})
	}
	w.Pairs = append(w.Pairs, part.Pair{Key: "What", Text: recordWords(rec)}, part.Pair{Key: "When", Text: f.Time(rec.Time), Time: rec.Time.String(), UTC: f.UTC(rec.Time), Sub: f.UTC(rec.Time)})
	if on := cmp.Or(rec.Cluster, rec.Host); on != "" {
		w.Pairs = append(w.Pairs, part.Pair{Key: "On", Text: logText(on)})
	}
	if rec.ClientIP != "" {
		w.Pairs = append(w.Pairs, part.Pair{Key: "From", Text: logText(rec.ClientIP), Mono: true, Sub: logText(rec.UserAgent)})
	}
	if rec.Credential != "" {
		w.Pairs = append(w.Pairs, part.Pair{Key: "With", Text: logText(rec.Credential), Mono: true})
	}
	why := cmp.Or(logText(rec.Ticket), "no change reference on the event")
	w.Pairs = append(w.Pairs, part.Pair{Key: "Why", Text: why})
	if len(pick.Raw) > 0 {
		w.Raw, w.RawText = []rawView{rawOf(rec, pick.Raw)}, "Raw record and where it lies"
	}
	if rec.Actor != "" || rec.ClientIP != "" {
		w.Around, w.Actor = reviewPath(r.ID, "items", pick.Key, "around"), cmp.Or(logText(rec.Actor), "this address")
	}
	w.History = historyOf(f, r, pick.Key, true)
	w.Decide = decideBar(frame, v, pick.Key, true, w.Base)
	if w.Decide.Locked != "" {
		return w
	}
	w.Decide.Offers = []part.Offer{{Decision: "read", Text: "Read", Key: "r", Plain: true, Suggested: w.Decide.Decided == nil}}
	for _, o := range part.Offers(false, "") {
		if o.Decision == "finding" {
			o.Fields, o.More = findingFields(r, w.Title, reports.Medium, no)
			no.show(&o)
			w.Decide.Offers = append(w.Decide.Offers, o)
		}
	}
	return w
}

func (s *Server) pickView(c *fiber.Ctx, frame Page, v reviewSeen, key string, no refusal) (*itemView, error) {
	pick, ok := v.Review.PickOf(key)
	if !ok {
		return nil, fault.New(fault.NotFound, "This entry is not in the sample of this review.")
	}
	people, err := s.people(c)
	if err != nil {
		return nil, err
	}
	return newPickView(frame, v, pick, people, no), nil
}

// showPick shows the sample with an entry in it; "" shows the first to read.
func (s *Server) showPick(c *fiber.Ctx, status int, v reviewSeen, key string, no refusal) error {
	p := newSamplePage(s.page(c, v.Review.Title, "reviews"), v)
	if key == "" {
		key = firstOf(p.Queue.Groups)
	}
	if key != "" {
		item, err := s.pickView(c, p.Page, v, key, no)
		if err != nil {
			return err
		}
		p.Item = item
		p.Queue.Groups, p.More = grouped(pickLines(v), key)
	}
	return s.renderStatus(c, status, "review_queue", p)
}

func (s *Server) reviewSample(c *fiber.Ctx) error {
	v, err := s.reviewSeen(c)
	if err != nil {
		return err
	}
	return s.showPick(c, fiber.StatusOK, v, "", refusal{})
}

func (s *Server) reviewPick(c *fiber.Ctx) error {
	v, err := s.reviewSeen(c)
	if err != nil {
		return err
	}
	if c.Query("fragment") == "" {
		return s.showPick(c, fiber.StatusOK, v, c.Params("key"), refusal{})
	}
	frame := s.fragmentFrame(c)
	item, err := s.pickView(c, frame, v, c.Params("key"), refusal{})
	if err != nil {
		return err
	}
	return s.renderPart(c, "review_queue", "item", frame.Zone, item)
}

func (s *Server) reviewPickDecide(c *fiber.Ctx) error {
	in, err := readDecision(c)
	if err != nil {
		return err
	}
	id, key := c.Params("id"), c.Params("key")
	r, err := s.Reviews.Decide(c.UserContext(), s.actor(c), id, in.request(key, true))
	if faults, ok := faultsOf(err); ok && !wantsJSON(c) {
		v, err := s.reviewSeen(c)
		if err != nil {
			return err
		}
		return s.showPick(c, fiber.StatusUnprocessableEntity, v, key, refusal{in, faults})
	}
	return s.afterDecision(c, r, err, key, true)
}

func (s *Server) reviewPickUndo(c *fiber.Ctx) error { return s.undo(c, true) }
