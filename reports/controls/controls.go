// Package controls owns the catalogue: frameworks, the controls we help to
// show, the names they had before, and curated mappings to other frameworks.
// The content is data in versioned files (domain.md §1); texts of standards are
// not in it, objectives are our own words. That a check passes never means that
// a control is met: it supports the control. What checks do is left to
// reports/checks, conclusions to reviews.
package controls

import (
	"cmp"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

//go:embed catalogs/*.json
var files embed.FS

// Framework is a standard or law at one edition.
type Framework struct {
	ID         string      `json:"id"`    // "iso27001-2022"
	Title      string      `json:"title"` // "ISO/IEC 27001:2022 Annex A"
	Version    string      `json:"version"`
	Licence    string      `json:"licence"` // what of it is shipped, and may be
	Provisions []Provision `json:"provisions,omitempty"`
}

// Provision is a part of a law that is not mapped to single controls.
type Provision struct {
	ID    string `json:"id"`
	About string `json:"about"`
}

// Automation says how much of the evidence for a control checks give.
type Automation string

// Degrees of automation (domain.md §1.2).
const (
	Full    Automation = "full"    // checks give most of the evidence
	Partial Automation = "partial" // checks give some of it
	Manual  Automation = "manual"  // people give it, we keep it
)

// Control is a control of ISO/IEC 27001:2022 Annex A.
type Control struct {
	ID         string     `json:"id"` // "5.16"
	Title      string     `json:"title"`
	Aliases    []Alias    `json:"aliases"`           // what it was in the edition of 2013
	Nearest    []string   `json:"nearest,omitempty"` // of a new control: controls of 2013 that come near
	New        bool       `json:"new,omitempty"`     // has no predecessor
	Objective  string     `json:"objective"`         // what is wanted, in our words
	Automation Automation `json:"automation"`
	Checks     []string   `json:"checks"`  // ids, or a family as "IDN-*"
	Reviews    []string   `json:"reviews"` // review templates that look at it
}

// Alias is a control of ISO/IEC 27001:2013 Annex A that became part of this one.
type Alias struct {
	ID     string `json:"id"` // "A.9.2.1"
	Title  string `json:"title"`
	Source string `json:"source"` // how the correspondence is known
}

// Mapping relates a control to one of another framework. Mappings are never
// chained.
type Mapping struct {
	Control      string     `json:"control"`
	Framework    string     `json:"framework"`
	Version      string     `json:"version"`
	ID           string     `json:"id"` // as the framework writes it: "10.2.1.5", "AC-2(3)"
	Relationship string     `json:"relationship"`
	Confidence   Confidence `json:"confidence"`
	Source       string     `json:"source"`
	Note         string     `json:"note,omitempty"`
}

// Confidence says how well a mapping is supported.
type Confidence string

// Degrees of confidence.
const (
	Supported  Confidence = "supported"  // also in a published mapping
	Curated    Confidence = "curated"    // our judgement over a checked identifier
	Unverified Confidence = "unverified" // the identifier itself is not checked
)

// Relationships lists the words for how two controls relate (NIST IR 8477).
func Relationships() []string {
	return []string{"equal", "subset-of", "superset-of", "intersects-with", "related"}
}

// Catalogue is everything shipped. It never changes; lists it gives out are
// read, not written.
type Catalogue struct {
	Frameworks []Framework
	Controls   []Control
	Digest     string // SHA-256 over the files, kept with every run

	mappings []Mapping
	byID     map[string]int // places in Controls
}

// Catalog reads the shipped catalogue. Callers keep it.
func Catalog() *Catalogue {
	c := &Catalogue{byID: map[string]int{}}
	names, err := fs.Glob(files, "catalogs/*.json")
	if err != nil {
		panic("controls: " + err.Error())
	}
	sum := sha256.New()
	for _, name := range names {
		text, err := files.ReadFile(name)
		if err != nil {
			panic("controls: " + err.Error())
		}
		sum.Write([]byte(name + "\x00" + strconv.Itoa(len(text)) + "\x00"))
		sum.Write(text)
		c.add(name, text)
	}
	c.Digest = hex.EncodeToString(sum.Sum(nil))
	for i, control := range c.Controls {
		c.byID[control.ID] = i
	}
	return c
}

// add reads one file. The files are part of the program: one that cannot be
// read is a broken build, which the tests find.
func (c *Catalogue) add(name string, text []byte) {
	var file struct {
		Catalogue  string      `json:"catalogue"`
		Version    int         `json:"version"`
		Frameworks []Framework `json:"frameworks"`
		Controls   []Control   `json:"controls"`
		Mappings   []Mapping   `json:"mappings"`
	}
	in := json.NewDecoder(strings.NewReader(string(text)))
	in.DisallowUnknownFields()
	if err := in.Decode(&file); err != nil {
		panic("controls: " + name + ": " + err.Error())
	}
	c.Frameworks = append(c.Frameworks, file.Frameworks...)
	c.Controls = append(c.Controls, file.Controls...)
	c.mappings = append(c.mappings, file.Mappings...)
}

// Framework finds a framework.
func (c *Catalogue) Framework(id string) (Framework, bool) {
	i := slices.IndexFunc(c.Frameworks, func(f Framework) bool { return f.ID == id })
	if i < 0 {
		return Framework{}, false
	}
	return c.Frameworks[i], true
}

// Control finds a control by its id of 2022.
func (c *Catalogue) Control(id string) (Control, bool) {
	i, ok := c.byID[id]
	if !ok {
		return Control{}, false
	}
	return c.Controls[i], true
}

// Label names a control for people: "5.16 Identity management, formerly
// A.9.2.1". An id that is not in the catalogue is its own label.
func (c *Catalogue) Label(id string) string {
	control, ok := c.Control(id)
	if !ok {
		return id
	}
	label := control.ID + " " + control.Title
	for i, a := range control.Aliases {
		switch {
		case i == 0:
			label += ", formerly "
		case i == len(control.Aliases)-1:
			label += " and "
		default:
			label += ", "
		}
		label += a.ID
	}
	return label
}

// OSCAL is the control's id as OSCAL takes it, a token that begins with a
// letter: "iso27001-2022_a.5.16" (domain.md D9).
func (c Control) OSCAL() string { return "iso27001-2022_a." + c.ID }

// Mappings lists what a control is mapped to, in the order of the frameworks.
func (c *Catalogue) Mappings(id string) []Mapping {
	var found []Mapping
	for _, m := range c.mappings {
		if m.Control == id {
			found = append(found, m)
		}
	}
	return found
}

// MappingCount is how many mappings are shipped.
func (c *Catalogue) MappingCount() int { return len(c.mappings) }

// ForCheck lists the controls that checks give evidence for, in order.
func (c *Catalogue) ForCheck(checks ...string) []Control {
	var found []Control
	for _, control := range c.Controls {
		if slices.ContainsFunc(checks, control.CheckedBy) {
			found = append(found, control)
		}
	}
	return found
}

// CheckedBy says whether a check gives evidence for the control.
func (c Control) CheckedBy(check string) bool {
	return slices.ContainsFunc(c.Checks, func(pattern string) bool {
		if family, ok := strings.CutSuffix(pattern, "*"); ok {
			return strings.HasPrefix(check, family)
		}
		return pattern == check
	})
}

// Find finds controls by what people type, best first: an id of 2022 or 2013
// ("5.16", "A.9.2.1", "a 9.2.1"), else an identifier of a mapped framework
// ("CC6.1", "PCI 10.4.1"), else the beginning of an id, else words of titles,
// objectives, former titles and mapped frameworks, all of which must be there.
func (c *Catalogue) Find(text string) []Control {
	text = strings.ToLower(strings.Join(strings.Fields(text), " "))
	if text == "" {
		return nil
	}
	for _, rank := range []func(Control) int{
		func(control Control) int { return control.named(text) },
		func(control Control) int { return c.mapped(control, text) },
		func(control Control) int { return control.begins(text) },
		func(control Control) int { return c.speaks(control, text) },
	} {
		if found := c.ranked(rank); len(found) > 0 {
			return found
		}
	}
	return nil
}

// ranked gives the controls with a rank above 0, the highest first.
func (c *Catalogue) ranked(rank func(Control) int) []Control {
	type hit struct {
		control Control
		rank    int
	}
	var hits []hit
	for _, control := range c.Controls {
		if r := rank(control); r > 0 {
			hits = append(hits, hit{control, r})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(b.rank, a.rank) })
	var found []Control
	for _, h := range hits {
		found = append(found, h.control)
	}
	return found
}

// bare is an Annex A id without its letter and blanks, as people write it.
func bare(id string) string {
	id = strings.TrimPrefix(strings.ToLower(id), "annex ")
	return strings.TrimLeft(strings.TrimPrefix(id, "a"), ". ")
}

func (c Control) named(text string) int {
	id := bare(text)
	if id == c.ID {
		return 3
	}
	if slices.ContainsFunc(c.Aliases, func(a Alias) bool { return bare(a.ID) == id }) {
		return 2
	}
	if slices.ContainsFunc(c.Nearest, func(near string) bool { return bare(near) == id }) {
		return 1
	}
	return 0
}

func (c *Catalogue) mapped(control Control, text string) int {
	for _, m := range c.mappings {
		if m.Control != control.ID {
			continue
		}
		id := strings.ToLower(m.ID)
		if text == id || strings.ReplaceAll(text, " ", "") == strings.ReplaceAll(id, " ", "") {
			return 1
		}
		f, _ := c.Framework(m.Framework)
		if words, ok := strings.CutSuffix(text, " "+id); ok && containsAll(strings.ToLower(f.ID+" "+f.Title+" "+f.Version), words) {
			return 1
		}
	}
	return 0
}

func (c Control) begins(text string) int {
	id := bare(text)
	if id == "" || id[0] < '0' || id[0] > '9' {
		return 0
	}
	id = strings.TrimRight(id, ".") + "."
	if strings.HasPrefix(c.ID, id) {
		return 2
	}
	if slices.ContainsFunc(c.Aliases, func(a Alias) bool { return strings.HasPrefix(bare(a.ID), id) }) {
		return 1
	}
	return 0
}

func (c *Catalogue) speaks(control Control, text string) int {
	title := strings.ToLower(control.Title)
	if containsAll(title, text) {
		return 3
	}
	former := ""
	for _, a := range control.Aliases {
		former += " " + strings.ToLower(a.Title)
	}
	if containsAll(title+former, text) {
		return 2
	}
	all := title + former + " " + strings.ToLower(control.Objective)
	for _, m := range c.Mappings(control.ID) {
		f, _ := c.Framework(m.Framework)
		all += " " + strings.ToLower(f.Title) + " " + strings.ToLower(m.Note)
	}
	if containsAll(all, text) {
		return 1
	}
	return 0
}

func containsAll(s, words string) bool {
	return !slices.ContainsFunc(strings.Fields(words), func(w string) bool { return !strings.Contains(s, w) })
}
