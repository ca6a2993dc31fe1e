package config

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"logreeve/app/fault"
	"logreeve/connectors"
	"logreeve/connectors/search"
)

// profilesKey is where profiles of the operator's own stand in the settings file.
const profilesKey = "profiles"

// profilesVariable names a file of profiles: for commands, which read no settings,
// and instead of those in the settings of a server.
const profilesVariable = "LOGREEVE_PROFILES_FILE"

// profileKeys are what a profile says, as in the table of docs/stores.md.
var profileKeys = [...]string{
	"name", "kind", "time", "lag", "root", "wrapped", "underscores", "cluster", "host", "program", "pid", "message",
}

var (
	profileName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$`)
	// fieldPath is what may stand in the address of a request as it is.
	fieldPath = regexp.MustCompile(`^[A-Za-z0-9_@/.:-]{1,200}$`)
)

// CommandProfiles are the profiles in the file that LOGREEVE_PROFILES_FILE names,
// none without one. The file holds `profiles:`, and may be the settings file of
// the server. What is wrong is one fault.Invalid with a sentence a line.
func CommandProfiles(env Lookup) ([]search.Profile, error) {
	path, _ := env(profilesVariable)
	if path == "" {
		return nil, nil
	}
	in, err := os.Open(path) //nolint:gosec // the file the operator named
	if err != nil {
		return nil, fault.Wrap(fault.NotFound, err, "The file of profiles %s, named by %s, cannot be opened.", path, profilesVariable)
	}
	defer in.Close()
	text, err := readFile(in, path)
	if err != nil {
		return nil, err
	}
	d, root, err := open(text, path)
	if err != nil {
		return nil, err
	}
	var profiles []search.Profile
	found := false
	for _, f := range d.fields(root, "the file", nil) {
		if f.key == profilesKey {
			found = true
			profiles = d.profiles(f.value)
		}
	}
	if !found {
		d.wrong(0, "there is no %q in it", profilesKey)
	}
	var wrong []string
	for _, p := range d.problems {
		wrong = append(wrong, p.in(path))
	}
	if len(wrong) > 0 {
		return nil, fault.New(fault.Invalid, "%s", strings.Join(wrong, "\n"))
	}
	return profiles, nil
}

// profiles reads a list of profiles.
func (d *document) profiles(n *yaml.Node) []search.Profile {
	var all []search.Profile
	for _, entry := range d.list(n, profilesKey) {
		before := len(d.problems)
		p := d.profile(entry)
		if len(d.problems) > before {
			continue
		}
		if slices.ContainsFunc(all, func(o search.Profile) bool { return o.Name == p.Name && o.Kind == p.Kind }) {
			d.wrong(entry.Line, "the profile %q of %s is there twice", p.Name, p.Kind)
			continue
		}
		all = append(all, p)
	}
	return all
}

// profile reads one profile and says everything that is wrong with it.
func (d *document) profile(n *yaml.Node) search.Profile {
	var p search.Profile
	if n.Kind != yaml.MappingNode {
		d.wrong(n.Line, "a profile is not a mapping of keys to values")
		return p
	}
	before := len(d.problems)
	lines := map[string]int{}
	for _, f := range d.fields(n, "a profile", profileKeys[:]) {
		lines[f.key] = f.line
		switch f.key {
		case "name":
			p.Name = d.text(f.value, "name")
		case "kind":
			p.Kind = connectors.Kind(d.text(f.value, "kind"))
		case "time":
			p.Time = d.path(f.value, "time")
		case "lag":
			p.Lag = d.lag(f)
		case "root":
			p.Root = d.path(f.value, "root")
		case "underscores":
			switch text := d.text(f.value, "underscores"); text {
			case "true", "false", "":
				p.Underscores = text == "true"
			default:
				d.wrong(f.line, "underscores is %q; write true or false", text)
			}
		default:
			list := map[string]*[]string{"wrapped": &p.Wrapped, "cluster": &p.Cluster, "host": &p.Host, "program": &p.Program, "pid": &p.PID, "message": &p.Message}[f.key]
			*list = d.paths(f.value, f.key)
		}
	}
	if len(d.problems) == before { // what is missing follows from the rest
		d.checkProfile(p, n.Line, lines)
	}
	return p
}

// checkProfile says what is wrong with a profile as a whole.
func (d *document) checkProfile(p search.Profile, line int, lines map[string]int) {
	at := func(key string) int {
		if lines[key] != 0 {
			return lines[key]
		}
		return line
	}
	switch {
	case p.Name == "":
		d.wrong(at("name"), "a profile has no name")
	case !profileName.MatchString(p.Name):
		d.wrong(at("name"), "%q is not a name of a profile: letters, digits, points, hyphens and underscores, at most 60", p.Name)
	}
	switch p.Kind {
	case connectors.Kubernetes:
		for _, key := range []string{"host", "program", "pid", "message"} {
			if lines[key] != 0 {
				d.wrong(lines[key], "%s is of lines of hosts and says nothing of %s", key, p.Kind)
			}
		}
	case connectors.AuthLog:
		for _, key := range []string{"root", "underscores"} {
			if lines[key] != 0 {
				d.wrong(lines[key], "%s is of Kubernetes audit records and says nothing of %s", key, p.Kind)
			}
		}
		if len(p.Message) == 0 && len(p.Wrapped) == 0 {
			d.wrong(line, "the profile %q names no field with the line: message, or wrapped when the whole line with its stamp is in one", p.Name)
		}
	case "":
		d.wrong(at("kind"), "the profile %q has no kind; there are %s and %s", p.Name, connectors.Kubernetes, connectors.AuthLog)
	default:
		d.wrong(at("kind"), "the kind %q is not known; there are %s and %s", p.Kind, connectors.Kubernetes, connectors.AuthLog)
	}
	if p.Time == "" {
		d.wrong(at("time"), "the profile %q names no time field, by which periods are asked for", p.Name)
	}
}

func (d *document) lag(f field) time.Duration {
	text := d.text(f.value, "lag")
	if text == "" {
		return 0
	}
	lag, err := time.ParseDuration(text)
	switch {
	case err != nil:
		d.wrong(f.line, "lag is %q; write a time like 10m or 24h", text)
	case lag < 0:
		d.wrong(f.line, "lag is %q: a document cannot be dated before its event", text)
	}
	return lag
}

// path takes the dotted path of a field.
func (d *document) path(n *yaml.Node, what string) string {
	text := d.text(n, what)
	if text != "" && !fieldPath.MatchString(text) {
		d.wrong(n.Line, "%s is %q, which is not the path of a field like kubernetes.audit.verb", what, text)
	}
	return text
}

// paths takes the path of one field, or a list of which the first that is there
// counts.
func (d *document) paths(n *yaml.Node, what string) []string {
	nodes := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		nodes = n.Content
	}
	var all []string
	for _, one := range nodes {
		if text := d.path(one, what); text != "" {
			all = append(all, text)
		}
	}
	return all
}
