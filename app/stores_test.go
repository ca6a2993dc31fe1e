package app

import (
	"testing"

	"logreeve/app/fault"
	"logreeve/app/outbound"
	"logreeve/app/runs"
)

// What the server saves and asks lies within what the operator opened.
func TestStoresLieWhereTheOperatorAllows(t *testing.T) {
	t.Parallel()
	open, err := outbound.ParseHost("search.example.org:9200")
	if err != nil {
		t.Fatal(err)
	}
	secure, err := outbound.ParseHost("logs.example.org:443")
	if err != nil {
		t.Fatal(err)
	}
	check := checkedStore(outbound.NewGuard([]outbound.Host{open, secure}))
	for target, field := range map[string]string{
		"https://search.example.org:9200/kubeaudit*?profile=welkin": "",
		"https://logs.example.org/kubeaudit*":                       "",
		"http://logs.example.org/kubeaudit*":                        "url",
		"https://search.example.org/kubeaudit*":                     "url",
		"https://search.example.org:99999/kubeaudit*":               "url",
		"https://169.254.169.254/latest":                            "url",
		"https://127.0.0.1:9200/kubeaudit*":                         "url",
		"https://search.example.org:9200/":                          "target",
		"https://u:p@search.example.org:9200/x":                     "target",
		"file:///etc/passwd":                                        "target",
	} {
		if err := check(runs.Source{Target: target}); fault.FieldOf(err) != field {
			t.Errorf("%s: %v, want a fault of %q", target, err, field)
		}
	}
}
