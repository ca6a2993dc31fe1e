package config

import (
	"fmt"
	"os"
	"strings"

	"go.yaml.in/yaml/v3"

	"logreeve/app/fault"
)

// Lookup finds an environment variable, as os.LookupEnv does.
type Lookup func(name string) (value string, found bool)

// LoadServer reads the settings of `logreeve serve`: defaults, over them the
// file (none when path is empty), over it LOGREEVE_* variables. A secret can
// stand in a file of its own, named by KEY_file or by ENV_FILE. An unknown key
// is wrong; an unknown variable is not, since container platforms set such
// variables by themselves. Everything wrong is said at once, in one
// fault.Invalid with a sentence a line; a file that is not there is
// fault.NotFound. Nothing is opened but the files of settings and secrets.
func LoadServer(path string, env Lookup) (*Server, error) {
	l := &loader{server: &Server{}, env: env}
	for _, s := range Settings() {
		if s.Default != "" {
			l.set(s, s.Key, values(s, s.Default))
		}
	}
	if path != "" {
		if err := l.file(path); err != nil {
			return nil, err
		}
	}
	l.environment()
	switch named, err := CommandProfiles(env); {
	case err != nil:
		l.wrong = append(l.wrong, fault.Message(err))
	case named != nil:
		l.server.Profiles = named
	}
	if len(l.wrong) == 0 {
		l.server.complete()
		l.wrong = l.server.Validate()
	}
	if len(l.wrong) > 0 {
		return nil, fault.New(fault.Invalid, "%s", strings.Join(l.wrong, "\n"))
	}
	return l.server, nil
}

type loader struct {
	server *Server
	env    Lookup
	wrong  []string
}

// set applies values to a setting; where says what the user wrote.
func (l *loader) set(s Setting, where string, values []string) {
	if err := s.set(l.server, values); err != nil {
		l.wrong = append(l.wrong, where+": "+err.Error()+".")
	}
}

// values splits the text of a variable.
func values(s Setting, text string) []string {
	if !s.List {
		return []string{strings.TrimSpace(text)}
	}
	var all []string
	for v := range strings.SplitSeq(text, ",") {
		if v = strings.TrimSpace(v); v != "" {
			all = append(all, v)
		}
	}
	return all
}

func (l *loader) environment() {
	for _, s := range Settings() {
		text, found, err := l.variable(s)
		if err != nil {
			l.wrong = append(l.wrong, err.Error()+".")
		} else if found {
			l.set(s, s.Env(), values(s, text))
		}
	}
}

// variable finds the value of a setting in the environment, or of a secret in
// the file that the environment names.
func (l *loader) variable(s Setting) (text string, found bool, err error) {
	if s.Secret {
		return secretVariable(l.env, s.Env())
	}
	text, found = l.env(s.Env())
	return text, found && text != "", nil
}

// secretVariable finds a secret in NAME or in the file that NAME_FILE names.
func secretVariable(env Lookup, name string) (text string, found bool, err error) {
	text, _ = env(name)
	path, _ := env(name + "_FILE")
	switch {
	case text != "" && path != "":
		return "", false, fmt.Errorf("%s and %s_FILE are both set; one must go", name, name)
	case path != "":
		text, err = secretFile(path)
		if err != nil {
			return "", false, fmt.Errorf("%s_FILE: %w", name, err)
		}
	}
	return text, text != "", nil
}

// secretFile reads a secret without the line end that editors add.
func secretFile(path string) (string, error) {
	in, err := os.Open(path) //nolint:gosec // the file the operator named
	if err != nil {
		return "", fmt.Errorf("the file %s cannot be read", path)
	}
	defer in.Close()
	text, err := readFile(in, path)
	if err != nil {
		return "", fmt.Errorf("the file %s cannot be read", path)
	}
	secret := strings.TrimRight(string(text), "\r\n")
	if secret == "" {
		return "", fmt.Errorf("the file %s is empty", path)
	}
	return secret, nil
}

// file reads the YAML file.
func (l *loader) file(path string) error {
	in, err := os.Open(path) //nolint:gosec // as above
	if err != nil {
		return fault.Wrap(fault.NotFound, err, "The settings file %s cannot be opened.", path)
	}
	defer in.Close()
	text, err := readFile(in, path)
	if err != nil {
		return err
	}
	d, root, err := open(text, path)
	if err != nil {
		return err
	}
	f := fileSettings{document: d, loader: l, settings: map[string]Setting{}, groups: map[string]bool{}}
	for _, s := range Settings() {
		f.settings[s.Key] = s
		if group, _, nested := strings.Cut(s.Key, "."); nested {
			f.groups[group] = true
		}
	}
	f.read(root, "")
	for _, p := range d.problems {
		l.wrong = append(l.wrong, p.in(path))
	}
	return nil
}

// fileSettings walks the file: a group is a mapping, everything else a setting.
type fileSettings struct {
	*document
	loader   *loader
	settings map[string]Setting
	groups   map[string]bool
}

func (f *fileSettings) read(n *yaml.Node, group string) {
	what := "the file"
	if group != "" {
		what = group
	}
	given := map[string]bool{}
	for _, field := range f.fields(n, what, nil) {
		key := field.key
		if group != "" {
			key = group + "." + key
		}
		setting, known := f.settings[key]
		inFile := false
		if !known {
			setting, known = f.settings[strings.TrimSuffix(key, "_file")]
			inFile = known && setting.Secret && strings.HasSuffix(key, "_file")
			known = inFile
		}
		switch {
		case key == profilesKey:
			f.loader.server.Profiles = f.profiles(field.value)
			known = false // it is no setting
		case f.groups[key] && group == "":
			f.read(field.value, key)
		case !known:
			f.wrong(field.line, "unknown key %q", key)
		case given[setting.Key]:
			f.wrong(field.line, "%s and %s_file are both given; one must go", setting.Key, setting.Key)
		case empty(field.value):
		case inFile:
			f.secret(setting, field)
		default:
			f.value(setting, field)
		}
		given[setting.Key] = known
	}
}

func (f *fileSettings) secret(s Setting, at field) {
	before := len(f.problems)
	path := f.text(at.value, s.Key+"_file")
	if len(f.problems) > before {
		return
	}
	text, err := secretFile(path)
	if err != nil {
		f.wrong(at.line, "%s_file: %s", s.Key, err)
		return
	}
	f.apply(s, at.line, values(s, text))
}

func (f *fileSettings) value(s Setting, at field) {
	before := len(f.problems)
	var all []string
	if s.List {
		all = f.texts(at.value, s.Key)
	} else {
		all = []string{f.text(at.value, s.Key)}
	}
	if len(f.problems) == before {
		f.apply(s, at.line, all)
	}
}

func (f *fileSettings) apply(s Setting, line int, values []string) {
	if err := s.set(f.loader.server, values); err != nil {
		f.wrong(line, "%s: %s", s.Key, err)
	}
}

// Credentials are what a log store asks for (contract.md §1).
type Credentials struct {
	User                    string
	Password, APIKey, Token Secret
	CAFile                  string // certificates to trust, in PEM
}

// SourceCredentials finds the credentials of the source with a NAME in
// LOGREEVE_SOURCE_<NAME>_USER, _PASSWORD, _API_KEY, _TOKEN and _CA_FILE; each
// secret also as …_FILE. In variables the name is in capitals, and what is
// neither a letter nor a digit is "_". What is wrong is one fault.Invalid.
func SourceCredentials(name string, env Lookup) (Credentials, error) {
	prefix := "LOGREEVE_SOURCE_" + strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		}
		return '_'
	}, name)
	var c Credentials
	c.User, _ = env(prefix + "_USER")
	c.CAFile, _ = env(prefix + "_CA_FILE")
	for _, s := range []struct {
		to   *Secret
		name string
	}{{&c.Password, "_PASSWORD"}, {&c.APIKey, "_API_KEY"}, {&c.Token, "_TOKEN"}} {
		text, _, err := secretVariable(env, prefix+s.name)
		if err != nil {
			return Credentials{}, fault.New(fault.Invalid, "%s.", err)
		}
		*s.to = NewSecret(text)
	}
	return c, nil
}
