// Package file reads logs from files, folders and standard input: plain, gzip
// and zstd, whole or rotated. It finds out which format a file is in, cuts it
// into lines, has them parsed by connectors/kubernetes and connectors/authlog
// in parallel, and hands over events in order with an account of every line.
// What a line means is the formats' business.
package file

import (
	"regexp"
	"strings"

	"logreeve/app/fault"
	"logreeve/connectors"
)

// Spec is a source as named on the command line: [NAME=][KIND:]TARGET.
type Spec struct {
	Name   string          // empty: the kind's name
	Kind   connectors.Kind // empty: found out from the content
	Target string          // a file, glob or folder, "-" for standard input, or an address
}

// kinds are all the kinds a specification may name (contract.md §1); a prefix
// that is none of them belongs to the target.
var kinds = map[string]bool{
	"kubernetes": true, "authlog": true, "auditd": true, "pgaudit": true, "journald": true, "paralus": true,
	"loki": true, "hoop": true, "opensearch": true, "elasticsearch": true,
}

var sourceName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]*$`)

// ParseSpec reads a specification. It does not look whether the target exists
// or whether this package reads the kind.
func ParseSpec(s string) (Spec, error) {
	var spec Spec
	rest := s
	if name, after, ok := strings.Cut(rest, "="); ok && sourceName.MatchString(name) {
		spec.Name, rest = name, after
	}
	if kind, after, ok := strings.Cut(rest, ":"); ok && kinds[kind] {
		spec.Kind, rest = connectors.Kind(kind), after
	}
	spec.Target = rest
	if rest == "" {
		return Spec{}, fault.Field("source", "The source %q names no file, folder or address. Write [NAME=][KIND:]TARGET.", s)
	}
	return spec, nil
}
