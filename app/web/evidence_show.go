package web

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/fault"
	"logreeve/app/trail"
	"logreeve/app/web/part"
	"logreeve/reports/evidence"
	"logreeve/reviews"
)

// packagePage is one sealed package: what is in it and how to verify it.
type packagePage struct {
	Page
	Head  part.Head
	Facts []part.Pair
	Files part.Table
}

func newPackagePage(frame Page, p *reviews.Package, m *evidence.Manifest) *packagePage {
	f := frame.Format()
	page := &packagePage{Page: frame, Head: part.Head{
		Crumbs: []part.Link{{Text: "Evidence", Href: "/evidence"}, {Text: p.Review}}, Title: logText(m.Title),
		Lede: "Sealed on " + f.Time(p.SealedAt) + ". Later facts make new records; these bytes do not change any more.",
		Actions: []part.Action{
			{Text: "Download package", Href: packageHref(p.Review, p.Revision, "package.zip"), Icon: "download", Kind: "primary"},
			{Text: "Report as PDF", Href: packageHref(p.Review, p.Revision, "report.pdf"), Icon: "download"}, {Text: "The review", Href: "/reviews/" + p.Review},
		},
	}}
	signed := ""
	for i, name := range m.SignedBy {
		if i > 0 {
			signed += "; "
		}
		signed += logText(name)
	}
	page.Facts = []part.Pair{
		{Key: "Signed by", Text: signed, Strong: true}, {Key: "Period", Text: f.Span(m.Period)},
		{Key: "Evidence root", Text: p.Root, Mono: true, Sub: "SHA-256 of data/manifest.json, printed on every page of the report"},
		{Key: "Package", Text: p.SHA256, Mono: true, Sub: "SHA-256 of " + p.Name + ", " + sizeWords(p.Size)},
		{Key: "Signing key", Text: p.Fingerprint, Mono: true, Href: "/signing-key"},
		{Key: "Package before", Text: or(m.PreviousRoot, "none: this is the first"), Mono: m.PreviousRoot != "", Sub: "evidence root of the package sealed before this one"},
		{Key: "Trail", Text: "record " + strconv.FormatInt(m.ChainHead.Seq, 10), Sub: "end of the product's own trail when it was sealed: " + short(m.ChainHead.Hash)},
	}
	page.Files = part.Table{ID: "files", Caption: "Files in the package", Quiet: true, Stacked: true, Columns: []part.Column{{Text: "File"}, {Text: "What it holds"}, {Text: "Records", Number: true}, {Text: "Size", Number: true}, {Text: "SHA-256"}}}
	for _, x := range m.Files {
		records := ""
		if x.Records > 0 {
			records = strconv.Itoa(x.Records)
		}
		page.Files.Rows = append(page.Files.Rows, part.Row{Cells: []part.Cell{
			{Text: x.Path, Name: true, Mono: true}, {Text: x.Role, Small: true}, {Text: records, Number: true}, {Text: sizeWords(int64(x.Size)), Number: true, Small: true}, {Text: short(x.SHA256), Mono: true},
		}})
	}
	return page
}

// packageOf loads the package a request is about; without a revision, the
// newest of the review.
func (s *Server) packageOf(c *fiber.Ctx) (*reviews.Package, error) {
	revision, err := strconv.Atoi(c.Params("revision", "0"))
	if err != nil {
		return nil, fault.New(fault.NotFound, "There is no such package.")
	}
	if revision == 0 {
		all, err := s.Reviews.Sealed(c.UserContext())
		if err != nil {
			return nil, err
		}
		for _, x := range all {
			if x.Review == c.Params("review") {
				revision = max(revision, x.Revision)
			}
		}
	}
	return s.Reviews.Package(c.UserContext(), c.Params("review"), revision)
}

// evidenceRead writes to the trail that evidence was read, before it is sent.
func (s *Server) evidenceRead(c *fiber.Ctx, action string, p *reviews.Package) error {
	return s.Trail.Append(c.UserContext(), s.actor(c), trail.Entry{Action: action, ObjectKind: "package", ObjectID: p.Review,
		Detail: map[string]string{"revision": strconv.Itoa(p.Revision), "sha256": p.SHA256}})
}

func (s *Server) evidenceShow(c *fiber.Ctx) error {
	p, err := s.packageOf(c)
	if err != nil {
		return err
	}
	held, err := evidence.Open(p.Name, p.Bytes)
	if err != nil {
		return err
	}
	return s.render(c, "evidence_show", newPackagePage(s.page(c, "Evidence package", "evidence"), p, &held.Manifest))
}

func (s *Server) evidencePackage(c *fiber.Ctx) error {
	p, err := s.packageOf(c)
	if err != nil {
		return err
	}
	if err := s.evidenceRead(c, "evidence.downloaded", p); err != nil {
		return err
	}
	return sendFile(c, "application/zip", p.Name, p.Bytes)
}

func (s *Server) evidenceReport(c *fiber.Ctx) error {
	p, err := s.packageOf(c)
	if err != nil {
		return err
	}
	report, err := evidence.Report(p.Name, p.Bytes)
	if err != nil {
		return err
	}
	if err := s.evidenceRead(c, "evidence.report_downloaded", p); err != nil {
		return err
	}
	return sendFile(c, "application/pdf", "EV-"+p.Review+"-r"+strconv.Itoa(p.Revision)+".pdf", report)
}
