package kubernetes

import (
	"bytes"

	"logreeve/connectors/rawjson"
)

// Recognise counts how many lines of a sample look like audit records, and how
// many lines there are. The sample is the beginning of a log; its last line may
// be cut. A document that spans lines counts as one line.
func Recognise(sample []byte) (fits, lines int) {
	trimmed := bytes.TrimLeft(sample, " \t\r\n\ufeff")
	if Document(trimmed) {
		if bytes.Contains(trimmed, []byte(`"auditID"`)) && bytes.Contains(trimmed, []byte(`"stage"`)) {
			return 1, 1
		}
		return 0, 1
	}
	for len(sample) > 0 {
		line, rest, whole := bytes.Cut(sample, []byte("\n"))
		sample = rest
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		if !whole && lines > 0 {
			break // the cut end
		}
		lines++
		if line[0] == '{' && looksLikeRecord(line) {
			fits++
		}
	}
	return fits, lines
}

func looksLikeRecord(line []byte) bool {
	var id, stage, list bool
	w := rawjson.Object(line, 0)
	for w.Next() {
		switch string(w.Key) {
		case "auditID":
			id = true
		case "stage":
			stage = true
		case "kind":
			list = string(w.Value()) == `"EventList"`
		}
	}
	if w.Err() != nil { // cut, perhaps inside a list
		return bytes.Contains(line, []byte(`"auditID"`)) && bytes.Contains(line, []byte(`"stage"`))
	}
	return list || (id && stage)
}

// Document says whether JSON begins with a value that spans lines: a first line
// that opens an object and does not close it, although a second line follows.
func Document(sample []byte) bool {
	line, rest, more := bytes.Cut(sample, []byte("\n"))
	line = bytes.TrimSpace(line)
	if !more || len(line) == 0 || line[0] != '{' {
		return false
	}
	if _, err := rawjson.Skip(line, 0); err == nil {
		return false
	}
	rest = bytes.TrimLeft(rest, " \t\r\n")
	// What follows an opened object is a member's name or its end; what follows a
	// record that was cut short is the next record.
	return len(rest) > 0 && rest[0] != '{' && (len(line) == 1 || bytes.IndexByte([]byte(",{[:"), line[len(line)-1]) >= 0)
}
