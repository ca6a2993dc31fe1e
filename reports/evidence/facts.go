package evidence

import (
	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reports/dossier"
	"logreeve/reviews"
)

// reviewDocument is data/review.json.
type reviewDocument struct {
	ID               string                    `json:"id"`
	Revision         int                       `json:"revision"`
	Title            string                    `json:"title"`
	Template         string                    `json:"template"`
	TemplateVersion  int                       `json:"template_version"`
	Procedure        string                    `json:"procedure"`
	Organisation     string                    `json:"organisation"`
	Sample           bool                      `json:"sample_data"`
	Period           connectors.Window         `json:"period"`
	Zone             string                    `json:"zone"`
	State            reviews.State             `json:"state"`
	OpenedAt         connectors.Instant        `json:"opened_at"`
	DueAt            connectors.Instant        `json:"due_at"`
	ClosedAt         connectors.Instant        `json:"closed_at"`
	Late             bool                      `json:"late"`
	Figures          reviews.Figures           `json:"figures"`
	Checks           []reviews.CheckSummary    `json:"checks"`
	Limits           []reviews.Limit           `json:"limits"`
	Acknowledgements []reviews.Acknowledgement `json:"acknowledgements"`
	Sampling         reviews.SamplePlan        `json:"sampling"`
	Rules            []reviews.RuleVerdict     `json:"rules"`
	Events           []reviews.Event           `json:"events"`
	SetSHA256        string                    `json:"set_sha256"`
}

func reviewFacts(d *dossier.Dossier) reviewDocument {
	r := d.Review
	return reviewDocument{
		ID: r.ID, Revision: r.Revision, Title: r.Title, Template: r.Template, TemplateVersion: d.Template.Version, Procedure: d.Template.Procedure,
		Organisation: d.Organisation, Sample: d.Sample, Period: r.Period, Zone: r.Zone, State: r.State, OpenedAt: r.OpenedAt, DueAt: r.DueAt,
		ClosedAt: r.ClosedAt, Late: r.Late(), Figures: r.Figures, Checks: r.Checks, Limits: r.Limits, Acknowledgements: r.Acknowledgements,
		Sampling: r.Sample, Rules: d.Rules, Events: r.Events, SetSHA256: r.SetDigest(),
	}
}

// runDocument is data/run.json: the run without its items, which have files of
// their own.
type runDocument struct {
	ID      string                  `json:"id"`
	Window  reports.RunWindow       `json:"window"`
	Sources []reports.SourceSummary `json:"sources"`
	Results []reports.Result        `json:"results"`
}

func runFacts(d *dossier.Dossier) runDocument {
	doc := runDocument{ID: d.Review.RunID, Window: d.Window, Sources: d.Sources, Results: make([]reports.Result, len(d.Results))}
	for i, r := range d.Results {
		r.Items = nil
		doc.Results[i] = r
	}
	return doc
}

// findingDocument is one finding in data/findings.json.
type findingDocument struct {
	ID        string                  `json:"id"`
	Items     []string                `json:"items"`
	Check     string                  `json:"check"`
	Title     string                  `json:"title"`
	Condition string                  `json:"condition"`
	Criteria  string                  `json:"criteria"`
	Cause     string                  `json:"cause"`
	Effect    string                  `json:"effect"`
	Severity  reports.Severity        `json:"severity"`
	Owner     string                  `json:"owner"`
	DueDate   string                  `json:"due_date"`
	Status    reviews.FindingStatus   `json:"status"`
	RaisedBy  reviews.Signer          `json:"raised_by"`
	RaisedAt  connectors.Instant      `json:"raised_at"`
	Controls  []string                `json:"controls"`
	History   []reviews.FindingChange `json:"history"`
}

func findingFacts(findings []reviews.Finding) []findingDocument {
	docs := make([]findingDocument, len(findings))
	for i, f := range findings {
		docs[i] = findingDocument{f.ID, f.Items, f.Check, f.Title, f.Condition, f.Criteria, f.Cause, f.Effect, f.Severity, f.Owner, f.DueDate, f.Status, f.RaisedBy, f.RaisedAt, f.Controls, f.History}
	}
	return docs
}
