package pdf_test

import (
	"strings"
	"testing"

	"logreeve/connectors"
	"logreeve/reports/dossier/dossiertest"
)

// TestReportSaysWhichStoreWasRead: an auditor learns which store was asked, and
// that what was not read was counted there.
func TestReportSaysWhichStoreWasRead(t *testing.T) {
	const counted = "The store counted its events of the period; read were those that a check had to look at."
	d := dossiertest.Small()
	if strings.Contains(joined(text(t, render(t, d, seal()))), joined(counted)) {
		t.Error("control: a file counts")
	}
	d.Sources[0].Counted = 1_000_000
	d.Sources[0].Store = &connectors.StoreRead{
		Where: "https://search.example.org:9200/kubeaudit*", Product: "OpenSearch", Version: "2.19.3", Cluster: "u1", Profile: "welkin",
		Indices: []string{"kubeaudit-2026.11.01", "kubeaudit-2026.11.02"},
	}
	page := joined(text(t, render(t, d, seal())))
	for _, says := range []string{counted, "Read from https://search.example.org:9200/kubeaudit*: OpenSearch 2.19.3, 2 indices"} {
		if !strings.Contains(page, joined(says)) {
			t.Errorf("the report does not say %q", says)
		}
	}
}
