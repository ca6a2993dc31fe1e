package roster

import (
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"logreeve/app/fault"
)

// maxFile is how large a people or keys file may be, in bytes.
const maxFile = 64 << 20

// peopleColumns are the columns of a people file, all of them needed.
var peopleColumns = [...]string{"name", "email", "joined_at", "left_at", "manager", "principals"}

// ReadPeople reads a people file (contract.md §3): CSV whose header holds
// exactly the columns name, email, joined_at, left_at, manager and principals,
// in any order. A date in joined_at means the start of that day, in left_at its
// end: the person has left from the following midnight, UTC, on. The first
// thing wrong gives one fault.Invalid sentence with file, line and reason, and
// so does a file that names nobody.
func ReadPeople(r io.Reader, file string) ([]Person, error) {
	text, err := readAll(r, file)
	if err != nil {
		return nil, err
	}
	in := csv.NewReader(strings.NewReader(text))
	in.TrimLeadingSpace = true
	header, err := in.Read()
	if errors.Is(err, io.EOF) {
		return nil, fault.New(fault.Invalid, "%s is empty. It begins with the line name,email,joined_at,left_at,manager,principals.", file)
	}
	if err != nil {
		return nil, csvFault(file, err)
	}
	line, _ := in.FieldPos(0)
	columns, reason := readHeader(header)
	if reason != "" {
		return nil, lineFault(file, line, "%s", reason)
	}
	var people []Person
	seen := map[string]int{}
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, csvFault(file, err)
		}
		line, _ := in.FieldPos(0)
		p, reason := readPerson(row, columns)
		if reason != "" {
			return nil, lineFault(file, line, "%s", reason)
		}
		if before, twice := seen[p.ID]; twice {
			return nil, lineFault(file, line, "%s is already in line %d", p.Email, before)
		}
		seen[p.ID] = line
		people = append(people, p)
	}
	if len(people) == 0 {
		return nil, fault.New(fault.Invalid, "%s names no person: there is nothing below its header.", file)
	}
	return people, nil
}

// readHeader finds where each column is.
func readHeader(header []string) (map[string]int, string) {
	columns := map[string]int{}
	for i, name := range header {
		name = strings.ToLower(strings.TrimSpace(name))
		if !slices.Contains(peopleColumns[:], name) {
			return nil, "unknown column " + quoted(name) + "; the columns are " + strings.Join(peopleColumns[:], ",")
		}
		if _, twice := columns[name]; twice {
			return nil, "the column " + quoted(name) + " is there twice"
		}
		columns[name] = i
	}
	for _, name := range peopleColumns {
		if _, there := columns[name]; !there {
			return nil, "the column " + quoted(name) + " is missing; the columns are " + strings.Join(peopleColumns[:], ",")
		}
	}
	return columns, ""
}

// readPerson reads one row; the reason says what is wrong with it.
func readPerson(row []string, columns map[string]int) (p Person, reason string) {
	field := func(name string) string { return strings.TrimSpace(row[columns[name]]) }
	p.Name, p.Email, p.Manager = field("name"), field("email"), field("manager")
	if p.Email == "" {
		return p, "there is no e-mail"
	}
	if !isEmail(p.Email) {
		return p, quoted(p.Email) + " is not an e-mail address"
	}
	p.ID = strings.ToLower(p.Email)
	if p.Name == "" {
		p.Name = p.Email
	}
	var err error
	if joined := field("joined_at"); joined != "" {
		if p.JoinedAt, err = StartOf(joined); err != nil {
			return p, "joined_at: " + err.Error()
		}
	}
	if left := field("left_at"); left != "" {
		if p.LeftAt, err = EndOf(left); err != nil {
			return p, "left_at: " + err.Error()
		}
	}
	if p.LeftAt != 0 && p.LeftAt <= p.JoinedAt {
		return p, p.Email + " leaves before joining"
	}
	for text := range strings.SplitSeq(field("principals"), ";") {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		principal, err := ParsePrincipal(text)
		if err != nil {
			return p, "principals: " + err.Error()
		}
		if !slices.Contains(p.Principals, principal) {
			p.Principals = append(p.Principals, principal)
		}
	}
	return p, ""
}

func isEmail(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	return ok && local != "" && domain != "" && !strings.ContainsAny(s, " \t\r\n;,*<>\"") && !strings.Contains(domain, "@")
}

// readAll reads a text file whole, without its byte order mark.
func readAll(r io.Reader, file string) (string, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return "", fault.Wrap(fault.Unavailable, err, "%s cannot be read.", file)
	}
	if len(b) > maxFile {
		return "", fault.New(fault.Invalid, "%s is larger than %d MiB.", file, maxFile>>20)
	}
	text := strings.TrimPrefix(string(b), "\uFEFF")
	if !utf8.ValidString(text) {
		for i, l := range strings.Split(text, "\n") {
			if !utf8.ValidString(l) {
				return "", lineFault(file, i+1, "the text is not UTF-8")
			}
		}
	}
	return text, nil
}

// lineFault makes the one sentence about a wrong file.
func lineFault(file string, line int, format string, args ...any) error {
	return fault.New(fault.Invalid, "%s, line %d: "+format+".", append([]any{file, line}, args...)...)
}

// csvFault says what the CSV reader found, in our words.
func csvFault(file string, err error) error {
	e, ok := errors.AsType[*csv.ParseError](err)
	if !ok {
		return fault.Wrap(fault.Invalid, err, "%s cannot be read as CSV.", file)
	}
	switch {
	case errors.Is(e.Err, csv.ErrFieldCount):
		return lineFault(file, e.Line, "the number of fields differs from the header")
	case errors.Is(e.Err, csv.ErrQuote), errors.Is(e.Err, csv.ErrBareQuote):
		return lineFault(file, e.StartLine, "a quotation mark is out of place")
	}
	return fault.Wrap(fault.Invalid, err, "%s, line %d: the line is not CSV.", file, e.Line)
}

func quoted(s string) string { return `"` + s + `"` }
