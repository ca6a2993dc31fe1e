package file_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"logreeve/connectors"
	"logreeve/connectors/file"
)

const recordings = "../../seed/recordings"

// open opens one specification and demands one source.
func open(t testing.TB, spec string, opts file.Options) connectors.Source {
	t.Helper()
	parsed, err := file.ParseSpec(spec)
	if err != nil {
		t.Fatal(err)
	}
	sources, err := file.Open(parsed, opts)
	if err != nil {
		t.Fatal(err)
	}
	if len(sources) != 1 {
		t.Fatalf("%s gives %d sources, want 1", spec, len(sources))
	}
	return sources[0]
}

// read reads everything and checks the account of lines.
func read(t testing.TB, s connectors.Source) ([]*connectors.Event, connectors.Completeness) {
	t.Helper()
	var events []*connectors.Event
	c, err := s.Read(context.Background(), connectors.Query{}, func(batch []connectors.Event) error {
		for i := range batch {
			events = append(events, batch[i].Keep())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if c.Records != c.Events+c.Merged+c.Late {
		t.Errorf("records %d != events %d + merged %d + late %d", c.Records, c.Events, c.Merged, c.Late)
	}
	if int64(len(events)) != c.Events {
		t.Errorf("%d events emitted, %d counted", len(events), c.Events)
	}
	return events, c
}

func truth[T any](t *testing.T, path string) T {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(recordings, path))
	if err != nil {
		t.Fatal(err)
	}
	var v T
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func count(events []*connectors.Event, holds func(*connectors.Event) bool) (n int) {
	for _, e := range events {
		if holds(e) {
			n++
		}
	}
	return n
}

func TestClusterRecording(t *testing.T) {
	want := truth[struct {
		Planted map[string]int                    `json:"planted"`
		Users   map[string]struct{ Group string } `json:"users"`
	}](t, "real-cluster/truth.json").Planted
	events, c := read(t, open(t, filepath.Join(recordings, "real-cluster", "audit.ndjson"), file.Options{}))

	raw, err := os.ReadFile(filepath.Join(recordings, "real-cluster", "audit.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(raw), "\n"), "\n")
	distinct := map[string]int{}
	for _, line := range lines {
		var r struct {
			AuditID, RequestURI, Verb, RequestReceivedTimestamp string
			User                                                struct{ Username string }
		}
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		distinct[r.AuditID+r.RequestURI+r.Verb+r.RequestReceivedTimestamp+r.User.Username]++
	}
	if c.Lines != int64(len(lines)) || c.Unparsed != 0 || c.Blank != 0 || c.Records != int64(len(lines)) {
		t.Errorf("account %+v for %d lines", c.Stats, len(lines))
	}
	if len(events) != len(distinct) || c.Merged != int64(len(lines)-len(distinct)) {
		t.Errorf("%d events, %d merged; want %d and %d", len(events), c.Merged, len(distinct), len(lines)-len(distinct))
	}
	keys := map[string]bool{}
	for _, e := range events {
		keys[e.Key()] = true
	}
	if len(keys) != len(events) {
		t.Errorf("%d keys for %d events", len(keys), len(events))
	}
	for name, got := range map[string]int{
		"bad_token_request": count(events, func(e *connectors.Event) bool {
			return e.Code == "401" && e.Login == "" && e.ActorKind == connectors.Unauthenticated && e.Outcome == connectors.Denied
		}),
		"forbidden_secret_list": count(events, func(e *connectors.Event) bool {
			return e.Outcome == connectors.Denied && e.Verb == "list" && e.Object.Resource == "secrets" && e.Person()
		}),
		"token_created": count(events, func(e *connectors.Event) bool {
			return e.Outcome == connectors.OK && e.Verb == "create" && e.Object.Subresource == "token" && e.Person()
		}),
		"policy_deletecollection": count(events, func(e *connectors.Event) bool {
			return e.Verb == "deletecollection" && e.Object.Resource == "networkpolicies" && e.Person()
		}),
		"policy_dry_run": count(events, func(e *connectors.Event) bool {
			return e.DryRun && e.Write()
		}),
	} {
		if got != want[name] {
			// One command can cause several requests, never fewer than one each.
			if got < want[name] || name == "forbidden_secret_list" {
				t.Errorf("%s: %d events, truth has %d", name, got, want[name])
			}
		}
	}
	if n := count(events, func(e *connectors.Event) bool { return e.Effective != "" }); n != want["impersonated_command"] {
		t.Errorf("%d impersonated, truth has %d", n, want["impersonated_command"])
	}
	execs := count(events, func(e *connectors.Event) bool { return e.Object.Subresource == "exec" })
	if execs != 2*want["exec_attempt"] { // kubectl falls back from WebSocket (get) to SPDY (create)
		t.Errorf("%d exec requests for %d commands", execs, want["exec_attempt"])
	}
	for _, e := range events {
		if e.ActorKind == connectors.Anonymous && e.Outcome != connectors.Denied {
			t.Errorf("anonymous request %s is %s", e.NativeID(), e.Outcome)
		}
		if e.Person() && e.Login != "" && e.Credential == "" {
			t.Errorf("%s has no credential", e.NativeID())
		}
	}
}

func TestHostRecording(t *testing.T) {
	want := truth[struct {
		Accepted map[string]int `json:"accepted_logins"`
		Root     int            `json:"root_attempts"`
		Invalid  int            `json:"invalid_user_attempts"`
		Failed   int            `json:"failed_passwords"`
		Created  int            `json:"users_created_by_sudo"`
		Deleted  int            `json:"users_deleted_by_sudo"`
	}](t, "real-host/truth.json")
	events, c := read(t, open(t, filepath.Join(recordings, "real-host", "auth.log"), file.Options{Year: 2026}))
	if c.Unparsed != 0 || c.Records != c.Lines || c.Merged+c.Late != 0 {
		t.Errorf("account %+v", c.Stats)
	}
	accepted, denied := map[string]int{}, map[string]int{}
	for _, e := range events {
		if e.Category == connectors.CategoryLogin {
			if e.Outcome == connectors.OK {
				accepted[e.Login]++
				if !strings.HasPrefix(e.Credential, "SHA256:") || e.ClientIP == "" || e.ActorKind != connectors.Human {
					t.Errorf("login of %s: credential %q from %q, %s", e.Login, e.Credential, e.ClientIP, e.ActorKind)
				}
			} else {
				denied[e.Login]++
			}
		}
	}
	for account, n := range want.Accepted {
		if accepted[account] != n {
			t.Errorf("%d logins of %s, truth has %d", accepted[account], account, n)
		}
	}
	if len(accepted) != len(want.Accepted) {
		t.Errorf("logins of %v", accepted)
	}
	if denied["root"] != want.Root {
		t.Errorf("%d root attempts, truth has %d", denied["root"], want.Root)
	}
	total := count(events, func(e *connectors.Event) bool { return e.Outcome == connectors.Denied })
	if total != want.Root+want.Invalid+want.Failed {
		t.Errorf("%d denied, truth has %d", total, want.Root+want.Invalid+want.Failed)
	}
	passwords := count(events, func(e *connectors.Event) bool { return e.Verb == "password" && e.Outcome == connectors.Denied })
	if passwords != want.Failed {
		t.Errorf("%d failed passwords, truth has %d", passwords, want.Failed)
	}
	for verb, n := range map[string]int{"create": want.Created, "delete": want.Deleted} {
		got := count(events, func(e *connectors.Event) bool {
			return e.Category == connectors.CategoryAccount && e.Verb == verb && e.Object.Resource == "user"
		})
		if got != n {
			t.Errorf("%d users %sd, truth has %d", got, verb, n)
		}
	}
	sudo := count(events, func(e *connectors.Event) bool { return e.Verb == "sudo" && e.Effective == "root" && e.Command() != "" })
	if sudo != 5 {
		t.Errorf("%d sudo commands, want 5", sudo)
	}
	if first := c.First.Time(); first.Year() != 2026 || first.Month() != time.November {
		t.Errorf("first event at %s", first)
	}
}

// TestNothingRecordedIsVain: what a test of a field is refused for as never met
// must not stand in any recording.
func TestNothingRecordedIsVain(t *testing.T) {
	asked := map[string]int{}
	for _, path := range []string{"real-cluster/audit.ndjson", "real-host/auth.log"} {
		events, _ := read(t, open(t, filepath.Join(recordings, path), file.Options{}))
		for _, e := range events {
			for _, name := range []string{"kind", "category", "outcome", "actor_kind", "dry_run", "level", "code", "verb", "resource", "subresource", "group", "client_ip", "claimed_ip",
				"host", "message", "command", "reason", "uri", "user_agent", "groups", "version", "namespace", "annotations.authorization.k8s.io/decision", "request.spec.replicas", "response.metadata.name"} {
				get, err := connectors.ReadField(name)
				if err != nil {
					t.Fatal(err)
				}
				value := get(e)
				if value == "" {
					continue
				}
				asked[name]++
				if err := connectors.In(name, value).Vain(); err != nil {
					t.Fatalf("%s: %v", e.Key(), err)
				}
				if f := connectors.In(name, value); !f.Possible(e.Kind) {
					t.Fatalf("%s has %s %q, which is said to be impossible", e.Key(), name, value)
				}
			}
		}
	}
	if len(asked) < 20 {
		t.Errorf("only these fields have values: %v", asked)
	}
	for _, f := range []connectors.Filter{connectors.In("verb", "GET"), connectors.In("outcome", "okay"), connectors.In("code", "2xx")} {
		if f.Vain() == nil {
			t.Errorf("%+v is not vain: the test says nothing", f)
		}
	}
}
