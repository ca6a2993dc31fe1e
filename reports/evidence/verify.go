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
	v := &Verdict{File: name, SignedBy: []string{}, Problems: append([]Problem{}, problems...)}
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
		// Only a manifest that is as it was sealed may say so: else it is altered.
		unaltered := sumsListed(files[nameSums])[nameManifest] == digest(files[nameManifest])
		if m.Format != Format && strings.HasPrefix(m.Format, "logreeve-evidence/v") && unaltered {
			return nil, fault.New(fault.Invalid, "%s has the format %q, which is newer than this version can verify.", name, m.Format)
		}
		v.Review, v.SignedBy, v.SignedAt, v.Title, v.Format = m.Review, m.SignedBy, m.SealedAt, m.Title, m.Format
		if v.SignedBy == nil {
			v.SignedBy = []string{}
		}
	}
	v.Root, v.Files = digest(files[nameManifest]), len(entries)
	v.content(entries, files, &m, v.signature(entries, files))
	v.chain(files)
	v.container(entries, b)
	sort.SliceStable(v.Problems, func(i, j int) bool {
		a, b := v.Problems[i], v.Problems[j]
		return a.Path < b.Path
	})
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

// basis is what the signature leaves to compare the files with.
type basis struct {
	listed   map[string]string // the sums to compare with; nil: none can be trusted
	manifest bool              // the manifest is the one that was sealed
}

// signature checks SHA256SUMS, its signature and the key. When they do not fit
// together it says which of the three was altered, as far as that can be told.
func (v *Verdict) signature(entries []entry, files map[string][]byte) basis {
	for _, must := range []string{nameReadme, nameReport, nameSigners, nameManifest, nameSums, nameSig} {
		if files[must] == nil {
			v.add(must, "", "the file is missing")
		}
	}
	listed := sumsListed(files[nameSums])
	b := basis{listed: listed, manifest: listed[nameManifest] == digest(files[nameManifest])}
	if files[nameSums] == nil {
		return basis{manifest: true} // what the manifest says is all there is to go by
	}
	if files[nameSig] == nil || files[nameSigners] == nil {
		return b
	}
	fingerprint, err := verifySignature(files[nameSums], files[nameSig], files[nameSigners])
	v.Key = fingerprint
	if err == nil {
		return b
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
		return basis{listed: sumsListed(again), manifest: true}
	}
	if want, ok := listed[nameSigners]; ok && want != digest(files[nameSigners]) {
		v.add(nameSigners, "", "the key is not the one this package was sealed with")
		return b
	}
	differs := ""
	for _, e := range covered {
		if listed[e.name] != digest(e.data) {
			differs = ", and it does not fit the files"
		}
	}
	if bytes.Equal(again, files[nameSums]) || wellFormed(files[nameSums]) && differs == "" {
		v.add(nameSig, "", "the signature is not valid: "+err.Error())
		return b
	}
	v.add(nameSums, "", "the list of sums carries no valid signature"+differs+": "+err.Error())
	return b
}

// wellFormed says whether a list of sums is written as sha256sum writes it.
func wellFormed(sums []byte) bool {
	for line := range strings.Lines(string(sums)) {
		sum, name, ok := strings.Cut(line, "  ")
		if !ok || len(sum) != 64 || !strings.HasSuffix(name, "\n") {
			return false
		}
	}
	return true
}

// content compares every file with the list of sums, and with the manifest
// where that is the one that was sealed.
func (v *Verdict) content(entries []entry, files map[string][]byte, m *Manifest, b basis) {
	described := map[string]ManifestFile{}
	if b.manifest {
		for _, f := range m.Files {
			described[f.Path] = f
		}
	}
	for _, e := range entries {
		if e.name == nameSums || e.name == nameSig {
			continue
		}
		f, inManifest := described[e.name]
		sum := digest(e.data)
		want, ok := b.listed[e.name]
		switch {
		case b.listed != nil && !ok:
			v.add(e.name, "", "the file is not in the signed list: it was added or renamed")
		case ok && want != sum, b.listed == nil && inManifest && f.SHA256 != sum:
			v.altered(e, f)
		case inManifest && f.SHA256 != sum:
			v.add(nameManifest, e.name, "the manifest does not describe this file")
		case !inManifest && b.manifest && strings.HasPrefix(e.name, "data/") && e.name != nameManifest:
			v.add(e.name, "", "the manifest does not know this file")
		}
	}
	for name := range b.listed {
		if _, ok := files[name]; !ok {
			v.add(name, "", "the file is missing")
		}
	}
	for name := range described {
		if _, ok := files[name]; !ok {
			v.add(name, "", "the file is missing")
		}
	}
	v.order(entries, files)
}

// order checks that the files stand in the order of the signed list, followed
// by the list and its signature.
func (v *Verdict) order(entries []entry, files map[string][]byte) {
	if len(v.Problems) > 0 || files[nameSums] == nil {
		return // something else is wrong, and says more
	}
	var want []string
	for line := range strings.Lines(string(files[nameSums])) {
		if _, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "  "); ok {
			want = append(want, name)
		}
	}
	for i, name := range append(want, nameSums, nameSig) {
		if i >= len(entries) || entries[i].name != name {
			v.add(name, "", "the file does not stand where it stood when the package was sealed")
			return
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
// outside the files' content is noticed too. The file is named whose wrapping
// was altered, unless the damage is in what belongs to no file.
func (v *Verdict) container(entries []entry, b []byte) {
	again, err := pack(entries)
	if err != nil {
		v.add(outside, "", "the package cannot be written again: "+err.Error())
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
	if len(again) != len(b) || at >= len(b)-endRecord {
		where = outside
	}
	if len(v.Problems) > 0 && (where == outside || v.names(where)) {
		return
	}
	v.add(where, "", fmt.Sprintf("the wrapping of this file in the package was altered at byte %d", at))
}

func (v *Verdict) names(path string) bool {
	for _, p := range v.Problems {
		if p.Path == path {
			return true
		}
	}
	return false
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
