package web

import (
	"cmp"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/runs"
	"logreeve/app/web/part"
	"logreeve/reports"
	"logreeve/reports/controls"
)

// findPage is what words or an id lead to.
type findPage struct {
	Page
	Head   part.Head
	Words  string
	Groups []foundGroup
	Empty  *part.Empty
}

// foundGroup is the hits of one kind.
type foundGroup struct {
	Title string
	Count string
	Hits  []hit
}

// hit is one thing that was found.
type hit struct {
	Text, Href string
	About      string
	Badges     []part.Badge // the checks of a control with their newest outcomes
	Newest     *part.Badge  // the newest outcome of a check
}

const (
	findShown = 100 // hits of what is kept, in all
	findWords = 200 // bytes of what is looked for
)

// findSeen is what the page is made from.
type findSeen struct {
	Words     string
	Found     []runs.Found
	Checks    []reports.Check
	Outcomes  map[string]reports.Outcome // newest, by check
	Catalogue *controls.Catalogue
}

func newFindPage(frame Page, seen findSeen) *findPage {
	p := &findPage{Page: frame, Words: seen.Words, Head: part.Head{Title: "Find"}}
	if seen.Words == "" {
		p.Head.Lede = "Type a name, an id or a few words. A control is found by its old number too: A.9.2.1 finds 5.16. Of reviews, findings and runs the newest 1,000 are looked through; an older one is found by its whole id."
		return p
	}
	hits := seen.Catalogue.Find(seen.Words)
	total := 0
	add := func(title string, hits []hit) {
		if len(hits) > 0 {
			total += len(hits)
			p.Groups = append(p.Groups, foundGroup{Title: title, Count: countWord(len(hits)), Hits: hits})
		}
	}
	add("Controls", controlHits(seen, hits))
	add("Checks", checkHits(seen, hits))
	for _, g := range [...]struct{ kind, title string }{{"person", "People"}, {"policy", "Policies"}, {"review", "Reviews"}, {"finding", "Findings"}, {"run", "Runs, of the newest 1,000"}} {
		var list []hit
		for _, x := range seen.Found {
			if x.Kind == g.kind {
				list = append(list, hitOf(x))
			}
		}
		add(g.title, list)
	}
	said := "“" + logText(seen.Words) + "”"
	switch {
	case total == 0:
		p.Head.Lede = "Nothing matches " + said + "."
		p.Empty = &part.Empty{Kind: part.NoMatch, Title: "Nothing was found", Text: "Every word must occur: in a name, an id, a title or an e-mail address. Try one word, or only its beginning. Of reviews, findings and runs only the newest 1,000 are looked through; an older one is found by its whole id. Events are not looked through here; an item of a result lists those it rests on.",
			Actions: []part.Action{{Text: "All checks", Href: "/checks"}, {Text: "All people", Href: "/people"}}}
	case len(seen.Found) >= findShown:
		p.Head.Lede = "The first " + plural(total, "match", "matches") + " of " + said + " are listed; there are more. Add a word to narrow it."
	default:
		p.Head.Lede = plural(total, "match", "matches") + " of " + said + "."
	}
	return p
}

// controlHits are the controls with the checks that support them.
func controlHits(seen findSeen, found []controls.Control) []hit {
	var out []hit
	for _, x := range found {
		h := hit{Text: seen.Catalogue.Label(x.ID), Href: "/find?q=" + url.QueryEscape(x.ID), About: x.Objective}
		for _, ch := range seen.Checks {
			if x.CheckedBy(ch.ID) {
				h.Badges = append(h.Badges, outcomeOf(seen, ch.ID))
			}
		}
		if len(h.Badges) == 0 {
			h.About += " No check supports it: it is shown by people."
		}
		out = append(out, h)
	}
	return out
}

func outcomeOf(seen findSeen, check string) part.Badge {
	b := part.Badge{Outcome: string(seen.Outcomes[check]), Text: check, Href: "/checks/" + check}
	if b.Outcome == "" {
		b.Outcome, b.Text = "not_applicable", check+", never run"
	} else {
		b.Text += " " + strings.ToLower(outcomeWord(b.Outcome))
	}
	return b
}

// checkHits are the checks whose id or words match, and those that support a
// control that was found.
func checkHits(seen findSeen, found []controls.Control) []hit {
	fields := strings.Fields(strings.ToLower(seen.Words))
	var out []hit
	for i := range seen.Checks {
		x := &seen.Checks[i]
		text := strings.ToLower(x.ID + " " + x.Title + " " + x.Objective)
		matches := true
		for _, w := range fields {
			matches = matches && strings.Contains(text, w)
		}
		var supports []string
		for _, control := range found {
			if control.CheckedBy(x.ID) {
				supports = append(supports, control.ID)
			}
		}
		if !matches && len(supports) == 0 {
			continue
		}
		h := hit{Text: x.ID + " " + x.Title, Href: "/checks/" + x.ID, About: x.Objective, Newest: &part.Badge{Outcome: cmp.Or(string(seen.Outcomes[x.ID]), "not_applicable")}}
		if seen.Outcomes[x.ID] == "" {
			h.Newest.Text = "never run"
		}
		if !matches {
			h.About = "Supports " + strings.Join(supports, ", ") + ". " + h.About
		}
		out = append(out, h)
	}
	return out
}

func hitOf(x runs.Found) hit {
	h := hit{Text: logText(x.Title), Href: x.Path, About: logText(x.Text)}
	switch x.Kind {
	case "policy":
		h.About = "changed by " + actorWord(x.Text)
	case "review", "finding", "run":
		id := x.Path[strings.LastIndexByte(x.Path, '/')+1:]
		if raw, err := url.PathUnescape(id); err == nil {
			id = raw
		}
		h.About = logText(id + " · " + strings.ReplaceAll(x.Text, "_", " "))
		if x.Kind == "run" {
			text, _ := purposeWords(x.Title)
			h.Text = logText(text)
		}
	}
	return h
}

func (s *Server) findShow(c *fiber.Ctx) error {
	ctx := c.UserContext()
	words := strings.ToValidUTF8(strings.TrimSpace(c.Query("q")), "�")
	for len(words) > findWords {
		_, n := utf8.DecodeLastRuneInString(words)
		words = words[:len(words)-n]
	}
	seen := findSeen{Words: words, Checks: s.Runs.Checks, Outcomes: map[string]reports.Outcome{}, Catalogue: s.controls}
	var err error
	if seen.Found, err = s.Runs.Find(ctx, words, findShown); err != nil {
		return err
	}
	latest, err := s.Runs.Latest(ctx)
	if err != nil {
		return err
	}
	for i := range latest {
		seen.Outcomes[latest[i].Result.Check] = latest[i].Result.Outcome
	}
	if wantsJSON(c) {
		return s.json(c, fiber.StatusOK, newFindPage(Page{}, seen).Groups)
	}
	return s.render(c, "find_show", newFindPage(s.page(c, "Find", ""), seen))
}
