// Package search owns what OpenSearch and Elasticsearch share: the transport,
// filters and groupings as requests, paging, the completeness gate over answers
// (search-servers rules in docs/stores.md). It knows no product by name beyond
// what it detects; connectors/opensearch, connectors/elasticsearch and
// connectors/calico give presets and meaning. Raw records become events in
// connectors/<format>.
package search

import (
	"net/url"
	"strings"

	"logreeve/app/fault"
	"logreeve/connectors"
)

// Config says where a search store is, what is read there and with which rights.
type Config struct {
	Name    string          // NAME of the source
	Kind    connectors.Kind // kind of log that the documents hold
	URL     string          // scheme://host:port, without path, query or credentials
	Pattern string          // index pattern, comma-separated, such as "kubeaudit*"
	Profile string          // name of a profile; "" is the preset of the store
	Time    string          // time field when it is not the profile's; "" otherwise
	// Credentials are never in the URL.
	Credentials Credentials
}

// Credentials are the rights with which a store is asked. At most one of the
// ways to identify oneself is used: API key, token, user and password, AWS; a
// client certificate goes with any of them.
type Credentials struct {
	User, Password string
	APIKey         string // as the server gave it, encoded
	Token          string // bearer token
	CA             string // PEM bundle of authorities to trust instead of the system's
	ClientCert     string // PEM
	ClientKey      string // PEM
	AWSRegion      string // SigV4 when set, with the keys below
	AWSService     string // "es" or "aoss"
	AWSAccessKey   string
	AWSSecretKey   string
	AWSSession     string
}

// ParseTarget reads http(s)://host:port/PATTERN[?profile=NAME&time=FIELD]
// (contract.md §1). fault.Invalid on "target" says what is wrong; credentials in
// the URL are refused.
func ParseTarget(target string) (Config, error) {
	u, err := url.Parse(target)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return Config{}, fault.Field("target", "%q is not the address of a store. It looks like https://search.example.org:9200/kubeaudit*.", redacted(target))
	}
	if u.User != nil {
		return Config{}, fault.Field("target", "The address of a store holds no credentials. Give them separately.")
	}
	q := u.Query()
	for key := range q {
		if key != "profile" && key != "time" {
			return Config{}, fault.Field("target", "%q is not an option of a store's address. There are profile and time.", key)
		}
	}
	c := Config{
		URL: u.Scheme + "://" + u.Host, Pattern: strings.Trim(u.Path, "/"),
		Profile: q.Get("profile"), Time: q.Get("time"),
	}
	if c.Pattern == "" {
		return Config{}, fault.Field("target", "The address of the store lacks the index pattern. It looks like https://search.example.org:9200/kubeaudit*.")
	}
	if strings.Contains(c.Pattern, "/") || strings.HasPrefix(c.Pattern, "_") || strings.HasPrefix(c.Pattern, "-") {
		return Config{}, fault.Field("target", "%q is not an index pattern.", c.Pattern)
	}
	return c, nil
}

// redacted cuts a target before its credentials, so that it may be shown.
func redacted(target string) string {
	if i := strings.LastIndexByte(target, '@'); i >= 0 {
		return "…" + target[i:]
	}
	return target
}
