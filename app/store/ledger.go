package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"logreeve/app/runs"
	"logreeve/connectors"
	"logreeve/reports"
)

type ledgerRow struct {
	System    text `gorm:"primaryKey"`
	Principal text `gorm:"primaryKey"`
	Network   text `gorm:"primaryKey"`
	FirstSeen int64
	LastSeen  int64
	Events    int64
}

func (ledgerRow) TableName() string { return "ledger" }

type sighting struct{ system, principal, network string }

// ledgerRowsOf makes one row of the lines of a run that are about the same, in
// one order, so that two runs that finish at once do not wait for each other.
func ledgerRowsOf(seen []runs.Seen) []ledgerRow {
	at := map[sighting]*ledgerRow{}
	for _, x := range seen {
		k := sighting{x.System, x.Principal, x.Network}
		row := at[k]
		if row == nil {
			at[k] = &ledgerRow{
				System: text(x.System), Principal: text(x.Principal), Network: text(x.Network),
				FirstSeen: int64(x.First), LastSeen: int64(x.Last), Events: x.Events,
			}
			continue
		}
		row.FirstSeen, row.LastSeen = min(row.FirstSeen, int64(x.First)), max(row.LastSeen, int64(x.Last))
		row.Events += x.Events
	}
	rows := make([]ledgerRow, 0, len(at))
	for _, row := range at {
		rows = append(rows, *row)
	}
	slices.SortFunc(rows, func(a, b ledgerRow) int {
		return cmp.Or(cmp.Compare(a.System, b.System), cmp.Compare(a.Principal, b.Principal), cmp.Compare(a.Network, b.Network))
	})
	return rows
}

// keepLedger widens what is known. Windows of runs overlap: events are added up
// only where the new stretch lies outside the known one, and are otherwise the
// larger of the two counts, so that no event counts twice.
func keepLedger(ctx context.Context, tx *gorm.DB, rows []ledgerRow) error {
	set := func(column, value string) clause.Assignment {
		return clause.Assignment{Column: clause.Column{Name: column}, Value: gorm.Expr(value)}
	}
	widen := clause.OnConflict{
		Columns: []clause.Column{{Name: "system"}, {Name: "principal"}, {Name: "network"}},
		DoUpdates: clause.Set{
			set("first_seen", "CASE WHEN excluded.first_seen < ledger.first_seen THEN excluded.first_seen ELSE ledger.first_seen END"),
			set("last_seen", "CASE WHEN excluded.last_seen > ledger.last_seen THEN excluded.last_seen ELSE ledger.last_seen END"),
			set("events", "CASE WHEN excluded.first_seen > ledger.last_seen OR excluded.last_seen < ledger.first_seen THEN ledger.events + excluded.events"+
				" WHEN excluded.events > ledger.events THEN excluded.events ELSE ledger.events END"),
		},
	}
	if err := insert(ctx, tx, rows, widen); err != nil {
		return fmt.Errorf("keep the ledger: %w", err)
	}
	return nil
}

// Seen implements runs.Store. A principal is written "system:pattern", where *
// stands for anything. The last seen come first.
func (s *Store) Seen(ctx context.Context, systemPrincipals []string) ([]runs.Seen, error) {
	found := map[sighting]runs.Seen{}
	for _, sp := range systemPrincipals {
		system, pattern, _ := strings.Cut(sp, ":")
		q := of[ledgerRow](s.reader).Where("system = ?", text(system))
		if strings.Contains(pattern, "*") {
			q = q.Where(`principal LIKE ? ESCAPE '\'`, text(strings.ReplaceAll(likeLiteral(pattern), "*", "%")))
		} else {
			q = q.Where("principal = ?", text(pattern))
		}
		rows, err := q.Find(ctx)
		if err != nil {
			return nil, translate(fmt.Errorf("look up %s in the ledger: %w", sp, err))
		}
		for _, row := range rows {
			x := runs.Seen{
				System: string(row.System), Principal: string(row.Principal), Network: string(row.Network),
				First: instant(row.FirstSeen), Last: instant(row.LastSeen), Events: row.Events,
			}
			found[sighting{x.System, x.Principal, x.Network}] = x
		}
	}
	out := make([]runs.Seen, 0, len(found))
	for _, x := range found {
		out = append(out, x)
	}
	slices.SortFunc(out, func(a, b runs.Seen) int {
		return cmp.Or(cmp.Compare(b.Last, a.Last), cmp.Compare(a.System, b.System), cmp.Compare(a.Principal, b.Principal), cmp.Compare(a.Network, b.Network))
	})
	return out, nil
}

// LedgerSince implements runs.Store: the earliest time in the ledger, 0 when it
// is empty.
func (s *Store) LedgerSince(ctx context.Context) (connectors.Instant, error) {
	return ledgerSince(ctx, s.reader)
}

func ledgerSince(ctx context.Context, db *gorm.DB) (connectors.Instant, error) {
	var since int64
	if err := db.WithContext(ctx).Raw("SELECT coalesce(min(first_seen), 0) FROM ledger").Scan(&since).Error; err != nil {
		return 0, translate(fmt.Errorf("read when the ledger began: %w", err))
	}
	return instant(since), nil
}

// Ledger implements runs.Store. The view holds one time a principal.
func (s *Store) Ledger(ctx context.Context) (reports.LedgerView, error) {
	view := &ledgerView{first: map[sighting]connectors.Instant{}}
	err := s.read(ctx, func(tx *gorm.DB) (err error) {
		if view.since, err = ledgerSince(ctx, tx); err != nil {
			return err
		}
		rows, err := of[ledgerRow](tx).Raw("SELECT system, principal, min(first_seen) AS first_seen FROM ledger GROUP BY system, principal").Find(ctx)
		if err != nil {
			return fmt.Errorf("load the ledger: %w", err)
		}
		for _, row := range rows {
			view.first[sighting{system: string(row.System), principal: string(row.Principal)}] = instant(row.FirstSeen)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return view, nil
}

type ledgerView struct {
	since connectors.Instant
	first map[sighting]connectors.Instant
}

// Since implements reports.LedgerView.
func (v *ledgerView) Since() connectors.Instant { return v.since }

// FirstSeen implements reports.LedgerView.
func (v *ledgerView) FirstSeen(system, principal string) connectors.Instant {
	return v.first[sighting{system: system, principal: principal}]
}

// likeLiteral makes the wildcards of LIKE stand for themselves.
func likeLiteral(s string) string {
	return strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(s)
}
