package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"logreeve/app/outbound"
	"logreeve/connectors/search"
	"logreeve/reports/roster"
)

// Server is everything `logreeve serve` is told. LoadServer makes it.
type Server struct {
	Listen         string         // HOST:PORT
	BaseURL        string         // what people and mails see, without a slash at the end
	TLS            TLS            // zero: plain HTTP
	TrustedProxies []netip.Prefix // whose forwarded addresses are believed
	DataDir        string         // evidence packages, keys, the embedded database
	Database       Secret         // "sqlite:PATH" or "postgres://…"
	Organisation   Organisation   // used when the database is empty
	Session        Session
	SourceRoots    []string        // folders below which file sources may lie; none: no file source
	SourceHosts    []outbound.Host // where search stores may be asked; none: no search store
	// Profiles are how documents of search stores are read, before the presets.
	Profiles []search.Profile
}

// TLS names the files of the server's certificate chain and its private key, in PEM.
type TLS struct{ CertFile, KeyFile string }

// Organisation is what a new installation begins with.
type Organisation struct {
	Name     string
	TimeZone string // an IANA name, for schedules and display
}

// Session limits how long a sign-in lasts.
type Session struct {
	Idle     time.Duration // without a request
	Absolute time.Duration // since signing in
}

// Setting is one setting, for the documentation and for reading it.
type Setting struct {
	Key     string // as in the YAML file, parts joined by "."
	Default string // as written in the file
	Doc     string // one sentence
	List    bool   // a list in the file, comma separated in the environment
	Secret  bool   // can also be given as a file: KEY_file, ENV_FILE

	set func(*Server, []string) error
}

// Env is the environment variable that wins over the file.
func (s Setting) Env() string {
	return "LOGREEVE_" + strings.ToUpper(strings.ReplaceAll(s.Key, ".", "_"))
}

// Settings lists every setting of the server, in the order of the example file.
func Settings() []Setting {
	return []Setting{
		{
			Key: "listen", Default: "127.0.0.1:8080", Doc: "Address and port on which pages and the API are served.",
			set: one(func(s *Server, v string) error { s.Listen = v; return listenAddress(v) }),
		},
		{
			Key: "base_url", Default: "", Doc: "Address under which people reach the server; needed when it listens on more than this machine.",
			set: one(func(s *Server, v string) error { s.BaseURL = strings.TrimRight(v, "/"); return baseURL(v) }),
		},
		{
			Key: "tls.cert_file", Default: "", Doc: "Certificate chain in PEM; without one a proxy in front has to end TLS.",
			set: one(func(s *Server, v string) error { s.TLS.CertFile = v; return nil }),
		},
		{
			Key: "tls.key_file", Default: "", Doc: "Private key of the certificate in PEM.",
			set: one(func(s *Server, v string) error { s.TLS.KeyFile = v; return nil }),
		},
		{
			Key: "trusted_proxies", List: true, Default: "", Doc: "Networks of proxies whose forwarded client addresses are believed.",
			set: func(s *Server, values []string) error {
				s.TrustedProxies = nil
				for _, v := range values {
					network, err := roster.ParseNetwork(v)
					if err != nil {
						return err
					}
					s.TrustedProxies = append(s.TrustedProxies, network)
				}
				return nil
			},
		},
		{
			Key: "data_dir", Default: "logreeve-data", Doc: "Folder of evidence packages, signing keys and the embedded database.",
			set: one(func(s *Server, v string) error { s.DataDir = filepath.Clean(v); return nil }),
		},
		{
			Key: "database", Secret: true, Default: "", Doc: "sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME; without one, an embedded database in data_dir.",
			set: one(func(s *Server, v string) error { s.Database = NewSecret(v); return databaseAddress(v) }),
		},
		{
			Key: "organisation.name", Default: "My organisation", Doc: "Name of the organisation of a new installation.",
			set: one(func(s *Server, v string) error { s.Organisation.Name = v; return nil }),
		},
		{
			Key: "organisation.time_zone", Default: "UTC", Doc: "Time zone of schedules and pages of a new installation, like Europe/Berlin.",
			set: one(func(s *Server, v string) error { s.Organisation.TimeZone = v; return timeZone(v) }),
		},
		{
			Key: "session.idle", Default: "30m", Doc: "A sign-in ends after this time without a request.",
			set: one(func(s *Server, v string) error { return duration(&s.Session.Idle, v) }),
		},
		{
			Key: "session.absolute", Default: "12h", Doc: "A sign-in ends after this time in any case.",
			set: one(func(s *Server, v string) error { return duration(&s.Session.Absolute, v) }),
		},
		{
			Key: "sources.roots", List: true, Default: "", Doc: "Folders below which log files may be read; without one, no file source can be made.",
			set: func(s *Server, values []string) error {
				s.SourceRoots = nil
				for _, v := range values {
					if !filepath.IsAbs(v) {
						return fmt.Errorf("%q is not an absolute path", v)
					}
					if v = filepath.Clean(v); !slices.Contains(s.SourceRoots, v) {
						s.SourceRoots = append(s.SourceRoots, v)
					}
				}
				return nil
			},
		},
		{
			Key: "sources.allow_hosts", List: true, Default: "", Doc: "Hosts and networks of search stores that may be asked, like search.example.com:9200; without one, no store can be connected.",
			set: func(s *Server, values []string) error {
				s.SourceHosts = nil
				for _, v := range values {
					host, err := outbound.ParseHost(v)
					if err != nil {
						return err
					}
					s.SourceHosts = append(s.SourceHosts, host)
				}
				return nil
			},
		},
	}
}

// one is for settings with a single value.
func one(set func(*Server, string) error) func(*Server, []string) error {
	return func(s *Server, values []string) error {
		if len(values) != 1 {
			return fmt.Errorf("there is not one value")
		}
		return set(s, values[0])
	}
}

// Validate says, in sentences, everything that is wrong between settings. What
// is wrong with a single one is said while it is read.
func (s *Server) Validate() []string {
	var wrong []string
	report := func(bad bool, format string, args ...any) {
		if bad {
			wrong = append(wrong, fmt.Sprintf(format, args...))
		}
	}
	report((s.TLS.CertFile == "") != (s.TLS.KeyFile == ""), "tls.cert_file and tls.key_file belong together; one is missing.")
	report(s.DataDir == "", "data_dir is missing.")
	report(s.Organisation.Name == "", "organisation.name is missing.")
	report(s.Session.Idle < time.Minute, "session.idle is under a minute; nobody can work.")
	report(s.Session.Absolute < s.Session.Idle, "session.absolute is shorter than session.idle.")
	report(s.BaseURL == "", "base_url is missing: the server listens on %s, and does not know under which address people reach it.", s.Listen)
	u, err := url.Parse(s.BaseURL)
	report(err == nil && u.Scheme == "http" && !loopback(u.Hostname()),
		"base_url is %s: passwords and sessions travel in the clear. Use https, with tls.cert_file or a proxy in front.", s.BaseURL)
	return wrong
}

// complete fills in what follows from other settings.
func (s *Server) complete() {
	host, _, err := net.SplitHostPort(s.Listen)
	if s.BaseURL == "" && err == nil && loopback(host) {
		scheme := "http"
		if s.TLS.CertFile != "" {
			scheme = "https"
		}
		s.BaseURL = scheme + "://" + s.Listen
	}
	if !s.Database.Set() && s.DataDir != "" {
		s.Database = NewSecret("sqlite:" + filepath.Join(s.DataDir, "logreeve.db"))
	}
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback()
}

func listenAddress(v string) error {
	_, port, err := net.SplitHostPort(v)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return fmt.Errorf("%q is not an address with a port like 127.0.0.1:8080", v)
	}
	return nil
}

func baseURL(v string) error {
	if v == "" {
		return nil
	}
	u, err := url.Parse(v)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil ||
		strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("%q is not an address like https://logreeve.example.com, without a path", v)
	}
	return nil
}

// databaseAddress does not repeat the value, which may hold a password.
func databaseAddress(v string) error {
	if path, ok := strings.CutPrefix(v, "sqlite:"); v == "" || ok && path != "" {
		return nil
	}
	if u, err := url.Parse(v); err == nil && (u.Scheme == "postgres" || u.Scheme == "postgresql") && u.Host != "" {
		return nil
	}
	return fmt.Errorf("the value is neither sqlite:PATH nor postgres://USER:PASSWORD@HOST/NAME")
}

func timeZone(v string) error {
	if _, err := time.LoadLocation(v); err != nil || v == "" || v == "Local" {
		return fmt.Errorf("%q is not a time zone like Europe/Berlin", v)
	}
	return nil
}

func duration(to *time.Duration, v string) error {
	d, err := time.ParseDuration(v)
	if err != nil || d <= 0 {
		return fmt.Errorf("%q is not a time like 30m or 12h", v)
	}
	*to = d
	return nil
}
