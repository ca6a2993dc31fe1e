package runs

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"net/netip"
	"net/url"
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
	case src.Store != Files:
		return s.checkStore(src)
	}
	return s.checkFiles(src)
}

func (s *Service) checkFiles(src Source) error {
	switch {
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

func (s *Service) checkStore(src Source) error {
	if s.OpenStore == nil || s.CheckStore == nil || s.Secrets == nil {
		return fault.Field("store", "Search stores cannot be connected here.")
	}
	switch src.Store {
	case OpenSearch, Elasticsearch, Calico:
	default:
		return fault.Field("store", "Choose one of the stores in the list.")
	}
	switch src.SignIn {
	case NoSignIn, Password, APIKey, Bearer, Certificate, AWS:
	default:
		return fault.Field("sign_in", "Choose one of the ways to sign in.")
	}
	if src.CA != "" && !x509.NewCertPool().AppendCertsFromPEM([]byte(src.CA)) {
		return fault.Field("ca", "No certificate can be read here. Paste whole blocks from BEGIN CERTIFICATE to END CERTIFICATE.")
	}
	if err := s.CheckStore(src); err != nil {
		return err
	}
	if src.SignIn != NoSignIn && inTheClear(src.Target) {
		return fault.Field("sign_in", "Without https the credentials would travel in the clear. Use https, or no credentials.")
	}
	return nil
}

// inTheClear says whether what is sent to an address can be read on the way:
// without https, unless it stays on this machine.
func inTheClear(target string) bool {
	u, err := url.Parse(target)
	if err != nil || u.Scheme == "https" {
		return false
	}
	own, err := netip.ParseAddr(u.Hostname())
	return u.Hostname() != "localhost" && (err != nil || !own.IsLoopback())
}

// SaveSource adds a source (no ID) or changes one. Credentials that were stored
// stay when they are for the same place, and go when it is another.
func (s *Service) SaveSource(ctx context.Context, by actor.Actor, src Source) (*Source, error) {
	return s.SaveSourceWith(ctx, by, src, Credentials{})
}

// SaveSourceWith is SaveSource with new credentials, which replace those that
// were stored. The saved source tells in Secret whether it has any.
func (s *Service) SaveSourceWith(ctx context.Context, by actor.Actor, src Source, given Credentials) (*Source, error) {
	if !by.System && !by.HasAny(actor.Admin, actor.Officer) {
		return nil, fault.New(fault.Forbidden, "Only administrators and officers change sources.")
	}
	src = src.tidied()
	if err := s.check(src); err != nil {
		return nil, err
	}
	action, before := "source.changed", Source{}
	if src.ID == "" {
		src.ID, src.Version, src.AddedAt, action = newID("s"), 0, connectors.At(s.Now()), "source.added"
	} else {
		stored, err := s.store.Source(ctx, src.ID)
		if err != nil {
			return nil, err
		}
		before = *stored
	}
	told, err := s.keepSecret(by, before, &src, given)
	if err != nil {
		return nil, err
	}
	e := trail.Entry{Action: action, ObjectKind: "source", ObjectID: src.ID, Detail: map[string]string{"name": src.Name, "kind": string(src.Kind), "disabled": fmt.Sprint(src.Disabled)}}
	if src.Store != Files {
		e.Detail["store"], e.Detail["sign_in"], e.Detail["credentials"] = string(src.Store), string(src.SignIn), told
	}
	if err := s.store.SaveSource(ctx, by, src, e); err != nil {
		return nil, err
	}
	return s.store.Source(ctx, src.ID)
}

// tidied is the source without blanks at the ends and without what only the
// other kind of store has.
func (s Source) tidied() Source {
	s.Name, s.Target, s.CA = strings.TrimSpace(s.Name), strings.TrimSpace(s.Target), strings.TrimSpace(s.CA)
	if s.Store == Files {
		s.CA, s.SignIn = "", NoSignIn
	} else {
		s.Zone, s.Year = "", 0
	}
	return s
}

// keepSecret decides which credentials a source is saved with, and says in a
// word for the trail what became of them.
func (s *Service) keepSecret(by actor.Actor, before Source, src *Source, given Credentials) (told string, err error) {
	src.Secret = Secret{}
	had := before.Secret.Set()
	switch {
	case src.SignIn == NoSignIn:
		if had {
			return "cleared", nil
		}
		return "none", nil
	case given.Given():
		if err := given.check(src.SignIn); err != nil {
			return "", err
		}
		sealed, err := s.sealed(*src, given)
		if err != nil {
			return "", err
		}
		src.Secret = Secret{Sealed: sealed, SetAt: connectors.At(s.Now()), By: by.ID}
		return "set", nil
	case had && before.boundTo() == src.boundTo():
		src.Secret = before.Secret
		return "kept", nil
	case before.ID == "" || before.SignIn != src.SignIn:
		return "", given.check(src.SignIn)
	case had:
		return "cleared", nil
	}
	return "none", nil
}

// Probe looks at a source as given, saved or not, and says what is there: one
// probe per kind of log found.
func (s *Service) Probe(ctx context.Context, src Source) ([]connectors.Probe, error) {
	return s.ProbeWith(ctx, src, Credentials{})
}

// ProbeWith is Probe with credentials. Without any, those stored for the source
// are used when it still lies where they were given for; they are never sent
// elsewhere.
func (s *Service) ProbeWith(ctx context.Context, src Source, given Credentials) ([]connectors.Probe, error) {
	src = src.tidied()
	if err := s.check(src); err != nil {
		return nil, err
	}
	opened, err := s.openWith(ctx, src, given)
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

// openWith opens a source that may not be saved as it is.
func (s *Service) openWith(ctx context.Context, src Source, given Credentials) ([]connectors.Source, error) {
	if src.Store == Files {
		return s.Open(src)
	}
	if src.SignIn == NoSignIn {
		return s.OpenStore(src, Credentials{})
	}
	if given.Given() {
		if err := given.check(src.SignIn); err != nil {
			return nil, err
		}
		return s.OpenStore(src, given)
	}
	if src.ID == "" {
		return nil, given.check(src.SignIn)
	}
	stored, err := s.store.Source(ctx, src.ID)
	if err != nil {
		return nil, err
	}
	if stored.Secret.Set() && stored.boundTo() != src.boundTo() {
		return nil, fault.Field("sign_in", "The stored credentials were given for another place and are not sent to this one. Give the credentials for it.")
	}
	if !stored.Secret.Set() {
		return nil, given.check(src.SignIn)
	}
	with, err := s.credentials(*stored)
	if err != nil {
		return nil, err
	}
	return s.OpenStore(src, with) // as given: how it is read may differ
}

// open opens a source as it is saved.
func (s *Service) open(src Source) ([]connectors.Source, error) {
	if src.Store == Files {
		return s.Open(src)
	}
	if err := s.check(src); err != nil { // the operator may have closed the host since
		return nil, err
	}
	with, err := s.credentials(src)
	if err != nil {
		return nil, err
	}
	if src.SignIn != NoSignIn && !with.Given() {
		return nil, fault.New(fault.Unavailable, "%s has no credentials: they were removed when its address changed. Give them again.", src.Name)
	}
	return s.OpenStore(src, with)
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
