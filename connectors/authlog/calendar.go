package authlog

import (
	"bytes"
	"time"
)

// Calendar dates the lines of one file, whose stamps have no year and no zone.
type Calendar struct {
	zone   *time.Location
	year   int
	newest time.Duration // order of the newest stamp of year
}

// slack is how far lines may stand out of order, and clocks be apart.
const slack = 24 * time.Hour

// NewCalendar makes the calendar of a file from its last lines and when it was
// modified. The newest line is of the given year, or with year 0 of the latest
// year in which it is not after the modification; lines of a later month and
// day are of the year before. A nil zone is UTC.
func NewCalendar(tail []byte, modified time.Time, year int, zone *time.Location) *Calendar {
	if zone == nil {
		zone = time.UTC
	}
	c := &Calendar{zone: zone, year: year}
	limit := modified.In(zone).Add(slack)
	newest, ok := newestStamp(tail)
	if !ok {
		newest = stamp{
			month: limit.Month(), day: limit.Day(),
			clock: time.Duration(limit.Hour()*3600+limit.Minute()*60+limit.Second()) * time.Second,
		}
	}
	c.newest = newest.order()
	if year == 0 {
		c.year = limit.Year()
		for tries := 0; tries < 9; tries++ { // 29 February comes at least every eight years
			if t, ok := c.date(newest, c.year); ok && !t.After(limit) {
				break
			}
			c.year--
		}
	}
	return c
}

// At gives the instant of a stamp.
func (c *Calendar) at(s stamp) (time.Time, bool) {
	if !s.at.IsZero() {
		return s.at, true
	}
	year := c.year
	if s.order() > c.newest+slack {
		year--
	}
	for tries := 0; tries < 9; tries++ {
		if t, ok := c.date(s, year); ok {
			return t, true
		}
		year--
	}
	return time.Time{}, false
}

// date is the stamp in a year; ok is false when that year has no such day.
func (c *Calendar) date(s stamp, year int) (t time.Time, ok bool) {
	t = time.Date(year, s.month, s.day, 0, 0, int(s.clock/time.Second), 0, c.zone)
	return t, t.Month() == s.month && (t.Day() == s.day || s.clock >= 86_400*time.Second)
}

// newestStamp finds the last stamp without a year.
func newestStamp(tail []byte) (stamp, bool) {
	for len(tail) > 0 {
		i := bytes.LastIndexByte(tail, '\n')
		if s, _, err := readStamp(string(tail[i+1:])); err == nil && s.at.IsZero() {
			return s, true
		}
		if i < 0 {
			break
		}
		tail = tail[:i]
	}
	return stamp{}, false
}
