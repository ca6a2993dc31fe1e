package roster_test

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"logreeve/app/fault"
	"logreeve/connectors"
	"logreeve/reports/roster"
)

const header = "name,email,joined_at,left_at,manager,principals\n"

func day(t *testing.T, text string) connectors.Instant {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatal(err)
	}
	return connectors.At(at)
}

func readPeople(t *testing.T, text string) []roster.Person {
	t.Helper()
	people, err := roster.ReadPeople(strings.NewReader(text), "people.csv")
	if err != nil {
		t.Fatal(err)
	}
	return people
}

func TestReadPeople(t *testing.T) {
	people := readPeople(t, "\uFEFFprincipals,manager,left_at,joined_at,email,name\r\n"+
		"k8s:alice;linux:alice; linux:worker-*:al ;sshkey:SHA256:vJKhol5bbxXRoricxl2yX7eb267qt8wgqOpT9Msb5sA;,erin@example.com,,2024-03-01,Alice@Example.com,\"Smith, Alice\"\r\n"+
		"\r\n"+
		"pg:bob;paralus:bob,,2026-01-31,2024-03-01T09:00:00+02:00,bob@example.com,\r\n"+
		",,2026-01-31T12:00:00Z,,carol@example.com,\"Carol \"\"C\"\"\nJones\"\r\n")
	if len(people) != 3 {
		t.Fatalf("%d people", len(people))
	}
	alice, bob, carol := people[0], people[1], people[2]
	if alice.ID != "alice@example.com" || alice.Email != "Alice@Example.com" || alice.Name != "Smith, Alice" || alice.Manager != "erin@example.com" {
		t.Errorf("alice is %+v", alice)
	}
	want := []roster.Principal{
		{System: "k8s", Pattern: "alice"}, {System: "linux", Pattern: "alice"}, {System: "linux", Host: "worker-*", Pattern: "al"},
		{System: "sshkey", Pattern: "SHA256:vJKhol5bbxXRoricxl2yX7eb267qt8wgqOpT9Msb5sA"},
	}
	if !slices.Equal(alice.Principals, want) {
		t.Errorf("alice's principals are %v", alice.Principals)
	}
	if alice.JoinedAt != day(t, "2024-03-01T00:00:00Z") || alice.LeftAt != 0 {
		t.Errorf("alice is here from %v to %v", alice.JoinedAt, alice.LeftAt)
	}
	if bob.Name != "bob@example.com" || bob.JoinedAt != day(t, "2024-03-01T07:00:00Z") || bob.LeftAt != day(t, "2026-02-01T00:00:00Z") {
		t.Errorf("bob is %+v", bob)
	}
	if carol.LeftAt != day(t, "2026-01-31T12:00:00Z") || carol.Name != "Carol \"C\"\nJones" {
		t.Errorf("carol is %+v", carol)
	}
	lastOfDay := day(t, "2026-01-31T23:59:59.999999Z")
	for _, c := range []struct {
		at           connectors.Instant
		active, left bool
	}{
		{bob.JoinedAt - 1, false, false},
		{bob.JoinedAt, true, false},
		{lastOfDay, true, false},
		{lastOfDay + 1, false, true},
	} {
		if bob.ActiveAt(c.at) != c.active || bob.LeftBefore(c.at) != c.left {
			t.Errorf("at %v bob is active %v, left %v", c.at, bob.ActiveAt(c.at), bob.LeftBefore(c.at))
		}
	}
}

func TestReadPeopleSaysWhatIsWrong(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "p.csv is empty. It begins with the line name,email,joined_at,left_at,manager,principals."},
		{"only a header", header, "p.csv names no person: there is nothing below its header."},
		{"missing column", "name,email,joined_at,left_at,manager\nA,a@b.c,,,\n", `p.csv, line 1: the column "principals" is missing; the columns are name,email,joined_at,left_at,manager,principals.`},
		{"unknown column", "name,email,joined_at,left_at,manager,principals,team\n", `p.csv, line 1: unknown column "team"; the columns are name,email,joined_at,left_at,manager,principals.`},
		{"column twice", "name,email,email,joined_at,left_at,manager,principals\n", `p.csv, line 1: the column "email" is there twice.`},
		{"semicolons", "name;email;joined_at;left_at;manager;principals\n", `p.csv, line 1: unknown column "name;email;joined_at;left_at;manager;principals"; the columns are name,email,joined_at,left_at,manager,principals.`},
		{"too few fields", header + "A,a@b.c,,,,\nB,b@b.c\n", "p.csv, line 3: the number of fields differs from the header."},
		{"quote", header + "A,a@b.c,,,,\nB,\"b@b.c,,,,\n", "p.csv, line 3: a quotation mark is out of place."},
		{"bare quote", header + "A \"B\",a@b.c,,,,\n", "p.csv, line 2: a quotation mark is out of place."},
		{"no e-mail", header + "A,,,,,\n", "p.csv, line 2: there is no e-mail."},
		{"bad e-mail", header + "A,alice,,,,\n", `p.csv, line 2: "alice" is not an e-mail address.`},
		{"two e-mails", header + "A,a@b.c a@c.d,,,,\n", `p.csv, line 2: "a@b.c a@c.d" is not an e-mail address.`},
		{"duplicate", header + "A,a@b.c,,,,\nB,b@b.c,,,,\nA,A@B.c,,,,\n", "p.csv, line 4: A@B.c is already in line 2."},
		{"bad joined", header + "A,a@b.c,31.01.2026,,,\n", `p.csv, line 2: joined_at: "31.01.2026" is not a date like 2026-01-31 or 2026-01-31T09:00:00Z.`},
		{"bad left", header + "A,a@b.c,,2026-02-30,,\n", `p.csv, line 2: left_at: "2026-02-30" is not a date like 2026-01-31 or 2026-01-31T09:00:00Z.`},
		{"year", header + "A,a@b.c,,0026-02-03,,\n", `p.csv, line 2: left_at: "0026-02-03" is not a date between 1971 and 9000.`},
		{"left first", header + "A,a@b.c,2026-02-01,2026-01-31,,\n", "p.csv, line 2: a@b.c leaves before joining."},
		{"bare principal", header + "A,a@b.c,,,,alice\n", `p.csv, line 2: principals: "alice" is no principal like k8s:NAME; the systems are k8s, linux, sshkey, pg and paralus.`},
		{"unknown system", header + "A,a@b.c,,,,k8s:a;ldap:alice\n", `p.csv, line 2: principals: "ldap:alice" is no principal like k8s:NAME; the systems are k8s, linux, sshkey, pg and paralus.`},
		{"nobody", header + "A,a@b.c,,,,k8s:\n", `p.csv, line 2: principals: "k8s:" names nobody.`},
		{"no login", header + "A,a@b.c,,,,linux:host:\n", `p.csv, line 2: principals: "linux:host:" names nobody.`},
		{"no host", header + "A,a@b.c,,,,linux::bob\n", `p.csv, line 2: principals: "linux::bob" names nobody.`},
		{"md5", header + "A,a@b.c,,,,sshkey:MD5:aa:bb\n", `p.csv, line 2: principals: "sshkey:MD5:aa:bb" is not a key fingerprint like sshkey:SHA256:… with 43 characters.`},
		{"latin1", header + "A,a@b.c,,,,\nJ\xf6rg,j@b.c,,,,\n", "p.csv, line 3: the text is not UTF-8."},
	} {
		t.Run(c.name, func(t *testing.T) {
			people, err := roster.ReadPeople(strings.NewReader(c.text), "p.csv")
			wantFault(t, err, c.want)
			if people != nil {
				t.Errorf("and yet it gives %v", people)
			}
		})
	}
}

func wantFault(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil {
		t.Fatalf("accepted; want %q", want)
	}
	if fault.KindOf(err) != fault.Invalid || fault.Message(err) != want {
		t.Errorf("got  %q\nwant %q", fault.Message(err), want)
	}
}

func TestReadKeys(t *testing.T) {
	text, err := os.ReadFile("testdata/authorized_keys")
	if err != nil {
		t.Fatal(err)
	}
	keys, err := roster.ReadKeys(bytes.NewReader(text), "authorized_keys")
	if err != nil {
		t.Fatal(err)
	}
	// What ssh-keygen -l prints for these keys; a certificate has the name of the key in it.
	const ed, ec = "SHA256:bwhvXeJIEaUF/B4SFnIX9XiTzPWIXIRLYWIucUOXvng", "SHA256:9wiuZZQ1apTrvNd3BdHisOriMA/jBYmP+XVlo2AAW4k"
	const rsa, ca = "SHA256:U1F5c/o79rpVQXGIU7mxBnazl3MEjwpoZGpIX81xYow", "SHA256:grECeYQTGT6qvF0ipODEdH+oRpEQe1a4uCza5oKapl4"
	want := []roster.Key{
		{Fingerprint: ed, Owner: "ed25519@example.com", Type: "ssh-ed25519"},
		{Fingerprint: ec, Owner: "ecdsa@example.com", Type: "ecdsa-sha2-nistp256"},
		{Fingerprint: rsa, Owner: "bob", Type: "ssh-rsa"},
		{Fingerprint: ed, Owner: "ed25519@example.com", Type: "ssh-ed25519-cert-v01@openssh.com"},
		{Fingerprint: ec, Owner: "ecdsa@example.com", Type: "ecdsa-sha2-nistp256-cert-v01@openssh.com"},
		{Fingerprint: rsa, Owner: "rsa@example.com", Type: "ssh-rsa-cert-v01@openssh.com"},
		{Fingerprint: ca, Owner: "", Type: "ssh-ed25519"},
	}
	if !slices.Equal(keys, want) {
		t.Errorf("got %+v", keys)
	}
}

func TestReadKeysOfTheRecording(t *testing.T) {
	file, err := os.Open("../../seed/recordings/real-host/authorized_keys")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	keys, err := roster.ReadKeys(file, "authorized_keys")
	if err != nil {
		t.Fatal(err)
	}
	printed, err := os.ReadFile("../../seed/recordings/real-host/fingerprints.txt")
	if err != nil {
		t.Fatal(err)
	}
	if len(keys) != 4 {
		t.Errorf("%d keys", len(keys))
	}
	for _, k := range keys {
		if !strings.Contains(string(printed), " "+k.Fingerprint+" "+k.Owner+" ") {
			t.Errorf("ssh-keygen does not know %s of %s", k.Fingerprint, k.Owner)
		}
	}
}

func TestReadKeysSaysWhatIsWrong(t *testing.T) {
	const blob = "AAAAC3NzaC1lZDI1NTE5AAAAIOpQnXnlHbGtfNfgJpc+IcK4OZMSWktir9+kvQp9At3F"
	for _, c := range []struct{ name, text, want string }{
		{"empty", "# nothing\n\n", "keys holds no key."},
		{"no key", "\nhello\n", "keys, line 2: the line is no key: it has neither a key type nor options before one."},
		{"unknown type", "ssh-foo " + blob + " alice\n", `keys, line 1: unknown key type "ssh-foo".`},
		{"ssh1", "1024 65537 1234 alice\n", `keys, line 1: unknown key type "65537".`},
		{"only a type", "ssh-ed25519\n", `keys, line 1: there is no key after its type "ssh-ed25519".`},
		{"not base64", "ssh-ed25519 AAAA!C3 alice\n", "keys, line 1: the key is not base64."},
		{"other type", "ssh-rsa " + blob + " alice\n", `keys, line 1: the line says "ssh-rsa" but the key in it is of another type.`},
		{"cut short", "ssh-ed25519 " + blob[:40] + " alice\n", "keys, line 1: the key is cut short."},
		{"too long", "ssh-ed25519 " + blob + "AAAA alice\n", "keys, line 1: the key has something after its end."},
		{"private", "-----BEGIN OPENSSH PRIVATE KEY-----\n", `keys, line 1: unknown key type "OPENSSH".`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := roster.ReadKeys(strings.NewReader(c.text), "keys")
			wantFault(t, err, c.want)
		})
	}
}

func FuzzReadKeys(f *testing.F) {
	f.Add("restrict ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOpQnXnlHbGtfNfgJpc+IcK4OZMSWktir9+kvQp9At3F a@b.c")
	f.Fuzz(func(t *testing.T, text string) {
		keys, err := roster.ReadKeys(strings.NewReader(text), "keys")
		if err == nil && len(keys) == 0 {
			t.Error("no key and no error")
		}
	})
}
