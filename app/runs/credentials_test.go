package runs_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"logreeve/app/actor"
	"logreeve/app/fault"
	"logreeve/app/runs"
	"logreeve/app/secrets"
	"logreeve/app/trail"
	"logreeve/connectors"
)

const canary = "canary-correct horse"

// memory keeps sources and the trail of them.
type memory struct {
	runs.Store
	sources map[string]runs.Source
	trail   []trail.Entry
}

func (m *memory) Source(_ context.Context, id string) (*runs.Source, error) {
	s, ok := m.sources[id]
	if !ok {
		return nil, fault.New(fault.NotFound, "none")
	}
	return &s, nil
}

func (m *memory) SaveSource(_ context.Context, _ actor.Actor, s runs.Source, e trail.Entry) error {
	s.Version++
	m.sources[s.ID], m.trail = s, append(m.trail, e)
	return nil
}

// asked is a store that notes what it was asked with.
type asked struct {
	Source runs.Source
	With   runs.Credentials
}

type probed struct{ connectors.Source }

func (probed) Probe(context.Context) (connectors.Probe, error) { return connectors.Probe{}, nil }

type bench struct {
	*runs.Service
	kept  *memory
	asked []asked
	now   time.Time
}

var omar = actor.Actor{ID: "u_1", Roles: []actor.Role{actor.Officer}}

func newBench(t *testing.T) *bench {
	t.Helper()
	box, err := secrets.Load(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{kept: &memory{sources: map[string]runs.Source{}}, now: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)}
	b.Service = runs.New(runs.Config{
		Store: b.kept, Now: func() time.Time { return b.now }, Secrets: box, CheckStore: func(s runs.Source) error {
			if strings.Contains(s.Target, "closed") {
				return fault.Field("url", "not open")
			}
			return nil
		},
		OpenStore: func(s runs.Source, with runs.Credentials) ([]connectors.Source, error) {
			b.asked = append(b.asked, asked{s, with})
			return []connectors.Source{probed{}}, nil
		},
	})
	return b
}

func store() runs.Source {
	return runs.Source{Name: "cluster", Kind: connectors.Kubernetes, Store: runs.OpenSearch, Target: "https://a.example.org:9200/kubeaudit*?profile=welkin", SignIn: runs.Password}
}

func (b *bench) saved(t *testing.T) runs.Source {
	t.Helper()
	src, err := b.SaveSourceWith(t.Context(), omar, store(), runs.Credentials{User: "reader", Password: canary})
	if err != nil {
		t.Fatal(err)
	}
	return *src
}

// Guarantee P27: whatever decides who receives the credentials takes them away
// when it changes, and what does not leaves them.
func TestSecretIsBoundToItsTarget(t *testing.T) {
	t.Parallel()
	const ca = "-----BEGIN CERTIFICATE-----\nMIIBhTCCASugAwIBAgIQIRi6zePL6mKjOipn+dNuaTAKBggqhkjOPQQDAjASMRAw\nDgYDVQQKEwdBY21lIENvMB4XDTE3MTAyMDE5NDMwNloXDTE4MTAyMDE5NDMwNlow\nEjEQMA4GA1UEChMHQWNtZSBDbzBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABD0d\n7VNhbWvZLWPuj/RtHFjvtJBEwOkhbN/BnnE8rnZR8+sbwnc/KhCk3FhnpHZnQz7B\n5aETbbIgmuvewdjvSBSjYzBhMA4GA1UdDwEB/wQEAwICpDATBgNVHSUEDDAKBggr\nBgEFBQcDATAPBgNVHRMBAf8EBTADAQH/MCkGA1UdEQQiMCCCDmxvY2FsaG9zdDo1\nNDUzgg4xMjcuMC4wLjE6NTQ1MzAKBggqhkjOPQQDAgNIADBFAiEA2zpJEPQyz6/l\nWf86aX6PepsntZv2GYlA5UpabfT2EZICICpJ5h/iI+i341gBmLiAFQOyTDT+/wQc\n6MF9+Yw1Yy0t\n-----END CERTIFICATE-----"
	for _, test := range []struct {
		name   string
		change func(*runs.Source)
		keeps  bool
	}{
		{"nothing", func(*runs.Source) {}, true},
		{"the name", func(s *runs.Source) { s.Name = "other" }, true},
		{"how it is read", func(s *runs.Source) {
			s.Target, s.Kind = "https://a.example.org:9200/kubeaudit*?profile=kubernetes&time=x", connectors.AuthLog
		}, true},
		{"that it is read", func(s *runs.Source) { s.Disabled = true }, true},
		{"the host", func(s *runs.Source) { s.Target = "https://b.example.org:9200/kubeaudit*?profile=welkin" }, false},
		{"the port", func(s *runs.Source) { s.Target = "https://a.example.org:9201/kubeaudit*?profile=welkin" }, false},
		{"the path", func(s *runs.Source) { s.Target = "https://a.example.org:9200/other*?profile=welkin" }, false},
		{"whom TLS trusts", func(s *runs.Source) { s.CA = ca }, false},
		{"no way to sign in", func(s *runs.Source) { s.SignIn = runs.NoSignIn }, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			src := b.saved(t)
			src.Secret = runs.Secret{} // as a form gives it
			test.change(&src)
			if _, err := b.ProbeWith(t.Context(), src, runs.Credentials{}); test.keeps != (err == nil) && src.SignIn != runs.NoSignIn {
				t.Errorf("looking says %v", err)
			}
			for _, a := range b.asked {
				if got := a.With.Password; (got == canary) != test.keeps || a.Source.Target != src.Target {
					t.Errorf("a look at %s was sent the password: %v", a.Source.Target, got == canary)
				}
			}
			saved, err := b.SaveSourceWith(t.Context(), omar, src, runs.Credentials{})
			if err != nil {
				t.Fatal(err)
			}
			if saved.Secret.Set() != test.keeps {
				t.Errorf("the credentials are kept: %v", saved.Secret.Set())
			}
			word := map[bool]string{true: "kept", false: "cleared"}[test.keeps]
			if last := b.kept.trail[len(b.kept.trail)-1]; last.Detail["credentials"] != word {
				t.Errorf("the trail says %q", last.Detail)
			}
		})
	}
}

// Who can write rows, but has no key, cannot have the credentials sent to a
// host of their own: not by changing the address, nor by moving the ciphertext.
func TestMovedCiphertextIsRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	src := b.saved(t)
	look := func() error {
		b.asked = nil
		_, err := b.Probe(t.Context(), b.kept.sources[src.ID])
		return err
	}
	if err := look(); err != nil || len(b.asked) != 1 || b.asked[0].With.Password != canary {
		t.Fatalf("the control: %v, %d asked", err, len(b.asked))
	}
	moved := src
	moved.Target = "https://evil.example.org/kubeaudit*?profile=welkin"
	b.kept.sources[src.ID] = moved
	if err := look(); fault.KindOf(err) != fault.Conflict || len(b.asked) != 0 {
		t.Errorf("another address: %v, asked %d", err, len(b.asked))
	}
	other := store()
	other.ID, other.Secret, other.Target = "s_other", src.Secret, moved.Target
	b.kept.sources[other.ID] = other
	if _, err := b.Probe(t.Context(), other); fault.KindOf(err) != fault.Conflict || len(b.asked) != 0 {
		t.Errorf("another source: %v, asked %d", err, len(b.asked))
	}
}

func TestCredentialsAreChecked(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*runs.Source)
		given  runs.Credentials
		field  string
	}{
		"no password":        {nil, runs.Credentials{User: "reader"}, "password"},
		"nothing":            {nil, runs.Credentials{}, "user"},
		"two lines":          {nil, runs.Credentials{User: "reader", Password: "a\nb"}, "password"},
		"of another way":     {nil, runs.Credentials{Token: "x"}, "user"},
		"in the clear":       {func(s *runs.Source) { s.Target = "http://a.example.org:9200/kubeaudit*" }, runs.Credentials{User: "reader", Password: "x"}, "sign_in"},
		"unknown way":        {func(s *runs.Source) { s.SignIn = "magic" }, runs.Credentials{User: "reader", Password: "x"}, "sign_in"},
		"unknown store":      {func(s *runs.Source) { s.Store = "magic" }, runs.Credentials{User: "reader", Password: "x"}, "store"},
		"no certificate":     {func(s *runs.Source) { s.CA = "x" }, runs.Credentials{User: "reader", Password: "x"}, "ca"},
		"not open":           {func(s *runs.Source) { s.Target = "https://closed.example.org/x" }, runs.Credentials{User: "reader", Password: "x"}, "url"},
		"another way to be ": {func(s *runs.Source) { s.SignIn = runs.APIKey }, runs.Credentials{}, "api_key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, src := newBench(t), store()
			if test.change != nil {
				test.change(&src)
			}
			if _, err := b.SaveSourceWith(t.Context(), omar, src, test.given); fault.FieldOf(err) != test.field {
				t.Errorf("saving says %v", err)
			}
			if _, err := b.ProbeWith(t.Context(), src, test.given); fault.FieldOf(err) != test.field || len(b.asked) > 0 {
				t.Errorf("looking says %v", err)
			}
		})
	}
}

// A run does not ask a store whose credentials were removed, and does not ask
// it without them either.
func TestWithoutItsCredentialsAStoreIsNotAsked(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	src := b.saved(t)
	src.Secret, src.Target = runs.Secret{}, "https://b.example.org/kubeaudit*"
	saved, err := b.SaveSource(t.Context(), omar, src)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Probe(t.Context(), *saved); err == nil || len(b.asked) > 0 {
		t.Errorf("%v, asked %d", err, len(b.asked))
	}
}

// Nothing that is printed, encoded or logged shows a credential.
func TestCredentialsNeverShow(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	src := b.saved(t)
	c := runs.Credentials{User: canary, Password: canary, APIKey: canary, Token: canary, ClientKey: canary, AWSSecretKey: canary, AWSSession: canary}
	var logged strings.Builder
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("x", "credentials", c, "source", src, "asked", asked{src, c})
	encoded, err := json.Marshal(struct {
		C runs.Credentials
		S runs.Source
	}{c, src})
	if err != nil {
		t.Fatal(err)
	}
	for how, text := range map[string]string{
		"printed": fmt.Sprintf("%v %+v %#v %s %q %d %x", c, c, c, c, c, c, c), "within": fmt.Sprintf("%+v %#v", asked{src, c}, asked{src, c}), "JSON": string(encoded), "log": logged.String(),
		"trail": fmt.Sprintf("%+v", b.kept.trail), "source": fmt.Sprintf("%+v %s", src, src.Secret.Sealed),
	} {
		if strings.Contains(text, "canary") || strings.Contains(text, fmt.Sprintf("%x", canary)) {
			t.Errorf("%s: %s", how, text)
		}
	}
	if src.Secret.By != omar.ID || src.Secret.SetAt != connectors.At(b.now) {
		t.Errorf("set by %s at %s", src.Secret.By, src.Secret.SetAt)
	}
}

// What was given for a look comes back for saving, for the same person, place
// and hour only.
func TestCarry(t *testing.T) {
	t.Parallel()
	b, src, given := newBench(t), store(), runs.Credentials{User: "reader", Password: canary}
	text, err := b.Carry(omar, src, given)
	if err != nil || strings.Contains(text, "canary") {
		t.Fatal(text, err)
	}
	if b.Carried(omar, src, text) != given {
		t.Error("the control: they do not come back")
	}
	elsewhere := src
	elsewhere.Target = "https://b.example.org/kubeaudit*"
	for name, got := range map[string]runs.Credentials{
		"somebody else": b.Carried(actor.Actor{ID: "u_2"}, src, text), "elsewhere": b.Carried(omar, elsewhere, text), "altered": b.Carried(omar, src, text[:40]+"AAAA"+text[44:]), "nothing": b.Carried(omar, src, ""), "junk": b.Carried(omar, src, "%"),
	} {
		if got.Given() {
			t.Errorf("%s: they come back", name)
		}
	}
	b.now = b.now.Add(61 * time.Minute)
	if b.Carried(omar, src, text).Given() {
		t.Error("they come back after an hour")
	}
	if empty, err := b.Carry(omar, src, runs.Credentials{}); empty != "" || err != nil {
		t.Error("nothing is carried as something")
	}
}
