package store

import (
	"fmt"

	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reviews"
)

type reviewRow struct {
	ID           text `gorm:"primaryKey"`
	Version      int64
	Revision     int64
	Template     text
	Title        text
	PeriodFrom   int64
	PeriodTo     int64
	Zone         text
	LocalDate    text
	State        text
	DueAt        int64
	MissedAt     int64
	OpenedAt     int64
	ClosedAt     int64
	RunID        text
	Sample       text
	Figures      text
	Items        int64
	Decided      int64
	Picks        int64
	PicksDecided int64
	Limits       int64
	Acknowledged int64
	Findings     int64
	Attested     text
	AttestedAt   int64
	Approved     text
	Conclusion   text
}

func (reviewRow) TableName() string { return "reviews" }

func reviewRowOf(r *reviews.Review) (reviewRow, error) {
	sample, err := encode(spelling(escape).plan(r.Sample))
	if err != nil {
		return reviewRow{}, err
	}
	figures, err := encode(r.Figures)
	if err != nil {
		return reviewRow{}, err
	}
	items, picks := r.Progress()
	acknowledged := 0
	for _, l := range r.Limits {
		if _, ok := r.Acknowledged(l.Check); ok {
			acknowledged++
		}
	}
	row := reviewRow{
		ID: text(r.ID), Version: r.Version, Revision: int64(r.Revision), Template: text(r.Template), Title: text(r.Title),
		PeriodFrom: int64(r.Period.From), PeriodTo: int64(r.Period.To), Zone: text(r.Zone), LocalDate: text(r.LocalDate), State: text(r.State),
		DueAt: int64(r.DueAt), MissedAt: int64(r.MissedAt), OpenedAt: int64(r.OpenedAt), ClosedAt: int64(r.ClosedAt),
		RunID: text(r.RunID), Sample: sample, Figures: figures,
		Items: int64(len(r.Items)), Decided: int64(items), Picks: int64(len(r.Picks)), PicksDecided: int64(picks),
		Limits: int64(len(r.Limits)), Acknowledged: int64(acknowledged), Findings: int64(len(r.Findings)),
	}
	if a := r.Attester(); a != nil {
		if row.Attested, err = encodeSigner(a.By); err != nil {
			return reviewRow{}, err
		}
		row.AttestedAt, row.Conclusion = int64(a.At), text(a.Conclusion)
	}
	if a := r.Approver(); a != nil {
		if row.Approved, err = encodeSigner(a.By); err != nil {
			return reviewRow{}, err
		}
		row.Conclusion = text(a.Conclusion)
	}
	return row, nil
}

func (row reviewRow) review() (*reviews.Review, error) {
	sample, err := decode[reviews.SamplePlan](row.Sample)
	if err != nil {
		return nil, fmt.Errorf("review %s: %w", row.ID, err)
	}
	figures, err := decode[reviews.Figures](row.Figures)
	if err != nil {
		return nil, fmt.Errorf("review %s: %w", row.ID, err)
	}
	return &reviews.Review{
		ID: string(row.ID), Version: row.Version, Revision: int(row.Revision), Template: string(row.Template), Title: string(row.Title),
		Period: connectors.Window{From: instant(row.PeriodFrom), To: instant(row.PeriodTo)}, Zone: string(row.Zone), LocalDate: string(row.LocalDate),
		State: reviews.State(row.State), DueAt: instant(row.DueAt), MissedAt: instant(row.MissedAt), OpenedAt: instant(row.OpenedAt), ClosedAt: instant(row.ClosedAt),
		RunID: string(row.RunID), Sample: spelling(unescape).plan(sample), Figures: figures,
	}, nil
}

func (row reviewRow) summary() (reviews.Summary, error) {
	figures, err := decode[reviews.Figures](row.Figures)
	if err != nil {
		return reviews.Summary{}, fmt.Errorf("review %s: %w", row.ID, err)
	}
	attested, err := signerOrNil(row.Attested)
	if err != nil {
		return reviews.Summary{}, fmt.Errorf("review %s: %w", row.ID, err)
	}
	approved, err := signerOrNil(row.Approved)
	if err != nil {
		return reviews.Summary{}, fmt.Errorf("review %s: %w", row.ID, err)
	}
	return reviews.Summary{
		ID: string(row.ID), Template: string(row.Template), Title: string(row.Title), LocalDate: string(row.LocalDate), Zone: string(row.Zone),
		Period: connectors.Window{From: instant(row.PeriodFrom), To: instant(row.PeriodTo)}, State: reviews.State(row.State),
		Revision: int(row.Revision), Version: row.Version,
		DueAt: instant(row.DueAt), MissedAt: instant(row.MissedAt), ClosedAt: instant(row.ClosedAt), OpenedAt: instant(row.OpenedAt),
		RunID: string(row.RunID), Items: int(row.Items), Decided: int(row.Decided), Picks: int(row.Picks), PicksDecided: int(row.PicksDecided),
		Limits: int(row.Limits), Acknowledged: int(row.Acknowledged), Findings: int(row.Findings),
		Attested: attested, AttestedAt: instant(row.AttestedAt), Approved: approved, Conclusion: reviews.Conclusion(row.Conclusion), Figures: figures,
	}, nil
}

func signerOrNil(t text) (*reviews.Signer, error) {
	if t == "" {
		return nil, nil
	}
	s, err := decodeSigner(t)
	if err != nil {
		return nil, err
	}
	return &s, nil
}

type reviewCheckRow struct {
	ReviewID text  `gorm:"primaryKey"`
	Position int64 `gorm:"primaryKey;autoIncrement:false"`
	CheckID  text
	Body     text
}

func (reviewCheckRow) TableName() string { return "review_checks" }

func (row reviewCheckRow) check() (reviews.CheckSummary, error) {
	v, err := decode[reviews.CheckSummary](row.Body)
	return spelling(unescape).check(v), err
}

type reviewItemRow struct {
	ReviewID text  `gorm:"primaryKey"`
	Position int64 `gorm:"primaryKey;autoIncrement:false"`
	ItemKey  text
	Body     text
}

func (reviewItemRow) TableName() string { return "review_items" }

func (row reviewItemRow) item() (reviews.Item, error) {
	v, err := decode[reviews.Item](row.Body)
	return spelling(unescape).reviewItem(v), err
}

type reviewPickRow struct {
	ReviewID text  `gorm:"primaryKey"`
	Position int64 `gorm:"primaryKey;autoIncrement:false"`
	EventKey text
	Body     text
	Raw      []byte
}

func (reviewPickRow) TableName() string { return "review_picks" }

func (row reviewPickRow) pick() (reviews.Pick, error) {
	v, err := decode[reviews.Pick](row.Body)
	v = spelling(unescape).pick(v)
	v.Raw = row.Raw
	return v, err
}

type reviewLimitRow struct {
	ReviewID text  `gorm:"primaryKey"`
	Position int64 `gorm:"primaryKey;autoIncrement:false"`
	CheckID  text
	Body     text
}

func (reviewLimitRow) TableName() string { return "review_limits" }

func (row reviewLimitRow) limit() (reviews.Limit, error) {
	v, err := decode[reviews.Limit](row.Body)
	return spelling(unescape).limit(v), err
}

type decisionRow struct {
	ReviewID   text  `gorm:"primaryKey"`
	Seq        int64 `gorm:"primaryKey;autoIncrement:false"`
	SubjectKey text
	Pick       bool
	Choice     text
	Reason     text
	UntilDate  text
	Ticket     text
	FindingID  text
	ByID       text
	Signer     text
	At         int64
}

func (decisionRow) TableName() string { return "decisions" }

func (row decisionRow) decision() (reviews.Decision, error) {
	by, err := decodeSigner(row.Signer)
	return reviews.Decision{
		Seq: row.Seq, Key: string(row.SubjectKey), Pick: row.Pick, Choice: reviews.Choice(row.Choice), Reason: string(row.Reason),
		Until: string(row.UntilDate), Ticket: string(row.Ticket), Finding: string(row.FindingID), By: by, At: instant(row.At),
	}, err
}

type acknowledgementRow struct {
	ReviewID    text  `gorm:"primaryKey"`
	Seq         int64 `gorm:"primaryKey;autoIncrement:false"`
	CheckID     text
	Cause       text
	Consequence text
	ByID        text
	Signer      text
	At          int64
}

func (acknowledgementRow) TableName() string { return "acknowledgements" }

func (row acknowledgementRow) acknowledgement() (reviews.Acknowledgement, error) {
	by, err := decodeSigner(row.Signer)
	return reviews.Acknowledgement{
		Check: string(row.CheckID), Cause: string(row.Cause), Consequence: string(row.Consequence), By: by, At: instant(row.At),
	}, err
}

type signOffRow struct {
	ReviewID    text  `gorm:"primaryKey"`
	Seq         int64 `gorm:"primaryKey;autoIncrement:false"`
	Role        text
	ByID        text
	Signer      text
	At          int64
	Method      text
	Conclusion  text
	Statement   text
	TextSHA256  text `gorm:"column:text_sha256"`
	SetSHA256   text `gorm:"column:set_sha256"`
	Reperformed text
}

func (signOffRow) TableName() string { return "sign_offs" }

func (row signOffRow) record() (reviews.SignOffRecord, error) {
	by, err := decodeSigner(row.Signer)
	if err != nil {
		return reviews.SignOffRecord{}, err
	}
	keys, err := decode[[]string](row.Reperformed)
	return reviews.SignOffRecord{
		Role: reviews.SignRole(row.Role), By: by, At: instant(row.At), Method: string(row.Method), Conclusion: reviews.Conclusion(row.Conclusion),
		Text: string(row.Statement), TextSHA256: string(row.TextSHA256), Set: string(row.SetSHA256), Reperformed: spelling(unescape).list(keys),
	}, err
}

type signOffVoidRow struct {
	ReviewID text  `gorm:"primaryKey"`
	Seq      int64 `gorm:"primaryKey;autoIncrement:false"`
	ByID     text
	At       int64
	Reason   text
}

func (signOffVoidRow) TableName() string { return "sign_off_voids" }

type reviewEventRow struct {
	ReviewID  text  `gorm:"primaryKey"`
	Seq       int64 `gorm:"primaryKey;autoIncrement:false"`
	At        int64
	ByID      text
	FromState text
	ToState   text
	Note      text
}

func (reviewEventRow) TableName() string { return "review_events" }

func (row reviewEventRow) event() (reviews.Event, error) {
	return reviews.Event{
		At: instant(row.At), By: string(row.ByID), From: reviews.State(row.FromState), To: reviews.State(row.ToState), Note: string(row.Note),
	}, nil
}

type findingRow struct {
	ID            text `gorm:"primaryKey"`
	Version       int64
	ReviewID      text
	Position      int64
	Items         text
	CheckID       text
	Title         text
	ConditionText text
	Criteria      text
	Cause         text
	Effect        text
	Severity      text
	Owner         text
	DueDate       text
	Status        text
	RaisedBy      text
	RaisedAt      int64
	Controls      text
}

func (findingRow) TableName() string { return "findings" }

func (row findingRow) finding() (reviews.Finding, error) {
	by, err := decodeSigner(row.RaisedBy)
	if err != nil {
		return reviews.Finding{}, fmt.Errorf("finding %s: %w", row.ID, err)
	}
	items, err := decode[[]string](row.Items)
	if err != nil {
		return reviews.Finding{}, fmt.Errorf("finding %s: %w", row.ID, err)
	}
	controls, err := decode[[]string](row.Controls)
	if err != nil {
		return reviews.Finding{}, fmt.Errorf("finding %s: %w", row.ID, err)
	}
	return reviews.Finding{
		ID: string(row.ID), Version: row.Version, Review: string(row.ReviewID), Items: spelling(unescape).list(items), Check: string(row.CheckID),
		Title: string(row.Title), Condition: string(row.ConditionText), Criteria: string(row.Criteria), Cause: string(row.Cause), Effect: string(row.Effect),
		Severity: reports.Severity(row.Severity), Owner: string(row.Owner), DueDate: string(row.DueDate), Status: reviews.FindingStatus(row.Status),
		RaisedBy: by, RaisedAt: instant(row.RaisedAt), Controls: spelling(unescape).list(controls),
	}, nil
}

type findingChangeRow struct {
	FindingID  text  `gorm:"primaryKey"`
	Seq        int64 `gorm:"primaryKey;autoIncrement:false"`
	At         int64
	ByID       text
	Signer     text
	FromStatus text
	ToStatus   text
	Note       text
}

func (findingChangeRow) TableName() string { return "finding_changes" }

func (row findingChangeRow) change() (reviews.FindingChange, error) {
	by, err := decodeSigner(row.Signer)
	return reviews.FindingChange{
		At: instant(row.At), By: by, From: reviews.FindingStatus(row.FromStatus), To: reviews.FindingStatus(row.ToStatus), Note: string(row.Note),
	}, err
}

// findingRowsOf gives the row of a finding and those of its history.
func findingRowsOf(f reviews.Finding, review string, position int) (findingRow, []findingChangeRow, error) {
	by, err := encodeSigner(f.RaisedBy)
	if err != nil {
		return findingRow{}, nil, err
	}
	items, err := encode(spelling(escape).list(f.Items))
	if err != nil {
		return findingRow{}, nil, err
	}
	controls, err := encode(spelling(escape).list(f.Controls))
	if err != nil {
		return findingRow{}, nil, err
	}
	row := findingRow{
		ID: text(f.ID), Version: f.Version, ReviewID: text(review), Position: int64(position), Items: items, CheckID: text(f.Check),
		Title: text(f.Title), ConditionText: text(f.Condition), Criteria: text(f.Criteria), Cause: text(f.Cause), Effect: text(f.Effect),
		Severity: text(f.Severity), Owner: text(f.Owner), DueDate: text(f.DueDate), Status: text(f.Status),
		RaisedBy: by, RaisedAt: int64(f.RaisedAt), Controls: controls,
	}
	var history []findingChangeRow
	for i, c := range f.History {
		signer, err := encodeSigner(c.By)
		if err != nil {
			return findingRow{}, nil, err
		}
		history = append(history, findingChangeRow{
			FindingID: row.ID, Seq: int64(i) + 1, At: int64(c.At), ByID: text(c.By.Account), Signer: signer,
			FromStatus: text(c.From), ToStatus: text(c.To), Note: text(c.Note),
		})
	}
	return row, history, nil
}
