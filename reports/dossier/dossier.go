// Package dossier owns what the evidence of one review consists of: the one
// value that every renderer (reports/pdf, reports/csv, reports/evidence)
// prints, so that no two of them can say different things. It computes nothing
// and reads nothing; app gathers it.
package dossier

import (
	"strconv"

	"logreeve/app/trail"
	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reports/policy"
	"logreeve/reports/roster"
	"logreeve/reviews"
)

// Dossier is everything known of one review at the moment it is sealed, or,
// with Draft, before.
type Dossier struct {
	Draft          bool // not signed by two people: every page says so
	Sample         bool // demo data: every page says so
	Organisation   string
	Classification string // "Confidential · evidence for auditors"
	Zone           string // the organisation's IANA zone, printed beside UTC
	Paper          string // "A4" when empty, or "Letter"

	Review   *reviews.Review
	Template reviews.Template
	Rules    []reviews.RuleVerdict

	Window   reports.RunWindow
	Sources  []reports.SourceSummary
	Results  []reports.Result // with items and their evidence
	Checks   []Definition
	Controls []Control
	Changes  policy.Report // network-policy changes of the window

	Snapshot   Snapshot
	Population []byte // "key stratum" lines, sorted
	PolicyText string // the supplied audit policy, "" none

	Chain        []trail.Record // of this review
	Head         Head           // of the whole trail when sealed
	PreviousRoot string         // evidence root of the package sealed before, "" none

	Tool     Tool
	SealedAt connectors.Instant
}

// Definition is a check as it was run.
type Definition struct {
	ID        string            `json:"id"`
	Version   int               `json:"version"`
	Title     string            `json:"title"`
	Objective string            `json:"objective"`
	Logic     string            `json:"logic"`
	Severity  reports.Severity  `json:"severity"`
	Type      reports.Type      `json:"type"`
	Select    connectors.Filter `json:"select"`
	Params    map[string]string `json:"params"`
	Digest    string            `json:"definition_sha256"`
	Controls  []string          `json:"controls"`
}

// Control is a control that checks of the review support.
type Control struct {
	ID       string   `json:"id"`       // "5.16"
	Title    string   `json:"title"`    // "Identity management"
	Aliases  []string `json:"aliases"`  // 2013 ids
	Coverage string   `json:"coverage"` // "full", "partial", "manual"
	Checks   []string `json:"checks"`
	Others   []string `json:"others"`  // ids in other frameworks, "PCI DSS 4.0.1 8.2.1"
	Missing  string   `json:"missing"` // what automated checks do not cover, "" nothing
}

// Snapshot is the list of people and registers that was used.
type Snapshot struct {
	ID       string                  `json:"id"`
	TakenAt  connectors.Instant      `json:"taken_at"`
	Digest   string                  `json:"digest"`
	People   int                     `json:"people"`
	Keys     int                     `json:"keys"`
	Entries  []roster.Entry          `json:"entries"`
	Expected []roster.ExpectedSource `json:"expected_sources"`
}

// Head is the end of the trail.
type Head struct {
	Seq  int64  `json:"seq"`
	Hash string `json:"hash"`
}

// Tool is the program that sealed.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Commit  string `json:"commit"`
}

// Title is the review's subject without its period: "Weekly log review".
func (d *Dossier) Title() string { return d.Template.Title }

// FileName is what the package is called, without a path or ending.
func (d *Dossier) FileName() string {
	return "EV-" + d.Review.ID + "-r" + strconv.Itoa(d.Review.Revision)
}
