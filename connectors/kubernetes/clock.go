package kubernetes

import (
	"time"

	"logreeve/connectors"
	"logreeve/connectors/rawjson"
)

// clock reads times. Most records of a log are of one day, which it remembers.
type clock struct {
	date  [10]byte
	start int64 // microseconds since the epoch at the start of date
}

// read gives the instant of a JSON string in RFC 3339, zero when it is none.
func (c *clock) read(v []byte) connectors.Instant {
	if len(v) == 29 && v[11] == 'T' && v[14] == ':' && v[17] == ':' && v[20] == '.' && v[27] == 'Z' {
		h, ok1 := two(v[12], v[13])
		m, ok2 := two(v[15], v[16])
		s, ok3 := two(v[18], v[19])
		a, ok4 := two(v[21], v[22])
		b, ok5 := two(v[23], v[24])
		f, ok6 := two(v[25], v[26])
		if ok1 && ok2 && ok3 && ok4 && ok5 && ok6 && h < 24 && m < 60 && s < 60 && c.day(v[1:11]) {
			return connectors.Instant(c.start + ((h*60+m)*60+s)*1_000_000 + a*10_000 + b*100 + f)
		}
	}
	s, ok := rawjson.String(v)
	if !ok {
		return 0
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return 0
	}
	return connectors.At(t)
}

// day makes sure that the clock knows the date, which it does not if it is none.
func (c *clock) day(date []byte) bool {
	if string(date) == string(c.date[:]) {
		return true
	}
	t, err := time.Parse(time.DateOnly, string(date))
	if err != nil {
		return false
	}
	copy(c.date[:], date)
	c.start = t.UnixMicro()
	return true
}

func two(a, b byte) (n int64, ok bool) {
	a, b = a-'0', b-'0'
	return int64(a)*10 + int64(b), a < 10 && b < 10
}
