package web

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/fault"
	"logreeve/app/runs"
	"logreeve/app/trail"
	"logreeve/app/web/part"
	"logreeve/connectors"
	"logreeve/reviews"
)

// aroundPage is what the actor of an item did shortly before and after it.
type aroundPage struct {
	Page
	Head   part.Head
	Around aroundView
}

// aroundView is the same as a part of the item.
type aroundView struct {
	Text  string
	Table part.Table
	Down  *part.Empty
}

func newAroundView(frame Page, rec connectors.Record, a *runs.Around) aroundView {
	f := frame.Format()
	who := cmp.Or(logText(rec.Actor), logText(rec.ClientIP), "nobody by name")
	w := aroundView{Table: recordTable(f, "around", "What "+who+" did around "+f.Time(rec.Time), a.Events)}
	w.Text = plural(len(a.Events), "event", "events") + " of " + who + " within five minutes of " + f.Time(rec.Time) + ", read from the sources as they are now."
	if a.More {
		w.Text = "The first " + countWord(len(a.Events)) + " events of " + who + " within five minutes of " + f.Time(rec.Time) + "; there are more."
	}
	for i, e := range a.Events {
		w.Table.Rows[i].Now = e.Key == rec.Key
	}
	if len(a.Problems) > 0 {
		texts := make([]string, len(a.Problems))
		for i, p := range a.Problems {
			texts[i] = logText(fmt.Sprint(p))
		}
		w.Down = &part.Empty{Kind: part.Down, Title: "Not everything could be read", Text: "What is listed may not be all.", Detail: strings.Join(texts, "\n")}
	} else if len(a.Events) == 0 {
		w.Table.Empty = &part.Empty{Kind: part.Nothing, Title: "Nothing is there now", Text: "The sources no longer hold events of that time, or the event names nobody."}
	}
	return w
}

// reviewAround reads the sources. That somebody looked is in the trail first.
func (s *Server) reviewAround(c *fiber.Ctx) error {
	r, err := s.Reviews.Review(c.UserContext(), c.Params("id"))
	if err != nil {
		return err
	}
	key := c.Params("key")
	rec, err := s.eventOf(c, r, key)
	if err != nil {
		return err
	}
	e := trail.Entry{Action: "evidence.read_around", ObjectKind: "review", ObjectID: r.ID, Detail: map[string]string{"item": key, "event": rec.Key}}
	if err := s.Trail.Append(c.UserContext(), s.actor(c), e); err != nil {
		return fmt.Errorf("record reading around item %s: %w", key, err)
	}
	found, err := s.Runs.Around(c.UserContext(), rec)
	if err != nil {
		return err
	}
	if c.Query("fragment") != "" {
		frame := s.fragmentFrame(c)
		return s.renderPart(c, "review_around", "around", frame.Zone, newAroundView(frame, rec, found))
	}
	frame := s.page(c, "Around the event", "reviews")
	return s.render(c, "review_around", newAroundPage(frame, r, key, newAroundView(frame, rec, found)))
}

func newAroundPage(frame Page, r *reviews.Review, key string, w aroundView) *aroundPage {
	return &aroundPage{Page: frame, Around: w, Head: part.Head{
		Crumbs: []part.Link{{Text: "Reviews", Href: "/reviews"}, {Text: r.Title, Href: reviewPath(r.ID)}, {Text: "Item", Href: reviewPath(r.ID, "items", key)}, {Text: "Around the event"}},
		Title:  "Around the event", Lede: w.Text, Near: true,
	}}
}

// eventOf is the first event of an item.
func (s *Server) eventOf(c *fiber.Ctx, r *reviews.Review, key string) (connectors.Record, error) {
	if p, ok := r.PickOf(key); ok {
		return p.Record, nil
	}
	item, err := s.Runs.Item(c.UserContext(), r.RunID, key)
	if err != nil {
		return connectors.Record{}, err
	}
	if len(item.Evidence) == 0 {
		return connectors.Record{}, fault.New(fault.NotFound, "This item is not about events of somebody.")
	}
	return item.Evidence[0].Record, nil
}
