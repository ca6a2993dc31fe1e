package sealing_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"testing"
	"time"

	"logreeve/app/fault"
	"logreeve/app/runs"
	"logreeve/app/sealing"
	"logreeve/app/trail"
	"logreeve/reports"
	"logreeve/reports/dossier"
	"logreeve/reports/dossier/dossiertest"
	"logreeve/reviews"
)

// shelf is a store that holds one dossier.
type shelf struct {
	d     *dossier.Dossier
	items map[string]*reports.Item
}

func shelve(d *dossier.Dossier) *shelf {
	s := &shelf{d: d, items: map[string]*reports.Item{}}
	for i := range d.Results {
		for j := range d.Results[i].Items {
			s.items[d.Results[i].Items[j].Key] = &d.Results[i].Items[j]
		}
	}
	return s
}

func (s *shelf) Settings(context.Context) (runs.Settings, error) {
	return runs.Settings{Organisation: s.d.Organisation, Classification: s.d.Classification, Zone: s.d.Zone}, nil
}

func (s *shelf) Run(context.Context, string) (*runs.Run, error) {
	return &runs.Run{ID: s.d.Review.RunID, Window: s.d.Window, Sources: s.d.Sources, Results: s.d.Results, Changes: &s.d.Changes}, nil
}
func (s *shelf) Item(_ context.Context, _, key string) (*reports.Item, error) {
	return s.items[key], nil
}
func (s *shelf) Snapshot(context.Context, string) (*runs.Snapshot, error) {
	return nil, fault.New(fault.NotFound, "There is no list of people.")
}
func (s *shelf) Population(context.Context, string) ([]byte, string, error) {
	return s.d.Population, "", nil
}
func (s *shelf) Packages(context.Context) ([]reviews.Package, error) { return nil, nil }
func (s *shelf) TrailFor(context.Context, string, string) ([]trail.Record, error) {
	return s.d.Chain, nil
}
func (s *shelf) TrailHead(context.Context) (int64, string, error) {
	return s.d.Head.Seq, s.d.Head.Hash, nil
}

func draft(t *testing.T, d *dossier.Dossier) sealing.Draft {
	t.Helper()
	s := &sealing.Sealer{Store: shelve(d), Templates: []reviews.Template{d.Template}, Tool: d.Tool, Now: func() time.Time { return d.SealedAt.Time() }}
	out, err := s.Draft(t.Context(), d.Review)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestDraftIsOneFile(t *testing.T) {
	got := draft(t, dossiertest.Rich())
	if got.Name != "draft-W0-2026-W45.pdf" || got.Kind != "application/pdf" || !bytes.HasPrefix(got.Bytes, []byte("%PDF-")) {
		t.Fatalf("%s is %s and begins %.8q", got.Name, got.Kind, got.Bytes)
	}
}

// A draft of more pages than a file holds well is a zip of its volumes.
func TestLongDraftIsAZip(t *testing.T) {
	d := dossiertest.Rich()
	for _, r := range []*reports.Result{&d.Results[10], &d.Results[11], &d.Results[16], &d.Results[20]} {
		for n, own := 0, len(r.Items); len(r.Items) < 1100; n++ {
			it := r.Items[n%own]
			sum := sha256.Sum256(fmt.Append(nil, it.Key, n))
			it.Key = hex.EncodeToString(sum[:])
			r.Items = append(r.Items, it)
		}
	}
	got := draft(t, d)
	if got.Name != "draft-W0-2026-W45.zip" || got.Kind != "application/zip" {
		t.Fatalf("%s is %s", got.Name, got.Kind)
	}
	archive, err := zip.NewReader(bytes.NewReader(got.Bytes), int64(len(got.Bytes)))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, f := range archive.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(in)
		if err != nil || !bytes.HasPrefix(b, []byte("%PDF-")) || !bytes.HasSuffix(b, []byte("%%EOF\n")) {
			t.Errorf("%s is no PDF: %v", f.Name, err)
		}
		found[f.Name] = true
	}
	if len(found) < 2 || !found["report.pdf"] || !found["report-volume-2.pdf"] {
		t.Errorf("it holds %v", found)
	}
	if again := draft(t, d); !bytes.Equal(again.Bytes, got.Bytes) {
		t.Error("the same draft has other bytes")
	}
}
