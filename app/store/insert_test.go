package store_test

import (
	"errors"
	"fmt"
	"testing"

	"logreeve/app/runs"
	"logreeve/app/store"
	"logreeve/connectors"
	"logreeve/reports"
)

// found is a run that found n items of about 700 bytes each.
func found(id string, n int) runs.Run {
	at := connectors.Instant(20000) * 24 * hour
	r := runs.Run{ID: id, Status: runs.Done, Purpose: "nightly", CreatedAt: at, FinishedAt: at, Window: reports.RunWindow{From: at - 24*hour, To: at, Given: true},
		Results: []reports.Result{{Check: "IAM-01", Outcome: reports.Fail}}}
	for i := range n {
		r.Results[0].Items = append(r.Results[0].Items, reports.Item{
			Key: fmt.Sprintf("%064d", i), Subject: "alice@example.com", Title: "A secret was read by a person", Severity: reports.High, Violation: true, First: at, Last: at, Count: 1,
			Summary: "alice@example.com read the secret payments/db once, from 10.20.1.10, with kubectl, outside the pipeline.", Actors: []string{"alice@example.com"}, Persons: []string{"alice@example.com"},
			Events: []reports.EventRef{{Key: fmt.Sprintf("%064d", i), NativeID: fmt.Sprintf("%036d", i)}}, Facts: []reports.Fact{{Label: "Namespace", Value: "payments"}, {Label: "Verb", Value: "get"}},
		})
	}
	return r
}

// BenchmarkStore keeps 5,000 items of a run in one transaction, through the
// store, and beside it with one prepared statement of database/sql that does
// nothing else. The ratio of the rows a second is what gorm and the rest cost.
func BenchmarkStore(b *testing.B) {
	const items = 5000
	b.Run("run", func(b *testing.B) {
		db := open(b, store.SQLite)
		n := 0
		for b.Loop() {
			b.StopTimer()
			n++
			r := found(fmt.Sprintf("r_%d", n), items)
			if err := db.CreateRun(ctx, alice, r, entry("run.started")); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
			if err := db.FinishRun(ctx, alice, r, nil, nil, entry("run.done")); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(items*n)/b.Elapsed().Seconds(), "rows/s")
	})
	b.Run("raw", func(b *testing.B) {
		db := open(b, store.SQLite)
		do(b, db, found("r_0", items), nil, nil)
		n := 0
		for b.Loop() {
			b.StopTimer()
			n++
			bare := found(fmt.Sprintf("r_%d", n), 0)
			do(b, db, bare, nil, nil)
			rows, err := db.sql.Query("SELECT item_key, check_id, position, subject, title, summary, severity, violation, first_at, last_at, events, body FROM items WHERE run_id = 'r_0'")
			if err != nil {
				b.Fatal(err)
			}
			var all [][]any
			for rows.Next() {
				row := make([]any, 12)
				to := make([]any, 12)
				for i := range row {
					to[i] = &row[i]
				}
				if err := rows.Scan(to...); err != nil {
					b.Fatal(err)
				}
				all = append(all, row)
			}
			if err := errors.Join(rows.Err(), rows.Close()); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
			tx, err := db.sql.Begin()
			if err != nil {
				b.Fatal(err)
			}
			insert, err := tx.Prepare("INSERT INTO items (run_id, item_key, check_id, position, subject, title, summary, severity, violation, first_at, last_at, events, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
			if err != nil {
				b.Fatal(err)
			}
			for _, row := range all {
				if _, err := insert.Exec(append([]any{bare.ID}, row...)...); err != nil {
					b.Fatal(err)
				}
			}
			if err := tx.Commit(); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(items*n)/b.Elapsed().Seconds(), "rows/s")
	})
}
