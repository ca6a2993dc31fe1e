package evidence

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sort"
	"strings"

	"logreeve/app/fault"
	"logreeve/app/trail"
	"logreeve/connectors"
)

// Problem is one difference between a package and what was signed.
type Problem struct {
	Path   string `json:"path"`             // file in the package
	Record string `json:"record,omitempty"` // which record of it, when it can be said: "line 12"
	What   string `json:"what"`
}

// Verdict is what verification found.
type Verdict struct {
	File     string             `json:"file"`
	Valid    bool               `json:"valid"`
	Review   string             `json:"review"`
	SignedBy []string           `json:"signed_by"`
	SignedAt connectors.Instant `json:"signed_at"`
	Root     string             `json:"root"`
	Problems []Problem          `json:"problems"`

	Title       string `json:"title,omitempty"`
	Key         string `json:"key,omitempty"` // fingerprint of the key that signed
	Files       int    `json:"files,omitempty"`
	Format      string `json:"format,omitempty"`
	ChainChecks int    `json:"chain_records,omitempty"`
}

// Names of the files every package holds.
const (
	nameReadme   = "README-VERIFY.txt"
	nameReport   = "report.pdf"
	nameSigners  = "allowed_signers"
	nameManifest = "data/manifest.json"
	nameSums     = "SHA256SUMS"
	nameSig      = "SHA256SUMS.sig"
	nameChain    = "data/chain.json"
)

// Verify checks a package. It goes on after the first difference and names all.
// A file that is no package of this product is a fault.Invalid; so is one of a
// newer format.
func Verify(name string, b []byte) (*Verdict, error) {
	entries, problems, err := unpack(b)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "%s is not an evidence package: it cannot be read as one.", name)
	}
	v := &Verdict{File: name, SignedBy: []string{}, Problems: problems}
	files := map[string][]byte{}
	for _, e := range entries {
		if _, twice := files[e.name]; twice {
			v.add(e.name, "", "the file stands twice in the package")
		}
		files[e.name] = e.data
	}
	if files[nameSums] == nil && files[nameManifest] == nil {
		return nil, fault.New(fault.Invalid, "%s is a zip file, but not an evidence package.", name)
	}
	var m Manifest
	if err := json.Unmarshal(files[nameManifest], &m); err == nil {
		if m.Format != Format && strings.HasPrefix(m.Format, "logreeve-evidence/v") {
			return nil, fault.New(fault.Invalid, "%s has the format %q, which is newer than this version can verify.", name, m.Format)
		}
		v.Review, v.SignedBy, v.SignedAt, v.Title, v.Format = m.Review, m.SignedBy, m.SealedAt, m.Title, m.Format
		if v.SignedBy == nil {
			v.SignedBy = []string{}
		}
	}
	v.Root, v.Files = digest(files[nameManifest]), len(entries)
	v.signature(entries, files)
	v.content(entries, files, &m)
	v.chain(files)
	v.container(entries, b)
	sort.SliceStable(v.Problems, func(i, j int) bool { return v.Problems[i].Path < v.Problems[j].Path })
	v.Valid = len(v.Problems) == 0
	return v, nil
}

func (v *Verdict) add(path, record, what string) {
	for _, p := range v.Problems {
		if p.Path == path && p.Record == record {
			return // named already; one sentence is enough
		}
	}
	v.Problems = append(v.Problems, Problem{path, record, what})
}

// signature checks SHA256SUMS, its signature and the key, and says which of the
// three was altered when they do not fit together.
func (v *Verdict) signature(entries []entry, files map[string][]byte) {
	for _, must := range []string{nameReadme, nameReport, nameSigners, nameManifest, nameSums, nameSig} {
		if files[must] == nil {
			v.add(must, "", "the file is missing")
		}
	}
	if files[nameSums] == nil || files[nameSig] == nil || files[nameSigners] == nil {
		return
	}
	fingerprint, err := verifySignature(files[nameSums], files[nameSig], files[nameSigners])
	v.Key = fingerprint
	if err == nil {
		return
	}
	listed := sumsListed(files[nameSums])
	if want, ok := listed[nameSigners]; ok && want != digest(files[nameSigners]) {
		v.add(nameSigners, "", "the key is not the one this package was sealed with")
		return
	}
	var covered []entry
	for _, e := range entries {
		if e.name != nameSums && e.name != nameSig {
			covered = append(covered, e)
		}
	}
	again := sumsOf(covered)
	if _, err2 := verifySignature(again, files[nameSig], files[nameSigners]); err2 == nil {
		v.add(nameSums, firstDifferentLine(again, files[nameSums]), "the list of sums is not the one that was signed")
		return
	}
	if bytes.Equal(again, files[nameSums]) {
		v.add(nameSig, "", "the signature is not valid: "+err.Error())
		return
	}
	for _, e := range covered {
		if want, ok := listed[e.name]; !ok || want != digest(e.data) {
			v.add(nameSums, "", "the list of sums does not carry a valid signature, and it does not fit the files: "+err.Error())
			return
		}
	}
	v.add(nameSig, "", "the signature is not valid: "+err.Error())
}

// content compares every file with the list of sums and the manifest.
func (v *Verdict) content(entries []entry, files map[string][]byte, m *Manifest) {
	listed := sumsListed(files[nameSums])
	described := map[string]ManifestFile{}
	for _, f := range m.Files {
		described[f.Path] = f
	}
	for _, e := range entries {
		if e.name == nameSums || e.name == nameSig {
			continue
		}
		want, ok := listed[e.name]
		f, inManifest := described[e.name]
		switch {
		case !ok && files[nameSums] != nil:
			v.add(e.name, "", "the file is not in the signed list: it was added or renamed")
		case want != digest(e.data) && (!inManifest || f.SHA256 != digest(e.data)):
			v.altered(e, f)
		case want != digest(e.data):
			v.add(nameSums, e.name, "the sum of this file is not the one that was signed")
		case inManifest && f.SHA256 != digest(e.data):
			v.add(nameManifest, e.name, "the manifest does not describe this file")
		case !inManifest && strings.HasPrefix(e.name, "data/") && e.name != nameManifest && len(m.Files) > 0:
			v.add(e.name, "", "the manifest does not know this file")
		}
	}
	for name := range listed {
		if files[name] == nil {
			v.add(name, "", "the file is missing")
		}
	}
	for _, f := range m.Files {
		if files[f.Path] == nil {
			v.add(f.Path, "", "the file is missing")
		}
	}
}

// altered names the records of a file that differ, where the manifest has sums
// of them, or the file.
func (v *Verdict) altered(e entry, f ManifestFile) {
	if len(f.RecordSums) == 0 || !strings.HasSuffix(e.name, ".jsonl") {
		v.add(e.name, "", "the content is not what was signed")
		return
	}
	named, n := false, 0
	for line := range bytes.Lines(e.data) {
		n++
		if n > len(f.RecordSums) {
			v.add(e.name, fmt.Sprintf("line %d", n), "the record was added")
			named = true
			continue
		}
		if digest(line)[:16] != f.RecordSums[n-1] {
			v.add(e.name, fmt.Sprintf("line %d", n), "the record is not what was signed"+recordName(line))
			named = true
		}
	}
	if n < len(f.RecordSums) {
		v.add(e.name, fmt.Sprintf("lines %d to %d", n+1, len(f.RecordSums)), "records are missing")
		named = true
	}
	if !named {
		v.add(e.name, "", "the content is not what was signed")
	}
}

// recordName adds the key a record still carries, to find it by.
func recordName(line []byte) string {
	var r struct {
		Key   string `json:"key"`
		Item  string `json:"item"`
		Event struct {
			Key string `json:"key"`
		} `json:"event"`
	}
	if json.Unmarshal(line, &r) != nil {
		return ""
	}
	switch {
	case r.Event.Key != "":
		return " (event " + r.Event.Key + ")"
	case r.Key != "":
		return " (" + r.Key + ")"
	}
	return ""
}

// chain checks that each trail record carries the hash of its own content.
func (v *Verdict) chain(files map[string][]byte) {
	var c struct {
		Records []trail.Record `json:"records"`
	}
	if files[nameChain] == nil || json.Unmarshal(files[nameChain], &c) != nil {
		return // a damaged file is named by its sum
	}
	v.ChainChecks = len(c.Records)
	for _, r := range c.Records {
		if r.Sum() != r.Hash {
			v.add(nameChain, fmt.Sprintf("record %d", r.Seq), "the trail record does not carry the hash of its content")
		}
	}
}

// container writes the package again and compares every byte, so that a change
// outside the files' content is noticed too.
func (v *Verdict) container(entries []entry, b []byte) {
	again, err := pack(entries)
	if err != nil {
		v.add("(container)", "", "the package cannot be written again: "+err.Error())
		return
	}
	if bytes.Equal(again, b) {
		return
	}
	at := 0
	for at < len(again) && at < len(b) && again[at] == b[at] {
		at++
	}
	where := place(entries, at)
	for _, p := range v.Problems {
		if p.Path == where {
			return
		}
	}
	v.add(where, "", fmt.Sprintf("the wrapping of this file in the package was altered at byte %d", at))
}

// sumsListed reads a list of sums.
func sumsListed(sums []byte) map[string]string {
	listed := map[string]string{}
	for line := range strings.Lines(string(sums)) {
		sum, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		if ok {
			listed[name] = sum
		}
	}
	return listed
}

func firstDifferentLine(a, b []byte) string {
	want, got := strings.Split(string(a), "\n"), strings.Split(string(b), "\n")
	for i := range got {
		if i >= len(want) || want[i] != got[i] {
			return fmt.Sprintf("line %d", i+1)
		}
	}
	return fmt.Sprintf("line %d", len(got))
}
