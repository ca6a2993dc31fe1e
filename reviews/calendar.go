package reviews

import (
	"fmt"
	"time"

	"logreeve/app/fault"
	"logreeve/connectors"
)

// SettleDelay is how long after a period's end its logs may still arrive.
const SettleDelay = 30 * time.Minute

// Occurrence is one period of a template, computed in a zone.
type Occurrence struct {
	ID        string
	Title     string
	LocalDate string // first day, YYYY-MM-DD
	Period    connectors.Window
	DueAt     connectors.Instant
	MissedAt  connectors.Instant
}

// OccurrenceAt gives the occurrence whose period contains the instant. A zone
// that does not exist is a fault.Invalid.
func (t Template) OccurrenceAt(at time.Time, zone string) (Occurrence, error) {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return Occurrence{}, fault.Field("zone", "There is no time zone %q.", zone)
	}
	local := at.In(loc)
	back := (int(local.Weekday()) + 6) % 7 // days since Monday
	first := civil(local).addDays(-back)
	return t.occurrence(first, loc), nil
}

// Next gives the occurrence after o.
func (t Template) Next(o Occurrence, zone string) (Occurrence, error) {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return Occurrence{}, fault.Field("zone", "There is no time zone %q.", zone)
	}
	first, err := parseDay(o.LocalDate)
	if err != nil {
		return Occurrence{}, err
	}
	return t.occurrence(first.addDays(7), loc), nil
}

func (t Template) occurrence(first day, loc *time.Location) Occurrence {
	end := first.addDays(7)
	year, week := first.date(time.UTC).ISOWeek()
	due := end
	for left := t.DueDays; left > 0; { // working days after the period's last day
		if wd := due.date(time.UTC).Weekday(); wd != time.Saturday && wd != time.Sunday {
			left--
		}
		due = due.addDays(1)
	}
	return Occurrence{
		ID:        fmt.Sprintf("%s-%d-W%02d", t.ID[len("RT-"):], year, week),
		Title:     fmt.Sprintf("%s, week %d of %d", t.Title, week, year),
		LocalDate: first.String(),
		Period:    connectors.Window{From: connectors.At(first.start(loc)), To: connectors.At(end.start(loc))},
		DueAt:     connectors.At(due.start(loc)),
		MissedAt:  connectors.At(due.addDays(t.GraceDays).start(loc)),
	}
}

// day is a date without a zone.
type day struct {
	year  int
	month time.Month
	dom   int
}

func civil(t time.Time) day { y, m, d := t.Date(); return day{y, m, d} }

func parseDay(s string) (day, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return day{}, fault.Wrap(fault.Internal, err, "day %q", s)
	}
	return civil(t), nil
}

func (d day) addDays(n int) day { return civil(d.date(time.UTC).AddDate(0, 0, n)) }

func (d day) date(loc *time.Location) time.Time {
	return time.Date(d.year, d.month, d.dom, 0, 0, 0, 0, loc)
}

func (d day) String() string { return d.date(time.UTC).Format(time.DateOnly) }

// start is the first instant of the day in a zone. Where the clock skips
// midnight it is the first instant that exists after it.
func (d day) start(loc *time.Location) time.Time {
	t := d.date(loc)
	if civil(t) == d && (t.Hour() != 0 || t.Minute() != 0) {
		return t // midnight does not exist; Date gave the instant after the gap
	}
	if civil(t) != d { // Date fell back to the day before: walk to the change
		for civil(t) != d {
			t = t.Add(15 * time.Minute)
		}
		return t
	}
	// Where midnight happens twice, the first one begins the day.
	if earlier := t.Add(-time.Hour); civil(earlier) == d && earlier.Hour() == 0 && earlier.Minute() == 0 {
		return earlier
	}
	return t
}
