package connectors_test

import (
	"testing"

	"logreeve/connectors"
)

func TestFilterText(t *testing.T) {
	for want, f := range map[string]connectors.Filter{
		"every event":                       {},
		"no event":                          connectors.Or(),
		"not no event":                      connectors.Not(connectors.In("kind")),
		"kind is kubernetes":                connectors.And(connectors.In("kind", "kubernetes")),
		"verb is one of create, delete":     connectors.In("verb", "create", "delete"),
		"not login begins with system:node": connectors.Not(connectors.Prefix("login", "system:node")),
		"kind is kubernetes and (verb is get or there is request.spec.x) and not (outcome is ok and code is at least 200 and below 300)": connectors.And(
			connectors.In("kind", "kubernetes"), connectors.Or(connectors.In("verb", "get"), connectors.Exists("request.spec.x")),
			connectors.Not(connectors.And(connectors.In("outcome", "ok"), connectors.Range("code", "200", "300")))),
		`message contains "a b"`:                                connectors.Contains("message", "a b"),
		`name ends with one of "", "or", x`:                     connectors.Suffix("name", "", "or", "x"),
		"client_ip lies in 10.0.0.0/8":                          connectors.CIDR("client_ip", "10.0.0.0/8"),
		"code is below 500":                                     connectors.Range("code", "", "500"),
		"the hour is at least 22 and below 6 in Europe/Berlin":  {Op: connectors.OpHour, Values: []string{"22", "6", "Europe/Berlin"}},
		"the hour is at least 9 in UTC":                         {Op: connectors.OpHour, Values: []string{"9", ""}},
		"something unknown (near) and annotations.x is y":       connectors.And(connectors.Filter{Op: "near"}, connectors.In("annotations.x", "y")),
		"verb is get or (verb is list and namespace is web)":    connectors.Or(connectors.In("verb", "get"), connectors.And(connectors.In("verb", "list"), connectors.In("namespace", "web"))),
		"not (verb is one of a, b or there is reason)":          connectors.Not(connectors.Or(connectors.In("verb", "a", "b"), connectors.Exists("reason"))),
		"there is actor and there is login and there is groups": connectors.And(connectors.Exists("actor"), connectors.Exists("login"), connectors.Exists("groups")),
	} {
		if got := f.Text(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
