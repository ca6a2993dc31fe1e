package runs

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"logreeve/app/actor"
	"logreeve/app/fault"
	"logreeve/app/trail"
	"logreeve/connectors"
)

// newID makes an identifier that says what it is of and cannot be guessed.
func newID(prefix string) string {
	var b [10]byte
	_, _ = rand.Read(b[:]) // crypto/rand does not fail
	return prefix + "_" + hex.EncodeToString(b[:])
}

// Sources lists the configured sources.
func (s *Service) Sources(ctx context.Context) ([]Source, error) { return s.store.Sources(ctx) }

// Source gives one source.
func (s *Service) Source(ctx context.Context, id string) (*Source, error) {
	return s.store.Source(ctx, id)
}

// check says what is wrong with a source as given.
func (s *Service) check(src Source) error {
	switch {
	case strings.TrimSpace(src.Name) == "":
		return fault.Field("name", "Give the source a name.")
	case len(src.Name) > 60 || strings.ContainsAny(src.Name, "=:/\\\n\t "):
		return fault.Field("name", "A name has at most 60 characters and no spaces, slashes, colons or equals signs.")
	case strings.TrimSpace(src.Target) == "":
		return fault.Field("target", "Say where the logs lie: a file, a folder or a pattern like /var/log/audit*.log.")
	case src.Year != 0 && (src.Year < 1990 || src.Year > 2200):
		return fault.Field("year", "%d is not a year logs come from.", src.Year)
	}
	if src.Zone != "" {
		if _, err := time.LoadLocation(src.Zone); err != nil {
			return fault.Field("zone", "There is no time zone %q.", src.Zone)
		}
	}
	if !filepath.IsAbs(src.Target) {
		return fault.Field("target", "Give the whole path, beginning with a slash: the server does not know which folder you mean.")
	}
	if s.Allowed != nil && !s.Allowed(src.Target) {
		return fault.Field("target", "This path lies outside the folders that the operator opened for log sources. Ask the operator to add it to source_roots.")
	}
	return nil
}

// SaveSource adds a source (no ID) or changes one.
func (s *Service) SaveSource(ctx context.Context, by actor.Actor, src Source) (*Source, error) {
	if !by.System && !by.HasAny(actor.Admin, actor.Officer) {
		return nil, fault.New(fault.Forbidden, "Only administrators and officers change sources.")
	}
	src.Name, src.Target = strings.TrimSpace(src.Name), strings.TrimSpace(src.Target)
	if err := s.check(src); err != nil {
		return nil, err
	}
	action := "source.changed"
	if src.ID == "" {
		src.ID, src.Version, src.AddedAt, action = newID("s"), 0, connectors.At(s.Now()), "source.added"
	}
	e := trail.Entry{Action: action, ObjectKind: "source", ObjectID: src.ID, Detail: map[string]string{"name": src.Name, "kind": string(src.Kind), "disabled": fmt.Sprint(src.Disabled)}}
	if err := s.store.SaveSource(ctx, by, src, e); err != nil {
		return nil, err
	}
	return s.store.Source(ctx, src.ID)
}

// Probe looks at a source as given, saved or not, and says what is there: one
// probe per kind of log found.
func (s *Service) Probe(ctx context.Context, src Source) ([]connectors.Probe, error) {
	if err := s.check(src); err != nil {
		return nil, err
	}
	opened, err := s.Open(src)
	if err != nil {
		return nil, err
	}
	probes := make([]connectors.Probe, 0, len(opened))
	for _, o := range opened {
		p, err := o.Probe(ctx)
		if err != nil {
			return nil, err
		}
		probes = append(probes, p)
	}
	return probes, nil
}

// silence is how long a source may be without a new event before people are
// told (domain.md, LOG-01: an API server is never silent for long, a host may be).
var silence = map[connectors.Kind]time.Duration{connectors.Kubernetes: time.Hour, connectors.AuthLog: 24 * time.Hour}

// Silent says whether the newest event that the last run saw of an enabled
// source is too far before that run: it stopped reporting.
func (s Source) Silent(now time.Time) bool {
	if s.Disabled || s.LastRead == nil || s.LastRead.Newest == 0 {
		return false
	}
	allowed, ok := silence[s.Kind]
	if !ok {
		allowed = 24 * time.Hour
	}
	return s.LastRead.At.Sub(s.LastRead.Newest) > allowed
}
