package authlog_test

import (
	"fmt"
	"hash/maphash"
	"strings"
	"testing"
	"time"

	"logreeve/connectors"
	"logreeve/connectors/authlog"
)

// stream runs lines through parser and assembler, in the year 2026.
func stream(t testing.TB, lines ...string) (out []*connectors.Event) {
	t.Helper()
	p, a := authlog.NewParser(maphash.MakeSeed()), authlog.NewAssembler()
	c := authlog.NewCalendar(nil, time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC), 0, nil)
	keep := func(e *connectors.Event) { out = append(out, e.Keep()) }
	for _, l := range lines {
		events, marks, err := p.Parse([]byte(l), connectors.Ref{}, c, nil, nil)
		if err != nil {
			t.Fatalf("%s: %v", l, err)
		}
		for i := range events {
			if a.Add(&events[i], marks[i], keep) {
				keep(&events[i])
			}
		}
	}
	a.Flush(keep)
	return out
}

const head = "Nov 20 09:01:38 h1 "

func TestMessages(t *testing.T) {
	for _, c := range []struct{ line, want string }{ // category verb outcome login effective credential address command object
		{"sshd[1]: Accepted publickey for bob from 10.0.0.1 port 22 ssh2: ED25519 SHA256:abc", "login publickey ok bob  SHA256:abc 10.0.0.1  "},
		{"sshd-session[1]: Accepted publickey for bob from 10.0.0.1 port 22 ssh2: RSA-CERT SHA256:abc ID bob from home (serial 7) CA RSA SHA256:x", "login publickey ok bob  bob from home 10.0.0.1  "},
		{"sshd[1]: Accepted keyboard-interactive/pam for bob from fe80::1 port 22 ssh2", "login keyboard-interactive/pam ok bob   fe80::1  "},
		{"sshd[1]: Failed password for invalid user root from 1.2.3.4 port 22 ssh2 from 9.9.9.9 port 4444 ssh2", "login password denied root from 1.2.3.4 port 22 ssh2   9.9.9.9  "},
		{"sshd[1]: Failed password for a b from 9.9.9.9 port 4444 ssh2", "login password denied a b   9.9.9.9  "},
		{"sshd[1]: Invalid user  from 9.9.9.9 port 1", "login  denied    9.9.9.9  "},
		{"sshd[1]: Invalid user x from 1.1.1.1 port 5 from 9.9.9.9", "login  denied x from 1.1.1.1 port 5   9.9.9.9  "},
		{"sshd[1]: Connection closed by authenticating user root 9.9.9.9 port 4 [preauth]", "login  denied root   9.9.9.9  "},
		{"sshd[1]: Connection reset by invalid user pi 9.9.9.9 port 4 [preauth]", "login  denied pi   9.9.9.9  "},
		{"sshd[1]: Disconnecting authenticating user root 9.9.9.9 port 4: Too many authentication failures [preauth]", "login  denied root   9.9.9.9  "},
		{"sshd[1]: Disconnected from user bob 9.9.9.9 port 4", "session closed unknown bob   9.9.9.9  "},
		{"sshd[1]: Postponed publickey for bob from 9.9.9.9 port 4 ssh2", "other publickey unknown    9.9.9.9  "},
		{"sshd[1]: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=9.9.9.9  user=bob", "other  unknown    9.9.9.9  "},
		{"sshd[1]: pam_unix(sshd:session): session opened for user bob(uid=1000) by (uid=0)", "session opened ok bob     "},
		{"sudo: pam_unix(sudo:session): session opened for user root(uid=0) by bob(uid=1000)", "session opened ok bob root    "},
		{"sudo:   bob : TTY=pts/0 ; PWD=/home/bob ; USER=root ; COMMAND=/bin/ls -l", "command sudo ok bob root   /bin/ls -l "},
		{"sudo: bob : PWD=/ ; USER=root ; COMMAND=/bin/db --password s3cret", "command sudo ok bob root   /bin/db --password ••• "},
		{"sudo: bob : user NOT in sudoers ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/ls", "command sudo denied bob root   /bin/ls "},
		{"sudo: bob : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/ls", "command sudo denied bob root   /bin/ls "},
		{"su[1]: (to root) bob on pts/0", "command su ok bob root    "},
		{"su[1]: FAILED SU (to root) bob on pts/0", "command su denied bob root    "},
		{"useradd[1]: new user: name=eve, UID=1001, GID=1001, home=/home/eve, shell=/bin/sh, from=none", "account create ok      user eve"},
		{"useradd[1]: new group: name=eve, GID=1001", "account create ok      group eve"},
		{"userdel[1]: delete user 'eve'", "account delete ok      user eve"},
		{"usermod[1]: add 'eve' to group 'sudo'", "account modify ok      user eve"},
		{"passwd[1]: pam_unix(passwd:chauthtok): password changed for eve", "account modify ok      user eve"},
		{"gpasswd[1]: user eve added by root to group sudo", "account modify ok root     user eve"},
		{"CRON[1]: (root) CMD (  run-parts /etc/cron.hourly)", "command cron ok root    run-parts /etc/cron.hourly "},
		{"CRON[1]: pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)", "session opened ok root     "},
		{"systemd-logind[1]: New session 5 of user bob.", "session opened ok bob     "},
		{"login[1]: FAILED LOGIN (1) on '/dev/tty1' FOR 'bob', Authentication failure", "login console denied bob     "},
		{"polkitd[1]: Loading rules", "other  unknown      "},
	} {
		e := stream(t, head+c.line)[0]
		object := strings.TrimSpace(e.Object.Resource + " " + e.Name())
		got := fmt.Sprintf("%s %s %s %s %s %s %s %s %s", e.Category, e.Verb, e.Outcome, e.Login, e.Effective, e.Credential, strings.Join(e.Addresses, ","), e.Command(), object)
		if got != c.want {
			t.Errorf("%s\n gives %q,\n  want %q", c.line, got, c.want)
		}
		_, want, _ := strings.Cut(c.line, ": ")
		if e.Message() != want || e.Host != "h1" || e.Time.String() != "2026-11-20T09:01:38.000000Z" {
			t.Errorf("%s: message %q host %q time %s", c.line, e.Message(), e.Host, e.Time)
		}
		if e.Outcome == connectors.Denied && e.Category == connectors.CategoryLogin && e.ActorKind != connectors.Unauthenticated {
			t.Errorf("%s: actor kind %s", c.line, e.ActorKind)
		}
		if strings.HasPrefix(c.line, "CRON") && e.ActorKind != connectors.SystemActor {
			t.Errorf("%s: actor kind %s", c.line, e.ActorKind)
		}
	}
}

// TestOneAttemptIsOneLogin counts the login events of sequences of lines.
func TestOneAttemptIsOneLogin(t *testing.T) {
	const (
		invalid  = "sshd[7]: Invalid user pi from 9.9.9.9 port 4"
		failedPi = "sshd[7]: Failed password for invalid user pi from 9.9.9.9 port 4 ssh2"
		failed   = "sshd[7]: Failed password for root from 9.9.9.9 port 4 ssh2"
		limited  = "sshd[7]: error: maximum authentication attempts exceeded for root from 9.9.9.9 port 4 ssh2 [preauth]"
		tooMany  = "sshd[7]: Disconnecting authenticating user root 9.9.9.9 port 4: Too many authentication failures [preauth]"
		closed   = "sshd[7]: Connection closed by authenticating user root 9.9.9.9 port 4 [preauth]"
		closedPi = "sshd[7]: Connection closed by invalid user pi 9.9.9.9 port 4 [preauth]"
		bare     = "sshd[7]: Connection closed by 9.9.9.9 port 4 [preauth]"
		accepted = "sshd[7]: Accepted password for root from 9.9.9.9 port 4 ssh2"
	)
	for name, c := range map[string]struct {
		lines  []string
		logins int
	}{
		"only closed":                {[]string{closed}, 1},
		"failed, closed":             {[]string{failed, closed}, 1},
		"failed thrice":              {[]string{failed, failed, failed, limited, tooMany}, 3},
		"keys until the limit":       {[]string{limited, tooMany}, 1},
		"invalid, closed":            {[]string{invalid, closedPi}, 1},
		"invalid, failed, closed":    {[]string{invalid, failedPi, failedPi, closedPi}, 2},
		"invalid and nothing":        {[]string{invalid}, 1},
		"invalid, bare end":          {[]string{invalid, bare}, 1},
		"the pid is used again":      {[]string{closed, closed}, 2},
		"failed, then let in":        {[]string{failed, accepted}, 2},
		"nobody tried":               {[]string{bare}, 0},
		"another host":               {[]string{failed, strings.Replace(closed, "sshd[7]", "sshd[8]", 1)}, 2},
		"repeated":                   {[]string{"sshd[7]: message repeated 3 times: [ Failed password for root from 9.9.9.9 port 4 ssh2]", closed}, 3},
		"not really repeated":        {[]string{"sshd[7]: message repeated x times: [ Failed]"}, 0},
		"invalid long before an end": {[]string{invalid, strings.Replace(invalid, "[7]", "[9]", 1)}, 2},
	} {
		var lines []string
		for _, l := range c.lines {
			lines = append(lines, head+l)
		}
		out := stream(t, lines...)
		logins, keys := 0, map[string]bool{}
		for _, e := range out {
			if e.Category == connectors.CategoryLogin {
				logins++
			} else if e.Outcome == connectors.Denied {
				t.Errorf("%s: %s is denied and no login", name, e.Message())
			}
			keys[e.Key()] = true
		}
		if logins != c.logins {
			t.Errorf("%s: %d logins, want %d", name, logins, c.logins)
		}
		if len(keys) != len(out) {
			t.Errorf("%s: %d events have %d keys", name, len(out), len(keys))
		}
	}
}

func TestStamps(t *testing.T) {
	for line, want := range map[string]string{
		"Nov  3 09:01:38 h p: m":                     "2026-11-03T09:01:38.000000Z",
		"Nov 3 09:01:38 h p: m":                      "2026-11-03T09:01:38.000000Z",
		"<38>Nov 20 09:01:38 h p: m":                 "2026-11-20T09:01:38.000000Z",
		"Feb 29 09:01:38 h p: m":                     "2024-02-29T09:01:38.000000Z",
		"2025-11-20T09:01:38.123456+02:00 h p[3]: m": "2025-11-20T07:01:38.123456Z",
		"2025-11-20T09:01:38Z h sshd-session[3]: m":  "2025-11-20T09:01:38.000000Z",
	} {
		if got := stream(t, line)[0].Time.String(); got != want {
			t.Errorf("%s is at %s, want %s", line, got, want)
		}
	}
	p := authlog.NewParser(maphash.MakeSeed())
	c := authlog.NewCalendar(nil, time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC), 0, nil)
	for _, line := range []string{"", "x", "Nov 32 09:01:38 h p: m", "Nov 20 25:01:38 h p: m", "Nov 20 09:01:38 h", "Nov 20 09:01:38 h no colon", "Foo 20 09:01:38 h p: m", "Nov 20 09:01:38 h p: \x00"} {
		if events, _, err := p.Parse([]byte(line), connectors.Ref{}, c, nil, nil); err == nil {
			t.Errorf("%q is read as %+v", line, events)
		}
	}
}

// TestKeysDoNotDependOnTheYear reads the same line in two years, and as a
// pipeline has taken it apart.
func TestKeysDoNotDependOnTheYear(t *testing.T) {
	line := head + "sshd[1]: Accepted publickey for bob from 10.0.0.1 port 22 ssh2: ED25519 SHA256:abc"
	p := authlog.NewParser(maphash.MakeSeed())
	keys := map[string]bool{}
	for _, year := range []int{2024, 2026} {
		c := authlog.NewCalendar(nil, time.Time{}, year, nil)
		events, _, err := p.Parse([]byte(line), connectors.Ref{}, c, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		keys[events[0].Key()] = true
	}
	message := strings.TrimPrefix(line, head+"sshd[1]: ")
	at := time.Date(2026, 11, 20, 9, 1, 38, 0, time.UTC)
	for _, parts := range []authlog.Parts{
		{Time: at, Host: "h1", Program: "sshd", PID: "1", Message: message},
		{Time: at, Program: "20", Message: "01:38 h1 sshd[1]: " + message},
	} {
		var e connectors.Event
		e.SetRaw([]byte("{}"), connectors.Ref{})
		if _, err := p.ParseParts(parts, &e); err != nil {
			t.Fatal(err)
		}
		if e.Login != "bob" || e.Message() != message {
			t.Errorf("%+v gives login %q, message %q", parts, e.Login, e.Message())
		}
		keys[e.Key()] = true
	}
	if len(keys) != 1 {
		t.Errorf("%d keys for one event", len(keys))
	}
}

func FuzzParse(f *testing.F) {
	f.Add(head + "sshd[1]: Failed password for invalid user root from 1.2.3.4 port 22 ssh2")
	f.Add("2025-11-20T09:01:38Z h sudo: a : USER= ; COMMAND=")
	f.Add(head + "su[1]: (to ")
	f.Fuzz(func(t *testing.T, line string) {
		p := authlog.NewParser(maphash.MakeSeed())
		c := authlog.NewCalendar([]byte(line), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), 0, nil)
		events, marks, err := p.Parse([]byte(line), connectors.Ref{}, c, nil, nil)
		if (err == nil) != (len(events) > 0) || len(events) != len(marks) {
			t.Errorf("%d events, %d marks, error %v", len(events), len(marks), err)
		}
		if len(events) > 0 {
			_ = events[0].Record(connectors.TicketRule{})
			_ = connectors.Redact(&events[0])
		}
	})
}
