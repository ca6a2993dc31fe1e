package connectors

import (
	"net/url"
	"regexp"
	"strings"
)

// Mask stands where a secret stood.
const Mask = "•••"

// secretWord names what is secret, inside option, variable and member names.
const secretWord = `(?:password|passwd|passphrase|passwort|pwd|secret|token|api[-_]?key|access[-_]?key|secret[-_]?key|private[-_]?key|credentials?)`

// value is a quoted or unquoted word of a command line.
const value = `("(?:[^"\\]|\\.)*"|'[^']*'|[^\s"'&;|]+)`

var (
	privateKey = regexp.MustCompile(`(?s)-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)`)
	jwt        = regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*)?`)
	knownToken = regexp.MustCompile(`\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}|xox[abprs]-[A-Za-z0-9-]{10,}|hvs\.[A-Za-z0-9_-]{16,})`)
	scheme     = regexp.MustCompile(`(?i)\b((?:bearer|basic)\s+)([A-Za-z0-9._~+/=-]{8,})`)
	header     = regexp.MustCompile(`(?i)(authorization["']?\s*[:=]\s*["']?)((?:(?:token|apikey|digest|negotiate|aws4-hmac-sha256)\s+)[^"'\s]+|[A-Za-z0-9._~+/=-]{16,})`)
	userInfo   = regexp.MustCompile(`([A-Za-z][A-Za-z0-9+.-]*://[^\s:/@'"]*):([^\s/@'"]+)@`)
	option     = regexp.MustCompile(`(?i)((?:^|[\s"'=])--?(?:[a-z0-9]+[-_])*` + secretWord + `)(=|\s+)` + value)
	literal    = regexp.MustCompile(`(?i)(--from-literal[=\s]["']?[^=\s]+=)` + value)
	variable   = regexp.MustCompile(`(?i)((?:^|[^a-z0-9_-])(?:[a-z0-9]+_)*[a-z0-9]*` + secretWord + `(?:_[a-z0-9]+)*=)` + value)
	member     = regexp.MustCompile(`(?i)(\\?"(?:[a-z0-9]+[-_.])*[a-z0-9]*` + secretWord + `\\?"\s*:\s*)(\\?"(?:[^"\\]|\\[^"])*\\?")`)
	sqlLiteral = regexp.MustCompile(`(?is)\b(password\s+|identified\s+by\s+(?:password\s+)?)(e?'(?:[^'\\]|''|\\.)*'?|\$[a-z_]*\$.*?\$[a-z_]*\$)`)
	// programs that take a secret in a short option, alone or glued to it
	shortOption = regexp.MustCompile(`((?:^|[\s/'"])(?:sshpass|mysql|mysqldump|mysqladmin|mariadb|mariadb-dump|useradd|usermod|htpasswd|(?:docker|podman|helm registry|nerdctl) login|oc login|mongo|mongosh|mongodump)\s(?:[^|;&]*?\s)?-p)(\s*)` + value)
	shortAuth   = regexp.MustCompile(`((?:^|[\s/'"])(?:redis-cli\s(?:[^|;&]*?\s)?-a|ldap[a-z]+\s(?:[^|;&]*?\s)?-w)\s*)` + value)
	curlUser    = regexp.MustCompile(`((?:^|[\s/'"])(?:curl|wget)\s(?:[^|;&]*?\s)?(?:-u|--user)[\s=]*["']?[^\s:"']+:)([^\s"']+)`)
	passArg     = regexp.MustCompile(`(-pass(?:in|out)?\s+pass:)(\S+)`)
	chpasswd    = regexp.MustCompile(`(\b[a-z_][a-z0-9_-]*:)([^\s"'|:]+)(["']?\s*\|\s*(?:sudo\s+)?(?:\S*/)?chpasswd)`)
)

// MaskCommand replaces secrets in a command line or log text by "•••". It knows
// the usual shapes (options, variables, headers, URLs, tokens, key blocks, SQL);
// a secret that looks like any other word stays.
func MaskCommand(s string) string {
	if len(s) < 6 {
		return s
	}
	s = privateKey.ReplaceAllString(s, Mask)
	s = jwt.ReplaceAllString(s, Mask)
	s = knownToken.ReplaceAllString(s, Mask)
	s = replace(scheme, s, func(g []string) string {
		if len(g[2]) < 20 && !strings.ContainsAny(g[2], "0123456789=") {
			return g[0] // "bearer credentials" is a sentence, not a token
		}
		return g[1] + Mask
	})
	s = header.ReplaceAllString(s, "${1}"+Mask)
	s = userInfo.ReplaceAllString(s, "${1}:"+Mask+"@")
	s = literal.ReplaceAllString(s, "${1}"+Mask)
	s = replace(option, s, func(g []string) string {
		if g[2] != "=" && strings.HasPrefix(g[3], "-") {
			return g[0] // the next option, not a value
		}
		return g[1] + g[2] + Mask
	})
	s = variable.ReplaceAllString(s, "${1}"+Mask)
	s = replace(member, s, func(g []string) string {
		quote := `"`
		if strings.HasPrefix(g[2], `\`) {
			quote = `\"`
		}
		return g[1] + quote + Mask + quote
	})
	s = sqlLiteral.ReplaceAllString(s, "${1}'"+Mask+"'")
	s = replace(shortOption, s, func(g []string) string {
		if g[2] != "" && (strings.HasPrefix(g[3], "-") || strings.Contains(g[1], "mysql") || strings.Contains(g[1], "mariadb")) {
			return g[0] // mysql takes its password only glued to -p
		}
		return g[1] + g[2] + Mask
	})
	s = shortAuth.ReplaceAllString(s, "${1}"+Mask)
	s = curlUser.ReplaceAllString(s, "${1}"+Mask)
	s = passArg.ReplaceAllString(s, "${1}"+Mask)
	return chpasswd.ReplaceAllString(s, "${1}"+Mask+"${3}")
}

func replace(re *regexp.Regexp, s string, by func(groups []string) string) string {
	if !re.MatchString(s) {
		return s
	}
	return re.ReplaceAllStringFunc(s, func(m string) string { return by(re.FindStringSubmatch(m)) })
}

// queryWord is the name of a query parameter whose value is a secret.
var queryWord = regexp.MustCompile(`(?i)^(?:[a-z0-9]+[-_])*` + secretWord + `$`)

// MaskURI masks secrets in the query of a request URI: in the command that an
// exec carries, one command= after the other, and in parameters that are named
// like secrets. Everything else stays as it was written.
func MaskURI(uri string) string {
	path, query, ok := strings.Cut(uri, "?")
	if !ok {
		return uri
	}
	parts := strings.Split(query, "&")
	var words []string // the command so far, as a shell would show it
	for i, part := range parts {
		name, raw, _ := strings.Cut(part, "=")
		if name != "command" {
			if raw != "" && queryWord.MatchString(name) {
				parts[i] = name + "=" + Mask
			}
			continue
		}
		word, err := url.QueryUnescape(raw)
		if err != nil {
			word = raw
		}
		masked := MaskCommand(word)
		if masked != word {
			parts[i] = name + "=" + strings.ReplaceAll(url.QueryEscape(masked), url.QueryEscape(Mask), Mask)
		}
		shown := masked
		if strings.ContainsAny(word, " \t\"'&;|") {
			shown = `"` + strings.NewReplacer(`"`, ``, `\`, ``).Replace(masked) + `"`
		}
		words = append(words, shown)
		if masked == word && strings.HasSuffix(MaskCommand(strings.Join(words, " ")), Mask) && !strings.HasSuffix(shown, Mask) {
			parts[i] = name + "=" + Mask
			words[len(words)-1] = Mask
		}
	}
	return path + "?" + strings.Join(parts, "&")
}
