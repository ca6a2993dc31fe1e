package reviews

import (
	"slices"
	"strings"
	"time"

	"logreeve/app/fault"
	"logreeve/connectors"
	"logreeve/reports"
)

// raise adds a finding, or the item to a finding of this review that exists.
func (r *Review) raise(by Signer, q Request, now time.Time) (string, error) {
	for i := range r.Findings {
		if f := &r.Findings[i]; f.ID == q.Finding.ID {
			if f.Status == FindingDismissed || f.Status == FindingClosed {
				return "", fault.Field("finding", "%s is %s; raise a new finding.", f.ID, f.Status)
			}
			if !slices.Contains(f.Items, q.Key) {
				f.Items = append(f.Items, q.Key)
			}
			return f.ID, nil
		}
	}
	f := *q.Finding
	f.Title, f.Condition = strings.TrimSpace(f.Title), strings.TrimSpace(f.Condition)
	if f.ID == "" {
		return "", fault.New(fault.Internal, "a finding without an id")
	}
	if f.Title == "" {
		return "", fault.Field("title", "Give the finding a title.")
	}
	if f.Condition == "" {
		f.Condition = strings.TrimSpace(q.Reason)
	}
	if !validSeverity(f.Severity) {
		return "", fault.Field("severity", "Choose a severity.")
	}
	if f.DueDate != "" {
		if _, err := time.Parse(time.DateOnly, f.DueDate); err != nil {
			return "", fault.Field("due", "The due date is not a date.")
		}
	}
	f.Version, f.Review, f.Items, f.RaisedBy, f.RaisedAt = 1, r.ID, []string{q.Key}, by, connectors.At(now)
	f.Status = FindingConfirmed
	if f.Owner != "" {
		f.Status = FindingAssigned
	}
	if item, ok := r.Item(q.Key); ok {
		f.Check = item.Check
		for _, c := range r.Checks {
			if c.Check == item.Check {
				f.Controls = c.Controls
			}
		}
	}
	f.History = []FindingChange{{At: f.RaisedAt, By: by, From: FindingDraft, To: f.Status, Note: "raised"}}
	r.Findings = append(r.Findings, f)
	return f.ID, nil
}

// dropFinding takes an item out of a finding; a finding left without items is
// dismissed, and stays readable.
func (r *Review) dropFinding(id, key string, by Signer, now time.Time) {
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.ID != id {
			continue
		}
		f.Items = slices.DeleteFunc(slices.Clone(f.Items), func(k string) bool { return k == key })
		if len(f.Items) == 0 && f.Status != FindingDismissed {
			f.History = append(f.History, FindingChange{At: connectors.At(now), By: by, From: f.Status, To: FindingDismissed, Note: "the decision it came from was withdrawn"})
			f.Status = FindingDismissed
		}
	}
}

// OpenFindings are those neither closed nor dismissed.
func (r *Review) OpenFindings() []Finding {
	var open []Finding
	for _, f := range r.Findings {
		if f.Status != FindingClosed && f.Status != FindingDismissed {
			open = append(open, f)
		}
	}
	return open
}

// findingMoves says where a status may go.
var findingMoves = map[FindingStatus][]FindingStatus{
	FindingConfirmed:  {FindingAssigned, FindingDismissed},
	FindingAssigned:   {FindingInProgress, FindingRemediated, FindingDismissed},
	FindingInProgress: {FindingRemediated, FindingDismissed},
	FindingRemediated: {FindingClosed, FindingInProgress},
}

// NextStatuses says where a finding may go from here.
func (f *Finding) NextStatuses() []FindingStatus { return findingMoves[f.Status] }

// FindingUpdate is what may be changed of a finding; nil leaves alone.
type FindingUpdate struct {
	Version   int64
	Title     *string
	Condition *string
	Criteria  *string
	Cause     *string
	Effect    *string
	Severity  *reports.Severity
	Owner     *string
	DueDate   *string
	Status    *FindingStatus
	Note      string
}

// Update changes a finding. fault.Conflict when it changed meanwhile or the
// status cannot follow; fault.Forbidden when the owner would close their own
// (rule R6); fault.Invalid for a wrong value.
func (f *Finding) Update(by Signer, u FindingUpdate, now time.Time) error {
	if u.Version != f.Version {
		return fault.New(fault.Conflict, "%s was changed meanwhile. Look at it again.", f.ID)
	}
	if !by.has("reviewer") && !by.has("approver") && !by.has("officer") {
		return fault.New(fault.Forbidden, "Only reviewers, approvers and officers change findings.")
	}
	set := func(to *string, from *string) {
		if from != nil {
			*to = strings.TrimSpace(*from)
		}
	}
	set(&f.Title, u.Title)
	set(&f.Condition, u.Condition)
	set(&f.Criteria, u.Criteria)
	set(&f.Cause, u.Cause)
	set(&f.Effect, u.Effect)
	set(&f.Owner, u.Owner)
	set(&f.DueDate, u.DueDate)
	if u.Severity != nil {
		f.Severity = *u.Severity
	}
	switch {
	case f.Title == "":
		return fault.Field("title", "Give the finding a title.")
	case !validSeverity(f.Severity):
		return fault.Field("severity", "Choose a severity.")
	}
	if f.DueDate != "" {
		if _, err := time.Parse(time.DateOnly, f.DueDate); err != nil {
			return fault.Field("due", "The due date is not a date.")
		}
	}
	from := f.Status
	if u.Status != nil && *u.Status != f.Status {
		if !slices.Contains(findingMoves[f.Status], *u.Status) {
			return fault.New(fault.Conflict, "A finding that is %s cannot become %s.", word(f.Status), word(*u.Status))
		}
		switch *u.Status {
		case FindingAssigned, FindingInProgress:
			if f.Owner == "" {
				return fault.Field("owner", "Name who must act.")
			}
		case FindingClosed:
			if strings.EqualFold(by.Email, f.Owner) {
				return fault.New(fault.Forbidden, "Somebody other than the owner verifies that it is solved.")
			}
		}
		if (*u.Status == FindingDismissed || *u.Status == FindingClosed || *u.Status == FindingRemediated) && strings.TrimSpace(u.Note) == "" {
			return fault.Field("note", "Say why.")
		}
		if *u.Status == FindingDismissed && severe(f.Severity) && by.Account == f.RaisedBy.Account {
			return fault.New(fault.Forbidden, "A second person dismisses a finding this severe.")
		}
		f.Status = *u.Status
	}
	f.Version++
	f.History = append(f.History, FindingChange{At: connectors.At(now), By: by, From: from, To: f.Status, Note: strings.TrimSpace(u.Note)})
	return nil
}

func word(s FindingStatus) string { return strings.ReplaceAll(string(s), "_", " ") }

func validSeverity(s reports.Severity) bool {
	switch s {
	case reports.Critical, reports.High, reports.Medium, reports.Low, reports.Info:
		return true
	}
	return false
}
