package config_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"logreeve/app/config"
	"logreeve/app/fault"
)

func environment(pairs ...string) config.Lookup {
	return func(name string) (string, bool) {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1], true
			}
		}
		return "", false
	}
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func load(t *testing.T, text string, env ...string) *config.Server {
	t.Helper()
	s, err := config.LoadServer(write(t, "c.yaml", text), environment(env...))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestDefaults(t *testing.T) {
	s, err := config.LoadServer("", environment())
	if err != nil {
		t.Fatal(err)
	}
	want := &config.Server{
		Listen: "127.0.0.1:8080", BaseURL: "http://127.0.0.1:8080", DataDir: "logreeve-data",
		Database:     config.NewSecret("sqlite:logreeve-data/logreeve.db"),
		Organisation: config.Organisation{Name: "My organisation", TimeZone: "UTC"},
		Session:      config.Session{Idle: 30 * time.Minute, Absolute: 12 * time.Hour},
	}
	if !reflect.DeepEqual(s, want) {
		t.Errorf("got %+v", s)
	}
	if empty := load(t, ""); !reflect.DeepEqual(empty, want) {
		t.Errorf("an empty file changes settings: %+v", empty)
	}
}

func TestFileAndEnvironment(t *testing.T) {
	text := "listen: 0.0.0.0:443\nbase_url: https://logreeve.example.com/\ntls: {cert_file: a.crt, key_file: a.key}\n" +
		"trusted_proxies: [10.0.0.0/24, 192.0.2.7]\ndatabase: postgres://u:p@db/logreeve\nsession:\n  idle: 10m\nsources:\n  roots: [/srv/logs/, /srv/logs, /srv/more]\n  allow_hosts: [Search.Example.com:9200, 10.20.0.0/16]\n"
	s := load(t, text)
	if s.BaseURL != "https://logreeve.example.com" || s.TLS != (config.TLS{CertFile: "a.crt", KeyFile: "a.key"}) || s.Session.Idle != 10*time.Minute || s.Session.Absolute != 12*time.Hour {
		t.Errorf("got %+v", s)
	}
	if fmt.Sprint(s.TrustedProxies) != "[10.0.0.0/24 192.0.2.7/32]" || fmt.Sprint(s.SourceRoots) != "[/srv/logs /srv/more]" {
		t.Errorf("got %v %v", s.TrustedProxies, s.SourceRoots)
	}
	if fmt.Sprint(s.SourceHosts) != "[search.example.com:9200 10.20.0.0/16]" {
		t.Errorf("got %v", s.SourceHosts)
	}
	if s.Database.Reveal() != "postgres://u:p@db/logreeve" {
		t.Error("the database is another")
	}
	s = load(t, text, "LOGREEVE_SESSION_IDLE", "5m", "LOGREEVE_SOURCES_ROOTS", "/a, /b,", "LOGREEVE_TRUSTED_PROXIES", "2001:db8::/32",
		"LOGREEVE_LISTEN", "", "LOGREEVE_SERVICE_HOST", "10.9.8.7")
	if s.Session.Idle != 5*time.Minute || fmt.Sprint(s.SourceRoots) != "[/a /b]" || fmt.Sprint(s.TrustedProxies) != "[2001:db8::/32]" || s.Listen != "0.0.0.0:443" {
		t.Errorf("the environment gives %+v", s)
	}
}

func TestSecretFiles(t *testing.T) {
	const dsn = "postgres://u:p@db/logreeve"
	secret := write(t, "dsn", dsn+"\n")
	for name, s := range map[string]*config.Server{
		"file":                  load(t, "database_file: "+secret+"\n"),
		"environment":           load(t, "database: sqlite:x.db\n", "LOGREEVE_DATABASE_FILE", secret),
		"environment, directly": load(t, "database_file: "+secret+"\n", "LOGREEVE_DATABASE", dsn),
	} {
		if s.Database.Reveal() != dsn {
			t.Errorf("%s: another database", name)
		}
	}
}

func TestServerSaysEverythingThatIsWrong(t *testing.T) {
	empty := write(t, "empty", "\n")
	for _, c := range []struct {
		name, text string
		env        []string
		want       string
	}{
		{"several", "listn: x\nlisten: here\nsession: {idle: soon}\nsources: {roots: [logs]}\ntls: {cert: x}\n", nil,
			"@, line 1: unknown key \"listn\".\n@, line 2: listen: \"here\" is not an address with a port like 127.0.0.1:8080.\n" +
				"@, line 3: session.idle: \"soon\" is not a time like 30m or 12h.\n@, line 4: sources.roots: \"logs\" is not an absolute path.\n" +
				"@, line 5: unknown key \"tls.cert\"."},
		{"between settings", "tls: {key_file: x}\nsession: {idle: 30s, absolute: 10s}\norganisation: {name: \"\"}\n", nil,
			"tls.cert_file and tls.key_file belong together; one is missing.\norganisation.name is missing.\nsession.idle is under a minute; nobody can work.\n" +
				"session.absolute is shorter than session.idle."},
		{"no base URL", "listen: :8080\n", nil, "base_url is missing: the server listens on :8080, and does not know under which address people reach it."},
		{"in the clear", "listen: :8080\nbase_url: http://logreeve.example.com\n", nil,
			"base_url is http://logreeve.example.com: passwords and sessions travel in the clear. Use https, with tls.cert_file or a proxy in front."},
		{"base URL", "base_url: https://example.com/logreeve\n", nil, `@, line 1: base_url: "https://example.com/logreeve" is not an address like https://logreeve.example.com, without a path.`},
		{"hosts", "sources: {allow_hosts: [https://search.example.com]}\n", nil, `@, line 1: sources.allow_hosts: "https://search.example.com" does not end in a port between 1 and 65535.`},
		{"metadata", "sources: {allow_hosts: [169.254.169.254]}\n", nil, `@, line 1: sources.allow_hosts: "169.254.169.254" is an address that is never asked: link-local, metadata of a cloud, multicast or a tunnel.`},
		{"proxies", "trusted_proxies: [10.0.0.1/8]\n", nil, `@, line 1: trusted_proxies: "10.0.0.1/8" has bits beyond its length; the network is 10.0.0.0/8.`},
		{"time zone", "organisation: {time_zone: Mars/Base}\n", nil, `@, line 1: organisation.time_zone: "Mars/Base" is not a time zone like Europe/Berlin.`},
		{"database", "database: mysql://root:hunter2@db\n", nil, "@, line 1: database: the value is neither sqlite:PATH nor postgres://USER:PASSWORD@HOST/NAME."},
		{"database twice", "database: sqlite:x\ndatabase_file: y\n", nil, "@, line 2: database and database_file are both given; one must go."},
		{"not a secret", "listen_file: x\n", nil, `@, line 1: unknown key "listen_file".`},
		{"no secret file", "database_file: /nowhere/dsn\n", nil, "@, line 1: database_file: the file /nowhere/dsn cannot be read."},
		{"empty secret file", "database_file: " + empty + "\n", nil, "@, line 1: database_file: the file " + empty + " is empty."},
		{"group", "session: 12h\n", nil, "@, line 1: session is not a mapping of keys to values."},
		{"key twice", "listen: :1\nlisten: :2\n", nil, `@, line 2: the key "listen" of the file is there twice.` + "\n"},
		{"environment", "", []string{"LOGREEVE_LISTEN", "x", "LOGREEVE_DATABASE", "a", "LOGREEVE_DATABASE_FILE", "b"},
			"LOGREEVE_LISTEN: \"x\" is not an address with a port like 127.0.0.1:8080.\nLOGREEVE_DATABASE and LOGREEVE_DATABASE_FILE are both set; one must go."},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := write(t, "c.yaml", c.text)
			_, err := config.LoadServer(path, environment(c.env...))
			wantFault(t, err, strings.TrimSuffix(strings.ReplaceAll(c.want, "@,", path+","), "\n"))
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Error("the error shows a password")
			}
		})
	}
	_, err := config.LoadServer(filepath.Join(t.TempDir(), "no.yaml"), environment())
	if fault.KindOf(err) != fault.NotFound {
		t.Errorf("a missing file is %v", err)
	}
}

func TestSecretNeverShowsItself(t *testing.T) {
	const value = "canary-5f1c"
	type holder struct {
		Secret  config.Secret
		Pointer *config.Secret
	}
	s := config.NewSecret(value)
	h := holder{s, &s}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&out, verb+verb+verb+"\n", s, &s, h)
	}
	b, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	out.Write(b)
	for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(handler).Info("x", "secret", s, "holder", h, "pointer", &s)
	}
	if strings.Contains(out.String(), value) || strings.Contains(out.String(), fmt.Sprintf("%x", value)) {
		t.Errorf("it shows itself:\n%s", out.String())
	}
	if !strings.Contains(out.String(), "•••") || s.Reveal() != value || !s.Set() || (config.Secret{}).Set() || (config.Secret{}).String() != "" {
		t.Error("a secret is not shown as one, or lost")
	}
}

func TestExampleFile(t *testing.T) {
	const path = "../../docs/config.example.yaml"
	s, err := config.LoadServer(path, environment())
	if err != nil {
		t.Fatal(err)
	}
	if s.Organisation.TimeZone != "Europe/Berlin" || s.BaseURL != "http://127.0.0.1:8080" {
		t.Errorf("got %+v", s)
	}
	text, err := io.ReadAll(open(t, path))
	if err != nil {
		t.Fatal(err)
	}
	for _, setting := range config.Settings() {
		key := setting.Key[strings.LastIndexByte(setting.Key, '.')+1:]
		if !strings.Contains(string(text), key+":") {
			t.Errorf("the example does not show %s", setting.Key)
		}
		if !strings.HasSuffix(setting.Doc, ".") {
			t.Errorf("%s is not documented", setting.Key)
		}
	}
}

func TestSettingsHaveNamesOfTheirOwn(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range config.Settings() {
		names := []string{s.Env()}
		if s.Secret {
			names = append(names, s.Env()+"_FILE")
		}
		for _, n := range names {
			if seen[n] {
				t.Errorf("%s stands for two settings", n)
			}
			seen[n] = true
			if strings.HasPrefix(n, "LOGREEVE_SOURCE_") {
				t.Errorf("%s looks like a source's", n)
			}
		}
	}
}

func TestSourceCredentials(t *testing.T) {
	token := write(t, "token", "t-1\n")
	c, err := config.SourceCredentials("prod-eu.1", environment("LOGREEVE_SOURCE_PROD_EU_1_USER", "reader", "LOGREEVE_SOURCE_PROD_EU_1_PASSWORD", "pw",
		"LOGREEVE_SOURCE_PROD_EU_1_TOKEN_FILE", token, "LOGREEVE_SOURCE_PROD_EU_1_CA_FILE", "ca.pem", "LOGREEVE_SOURCE_OTHER_API_KEY", "no"))
	if err != nil {
		t.Fatal(err)
	}
	want := config.Credentials{User: "reader", Password: config.NewSecret("pw"), Token: config.NewSecret("t-1"), CAFile: "ca.pem"}
	if c != want {
		t.Errorf("got %+v", c)
	}
	_, err = config.SourceCredentials("a", environment("LOGREEVE_SOURCE_A_TOKEN_FILE", "/nowhere/token"))
	wantFault(t, err, "LOGREEVE_SOURCE_A_TOKEN_FILE: the file /nowhere/token cannot be read.")
}
