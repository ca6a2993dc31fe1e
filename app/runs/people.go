package runs

import (
	"context"
	"fmt"
	"io"
	"strings"

	"logreeve/app/actor"
	"logreeve/app/fault"
	"logreeve/app/trail"
	"logreeve/connectors"
	"logreeve/reports/roster"
)

// Part is what of a snapshot is imported.
type Part string

// Parts of a snapshot.
const (
	PartPeople    Part = "people"
	PartKeys      Part = "keys"
	PartRegisters Part = "registers"
)

// Import reads a file of people, keys or registers and keeps it as a new
// snapshot: the newest one with that part replaced. fault.Invalid names the
// line that is wrong, and nothing changes.
func (s *Service) Import(ctx context.Context, by actor.Actor, part Part, name string, r io.Reader) (*Snapshot, error) {
	if !by.System && !by.HasAny(actor.Admin, actor.Officer) {
		return nil, fault.New(fault.Forbidden, "Only administrators and officers import people and registers.")
	}
	current, err := s.store.Snapshot(ctx, "")
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return nil, err
	}
	next := roster.Snapshot{}
	if current != nil && current.Roster != nil {
		next = *current.Roster
	}
	note := ""
	switch part {
	case PartPeople:
		if next.People, err = roster.ReadPeople(r, name); err != nil {
			return nil, err
		}
		next.HasPeople, note = true, fmt.Sprintf("%s: %d people", name, len(next.People))
	case PartKeys:
		if next.Keys, err = roster.ReadKeys(r, name); err != nil {
			return nil, err
		}
		next.HasKeys, note = true, fmt.Sprintf("%s: %d keys", name, len(next.Keys))
	case PartRegisters:
		if next.Registers, err = s.ReadRegisters(r, name); err != nil {
			return nil, err
		}
		next.HasRegisters, note = true, fmt.Sprintf("%s: %d entries", name, len(next.Registers.Entries))
	default:
		return nil, fault.New(fault.Invalid, "There is no part %q of the list of people.", string(part))
	}
	next.TakenAt = connectors.At(s.Now())
	snap := Snapshot{
		ID: newID("p"), TakenAt: next.TakenAt, By: by.ID, Note: note, Digest: roster.Digest(next),
		People: len(next.People), Keys: len(next.Keys), Entries: len(next.Registers.Entries), Roster: &next,
	}
	e := trail.Entry{Action: "people.imported", ObjectKind: "snapshot", ObjectID: snap.ID, Detail: map[string]string{
		"part": string(part), "sha256": snap.Digest, "people": fmt.Sprint(snap.People), "keys": fmt.Sprint(snap.Keys), "entries": fmt.Sprint(snap.Entries)}}
	if err := s.store.SaveSnapshot(ctx, by, snap, e); err != nil {
		return nil, err
	}
	return &snap, nil
}

// Current gives the newest snapshot; an empty one when nothing was imported.
func (s *Service) Current(ctx context.Context) (*Snapshot, error) {
	snap, err := s.store.Snapshot(ctx, "")
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return &Snapshot{Roster: &roster.Snapshot{}}, nil
	}
	return snap, err
}

// Snapshots lists the imports, newest first.
func (s *Service) Snapshots(ctx context.Context, limit int) ([]Snapshot, error) {
	return s.store.Snapshots(ctx, limit)
}

// PersonOf gives the person id of an e-mail in the newest list of people, ""
// when it is not there. The list is kept until another is imported.
func (s *Service) PersonOf(ctx context.Context, email string) (string, error) {
	newest, err := s.store.Snapshots(ctx, 1)
	if err != nil {
		return "", fmt.Errorf("find the newest list of people: %w", err)
	}
	if len(newest) == 0 {
		return "", nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.linkedTo != newest[0].ID {
		snap, err := s.store.Snapshot(ctx, newest[0].ID)
		if err != nil {
			return "", fmt.Errorf("load the list of people: %w", err)
		}
		s.linked, s.linkedTo = map[string]string{}, snap.ID
		for i := range snap.Roster.People {
			s.linked[strings.ToLower(snap.Roster.People[i].Email)] = snap.Roster.People[i].ID
		}
	}
	return s.linked[strings.ToLower(email)], nil
}
