package web

import (
	"context"
	"fmt"
	"regexp"
	"slices"
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

const day = 24 * hour

// storedSource is a search store with credentials and hostile names.
func storedSource() runs.Source {
	s := madeSource()
	s.Store, s.Target, s.SignIn = runs.OpenSearch, "https://search.example.org:9200/kubeaudit*,"+hostile, runs.Password
	s.Secret, s.CA = runs.Secret{Sealed: []byte("canary-sealed"), SetAt: fixtureNow - 18*day, By: "u_1"}, hostile
	return s
}

// bareStore is one whose credentials were removed.
func bareStore() runs.Source {
	s := storedSource()
	s.Secret, s.SignIn, s.Target = runs.Secret{}, runs.AWS, "https://search.example.org:9200/kubeaudit*?profile=welkin&time=x"
	return s
}

// typedStore is a form as typed, with credentials that must not be shown again.
func typedStore() sourceForm {
	const c = "canary-secret"
	f := newSourceForm(storedSource(), hostile)
	f.Given = runs.Credentials{User: c, Password: c, APIKey: c, Token: c, ClientCert: c, ClientKey: c, AWSAccessKey: c, AWSSecretKey: c, AWSSession: c}
	f.Place = place{URL: hostile, Pattern: hostile, Profile: hostile, Time: hostile}
	return f
}

// storeFound is what a look at a store finds.
func storeFound() []connectors.Probe { return storeFoundAt(fixtureNow) }

func storeFoundAt(now connectors.Instant) []connectors.Probe {
	return []connectors.Probe{{
		Where: "search.example.org, " + hostile, Kind: connectors.Kubernetes, Bytes: 4_400_000_000, Oldest: now - 29*day, Newest: now - hour/30, Looked: 100, Parsed: 100,
		Fields: []connectors.Field{{Name: "time", Found: true}, {Name: "client_ip", Found: true}, {Name: "code"}}, Missing: []string{hostile}, Sample: &madeItem().Evidence[1].Record,
		Store: &connectors.StoreProbe{Product: "OpenSearch", Version: "2.19.3", TLS: true, Profile: "kubernetes", Indices: 41, Documents: 12_431_004, Lacking: []string{"indices:admin/mappings/get on " + hostile}, Retention: 30},
	}, {Kind: connectors.Kubernetes, Store: &connectors.StoreProbe{}}}
}

// storeWorld is a world with a search store that notes what it was asked with.
type storeWorld struct {
	*runWorld
	asked []runs.Credentials
	fails error
}

type madeStore struct {
	connectors.Source
	now   connectors.Instant
	fails error
}

func (m madeStore) Probe(context.Context) (connectors.Probe, error) {
	return storeFoundAt(m.now)[0], m.fails
}

func newStoreWorld(t *testing.T) *storeWorld {
	t.Helper()
	w := &storeWorld{runWorld: newRunWorld(t)}
	box, err := secrets.Load(w.folder)
	if err != nil {
		t.Fatal(err)
	}
	w.Runs.Secrets = box
	w.Runs.CheckStore = func(s runs.Source) error {
		if !strings.HasPrefix(s.Target, "https://search.example.org") {
			return fault.Field("url", "The operator has not opened this host.")
		}
		return nil
	}
	w.Runs.OpenStore = func(_ runs.Source, with runs.Credentials) ([]connectors.Source, error) {
		w.asked = append(w.asked, with)
		return []connectors.Source{madeStore{now: connectors.At(w.clock.now()), fails: w.fails}}, nil
	}
	return w
}

// TestConnectStore is the journey of an officer who connects the store the
// company has: the form without script, the look, saving without typing the
// password again, keeping it, and losing it with the address.
func TestConnectStore(t *testing.T) {
	t.Parallel()
	const secret = "canary-correct horse"
	w := newStoreWorld(t)
	officer := w.as(t, actor.Officer)
	shows := func(r response) response {
		if strings.Contains(r.text, "canary") {
			t.Errorf("a page shows the password:\n%.3000s", r.text)
		}
		return r
	}
	const form = "/sources/new?store=opensearch"
	typed := []string{"store", "opensearch", "name", "cluster", "url", "https://search.example.org:9200", "pattern", "kubeaudit*", "kind", "kubernetes", "profile", "welkin", "sign_in", "basic"}
	with := func(more ...string) []string { return append(slices.Clone(typed), more...) }

	shows(officer.get(form)).want(t, 200, `aria-current="page">OpenSearch`, "Index pattern", "How Logreeve signs in", "PUT _plugins/_security/api/roles/logreeve_read", "sources.allow_hosts")
	officer.get("/sources/new?store=elasticsearch").want(t, 200, "PUT _security/role/logreeve_read", "view_index_metadata")
	officer.get("/sources/new?store=calico").want(t, 200, "tigera_secure_ee_audit_*,calico_auditlogs*")
	officer.get("/sources/new?store=nonsense").want(t, 200, "File, folder or pattern")

	officer.submit(form, "/sources/probe", with()...).want(t, 422, "Give the user.")
	officer.submit(form, "/sources/probe", "store", "opensearch", "url", "https://u:canary@search.example.org:9200", "kind", "kubernetes").
		want(t, 422, "Credentials do not belong into the address", "Give the index pattern", `value="https://search.example.org:9200"`)
	officer.submit(form, "/sources/probe", "store", "opensearch", "url", "https://elsewhere.example.org", "pattern", "x", "kind", "kubernetes").want(t, 422, "The operator has not opened this host.")
	if len(w.asked) > 0 {
		t.Fatalf("a store was asked: %d times", len(w.asked))
	}

	seen := shows(officer.submit(form, "/sources/probe", with("user", "reader", "password", secret)...))
	seen.want(t, 200, "Reachable over TLS: OpenSearch 2.19.3, 41 indices, newest event 2 minutes ago, oldest 29 days ago, fields 2 of 3.", "rights are missing", "indices:admin/mappings/get on ",
		"what is logged today is gone on 21 Dec 2026", "are kept for saving")
	carried := regexp.MustCompile(`name="carried" value="([^"]+)"`).FindStringSubmatch(seen.text)
	if carried == nil {
		t.Fatal("nothing is carried")
	}
	saved := officer.submit(form, "/sources", with("carried", carried[1])...)
	page := strings.TrimSuffix(saved.Header.Get("Location"), "?look=now")
	shows(officer.get(page+"?look=now")).want(t, 200, "cluster is saved", "User and password", "set, changed 21 Nov 2026", "by Person officer", "Reachable over TLS")
	if last := w.asked[len(w.asked)-1]; last.Password != secret || last.User != "reader" {
		t.Error("the saved source is not asked with what was given")
	}
	version := regexp.MustCompile(`name="version" value="([0-9]+)"`).FindStringSubmatch(shows(officer.get(page+"/edit")).want2(t, "Leave the fields empty to keep them", `value="kubeaudit*"`))[1]
	id := strings.TrimPrefix(page, "/sources/")
	shows(officer.submit(page+"/edit", page, with("id", id, "version", version, "time", "stageTimestamp")...)).wantRedirect(t, page+"?look=now")
	if last := w.asked[len(w.asked)-1]; last.Password != secret {
		t.Error("another time field took the password away")
	}

	// A look at another address is not sent what is stored, and saving it takes
	// the credentials away and says so.
	before := len(w.asked)
	elsewhere := append([]string{"id", id, "version", "2"}, typed...)
	elsewhere[slices.Index(elsewhere, "https://search.example.org:9200")] = "https://search.example.org.attacker.example"
	shows(officer.submit(page+"/edit", "/sources/probe", elsewhere...)).want(t, 422, "are not sent to this one")
	shows(officer.submit(page+"/edit", page, elsewhere...)).wantRedirect(t, page+"/edit")
	shows(officer.get(page+"/edit")).want(t, 200, "are removed: give them again")
	shows(officer.get(page+"?look=now")).want(t, 200, "not set", "removed when the address changed")
	for _, with := range w.asked[before:] {
		if with.Given() {
			t.Error("the stored credentials went to another address")
		}
	}
	records, err := w.db.Trail(t.Context(), trail.Filter{}, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, r := range records {
		if r.Kind == "source" {
			told = append(told, r.Detail["credentials"])
			if strings.Contains(fmt.Sprint(r), "canary") {
				t.Errorf("the trail shows the password: %v", r)
			}
		}
	}
	slices.Reverse(told)
	if got := strings.Join(told, " "); got != "set kept cleared" {
		t.Errorf("the trail says %q", got)
	}
}

// want2 is want for a page whose text goes on.
func (r response) want2(t *testing.T, texts ...string) string {
	t.Helper()
	r.want(t, 200, texts...)
	return r.text
}

// What a store refuses is said with what to do next, never as a success.
func TestStoreRefusals(t *testing.T) {
	t.Parallel()
	w := newStoreWorld(t)
	officer := w.as(t, actor.Officer)
	for message, want := range map[string]string{
		"The store does not accept the credentials. Check user and password, key or token.":        "Check user and password, key or token.",
		"The certificate of the store is signed by nobody who is trusted here. Add the authority.": "Add the authority.",
		"Something is wrong": "Mend what is named here and look again.",
	} {
		w.fails = fault.New(fault.Unavailable, "%s", message)
		r := officer.submit("/sources/new?store=opensearch", "/sources/probe", "store", "opensearch", "url", "https://search.example.org", "pattern", "x", "kind", "kubernetes", "sign_in", "basic", "user", "u", "password", "p")
		r.want(t, 200, `role="alert"`, want)
		if strings.Contains(r.text, "kept for saving") {
			t.Error("credentials that were not accepted are kept for saving")
		}
	}
	w.fails = nil
	officer.submit("/sources/new?store=elasticsearch", "/sources/probe", "store", "elasticsearch", "url", "https://search.example.org", "pattern", "x", "kind", "kubernetes", "sign_in", "").
		want(t, 200, "This is OpenSearch, not Elasticsearch.")
}

// A warning names the date on which what is logged today is gone.
func TestStoreKeeps(t *testing.T) {
	for name, c := range map[string]struct {
		probe connectors.Probe
		want  string
	}{
		"a policy":         {connectors.Probe{Store: &connectors.StoreProbe{Retention: 30}}, "The store deletes after 30 days: what is logged today is gone on 21 Dec 2026."},
		"the oldest event": {connectors.Probe{Oldest: fixtureNow - 29*day, Store: &connectors.StoreProbe{}}, "The oldest event is of 23 Oct 2026. If the store deletes what is older, what is logged today is gone on 20 Dec 2026."},
		"began lately":     {connectors.Probe{Oldest: fixtureNow - 2*day, Store: &connectors.StoreProbe{}}, ""},
		"long enough":      {connectors.Probe{Oldest: fixtureNow - 400*day, Store: &connectors.StoreProbe{}}, ""},
		"nothing known":    {connectors.Probe{Store: &connectors.StoreProbe{}}, ""},
	} {
		got := ""
		if n := storeKeeps(Format{Zone: time.UTC}, fixtureNow, c.probe); n != nil {
			got = n.Title
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestPlaces(t *testing.T) {
	for target, want := range map[string]place{
		"https://a.example.org:9200/kubeaudit*,authlog*?profile=welkin&time=%40timestamp": {"https://a.example.org:9200", "kubeaudit*,authlog*", "welkin", "@timestamp"},
		"http://localhost:9200/x": {URL: "http://localhost:9200", Pattern: "x"},
	} {
		got := placeOf(target)
		if got != want || got.target() != target {
			t.Errorf("%s is %+v, and %s again", target, got, got.target())
		}
	}
}
