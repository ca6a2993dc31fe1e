// Package evidence owns the package an auditor receives: which files it holds,
// their one canonical form, the manifest and sums over them, the signature, and
// the verification that names every file and record that was altered. It needs
// no database and no network. Laying out pages is reports/pdf's, gathering the
// content is app's.
package evidence

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reports/csv"
	"logreeve/reports/dossier"
	"logreeve/reports/pdf"
	"logreeve/reports/policy"
	"logreeve/reviews"
)

// Format names the form of packages this version writes. Packages of this form
// stay verifiable for ever: a golden one lies in testdata.
const Format = "logreeve-evidence/v1"

// Manifest lists everything under data/. Its SHA-256 is the evidence root.
type Manifest struct {
	Format       string             `json:"format"`
	Review       string             `json:"review"`
	Revision     int                `json:"revision"`
	Title        string             `json:"title"`
	Organisation string             `json:"organisation"`
	Period       connectors.Window  `json:"period"`
	SealedAt     connectors.Instant `json:"sealed_at"`
	SignedBy     []string           `json:"signed_by"`
	Tool         dossier.Tool       `json:"tool"`
	PreviousRoot string             `json:"previous_root"`
	ChainHead    dossier.Head       `json:"chain_head"`
	Files        []ManifestFile     `json:"files"`
}

// ManifestFile is one file under data/.
type ManifestFile struct {
	Path    string `json:"path"` // in the package: data/items.jsonl
	Size    int    `json:"size"`
	SHA256  string `json:"sha256"`
	Role    string `json:"role"`
	Records int    `json:"records,omitempty"` // lines of a .jsonl file
	// RecordSums are the first 16 hex digits of each line's SHA-256, so that an
	// altered record can be named.
	RecordSums []string `json:"record_sums,omitempty"`
}

// Built is a finished package.
type Built struct {
	Name        string // EV-W0-2026-W46-r1.zip
	Bytes       []byte
	Root        string
	SHA256      string
	Fingerprint string
	Volumes     int // of the report; most have one
}

// Build makes the signed package of a dossier. The same dossier and key give
// the same bytes.
func Build(d *dossier.Dossier, key Key) (*Built, error) { return build(d, key, pdf.Render) }

// renderer is pdf.Render, or what a test puts in its place.
type renderer func(*dossier.Dossier, pdf.Seal, func(pdf.Volume) error) error

func build(d *dossier.Dossier, key Key, render renderer) (*Built, error) {
	data, err := dataFiles(d)
	if err != nil {
		return nil, err
	}
	m := Manifest{
		Format: Format, Review: d.Review.ID, Revision: d.Review.Revision, Title: d.Review.Title, Organisation: d.Organisation,
		Period: d.Review.Period, SealedAt: d.SealedAt, SignedBy: []string{}, Tool: d.Tool, PreviousRoot: d.PreviousRoot, ChainHead: d.Head,
	}
	for _, s := range d.Review.SignOffs {
		if !s.Void {
			m.SignedBy = append(m.SignedBy, fmt.Sprintf("%s, %s", s.By.Name, s.Role))
		}
	}
	for _, f := range data {
		m.Files = append(m.Files, describe(f))
	}
	manifest, err := canonical(m)
	if err != nil {
		return nil, err
	}
	root := digest(manifest)
	var volumes []pdf.Volume
	err = render(d, pdf.Seal{Root: root, Fingerprint: key.Fingerprint(), Files: pdfFiles(m)}, func(v pdf.Volume) error {
		volumes = append(volumes, v)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("write the report: %w", err)
	}
	slices.SortFunc(volumes, func(a, b pdf.Volume) int { return cmp.Compare(a.Number, b.Number) })
	entries := []entry{{nameReadme, readme(d, key, root, volumes)}}
	for _, v := range volumes {
		entries = append(entries, entry{v.Name, v.File})
	}
	entries = append(entries, entry{nameSigners, []byte(key.AllowedSigners())}, entry{nameManifest, manifest})
	for _, f := range data {
		entries = append(entries, f.entry)
	}
	sums := sumsOf(entries)
	entries = append(entries, entry{"SHA256SUMS", sums}, entry{"SHA256SUMS.sig", key.Sign(sums)})
	b, err := pack(entries)
	if err != nil {
		return nil, err
	}
	return &Built{Name: d.FileName() + ".zip", Bytes: b, Root: root, SHA256: digest(b), Fingerprint: key.Fingerprint(), Volumes: len(volumes)}, nil
}

func pdfFiles(m Manifest) []pdf.File {
	files := make([]pdf.File, len(m.Files))
	for i, f := range m.Files {
		files[i] = pdf.File{Path: f.Path, Size: f.Size, SHA256: f.SHA256, Role: f.Role}
	}
	return files
}

// sumsOf is what `sha256sum` prints for the entries.
func sumsOf(entries []entry) []byte {
	var out bytes.Buffer
	for _, e := range entries {
		fmt.Fprintf(&out, "%s  %s\n", digest(e.data), e.name)
	}
	return out.Bytes()
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// canonical is the one JSON form: fields in the order of the struct, no
// spaces, no HTML escapes, a line feed at the end.
func canonical(v any) ([]byte, error) {
	var out bytes.Buffer
	err := encode(&out, v)
	return out.Bytes(), err
}

func encode(to *bytes.Buffer, v any) error {
	enc := json.NewEncoder(to)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("encode %T: %w", v, err)
	}
	return nil
}

// file is a file under data/ and what it is for.
type file struct {
	entry
	role string
}

func describe(f file) ManifestFile {
	m := ManifestFile{Path: f.name, Size: len(f.data), SHA256: digest(f.data), Role: f.role}
	if strings.HasSuffix(f.name, ".jsonl") {
		for line := range bytes.Lines(f.data) {
			m.RecordSums = append(m.RecordSums, digest(line)[:16])
		}
		m.Records = len(m.RecordSums)
	}
	return m
}

// dataFiles writes everything under data/, in a fixed order.
func dataFiles(d *dossier.Dossier) ([]file, error) {
	w := &dataWriter{}
	r := d.Review
	w.json("review.json", "the review: period, state, figures, checks, limits, acknowledgements, rules", reviewFacts(d))
	w.json("signoffs.json", "attestation and approval, returned ones included", r.SignOffs)
	w.json("run.json", "the frozen run: window, sources, results, conditions", runFacts(d))
	w.json("definitions.json", "the checks as they were run", d.Checks)
	w.json("controls.json", "which control is supported by which check", d.Controls)
	w.json("registers.json", "list of people (counts and digest only) and declared expectations that applied", d.Snapshot)
	var items, events bytes.Buffer
	for i := range d.Results {
		for j := range d.Results[i].Items {
			it := &d.Results[i].Items[j]
			w.write(&items, itemLine{d.Results[i].Check, *it})
			for k := range it.Evidence {
				w.write(&events, eventLine{it.Key, it.Evidence[k].Record})
			}
		}
	}
	w.add("items.jsonl", "what had to be decided", items.Bytes())
	csvItems, err := csv.Items(d.Results, decisionOf(r))
	if err != nil {
		return nil, fmt.Errorf("write items.csv: %w", err)
	}
	w.add("items.csv", "the same for a spreadsheet", csvItems)
	w.add("events.jsonl", "canonical fields and digests of the events the items rest on", events.Bytes())
	w.jsonLines("decisions.jsonl", "every decision in order, withdrawn ones included", len(r.Decisions), func(i int) any { return r.Decisions[i] })
	w.jsonLines("sample.jsonl", "the entries drawn and read", len(r.Picks), func(i int) any { return pickLine(r.Picks[i]) })
	w.add("population.txt", "keys the sample was drawn from: key, stratum", d.Population)
	w.json("findings.json", "findings as they stood when sealed", findingFacts(r.Findings))
	w.json("changes.json", "network-policy changes of the period", d.Changes)
	for i := range d.Changes.Changes {
		c := &d.Changes.Changes[i]
		w.add(fmt.Sprintf("diffs/%03d.diff", i+1), "difference of one policy change", []byte(policy.UnifiedChange(c)))
	}
	coverage, err := csv.Coverage(d.Sources)
	if err != nil {
		return nil, fmt.Errorf("write coverage.csv: %w", err)
	}
	w.add("coverage.csv", "events an hour of each source", coverage)
	if d.PolicyText != "" {
		w.add("audit-policy.yaml", "the audit policy that was supplied", []byte(d.PolicyText))
	}
	w.json("chain.json", "this review's records of the product's own trail", chainFacts{d.Chain, d.Head, d.PreviousRoot})
	return w.files, w.err
}

// dataWriter collects files and the first error.
type dataWriter struct {
	files []file
	err   error
}

func (w *dataWriter) add(name, role string, data []byte) {
	w.files = append(w.files, file{entry{"data/" + name, data}, role})
}

// write adds a value in canonical form to a file being written.
func (w *dataWriter) write(to *bytes.Buffer, v any) {
	if err := encode(to, v); err != nil && w.err == nil {
		w.err = err
	}
}

func (w *dataWriter) json(name, role string, v any) {
	w.jsonLines(name, role, 1, func(int) any { return v })
}

func (w *dataWriter) jsonLines(name, role string, n int, at func(int) any) {
	var out bytes.Buffer
	for i := range n {
		w.write(&out, at(i))
	}
	w.add(name, role, out.Bytes())
}

type itemLine struct {
	Check string `json:"check"`
	reports.Item
}

type eventLine struct {
	Item  string            `json:"item"`
	Event connectors.Record `json:"event"`
}

type pickLineFacts struct {
	Rank    int               `json:"rank"`
	Stratum string            `json:"stratum"`
	Event   connectors.Record `json:"event"`
}

func pickLine(p reviews.Pick) pickLineFacts { return pickLineFacts{p.Rank, p.Stratum, p.Record} }

type chainFacts struct {
	Records      any          `json:"records"`
	Head         dossier.Head `json:"head"`
	PreviousRoot string       `json:"previous_root"`
}

// decisionOf gives the decision that counts for an item, for a spreadsheet row.
func decisionOf(r *reviews.Review) func(string) (choice, reason, by, at string) {
	of := map[string][]reviews.Decision{} // asking the review for each item would read all of them each time
	for i := range r.Decisions {
		of[r.Decisions[i].Key] = append(of[r.Decisions[i].Key], r.Decisions[i])
	}
	return func(item string) (string, string, string, string) {
		alone := reviews.Review{Decisions: of[item]}
		d, _ := alone.Standing(item, false)
		if d == nil {
			return "", "", "", ""
		}
		return string(d.Choice), d.Reason, d.By.Name, d.At.String()
	}
}
