package store_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/glebarez/go-sqlite"
	_ "github.com/jackc/pgx/v5/stdlib"

	"logreeve/app/actor"
	"logreeve/app/fault"
	"logreeve/app/store"
	"logreeve/app/trail"
)

var (
	ctx     = context.Background()
	alice   = actor.Actor{ID: "u_alice", Name: "Alice Adler", Email: "alice@example.com", Roles: []actor.Role{actor.Reviewer}, Address: "192.0.2.7"}
	bob     = actor.Actor{ID: "u_bob", Name: "Bob Berg", Email: "bob@example.com", Roles: []actor.Role{actor.Approver}}
	drivers = []string{store.SQLite, store.Postgres}
)

// clock moves on by a second and some nanoseconds each time it is read.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.t.IsZero() {
		c.t = time.Date(2026, 11, 16, 9, 0, 0, 123456789, time.FixedZone("IST", 19800))
	}
	c.t = c.t.Add(time.Second + 789)
	return c.t
}

// database is an open store and, beside it, the database as anybody with SQL sees it.
type database struct {
	*store.Store
	driver, dsn string
	sql         *sql.DB
}

// both runs a test on both databases, each empty and migrated.
func both(t *testing.T, test func(t *testing.T, db *database)) {
	t.Helper()
	for _, driver := range drivers {
		t.Run(driver, func(t *testing.T) { test(t, open(t, driver)) })
	}
}

func open(t testing.TB, driver string) *database {
	t.Helper()
	dsn := filepath.Join(t.TempDir(), "log reeve #1%20?.db")
	if driver == store.Postgres {
		return openAt(t, driver, migratedPostgres(t))
	}
	db := openAt(t, driver, dsn)
	if err := db.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	return db
}

func openAt(t testing.TB, driver, dsn string) *database {
	t.Helper()
	s, err := store.Open(ctx, store.Config{Driver: driver, DSN: dsn, Now: new(clock).now})
	if err != nil {
		t.Fatal(err)
	}
	name, raw := "pgx", dsn
	if driver == store.SQLite {
		name, raw = "sqlite", "file:"+strings.NewReplacer("%", "%25", "#", "%23", "?", "%3f", " ", "%20").Replace(dsn)+"?_pragma=busy_timeout(5000)"
	}
	plain, err := sql.Open(name, raw)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := plain.Close(); err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return &database{Store: s, driver: driver, dsn: dsn, sql: plain}
}

func (db *database) exec(t testing.TB, statement string, args ...any) {
	t.Helper()
	if _, err := db.sql.Exec(statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// tables lists every table but goose's.
func (db *database) tables(t testing.TB) []string {
	t.Helper()
	q := "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'goose_db_version' ORDER BY name"
	if db.driver == store.Postgres {
		q = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'goose_db_version' ORDER BY tablename"
	}
	return db.column(t, q)
}

func (db *database) column(t testing.TB, q string, args ...any) []string {
	t.Helper()
	rows, err := db.sql.Query(q, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// contents hashes every row of every table, by table.
func (db *database) contents(t testing.TB) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, table := range db.tables(t) {
		rows, err := db.sql.Query("SELECT * FROM " + table)
		if err != nil {
			t.Fatal(err)
		}
		names, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for rows.Next() {
			values := make([]any, len(names))
			for i := range values {
				values[i] = new(any)
			}
			if err := rows.Scan(values...); err != nil {
				t.Fatal(err)
			}
			var b strings.Builder
			for _, v := range values {
				fmt.Fprintf(&b, "%v|", *v.(*any))
			}
			lines = append(lines, b.String())
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		_ = rows.Close()
		slices.Sort(lines)
		sum := sha256.Sum256([]byte(strings.Join(lines, "\n")))
		out[table] = hex.EncodeToString(sum[:])
	}
	return out
}

func must[T any](t testing.TB) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func wantKind(t testing.TB, err error, kind fault.Kind) {
	t.Helper()
	if err == nil || fault.KindOf(err) != kind {
		t.Fatalf("got error %v (kind %d), want kind %d", err, fault.KindOf(err), kind)
	}
}

func entry(action string) trail.Entry {
	return trail.Entry{Action: action, ObjectKind: "thing", ObjectID: "t_1", Detail: map[string]string{"k": "v"}}
}

// wantTrail checks that the chain holds and has the number of records.
func wantTrail(t testing.TB, db *database, records int64) {
	t.Helper()
	breaks, n, err := db.VerifyTrail(ctx)
	if err != nil || len(breaks) > 0 || n != records {
		t.Fatalf("the trail has %d records, breaks %v, error %v; want %d records", n, breaks, err, records)
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	now := new(clock).now
	folder := t.TempDir()
	notADatabase := filepath.Join(folder, "text.db")
	writeFile(t, notADatabase, strings.Repeat("this is no database ", 100))
	locked := filepath.Join(folder, "locked.db")
	holder := must[*sql.DB](t)(sql.Open("sqlite", "file:"+locked))
	t.Cleanup(func() { _ = holder.Close() })
	holder.SetMaxOpenConns(1)
	for _, q := range []string{"CREATE TABLE x (y)", "BEGIN EXCLUSIVE"} {
		if _, err := holder.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ name, driver, dsn, want string }{
		{"no such folder", store.SQLite, filepath.Join(folder, "none", "x.db"), "cannot be opened. Its folder must exist"},
		{"a folder", store.SQLite, folder, "cannot be opened"},
		{"not a database", store.SQLite, notADatabase, "is not a database of this program"},
		{"locked", store.SQLite, locked, "is locked by another program"},
		{"in memory", store.SQLite, ":memory:", "needs the path of a file"},
		{"unknown", "oracle", "x", "is not known"},
		{"not an address", store.Postgres, "postgres://user:hunter2@[", "is not understood"},
		{"nobody there", store.Postgres, "postgres://user:hunter2@127.0.0.1:1/reeve?connect_timeout=1", "reeve on 127.0.0.1:1 cannot be reached"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := store.Open(ctx, store.Config{Driver: c.driver, DSN: c.dsn, Now: now})
			if err == nil || !strings.Contains(fault.Message(err), c.want) || strings.Contains(err.Error(), "hunter2") {
				t.Fatalf("got %q (%v), want a sentence with %q and no secret", fault.Message(err), err, c.want)
			}
		})
	}
}

func TestOpenNamesWhatIsWrongWithPostgres(t *testing.T) {
	dsn := newPostgres(t)
	for _, c := range []struct{ name, setting, want string }{
		{"fsync", "fsync", "fsync=off"},
		{"full_page_writes", "full_page_writes", "full_page_writes=off"},
	} {
		t.Run(c.name, func(t *testing.T) {
			plain := must[*sql.DB](t)(sql.Open("pgx", dsn))
			defer func() { _ = plain.Close() }()
			set := func(q string) {
				for _, q := range []string{q, "SELECT pg_reload_conf()"} {
					if _, err := plain.Exec(q); err != nil {
						t.Fatal(err)
					}
				}
				time.Sleep(150 * time.Millisecond)
			}
			set("ALTER SYSTEM SET " + c.setting + " = off")
			defer set("ALTER SYSTEM RESET " + c.setting)
			_, err := store.Open(ctx, store.Config{Driver: store.Postgres, DSN: dsn, Now: new(clock).now})
			if err == nil || !strings.Contains(fault.Message(err), c.want) {
				t.Fatalf("got %v, want a refusal that names %s", err, c.want)
			}
		})
	}
	s, err := store.Open(ctx, store.Config{Driver: store.Postgres, DSN: dsn + "_none", Now: new(clock).now})
	if err == nil || !strings.Contains(fault.Message(err), "no such database") {
		t.Fatalf("got %v %v", s, err)
	}
}

func TestSQLiteKeepsWhatItAcknowledges(t *testing.T) {
	db := open(t, store.SQLite)
	var mode string
	if err := db.sql.QueryRow("PRAGMA journal_mode").Scan(&mode); err != nil || mode != "wal" {
		t.Fatalf("journal mode %q, %v", mode, err)
	}
}
