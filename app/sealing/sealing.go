// Package sealing owns the installation's signing key and the gathering of a
// review's dossier: everything its evidence consists of, from the stores that
// keep the parts. What a package looks like is reports/evidence's.
package sealing

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"logreeve/app/fault"
	"logreeve/app/runs"
	"logreeve/app/trail"
	"logreeve/reports"
	"logreeve/reports/controls"
	"logreeve/reports/dossier"
	"logreeve/reports/evidence"
	"logreeve/reviews"
)

// Store is what a dossier is gathered from.
type Store interface {
	Settings(ctx context.Context) (runs.Settings, error)
	Run(ctx context.Context, id string) (*runs.Run, error)
	Item(ctx context.Context, run, key string) (*reports.Item, error)
	Snapshot(ctx context.Context, id string) (*runs.Snapshot, error)
	Population(ctx context.Context, run string) (lines []byte, digest string, err error)
	Packages(ctx context.Context) ([]reviews.Package, error)
	TrailFor(ctx context.Context, kind, id string) ([]trail.Record, error)
	TrailHead(ctx context.Context) (int64, string, error)
}

// Sealer gathers dossiers and seals them. It implements reviews.Sealer.
type Sealer struct {
	Store     Store
	Checks    []reports.Check
	Templates []reviews.Template
	Tool      dossier.Tool
	DataDir   string // packages are written to evidence/ below it, "" nowhere
	Now       func() time.Time

	key  evidence.Key
	info KeyInfo
}

// UseKey sets the signing key.
func (s *Sealer) UseKey(key evidence.Key, info KeyInfo) { s.key, s.info = key, info }

// Key tells of the signing key.
func (s *Sealer) Key() KeyInfo { return s.info }

// Seal makes the signed package of a review that has both signatures. A copy is
// written to the data folder; the store's is the one that counts.
func (s *Sealer) Seal(ctx context.Context, r *reviews.Review) (reviews.Package, error) {
	d, err := s.Gather(ctx, r)
	if err != nil {
		return reviews.Package{}, err
	}
	d.SealedAt = r.ClosedAt
	built, err := evidence.Build(d, s.key)
	if err != nil {
		return reviews.Package{}, err
	}
	if err := s.write(built); err != nil {
		return reviews.Package{}, err
	}
	return reviews.Package{
		Review: r.ID, Revision: r.Revision, Name: built.Name, Root: built.Root, SHA256: built.SHA256, Size: int64(len(built.Bytes)),
		SealedAt: d.SealedAt, Fingerprint: built.Fingerprint, Bytes: built.Bytes,
	}, nil
}

// write keeps a copy of a package, whole or not at all.
func (s *Sealer) write(b *evidence.Built) error {
	if s.DataDir == "" {
		return nil
	}
	folder := filepath.Join(s.DataDir, "evidence")
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return fault.Wrap(fault.Unavailable, err, "The evidence folder %s cannot be made.", folder)
	}
	f, err := os.CreateTemp(folder, ".package-*")
	if err != nil {
		return fault.Wrap(fault.Unavailable, err, "The evidence folder %s cannot be written to.", folder)
	}
	defer os.Remove(f.Name())
	if _, err = f.Write(b.Bytes); err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Chmod(0o640), f.Close()); err != nil {
		return fault.Wrap(fault.Unavailable, err, "The package %s cannot be written.", b.Name)
	}
	if err := os.Rename(f.Name(), filepath.Join(folder, b.Name)); err != nil {
		return fault.Wrap(fault.Unavailable, err, "The package %s cannot be kept.", b.Name)
	}
	return nil
}

// Gather collects everything the evidence of a review consists of.
func (s *Sealer) Gather(ctx context.Context, r *reviews.Review) (*dossier.Dossier, error) {
	settings, err := s.Store.Settings(ctx)
	if err != nil {
		return nil, fmt.Errorf("load settings: %w", err)
	}
	template, ok := reviews.TemplateByID(s.Templates, r.Template)
	if !ok {
		return nil, fault.New(fault.NotFound, "The template %s is not part of this version.", r.Template)
	}
	if r.RunID == "" {
		return nil, fault.New(fault.Conflict, "This review is not open yet, so there is nothing to print.")
	}
	run, err := s.Store.Run(ctx, r.RunID)
	if err != nil {
		return nil, fmt.Errorf("load run %s: %w", r.RunID, err)
	}
	d := &dossier.Dossier{
		Sample: settings.Sample, Organisation: settings.Organisation, Classification: settings.Classification, Zone: settings.Zone,
		Review: r, Template: template, Rules: r.Rules(signerOf(r.Attester()), signerOf(r.Approver())),
		Window: run.Window, Sources: run.Sources, Results: slices.Clone(run.Results), Tool: s.Tool, PolicyText: settings.AuditPolicy,
	}
	if run.Changes != nil {
		d.Changes = *run.Changes
	}
	for i := range d.Results {
		items := slices.Clone(d.Results[i].Items)
		for j := range items {
			full, err := s.Store.Item(ctx, run.ID, items[j].Key)
			if err != nil {
				return nil, fmt.Errorf("load item %s of run %s: %w", items[j].Key, run.ID, err)
			}
			items[j] = *full
		}
		d.Results[i].Items = items
		d.Checks = append(d.Checks, s.definition(&d.Results[i]))
	}
	d.Controls = controlsOf(d.Checks)
	if d.Population, _, err = s.Store.Population(ctx, run.ID); err != nil && fault.KindOf(err) != fault.NotFound {
		return nil, fmt.Errorf("load the population of run %s: %w", run.ID, err)
	}
	if run.Snapshot != "" {
		snap, err := s.Store.Snapshot(ctx, run.Snapshot)
		if err != nil {
			return nil, fmt.Errorf("load people %s: %w", run.Snapshot, err)
		}
		d.Snapshot = dossier.Snapshot{
			ID: snap.ID, TakenAt: snap.TakenAt, Digest: snap.Digest, People: snap.People, Keys: snap.Keys,
			Entries: snap.Roster.Registers.Entries, Expected: snap.Roster.Registers.Expected,
		}
	}
	return d, s.chain(ctx, d)
}

// chain adds the review's trail records and where the trail and the sealed
// packages stand.
func (s *Sealer) chain(ctx context.Context, d *dossier.Dossier) (err error) {
	if d.Chain, err = s.Store.TrailFor(ctx, "review", d.Review.ID); err != nil {
		return fmt.Errorf("load the trail of review %s: %w", d.Review.ID, err)
	}
	if d.Head.Seq, d.Head.Hash, err = s.Store.TrailHead(ctx); err != nil {
		return fmt.Errorf("load the end of the trail: %w", err)
	}
	sealed, err := s.Store.Packages(ctx)
	if err != nil {
		return fmt.Errorf("list packages: %w", err)
	}
	if len(sealed) > 0 {
		d.PreviousRoot = sealed[0].Root
	}
	return nil
}

func signerOf(s *reviews.SignOffRecord) *reviews.Signer {
	if s == nil {
		return nil
	}
	return &s.By
}

// definition is the check behind a result, as it was run.
func (s *Sealer) definition(r *reports.Result) dossier.Definition {
	d := dossier.Definition{
		ID: r.Check, Version: r.Version, Title: r.Title, Severity: r.Severity, Type: r.Kind, Params: r.Params, Digest: r.Digest, Controls: r.Controls,
	}
	for _, c := range s.Checks {
		if c.ID == r.Check && c.Version == r.Version {
			d.Objective, d.Logic, d.Select = c.Objective, c.Logic, c.Select
		}
	}
	return d
}

// controlsOf lists the controls that the checks support, in the order of the
// catalogue.
func controlsOf(checks []dossier.Definition) []dossier.Control {
	catalogue := controls.Catalog()
	var out []dossier.Control
	for _, c := range catalogue.Controls {
		line := dossier.Control{ID: c.ID, Title: c.Title, Coverage: string(c.Automation)}
		for _, check := range checks {
			if slices.Contains(check.Controls, c.ID) {
				line.Checks = append(line.Checks, check.ID)
			}
		}
		if len(line.Checks) == 0 {
			continue
		}
		for _, a := range c.Aliases {
			line.Aliases = append(line.Aliases, a.ID)
		}
		for _, m := range catalogue.Mappings(c.ID) {
			if f, ok := catalogue.Framework(m.Framework); ok {
				line.Others = append(line.Others, f.Title+" "+m.ID)
			}
		}
		switch c.Automation {
		case controls.Partial:
			line.Missing = "checks show a part; the rest is shown by other means"
		case controls.Manual:
			line.Missing = "shown by people; checks only help"
		}
		out = append(out, line)
	}
	return out
}
