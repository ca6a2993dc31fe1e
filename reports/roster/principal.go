package roster

import (
	"fmt"
	"slices"
	"strings"

	"logreeve/connectors"
)

// Systems are the kinds of principal a person may have (contract.md §3).
func Systems() []string { return []string{"k8s", "linux", "sshkey", "pg", "paralus"} }

// SystemOf says under which system of principals the names of a kind of log
// fall: "k8s" for Kubernetes, "linux" for logs of hosts, "pg" for databases.
func SystemOf(kind connectors.Kind) string {
	switch kind {
	case connectors.Kubernetes:
		return "k8s"
	case connectors.AuthLog, "auditd", "journald":
		return "linux"
	case "pgaudit":
		return "pg"
	}
	return string(kind)
}

// ParsePrincipal reads a typed pattern: "k8s:NAME", "linux:LOGIN",
// "linux:HOST:LOGIN", "sshkey:SHA256:…", "pg:ROLE" or "paralus:NAME". The error
// is a reason in a few words, for a sentence that says where.
func ParsePrincipal(text string) (Principal, error) {
	p, typed := split(text)
	switch {
	case !typed:
		return Principal{}, fmt.Errorf("%q is no principal like k8s:NAME; the systems are k8s, linux, sshkey, pg and paralus", text)
	case p.Pattern == "" || strings.HasPrefix(text, "linux::"):
		return Principal{}, fmt.Errorf("%q names nobody", text)
	case p.System == "sshkey" && !strings.Contains(p.Pattern, "*") && !isFingerprint(p.Pattern):
		return Principal{}, fmt.Errorf("%q is not a key fingerprint like sshkey:SHA256:… with 43 characters", text)
	}
	return p, nil
}

// split takes a principal apart. Without a known system all of it is the name,
// and typed is false: "system:serviceaccount:ci:deployer" is a bare name.
func split(text string) (p Principal, typed bool) {
	system, rest, found := strings.Cut(text, ":")
	if !found || !slices.Contains(Systems(), system) {
		return Principal{Pattern: text}, false
	}
	p = Principal{System: system, Pattern: rest}
	if system == "linux" {
		if i := strings.LastIndexByte(rest, ':'); i >= 0 {
			p.Host, p.Pattern = rest[:i], rest[i+1:]
		}
	}
	return p, true
}

// String writes the principal as it is written in a people file.
func (p Principal) String() string {
	switch {
	case p.System == "":
		return p.Pattern
	case p.Host != "":
		return p.System + ":" + p.Host + ":" + p.Pattern
	}
	return p.System + ":" + p.Pattern
}

// stands says whether the pattern p stands for the literal principal name. A
// system or host that the pattern does not name matches any; a host that the
// pattern names never matches a principal whose host is not known.
func (p Principal) stands(name Principal) bool {
	if p.System != "" && name.System != "" && p.System != name.System {
		return false
	}
	if p.Host != "" && !glob(strings.ToLower(p.Host), strings.ToLower(name.Host)) {
		return false
	}
	return glob(folded(p.Pattern), folded(name.Pattern))
}

// folded makes names comparable: e-mail addresses are compared without case
// (domain.md IDN-01), all other names exactly.
func folded(name string) string {
	if strings.IndexByte(name, '@') < 0 {
		return name
	}
	return strings.ToLower(name)
}

// withoutIssuer cuts the prefix that an API server puts before the e-mail of a
// person who signed in through OIDC: "oidc:alice@example.com" and
// "https://id.example.com#alice@example.com" give the e-mail. Names of the
// system and names that are no e-mail are nobody's alias.
// Rule: kube-apiserver --oidc-username-prefix.
func withoutIssuer(name string) (string, bool) {
	at := strings.LastIndexByte(name, '@')
	if at < 0 || strings.HasPrefix(name, "system:") {
		return "", false
	}
	i := strings.LastIndexAny(name[:at], ":#")
	if i <= 0 || i == at-1 {
		return "", false
	}
	return name[i+1:], true
}

// glob says whether the pattern, in which "*" is any run of characters, is the
// whole of s.
func glob(pattern, s string) bool {
	first, rest, star := strings.Cut(pattern, "*")
	if !star {
		return pattern == s
	}
	if !strings.HasPrefix(s, first) {
		return false
	}
	s = s[len(first):]
	for {
		part, more, star := strings.Cut(rest, "*")
		if !star {
			return strings.HasSuffix(s, part)
		}
		i := strings.Index(s, part)
		if i < 0 {
			return false
		}
		s, rest = s[i+len(part):], more
	}
}
