package roster_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"logreeve/connectors"
	"logreeve/reports/roster"
)

const (
	aliceKey = "SHA256:vJKhol5bbxXRoricxl2yX7eb267qt8wgqOpT9Msb5sA"
	bobKey   = "SHA256:A4XmNeTBhtIUO4J2f7soscLoQS0gpIhKSAn6K66zTzs"
	loginKey = "SHA256:E5cTG00jYdbPH8OTvYjCVt4257L7BkRezru9SWjZASY"
	noOneKey = "SHA256:T/t9udj9NVQGlrfKITgw2rL7Ad81wSCDZfoLOVIvdaI"
	lostKey  = "SHA256:M3WWz2Z2PYhyz0egXi9OpAQtFsoE/Ose98BjcSKODME"
)

func office(t *testing.T, entries ...roster.Entry) *roster.Roster {
	t.Helper()
	people := readPeople(t, header+
		"Alice,alice@example.com,2024-01-01,,,k8s:alice;linux:alice;sshkey:"+aliceKey+"\n"+
		"Bob,Bob@example.com,2025-06-01,2026-01-31,,linux:worker-*:bob;linux:WEB-1:ops;k8s:https://id.example.com#robert\n"+
		"Carol,carol@example.com,,,,k8s:dev-*;linux:ops;pg:carol;k8s:Second@Mail.example\n"+
		"Alma,alice@other.example,,,,k8s:dev-team\n")
	return roster.New(roster.Snapshot{
		People: people, HasPeople: true, HasKeys: true, HasRegisters: true, TakenAt: day(t, "2026-01-01T00:00:00Z"),
		Keys: []roster.Key{
			{Fingerprint: bobKey, Owner: "BOB@example.com", Type: "ssh-ed25519"},
			{Fingerprint: loginKey, Owner: "ops", Type: "ssh-rsa"},
			{Fingerprint: noOneKey, Type: "ssh-ed25519"},
			{Fingerprint: lostKey, Owner: "zed@example.com", Type: "ssh-ed25519"},
		},
		Registers: roster.Registers{Entries: entries},
	})
}

func ids(persons []roster.Person) string {
	names := make([]string, len(persons))
	for i, p := range persons {
		names[i] = p.ID
	}
	return strings.Join(names, " ")
}

func TestResolve(t *testing.T) {
	r := office(t)
	at := day(t, "2025-12-01T00:00:00Z")
	const alice, bob, carol, alma = "alice@example.com", "bob@example.com", "carol@example.com", "alice@other.example"
	for _, c := range []struct{ system, host, name, want string }{
		{"k8s", "", "alice", alice},
		{"k8s", "", "Alice", ""}, // names are compared exactly,
		{"k8s", "", "ALICE@Example.com", alice},
		{"k8s", "", "oidc:alice@example.com", alice}, // e-mails without case and issuer
		{"k8s", "", "https://id.example.com#Alice@example.com", alice},
		{"k8s", "", "https://id.example.com#robert", bob},
		{"k8s", "", "robert", ""},
		{"k8s", "", "oidc:alice", ""}, // only an e-mail is known without its issuer
		{"k8s", "", "system:alice@example.com", ""},
		{"k8s", "", "alice@example.com.evil.example", ""},
		{"k8s", "", "malice@example.com", ""},
		{"k8s", "", "second@mail.example", carol},
		{"k8s", "", "oidc:second@mail.example", carol},
		{"k8s", "", "dev-1", carol},
		{"k8s", "", "dev-team", alma + " " + carol},
		{"k8s", "", "*", ""}, // the log's name is literal
		{"k8s", "", "", ""},
		{"paralus", "", "alice@example.com", alice},
		{"linux", "", "alice@example.com", ""},
		{"linux", "worker-1", "alice", alice},
		{"linux", "", "alice", alice},
		{"linux", "worker-1", "bob", bob},
		{"linux", "Worker-2", "bob", bob},
		{"linux", "db-1", "bob", ""},
		{"linux", "", "bob", ""}, // on which host is not known
		{"linux", "web-1", "ops", bob + " " + carol},
		{"linux", "web-2", "ops", carol},
		{"pg", "", "carol", carol},
		{"sshkey", "", aliceKey, alice},
	} {
		if got := ids(r.Resolve(roster.Principal{System: c.system, Host: c.host, Pattern: c.name}, at)); got != c.want {
			t.Errorf("%s %s %q is %q, want %q", c.system, c.host, c.name, got, c.want)
		}
	}
}

func TestResolveAsOfTheEvent(t *testing.T) {
	r := office(t)
	for _, c := range []struct {
		at   string
		want int
		left bool
	}{
		{"2025-05-31T23:59:59.999999Z", 0, false}, // has not joined
		{"2025-06-01T00:00:00Z", 1, false},
		{"2026-01-31T23:59:59.999999Z", 1, false},
		{"2026-02-01T00:00:00Z", 1, true}, // has left, and is still known
		{"2030-01-01T00:00:00Z", 1, true},
	} {
		at := day(t, c.at)
		persons := r.Resolve(roster.Principal{System: "linux", Host: "worker-9", Pattern: "bob"}, at)
		if len(persons) != c.want {
			t.Errorf("%s: %d persons", c.at, len(persons))
			continue
		}
		if c.want == 1 && persons[0].LeftBefore(at) != c.left {
			t.Errorf("%s: left is %v", c.at, !c.left)
		}
	}
}

func TestKeyOwner(t *testing.T) {
	r := office(t)
	for _, c := range []struct {
		key, owner, persons string
		known               bool
	}{
		{aliceKey, "alice@example.com", "alice@example.com", true}, // a principal
		{bobKey, "BOB@example.com", "bob@example.com", true},       // by e-mail
		{loginKey, "ops", "bob@example.com carol@example.com", true},
		{noOneKey, "", "", true},               // known, nobody's
		{lostKey, "zed@example.com", "", true}, // of someone not on the roster
		{"SHA256:unknown", "", "", false},      // not declared
	} {
		owner, persons, known := r.KeyOwner(c.key)
		if owner != c.owner || ids(persons) != c.persons || known != c.known {
			t.Errorf("%s: %q %q %v", c.key, owner, ids(persons), known)
		}
	}
	two := roster.New(roster.Snapshot{
		People: r.People,
		Keys:   []roster.Key{{Fingerprint: bobKey, Owner: "bob@example.com"}, {Fingerprint: bobKey, Owner: "alice@example.com"}},
	})
	if owner, persons, _ := two.KeyOwner(bobKey); owner != "alice@example.com, bob@example.com" || len(persons) != 2 {
		t.Errorf("a key of two belongs to %q, %v", owner, ids(persons))
	}
	local := roster.New(roster.Snapshot{People: r.People, Keys: []roster.Key{{Fingerprint: bobKey, Owner: "carol"}}})
	if _, persons, _ := local.KeyOwner(bobKey); ids(persons) != "carol@example.com" {
		t.Errorf("carol's key belongs to %v", ids(persons))
	}
}

func TestPersonsOf(t *testing.T) {
	r := office(t)
	at := day(t, "2025-12-01T00:00:00Z")
	for _, c := range []struct {
		name            string
		event           connectors.Event
		principal, want string
	}{
		{"by name", connectors.Event{Kind: connectors.Kubernetes, Actor: "oidc:alice@example.com"}, "k8s:oidc:alice@example.com", "alice@example.com"},
		{"the one responsible", connectors.Event{Kind: connectors.Kubernetes, Login: "proxy", Actor: "alice"}, "k8s:alice", "alice@example.com"},
		{"login while nobody is set", connectors.Event{Kind: connectors.Kubernetes, Login: "alice"}, "k8s:alice", "alice@example.com"},
		{"a client certificate is no SSH key", connectors.Event{Kind: connectors.Kubernetes, Actor: "alice", Credential: "X509SHA256=" + bobKey}, "k8s:alice", "alice@example.com"},
		{"on a host", connectors.Event{Kind: connectors.AuthLog, Host: "worker-1", Actor: "bob"}, "linux:worker-1:bob", "bob@example.com"},
		{"host not known", connectors.Event{Kind: connectors.AuthLog, Actor: "ops"}, "linux:ops", "carol@example.com"},
		{"by key before account", connectors.Event{Kind: connectors.AuthLog, Host: "worker-1", Actor: "alice", Credential: bobKey}, "linux:worker-1:alice", "bob@example.com"},
		{"key of nobody", connectors.Event{Kind: connectors.AuthLog, Host: "worker-1", Actor: "alice", Credential: noOneKey}, "linux:worker-1:alice", "alice@example.com"},
		{"by key principal", connectors.Event{Kind: connectors.AuthLog, Host: "worker-1", Actor: "ubuntu", Credential: aliceKey}, "linux:worker-1:ubuntu", "alice@example.com"},
		{"nobody", connectors.Event{Kind: connectors.Kubernetes}, "", ""},
	} {
		c.event.Time = at
		if got := roster.PrincipalOf(&c.event); got != c.principal {
			t.Errorf("%s: principal %q", c.name, got)
		}
		if got := ids(r.PersonsOf(&c.event)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	early := connectors.Event{Kind: connectors.AuthLog, Host: "h", Actor: "nobody", Credential: bobKey, Time: day(t, "2025-01-01T00:00:00Z")}
	if got := ids(r.PersonsOf(&early)); got != "" {
		t.Errorf("a key leads to %q before they joined", got)
	}
}

func TestCovers(t *testing.T) {
	r := office(t,
		roster.Entry{Register: roster.CIPrincipals, Value: "system:serviceaccount:ci:*"},
		roster.Entry{Register: roster.CINetworks, Value: "127.0.9.0/24"},
		roster.Entry{Register: roster.CINetworks, Value: "10.1.2.3"},
		roster.Entry{Register: roster.AllowedNetworks, Value: "2001:db8::/32"},
		roster.Entry{Register: roster.SharedAccounts, Value: "k8s:shared-ops"},
		roster.Entry{Register: roster.SharedAccounts, Value: "linux:ubuntu"},
		roster.Entry{Register: roster.SharedAccounts, Value: "linux:web-*:deploy"},
		roster.Entry{Register: roster.BreakGlass, Value: "kubernetes-admin"},
		roster.Entry{Register: roster.ProdScope, Value: "namespace:pay*"},
		roster.Entry{Register: roster.ProdScope, Value: "cluster-scoped"},
		roster.Entry{Register: roster.AuditedTables, Value: "public.*"},
		roster.Entry{Register: roster.Automation, Value: "Robot@Example.com"},
	)
	for _, c := range []struct {
		register roster.Register
		value    string
		want     bool
	}{
		{roster.CIPrincipals, "system:serviceaccount:ci:deployer", true},
		{roster.CIPrincipals, "k8s:system:serviceaccount:ci:deployer", true},
		{roster.CIPrincipals, "system:serviceaccount:cicd:deployer", false},
		{roster.CINetworks, "127.0.9.255", true},
		{roster.CINetworks, "::ffff:127.0.9.1", true},
		{roster.CINetworks, "127.0.10.1", false},
		{roster.CINetworks, "10.1.2.3", true},
		{roster.CINetworks, "10.1.2.4", false},
		{roster.CINetworks, "worker-1", false},
		{roster.CINetworks, "", false},
		{roster.AllowedNetworks, "2001:db8:1::5", true},
		{roster.AllowedNetworks, "127.0.9.1", false}, // another register's
		{roster.SharedAccounts, "k8s:shared-ops", true},
		{roster.SharedAccounts, "linux:worker-1:shared-ops", false},
		{roster.SharedAccounts, "linux:worker-1:ubuntu", true},
		{roster.SharedAccounts, "linux:ubuntu", true},
		{roster.SharedAccounts, "k8s:ubuntu", false},
		{roster.SharedAccounts, "linux:WEB-1:deploy", true},
		{roster.SharedAccounts, "linux:db-1:deploy", false},
		{roster.SharedAccounts, "linux:deploy", false}, // on which host is not known
		{roster.BreakGlass, "k8s:kubernetes-admin", true},
		{roster.BreakGlass, "kubernetes-admin", true},
		{roster.SharedAccounts, "k8s:kubernetes-admin", false}, // IDN-02: break_glass alone holds it back
		{roster.ProdScope, "namespace:payments", true},
		{roster.AuditedTables, "public.users", true},
		{roster.AuditedTables, "publicXusers", false},
		{roster.Automation, "k8s:robot@example.com", true},
		{roster.Automation, "k8s:", false},
	} {
		entry, ok := r.Covers(c.register, c.value, 1)
		if ok != c.want || (ok && entry.Register != c.register) {
			t.Errorf("%s %q: %v %+v", c.register, c.value, ok, entry)
		}
	}
	if !r.InProd("payments", 1) || !r.InProd("", 1) || r.InProd("web", 1) {
		t.Error("production is not payments and the cluster")
	}
	if office(t).InProd("", 1) {
		t.Error("production is assumed where nothing is declared")
	}
	spoof := connectors.Event{Kind: connectors.AuthLog, Host: "worker-1", Actor: "x:ubuntu", Time: 1}
	if entry, ok := r.CoversActor(roster.SharedAccounts, &spoof); ok {
		t.Errorf("the login %q passes for %q", spoof.Actor, entry.Value)
	}
	plain := connectors.Event{Kind: connectors.AuthLog, Host: "worker-1", Actor: "ubuntu", Time: 1}
	if _, ok := r.CoversActor(roster.SharedAccounts, &plain); !ok {
		t.Error("the shared account is not covered")
	}
}

func TestAttribution(t *testing.T) {
	end := day(t, "2026-01-01T00:00:00Z")
	r := office(t,
		roster.Entry{Register: roster.TrustedImpersonators, Value: "proxy", Expires: end},
		roster.Entry{Register: roster.Automation, Value: "linux:backup"},
		roster.Entry{Register: roster.CIPrincipals, Value: "deployer"},
		roster.Entry{Register: roster.ApplicationRoles, Value: "app"},
		roster.Entry{Register: roster.TrustedProxies, Value: "10.0.0.0/8"},
		roster.Entry{Register: roster.TrustedProxies, Value: "172.16.0.0/12", Expires: end},
	)
	a := r.Attribution()
	event := connectors.Event{Kind: connectors.Kubernetes, Login: "proxy", Effective: "alice", Time: end - 1, Addresses: []string{"192.0.2.1", "10.0.0.7"}}
	a.Apply(&event)
	if event.Actor != "alice" || event.ClientIP != "192.0.2.1" {
		t.Errorf("responsible is %q from %q", event.Actor, event.ClientIP)
	}
	event = connectors.Event{Kind: connectors.Kubernetes, Login: "proxy", Effective: "alice", Time: end, Addresses: []string{"192.0.2.1", "172.16.0.7"}}
	a.Apply(&event)
	if event.Actor != "proxy" || event.ClientIP != "172.16.0.7" {
		t.Errorf("after the entries expired responsible is %q from %q", event.Actor, event.ClientIP)
	}
	for _, c := range []struct {
		kind connectors.Kind
		name string
		want bool
	}{
		{connectors.AuthLog, "backup", true},
		{connectors.Kubernetes, "backup", false},
		{connectors.Kubernetes, "deployer", true},
		{"pgaudit", "app", true},
		{connectors.Kubernetes, "app", false}, // a role of a database
		{connectors.AuthLog, "x:backup", false},
	} {
		if got := a.Machine(c.kind, c.name, 1); got != c.want {
			t.Errorf("%s %q is a machine: %v", c.kind, c.name, got)
		}
	}
}

// covering draws an entry and a value that it covers while it applies.
func covering(t *rapid.T) (roster.Entry, string) {
	register := rapid.SampledFrom(roster.AllRegisters()).Draw(t, "register")
	e := roster.Entry{Register: register, Expires: connectors.Instant(rapid.Int64Range(1, 1<<52).Draw(t, "expires"))}
	name := rapid.StringMatching(`[a-z]{1,8}`).Draw(t, "name")
	switch {
	case register.Networks():
		e.Value = "10.3.0.0/16"
		return e, "10.3.4.5"
	case register == roster.ProdScope:
		e.Value = "namespace:" + name
	case rapid.Bool().Draw(t, "pattern"):
		e.Value = name + "*"
		return e, name + "-1"
	default:
		e.Value = name
	}
	return e, e.Value
}

func TestExpiredNeverCovers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e, value := covering(t)
		r := roster.New(roster.Snapshot{Registers: roster.Registers{Entries: []roster.Entry{e}}})
		after := e.Expires + connectors.Instant(rapid.Int64Range(0, 1<<52).Draw(t, "after"))
		if got, ok := r.Covers(e.Register, value, after); ok {
			t.Fatalf("%+v covers %q at %d", got, value, after)
		}
		if _, ok := r.Covers(e.Register, value, 0); ok {
			t.Fatal("an entry that expires covers an event of unknown time")
		}
		if got, ok := r.Lapsed(e.Register, value, after); !ok || got != e {
			t.Fatalf("the lapsed entry is not found: %+v", got)
		}
		if got := r.Expired(after); len(got) != 1 {
			t.Fatalf("expired: %v", got)
		}
		if len(r.Declared(e.Register, after)) != 0 {
			t.Fatal("an expired entry is declared")
		}
		// Control: the same entry covers until the very last microsecond.
		if _, ok := r.Covers(e.Register, value, e.Expires-1); !ok && e.Expires > 1 {
			t.Fatalf("%+v does not cover %q before it expires", e, value)
		}
		// Control: were expiry ignored, this would fail.
		e.Expires = 0
		always := roster.New(roster.Snapshot{Registers: roster.Registers{Entries: []roster.Entry{e}}})
		if _, ok := always.Covers(e.Register, value, after); !ok {
			t.Fatalf("%+v, which never expires, does not cover %q", e, value)
		}
	})
}

func TestARunningEntryCoversBesideAnExpiredOne(t *testing.T) {
	old := roster.Entry{Register: roster.BreakGlass, Value: "k8s:admin", Expires: 100}
	r := office(t, old, roster.Entry{Register: roster.BreakGlass, Value: "k8s:ad*", Owner: "erin"})
	if e, ok := r.Covers(roster.BreakGlass, "k8s:admin", 200); !ok || e.Owner != "erin" {
		t.Errorf("covered by %+v %v", e, ok)
	}
	if e, _ := r.Lapsed(roster.BreakGlass, "k8s:admin", 200); e != old {
		t.Errorf("lapsed is %+v", e)
	}
}

func TestDigest(t *testing.T) {
	r := office(t, roster.Entry{Register: roster.BreakGlass, Value: "k8s:admin"}, roster.Entry{Register: roster.Automation, Value: "bot"})
	s := r.Snapshot
	want := roster.Digest(s)
	if len(want) != 64 {
		t.Fatalf("digest %q", want)
	}
	for range 20 {
		s.People, s.Keys, s.Registers.Entries = slices.Clone(s.People), slices.Clone(s.Keys), slices.Clone(s.Registers.Entries)
		rand.Shuffle(len(s.People), func(i, j int) { s.People[i], s.People[j] = s.People[j], s.People[i] })
		rand.Shuffle(len(s.Keys), func(i, j int) { s.Keys[i], s.Keys[j] = s.Keys[j], s.Keys[i] })
		slices.Reverse(s.Registers.Entries)
		s.TakenAt++
		if roster.Digest(s) != want {
			t.Fatal("the digest depends on order or on when the snapshot was taken")
		}
	}
	if roster.Digest(roster.New(s).Snapshot) != want {
		t.Error("a roster changes its snapshot")
	}
	for name, change := range map[string]func(*roster.Snapshot){
		"left":      func(s *roster.Snapshot) { s.People[0].LeftAt = 7 },
		"principal": func(s *roster.Snapshot) { s.People[0].Principals = nil },
		"expiry":    func(s *roster.Snapshot) { s.Registers.Entries[0].Expires = 7 },
		"key":       func(s *roster.Snapshot) { s.Keys[0].Owner = "x" },
		"given":     func(s *roster.Snapshot) { s.HasKeys = false },
		"expected":  func(s *roster.Snapshot) { s.Registers.Expected = []roster.ExpectedSource{{Name: "x"}} },
		"witness":   func(s *roster.Snapshot) { s.Registers.Witnesses = []string{"PRV-04"} },
	} {
		c := roster.New(s).Snapshot // a copy of its own
		change(&c)
		if roster.Digest(c) == want {
			t.Errorf("%s does not change the digest", name)
		}
	}
	var empty roster.Snapshot
	if roster.Digest(empty) != roster.Digest(roster.New(empty).Snapshot) {
		t.Error("an absent list and an empty one differ")
	}
}

func TestCounts(t *testing.T) {
	r := office(t, roster.Entry{Register: roster.Automation, Value: "a", Expires: 5}, roster.Entry{Register: roster.Automation, Value: "b"})
	want := roster.Counts{People: 4, Left: 1, Principals: 11, Keys: 4, Entries: 2, Expired: 1}
	if got := r.Counts(day(t, "2026-03-01T00:00:00Z")); got != want {
		t.Errorf("got %+v", got)
	}
}

func TestValidate(t *testing.T) {
	for _, c := range []struct {
		register roster.Register
		value    string
		want     string
	}{
		{roster.SharedAccounts, "k8s:shared-ops", ""},
		{roster.SharedAccounts, "linux:web-*:deploy", ""},
		{roster.AllowedNetworks, "2001:db8::/32", ""},
		{"shared", "x", `unknown register "shared"`},
		{roster.Automation, "", "an entry of automation has no value"},
		{roster.CINetworks, "10.0.0.0/33", `"10.0.0.0/33" is not a network like 10.1.0.0/16 or 2001:db8::/32`},
		{roster.CINetworks, "10.0.0.5/24", `"10.0.0.5/24" has bits beyond its length; the network is 10.0.0.0/24`},
		{roster.TrustedProxies, "::ffff:10.0.0.0/104", `"::ffff:10.0.0.0/104" is an IPv4 network written as IPv6; write it as IPv4`},
		{roster.AllowedNetworks, "office", `"office" is not a network like 10.1.0.0/16 or 2001:db8::/32`},
		{roster.ProdScope, "payments", `"payments" is neither namespace:NAME nor cluster-scoped`},
		{roster.ProdScope, "namespace:", `"namespace:" is neither namespace:NAME nor cluster-scoped`},
		{roster.BreakGlass, "k8s:", `"k8s:" names nobody`},
		{roster.Automation, "linux:web-1:bot", `"linux:web-1:bot" names a host; automation holds for all hosts`},
	} {
		ok := roster.Entry{Register: roster.Automation, Value: "bot"}
		wrong := roster.Validate(roster.Registers{Entries: []roster.Entry{ok, {Register: c.register, Value: c.value}}})
		switch {
		case c.want == "" && len(wrong) == 0:
		case len(wrong) != 1 || wrong[0].Reason != c.want || wrong[0].Index != 1 || wrong[0].List != roster.ListEntries:
			t.Errorf("%s %q: %+v, want %q", c.register, c.value, wrong, c.want)
		}
	}
	wrong := roster.Validate(roster.Registers{
		Expected:  []roster.ExpectedSource{{Name: "a"}, {}, {Name: "a"}, {Name: "a", Host: "h"}, {Name: "b", MaxGap: -1}},
		Witnesses: []string{"PRV-04", "secrets", "my_own-2"},
	})
	want := []roster.EntryError{
		{List: roster.ListExpected, Index: 1, Reason: "an expected source has no name"},
		{List: roster.ListExpected, Index: 2, Reason: `the source "a" is expected twice`},
		{List: roster.ListExpected, Index: 4, Reason: `max_gap of "b" is negative`},
		{List: roster.ListWitnesses, Index: 1, Reason: `"secrets" is not a check like PRV-04`},
	}
	if !slices.Equal(wrong, want) {
		t.Errorf("got %+v", wrong)
	}
}
