package web

import (
	"net/url"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/web/part"
	"logreeve/reviews"
)

// evidencePage lists the sealed packages.
type evidencePage struct {
	Page
	Head  part.Head
	Table part.Table
}

func newEvidencePage(frame Page, sealed []reviews.Sealed, own string) *evidencePage {
	f := frame.Format()
	p := &evidencePage{Page: frame, Head: part.Head{
		Title: "Evidence", Lede: "Nothing is sealed yet. When an approver signs a review, its package appears here.",
		Actions: []part.Action{{Text: "Verify a package", Href: "/verify", Icon: "shield"}, {Text: "Signing key", Href: "/signing-key", Icon: "key"}},
	}}
	if n := len(sealed); n > 0 {
		p.Head.Lede = plural(n, "review is", "reviews are") + " sealed. Anybody can verify a package without us, given the fingerprint of the signing key by another way."
		if n > 1 {
			p.Head.Facts = []part.Fact{{Text: "the newest on " + f.Date(sealed[0].SealedAt)}, {Text: "each names the root of the one before"}}
		}
	}
	p.Table = part.Table{ID: "packages", Caption: "Sealed packages", Quiet: true, Stacked: true, Columns: []part.Column{
		{Text: "Review"}, {Text: "Conclusion"}, {Text: "Signed by"}, {Text: "Sealed"}, {Text: "Evidence root"}, {Text: "Size", Number: true}, {Text: "Package", Hush: true}, {Text: "Report", Hush: true},
	}, Empty: &part.Empty{Kind: part.Nothing, Title: "No evidence package yet", Text: "A package is made when the second person signs a review. It holds the report, the decisions, the events they rest on and a signature over all of it.", Actions: []part.Action{{Text: "Go to reviews", Href: "/reviews"}}}}
	for _, x := range sealed {
		root := part.Cell{Text: short(x.Root), Mono: true}
		if x.Fingerprint != own {
			root.Chips = []part.Chip{{Text: "earlier key", Kind: "warn"}}
		}
		p.Table.Rows = append(p.Table.Rows, part.Row{Cells: []part.Cell{
			{Text: or(logText(x.Of.Title), x.Review), Sub: f.Span(x.Of.Period) + " · revision " + strconv.Itoa(x.Revision), Name: true, Href: packageHref(x.Review, x.Revision, "")},
			{Text: conclusionWord(x.Of.Conclusion), Small: true}, {Text: signersOf(x.Of), Small: true}, timeCell(f, x.SealedAt), root, {Text: sizeWords(x.Size), Number: true},
			{Action: &part.Action{Text: "Package", Href: packageHref(x.Review, x.Revision, "/package.zip"), Icon: "download"}},
			{Action: &part.Action{Text: "PDF", Href: packageHref(x.Review, x.Revision, "/report.pdf"), Icon: "download", Kind: "quiet"}},
		}})
	}
	return p
}

func signersOf(r reviews.Summary) string {
	said := ""
	if r.Attested != nil {
		said = logText(r.Attested.Name)
	}
	if r.Approved != nil {
		said += " and " + logText(r.Approved.Name)
	}
	return said
}

func evidenceHref(review string) string { return "/evidence/" + url.PathEscape(review) }

// packageHref is the page of a package, or a file below it: "/package.zip".
func packageHref(review string, revision int, file string) string {
	return evidenceHref(review) + "/" + strconv.Itoa(revision) + file
}

func (s *Server) evidenceList(c *fiber.Ctx) error {
	sealed, err := s.Reviews.Sealed(c.UserContext())
	if err != nil {
		return err
	}
	return s.render(c, "evidence_list", newEvidencePage(s.page(c, "Evidence", "evidence"), sealed, s.Sealer.Key().Fingerprint))
}
