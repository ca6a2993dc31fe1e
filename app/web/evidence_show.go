package web

import (
	"fmt"
	"strconv"
	"strings"

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
	Head   part.Head
	Notice *part.Notice
	Facts  []part.Pair
	Files  part.Table
	Count  string
}

// packageSeen is what the page is made from.
type packageSeen struct {
	Package    *reviews.Package
	Contents   *evidence.Contents
	Verdict    *evidence.Verdict
	Conclusion reviews.Conclusion
	Own        string // fingerprint of the key of this installation
}

func newPackagePage(frame Page, seen packageSeen) *packagePage {
	f, p, m := frame.Format(), seen.Package, &seen.Contents.Manifest
	page := &packagePage{Page: frame, Head: part.Head{
		Crumbs: []part.Link{{Text: "Evidence", Href: "/evidence"}, {Text: p.Review}}, Title: or(logText(m.Title), p.Review),
		Lede: "Sealed on " + f.Time(p.SealedAt) + ". What was found later is in later records; these bytes stay as they are.",
		Actions: []part.Action{
			{Text: "Download package", Href: packageHref(p.Review, p.Revision, "/package.zip"), Icon: "download", Kind: "primary"},
			{Text: "Report as PDF", Href: packageHref(p.Review, p.Revision, "/report.pdf"), Icon: "download"}, {Text: "The review", Href: reviewPath(p.Review), Icon: "reviews"},
		},
	}}
	if n := seen.Contents.Volumes(); n > 1 {
		page.Head.Actions[1].Text = fmt.Sprintf("Volume 1 of %d as PDF", n)
	}
	page.Head.Badge = &part.Badge{Outcome: "pass", Text: "Verified just now"}
	if !seen.Verdict.Valid {
		page.Head.Badge = &part.Badge{Outcome: "fail", Text: "Altered"}
		page.Notice = &part.Notice{Kind: "error", Title: "This package is not what was signed", Text: plural(len(seen.Verdict.Problems), "difference was", "differences were") + " found, the first in " + logText(seen.Verdict.Problems[0].Path) + ". Download it and verify it to see all; restore it from a copy that was downloaded before."}
	}
	signers := make([]string, len(m.SignedBy))
	for i := range m.SignedBy {
		signers[i] = logText(m.SignedBy[i])
	}
	page.Facts = []part.Pair{
		{Key: "Conclusion", Text: or(conclusionWord(seen.Conclusion), "not known"), Strong: true}, {Key: "Signed by", Text: strings.Join(signers, "; ")},
		{Key: "Period", Text: f.Span(m.Period), Sub: f.UTC(m.Period.From) + " – " + f.UTC(m.Period.To)},
		{Key: "Evidence root", Text: p.Root, Mono: true, Sub: "SHA-256 of data/manifest.json, at the foot of each page of the report"},
		{Key: "Package", Text: p.SHA256, Mono: true, Sub: "SHA-256 of " + p.Name + ", " + sizeWords(p.Size)},
		keyPair(seen.Own, p.Fingerprint),
		{Key: "Package before", Text: or(m.PreviousRoot, "none: this is the first"), Mono: m.PreviousRoot != "", Sub: "evidence root of the one that was sealed before"},
		{Key: "Trail", Text: "ended with record " + countWord64(m.ChainHead.Seq), Sub: or(m.ChainHead.Hash, "hash not recorded")},
	}
	page.Files = part.Table{ID: "files", Caption: "Files in the package", Quiet: true, Tight: true, Columns: []part.Column{{Text: "File"}, {Text: "What it holds"}, {Text: "Records", Number: true}, {Text: "Size", Number: true}, {Text: "SHA-256"}}}
	page.Count = plural(len(seen.Contents.Entries), "file", "files")
	diffs, size := 0, 0
	for _, x := range seen.Contents.Entries {
		if strings.HasPrefix(x.Path, "data/diffs/") {
			diffs, size = diffs+1, size+x.Size
			continue
		}
		records := ""
		if x.Records > 0 {
			records = countWord(x.Records)
		}
		page.Files.Rows = append(page.Files.Rows, part.Row{Cells: []part.Cell{
			{Text: logText(x.Path), Name: true}, {Text: or(logText(x.Role), roleOfFile(x.Path)), Small: true}, {Text: records, Number: true}, {Text: sizeWords(int64(x.Size)), Number: true}, {Text: short(x.SHA256), Mono: true},
		}})
	}
	if diffs > 0 {
		page.Files.Rows = append(page.Files.Rows, part.Row{Cells: []part.Cell{
			{Text: "data/diffs/", Name: true}, {Text: plural(diffs, "difference of a policy change, one a file", "differences of policy changes, one a file"), Small: true}, {Number: true}, {Text: sizeWords(int64(size)), Number: true}, {Text: "each in the manifest", Small: true},
		}})
	}
	return page
}

// roleOfFile says what those files are for that the manifest does not describe.
func roleOfFile(path string) string {
	if evidence.IsVolume(path) {
		return "a further volume of the report; volume 1 lists them all"
	}
	return map[string]string{
		"README-VERIFY.txt": "how to verify the package without us", "report.pdf": "the report, for reading and printing", "allowed_signers": "the public key that signed",
		"data/manifest.json": "every file under data/ with its sum; its own sum is the evidence root", "SHA256SUMS": "the sum of every file", "SHA256SUMS.sig": "the signature over that list",
	}[path]
}

// packageOf loads the package a request is about; without a revision, the
// newest of the review.
func (s *Server) packageOf(c *fiber.Ctx) (*reviews.Package, error) {
	revision, err := strconv.Atoi(c.Params("revision", "0"))
	if err != nil || revision < 0 {
		return nil, fault.New(fault.NotFound, "There is no such evidence package.")
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
	e := trail.Entry{Action: action, ObjectKind: "review", ObjectID: p.Review, Detail: map[string]string{"revision": strconv.Itoa(p.Revision), "package_sha256": p.SHA256}}
	if err := s.Trail.Append(c.UserContext(), s.actor(c), e); err != nil {
		return fmt.Errorf("record that the package of %s was read: %w", p.Review, err)
	}
	return nil
}

// evidenceShow tells what a sealed package holds, having verified it. That it
// was opened is in the trail.
func (s *Server) evidenceShow(c *fiber.Ctx) error {
	p, err := s.packageOf(c)
	if err != nil {
		return err
	}
	seen := packageSeen{Package: p, Own: s.Sealer.Key().Fingerprint}
	if seen.Verdict, err = evidence.Verify(p.Name, p.Bytes); err != nil {
		return err
	}
	if seen.Contents, err = evidence.Open(p.Name, p.Bytes); err != nil {
		return err
	}
	r, err := s.Reviews.Review(c.UserContext(), p.Review)
	if err != nil {
		return err
	}
	if signed := r.Approver(); signed != nil {
		seen.Conclusion = signed.Conclusion
	}
	if err := s.evidenceRead(c, "evidence.opened", p); err != nil {
		return err
	}
	return s.render(c, "evidence_show", newPackagePage(s.page(c, "Evidence package", "evidence"), seen))
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
	return sendFile(c, "application/pdf", strings.TrimSuffix(p.Name, ".zip")+".pdf", report)
}
