package evidence_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"logreeve/reports/dossier/dossiertest"
	"logreeve/reports/evidence"
)

// A report of several volumes: each lies in the package, is in the signed list
// and is missed or named when somebody alters it.
func TestVolumesOfTheReport(t *testing.T) {
	b, err := evidence.BuildVolumes(dossiertest.Small(), key(), []byte("first volume"), []byte("second volume"), []byte("third volume"))
	if err != nil || b.Volumes != 3 {
		t.Fatalf("%+v %v", b, err)
	}
	all := parts(t, b.Bytes)
	var names []string
	for _, p := range all {
		names = append(names, p.name)
	}
	if want := []string{"README-VERIFY.txt", "report.pdf", "report-volume-2.pdf", "report-volume-3.pdf", "allowed_signers"}; !slices.Equal(names[:5], want) {
		t.Errorf("the package begins with %v", names[:5])
	}
	for _, want := range []string{"The report is 3 volumes", "report.pdf, 1500 pages", "report-volume-3.pdf, 1500 pages"} {
		if !strings.Contains(string(all[0].data), want) {
			t.Errorf("the README lacks %q", want)
		}
	}
	if v, err := evidence.Verify(b.Name, b.Bytes); err != nil || !v.Valid {
		t.Fatalf("a fresh package is not valid: %+v %v", v, err)
	}
	if report, err := evidence.Report(b.Name, b.Bytes); err != nil || string(report) != "first volume" {
		t.Errorf("the report is %q, %v", report, err)
	}
	if held, err := evidence.Open(b.Name, b.Bytes); err != nil || held.Volumes() != 3 {
		t.Errorf("it holds %v, %v", held, err)
	}
	altered := bytes.Replace(b.Bytes, []byte("third volume"), []byte("THIRD volume"), 1)
	if v, err := evidence.Verify(b.Name, altered); err != nil || v.Valid || v.Problems[0].Path != "report-volume-3.pdf" {
		t.Errorf("an altered volume: %+v %v", v, err)
	}
	lost := slices.DeleteFunc(slices.Clone(all), func(p part) bool { return p.name == "report-volume-2.pdf" })
	if v, err := evidence.Verify(b.Name, evidence.Pack(t, plain(lost))); err != nil || v.Valid || v.Problems[0].Path != "report-volume-2.pdf" {
		t.Errorf("a lost volume: %+v %v", v, err)
	}
}

// A report of one file makes a package of the same files as ever.
func TestOneVolumeIsAsBefore(t *testing.T) {
	b := whole(t)
	if b.Volumes != 1 {
		t.Fatalf("%d volumes", b.Volumes)
	}
	for i, p := range parts(t, b.Bytes) {
		if i < 4 && p.name != []string{"README-VERIFY.txt", "report.pdf", "allowed_signers", "data/manifest.json"}[i] || evidence.IsVolume(p.name) {
			t.Errorf("file %d is %s", i+1, p.name)
		}
		if p.name == "README-VERIFY.txt" && strings.Contains(string(p.data), "volume") {
			t.Error("the README speaks of volumes")
		}
	}
}
