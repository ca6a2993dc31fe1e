// Package authlog turns syslog lines of the programs that let people in (sshd,
// sudo, su, login) and that change accounts (useradd, passwd …) into events. It
// reads bytes it is given; where the lines lie is the business of the stores.
package authlog

import (
	"errors"
	"strings"
	"time"
)

// Reasons why a line is no syslog line. They never carry the line's text.
var (
	errNoTime    = errors.New("does not begin with a readable syslog time")
	errNoProgram = errors.New("has no readable host and program")
	errBinary    = errors.New("holds binary data")
)

// stamp is the time of a syslog line as written.
type stamp struct {
	year  int // 0: not written
	month time.Month
	day   int
	clock time.Duration // since midnight, in the zone of the writer
	at    time.Time     // set when the stamp says it all (RFC 3339)
}

// order places stamps of one year one after the other.
func (s stamp) order() time.Duration {
	return time.Duration((int(s.month)*32+s.day)*24)*time.Hour + s.clock
}

// normal is the month, day and time as the identity of an event has it
// (contract.md §2): without the year, which may be assumed.
func (s stamp) normal() string {
	if !s.at.IsZero() {
		t := s.at.UTC()
		if t.Nanosecond() == 0 {
			return t.Format("01-02T15:04:05")
		}
		return t.Format("01-02T15:04:05.000000")
	}
	t := time.Date(2000, s.month, s.day, 0, 0, 0, 0, time.UTC).Add(s.clock)
	return t.Format("01-02T15:04:05")
}

const months = "JanFebMarAprMayJunJulAugSepOctNovDec"

// readStamp reads the time a line begins with and gives what follows it.
func readStamp(line string) (s stamp, rest string, err error) {
	if len(line) > 4 && line[0] == '<' { // a priority, as on the wire
		if end := strings.IndexByte(line[:5], '>'); end > 1 {
			line = line[end+1:]
		}
	}
	if len(line) < 16 {
		return s, "", errNoTime
	}
	if line[0] >= '0' && line[0] <= '9' {
		word, after, ok := strings.Cut(line, " ")
		if !ok || len(word) < 19 || len(word) > 40 {
			return s, "", errNoTime
		}
		t, err := time.Parse(time.RFC3339Nano, word)
		if err != nil {
			return s, "", errNoTime
		}
		t = t.Truncate(time.Microsecond)
		return stamp{year: t.Year(), month: t.Month(), day: t.Day(), at: t}, after, nil
	}
	// RFC 3164 §4.1.2: "Mmm dd hh:mm:ss ", the day padded with a space
	m := strings.Index(months, line[:3])
	if m < 0 || m%3 != 0 || line[3] != ' ' {
		return s, "", errNoTime
	}
	s.month = time.Month(m/3 + 1)
	day := strings.TrimLeft(line[4:], " ")
	width := strings.IndexByte(day, ' ')
	if width < 1 || width > 2 {
		return s, "", errNoTime
	}
	for _, c := range day[:width] {
		if c < '0' || c > '9' {
			return s, "", errNoTime
		}
		s.day = s.day*10 + int(c-'0')
	}
	if rest = day[width+1:]; len(rest) < 9 || rest[2] != ':' || rest[5] != ':' || rest[8] != ' ' || s.day < 1 || s.day > 31 {
		return s, "", errNoTime
	}
	h, ok1 := two(rest[0], rest[1])
	min, ok2 := two(rest[3], rest[4])
	sec, ok3 := two(rest[6], rest[7])
	if !ok1 || !ok2 || !ok3 || h > 23 || min > 59 || sec > 60 {
		return s, "", errNoTime
	}
	s.clock = time.Duration(h*3600+min*60+sec) * time.Second
	return s, rest[9:], nil
}

func two(a, b byte) (n int, ok bool) {
	a, b = a-'0', b-'0'
	return int(a)*10 + int(b), a < 10 && b < 10
}

// header is what stands before the message of a syslog line.
type header struct {
	stamp   stamp
	host    string
	program string
	pid     string
}

// readLine reads a syslog line and gives where its message begins.
func readLine(line string) (h header, message int, err error) {
	s, rest, err := readStamp(line)
	if err != nil {
		return h, 0, err
	}
	h.stamp = s
	host, rest, ok := strings.Cut(strings.TrimLeft(rest, " "), " ")
	if !ok || host == "" || !printable(host) {
		return h, 0, errNoProgram
	}
	h.host = host
	program, pid, text, ok := readTag(rest)
	if !ok {
		return h, 0, errNoProgram
	}
	h.program, h.pid = program, pid
	if strings.IndexByte(text, 0) >= 0 {
		return h, 0, errBinary
	}
	return h, len(line) - len(text), nil
}

// readTag reads "program[pid]: " and gives what follows.
func readTag(s string) (program, pid, rest string, ok bool) {
	end := strings.IndexAny(s, "[: ")
	if end <= 0 || !printable(s[:end]) {
		return "", "", "", false
	}
	program, s = s[:end], s[end:]
	if s[0] == '[' {
		end = strings.IndexByte(s, ']')
		if end < 0 || end > 20 {
			return "", "", "", false
		}
		pid, s = s[1:end], s[end+1:]
	}
	if !strings.HasPrefix(s, ":") {
		return "", "", "", false
	}
	return program, pid, strings.TrimPrefix(s[1:], " "), true
}

func printable(s string) bool {
	for i := range len(s) {
		if s[i] < '!' || s[i] == 0x7f || s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// Recognise counts how many lines of a sample are syslog lines, and how many
// lines there are. The last line may be cut.
func Recognise(sample []byte) (fits, lines int) {
	for len(sample) > 0 {
		line, rest, whole := cutLine(sample)
		sample = rest
		if strings.TrimSpace(line) == "" {
			continue
		}
		if !whole && lines > 0 {
			break
		}
		lines++
		if _, _, err := readLine(line); err == nil {
			fits++
		}
	}
	return fits, lines
}

func cutLine(b []byte) (line string, rest []byte, whole bool) {
	for i, c := range b {
		if c == '\n' {
			return string(b[:i]), b[i+1:], true
		}
	}
	return string(b), nil, false
}
