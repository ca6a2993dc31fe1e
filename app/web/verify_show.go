package web

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/fault"
	"logreeve/app/trail"
	"logreeve/app/web/part"
	"logreeve/reports/evidence"
)

// verifyPage checks a package that somebody gives.
type verifyPage struct {
	Page
	Head    part.Head
	Field   part.Field
	Errors  []part.FieldError
	Verdict *verdictSeen
	Own     string // fingerprint of this installation's key
}

// verdictSeen is what verification found, in words.
type verdictSeen struct {
	Badge    part.Badge
	Title    string
	Text     string
	Notice   *part.Notice
	Facts    []part.Pair
	Problems part.Table
	Proves   bool
}

// verifyLimit is the largest package that the page takes, in bytes. The command
// line verifies larger ones.
const verifyLimit = 64 << 20

func newVerifyPage(frame Page, own string, v *evidence.Verdict, refused string) *verifyPage {
	p := &verifyPage{Page: frame, Own: own, Head: part.Head{
		Crumbs: []part.Link{{Text: "Evidence", Href: "/evidence"}, {Text: "Verify"}}, Title: "Verify a package",
		Lede: "Give an evidence package, and every file and record that is not what was signed is named.",
	}, Field: part.Field{ID: "file", Name: "file", Label: "Evidence package", Kind: "file", Accept: ".zip,application/zip", Required: true, Hint: "The zip file as it was downloaded, at most 64 MiB. Choose it or drop it here. It is looked at and not kept."}}
	if refused != "" {
		p.Field.Error, p.Errors = refused, []part.FieldError{{ID: "file", Text: refused}}
	}
	if v != nil {
		p.Verdict = newVerdictSeen(frame, own, v)
		p.Head.Near = true
	}
	return p
}

func newVerdictSeen(frame Page, own string, v *evidence.Verdict) *verdictSeen {
	f := frame.Format()
	signers := make([]string, len(v.SignedBy))
	for i := range v.SignedBy {
		signers[i] = logText(v.SignedBy[i])
	}
	sealed := part.Pair{Key: "Sealed", Text: f.Time(v.SignedAt), UTC: f.UTC(v.SignedAt)}
	if v.SignedAt != 0 {
		sealed.Time, sealed.Sub = v.SignedAt.String(), f.UTC(v.SignedAt)
	}
	d := &verdictSeen{Facts: []part.Pair{
		{Key: "Package", Text: logText(v.File), Sub: plural(v.Files, "file", "files") + " in it"}, {Key: "Review", Text: or(logText(v.Title), "not said"), Sub: logText(v.Review)},
		{Key: "Signed by", Text: or(strings.Join(signers, "; "), "not said"), Strong: true}, sealed, {Key: "Evidence root", Text: logText(v.Root), Mono: true}, keyPair(own, v.Key),
	}}
	if !v.Valid {
		d.Badge, d.Title = part.Badge{Outcome: "fail", Text: "Altered"}, "This package is not what was signed"
		d.Text = plural(len(v.Problems), "difference is", "differences are") + " named below. Do not rely on it: ask whoever gave it to you for the original, and keep this one as it is."
		d.Problems = part.Table{ID: "problems", Caption: plural(len(v.Problems), "difference", "differences"), Quiet: true, Stacked: true, Columns: []part.Column{{Text: "File"}, {Text: "Record"}, {Text: "What differs"}}}
		for _, x := range v.Problems {
			d.Problems.Rows = append(d.Problems.Rows, part.Row{Cells: []part.Cell{{Text: logText(x.Path), Name: true}, {Text: or(logText(x.Record), "the whole file"), Small: true}, {Text: logText(x.What)}}})
		}
		return d
	}
	d.Proves = true
	d.Badge, d.Title = part.Badge{Outcome: "pass", Text: "Valid"}, "Nothing was altered since it was sealed"
	d.Text = "Each of its " + plural(v.Files, "file fits", "files fits") + " the signed list, and the signature fits the key in the package."
	if v.Key != own {
		d.Badge = part.Badge{Outcome: "needs_review", Text: "Valid, by another key"}
		d.Notice = &part.Notice{Kind: "warn", Title: "It was not signed with the key of this installation", Text: "The package is whole, but who made it is open. Compare the fingerprint below with one you got another way before you trust it."}
	}
	return d
}

// keyPair names the key that signed and says whether it is ours.
func keyPair(own, key string) part.Pair {
	p := part.Pair{Key: "Signing key", Text: logText(key), Mono: true}
	switch {
	case key == "":
		p.Text, p.Mono = "could not be read", false
	case key == own:
		p.Chips = []part.Chip{{Text: "the key of this installation", Kind: "good", Icon: "check"}}
	default:
		p.Chips = []part.Chip{{Text: "not the key of this installation", Kind: "warn"}}
		p.Sub = "here it is " + own
	}
	return p
}

func (s *Server) verifyShow(c *fiber.Ctx) error {
	return s.render(c, "verify_show", newVerifyPage(s.page(c, "Verify", "evidence"), s.Sealer.Key().Fingerprint, nil, ""))
}

// verifyDo answers with what it found, not with a redirect: the package is not
// kept, so there is nothing to come back to.
func (s *Server) verifyDo(c *fiber.Ctx) error {
	name, body, err := sentPackage(c)
	if err == nil {
		var v *evidence.Verdict
		if v, err = evidence.Verify(name, body); err == nil {
			return s.verified(c, v)
		}
	}
	if fault.KindOf(err) != fault.Invalid {
		return err
	}
	refused := logText(fault.Message(err))
	if wantsJSON(c) {
		return err
	}
	return s.renderInvalid(c, "verify_show", newVerifyPage(s.page(c, "Verify", "evidence"), s.Sealer.Key().Fingerprint, nil, refused))
}

func (s *Server) verified(c *fiber.Ctx, v *evidence.Verdict) error {
	e := trail.Entry{Action: "evidence.verified", ObjectKind: "package", ObjectID: v.Root, Detail: map[string]string{"valid": strconv.FormatBool(v.Valid), "differences": strconv.Itoa(len(v.Problems)), "key": v.Key}}
	if err := s.Trail.Append(c.UserContext(), s.actor(c), e); err != nil {
		return fmt.Errorf("record the verification of a package: %w", err)
	}
	if wantsJSON(c) {
		return s.json(c, fiber.StatusOK, v)
	}
	return s.render(c, "verify_show", newVerifyPage(s.page(c, "Verify", "evidence"), s.Sealer.Key().Fingerprint, v, ""))
}

// sentPackage reads the file of a form.
func sentPackage(c *fiber.Ctx) (name string, body []byte, err error) {
	sent, err := c.FormFile("file")
	if err != nil || sent.Size == 0 {
		return "", nil, fault.Field("file", "Choose a file that is not empty.")
	}
	if sent.Size > verifyLimit {
		return "", nil, fault.Field("file", "The file is larger than 64 MiB. Verify it on the command line: logreeve verify FILE.")
	}
	in, err := sent.Open()
	if err != nil {
		return "", nil, fmt.Errorf("open an uploaded package: %w", err)
	}
	body, err = io.ReadAll(in)
	if err := errors.Join(err, in.Close()); err != nil {
		return "", nil, fmt.Errorf("read an uploaded package: %w", err)
	}
	return filepath.Base(strings.ReplaceAll(strings.Clone(sent.Filename), `\`, "/")), body, nil
}
