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

func newEvidencePage(frame Page, sealed []reviews.Sealed, fingerprint string) *evidencePage {
	f := frame.Format()
	p := &evidencePage{Page: frame, Head: part.Head{
		Title: "Evidence", Facts: []part.Fact{{Text: "signing key " + fingerprint}},
		Actions: []part.Action{{Text: "Verify a package", Href: "/verify", Icon: "shield", Kind: "primary"}, {Text: "Signing key", Href: "/signing-key", Icon: "key"}},
	}}
	p.Head.Lede = "No review has been sealed yet. When an approver signs a review, its evidence package appears here."
	if n := len(sealed); n > 0 {
		p.Head.Lede = plural(n, "review is sealed as a package that", "reviews are sealed as packages that") + " anyone can verify with sha256sum and ssh-keygen alone. The newest was sealed on " + f.Date(sealed[0].SealedAt) + "."
	}
	p.Table = part.Table{ID: "packages", Caption: "Sealed packages", Quiet: true, Stacked: true, Columns: []part.Column{
		{Text: "Review"}, {Text: "Conclusion"}, {Text: "Signed by"}, {Text: "Sealed"}, {Text: "Evidence root"}, {Text: "Size", Number: true}, {Text: "Download", Hush: true},
	}, Empty: &part.Empty{Kind: part.Nothing, Title: "Nothing is sealed yet", Text: "A package is made when the second person signs a review.", Actions: []part.Action{{Text: "Go to reviews", Href: "/reviews"}}}}
	for _, x := range sealed {
		p.Table.Rows = append(p.Table.Rows, part.Row{Cells: []part.Cell{
			{Text: or(logText(x.Of.Title), x.Review), Sub: f.Span(x.Of.Period) + " · revision " + strconv.Itoa(x.Revision), Name: true, Href: evidenceHref(x.Review)},
			{Text: string(x.Of.Conclusion), Small: true}, {Text: signersOf(x.Of), Small: true}, timeCell(f, x.SealedAt),
			{Text: short(x.Root), Mono: true}, {Text: sizeWords(x.Size), Number: true, Small: true},
			{Action: &part.Action{Text: "Package", Href: packageHref(x.Review, x.Revision, "package.zip"), Icon: "download"}},
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

func packageHref(review string, revision int, file string) string {
	return evidenceHref(review) + "/" + strconv.Itoa(revision) + "/" + file
}

func (s *Server) evidenceList(c *fiber.Ctx) error {
	sealed, err := s.Reviews.Sealed(c.UserContext())
	if err != nil {
		return err
	}
	return s.render(c, "evidence_list", newEvidencePage(s.page(c, "Evidence", "evidence"), sealed, s.Sealer.Key().Fingerprint))
}
