package store_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"logreeve/app/fault"
	"logreeve/app/store"
	"logreeve/migrations"
)

func writeFile(t testing.TB, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestMigrateUpDownUp(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, db *database) {
		schema := func() []string {
			if db.driver == store.SQLite {
				return db.column(t, "SELECT coalesce(sql, name) FROM sqlite_master WHERE name NOT LIKE '%goose%' AND name NOT LIKE 'sqlite_%' ORDER BY type, name")
			}
			return db.column(t, "SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE 'goose%' ORDER BY 1")
		}
		up := schema()
		at := must[store.SchemaStatus](t)(db.Status(ctx))
		if !at.Ready() || at.Target < 4 {
			t.Fatalf("status %+v after migrating", at)
		}
		if err := db.Migrate(ctx); err != nil {
			t.Fatalf("migrating again: %v", err)
		}
		if err := db.MigrateDown(ctx, 0); err != nil {
			t.Fatal(err)
		}
		if left := db.tables(t); len(left) > 0 {
			t.Fatalf("left behind: %v", left)
		}
		if at := must[store.SchemaStatus](t)(db.Status(ctx)); at.Current != 0 || at.Ready() {
			t.Fatalf("status %+v after going down", at)
		}
		for v := int64(1); v <= at.Target; v++ { // each step alone, and back
			if err := db.Migrate(ctx); err != nil {
				t.Fatal(err)
			}
			if err := db.MigrateDown(ctx, at.Target-v); err != nil {
				t.Fatal(err)
			}
		}
		if err := db.Migrate(ctx); err != nil {
			t.Fatal(err)
		}
		if again := schema(); !slices.Equal(up, again) {
			t.Fatalf("the schema differs after down and up:\n%s\n%s", strings.Join(up, "\n"), strings.Join(again, "\n"))
		}
		if err := db.Append(ctx, alice, entry("thing.seen")); err != nil {
			t.Fatal(err)
		}
	})
}

func TestMigrateTogether(t *testing.T) {
	t.Parallel()
	for _, driver := range drivers {
		t.Run(driver, func(t *testing.T) {
			dsn := filepath.Join(t.TempDir(), "x.db")
			if driver == store.Postgres {
				dsn = newPostgres(t)
			}
			var wg sync.WaitGroup
			for range 6 {
				db := openAt(t, driver, dsn)
				wg.Go(func() {
					if err := db.Migrate(ctx); err != nil {
						t.Errorf("one of six replicas could not start: %v", err)
					}
				})
			}
			wg.Wait()
		})
	}
}

func TestRefusesNewerSchema(t *testing.T) {
	both(t, func(t *testing.T, db *database) {
		db.exec(t, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, "+map[string]string{store.SQLite: "1", store.Postgres: "true"}[db.driver]+")")
		_, err := store.Open(ctx, store.Config{Driver: db.driver, DSN: db.dsn, Now: new(clock).now})
		wantKind(t, err, fault.Invalid)
		if m := fault.Message(err); !strings.Contains(m, "version 99") || !strings.Contains(m, db.Where()) {
			t.Fatalf("the sentence names neither version nor place: %s", m)
		}
		wantKind(t, db.Migrate(ctx), fault.Invalid)
	})
}

func TestMigrationsArePairs(t *testing.T) {
	one, err := migrations.SQLite.ReadDir("sqlite")
	if err != nil {
		t.Fatal(err)
	}
	two, err := migrations.Postgres.ReadDir("postgres")
	if err != nil {
		t.Fatal(err)
	}
	if len(one) == 0 || len(one) != len(two) {
		t.Fatalf("%d files for SQLite, %d for PostgreSQL", len(one), len(two))
	}
	tables := regexp.MustCompile(`CREATE TABLE (\w+) \(([^;]*)\n\)`)
	column := regexp.MustCompile(`(?m)^    (\w+)\s+(?:INTEGER|BIGINT|TEXT|BLOB|BYTEA|BOOLEAN)`)
	added := regexp.MustCompile(`(?m)^ALTER TABLE (\w+) ADD COLUMN (\w+)`)
	for i := range one {
		if one[i].Name() != two[i].Name() {
			t.Errorf("%s and %s", one[i].Name(), two[i].Name())
		}
		a, err1 := migrations.SQLite.ReadFile("sqlite/" + one[i].Name())
		b, err2 := migrations.Postgres.ReadFile("postgres/" + two[i].Name())
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		columns := func(text string) (out []string) {
			for _, m := range tables.FindAllStringSubmatch(text, -1) {
				for _, c := range column.FindAllStringSubmatch(m[2], -1) {
					out = append(out, m[1]+"."+c[1])
				}
			}
			for _, m := range added.FindAllStringSubmatch(text, -1) {
				out = append(out, m[1]+"."+m[2])
			}
			return out
		}
		if ca, cb := columns(string(a)), columns(string(b)); len(ca) == 0 || !slices.Equal(ca, cb) {
			t.Errorf("%s: the databases differ: %v and %v", one[i].Name(), ca, cb)
		}
		for _, text := range []string{string(a), string(b)} {
			if !strings.Contains(text, "-- +goose Up") || !strings.Contains(text, "-- +goose Down") {
				t.Errorf("%s lacks a way up or down", one[i].Name())
			}
		}
	}
}

// TestRowsMatchSchema: every column of every table is in its row struct, and
// the other way round.
func TestRowsMatchSchema(t *testing.T) {
	both(t, func(t *testing.T, db *database) {
		known := map[string]bool{"counters": true} // reached by SQL alone
		for _, row := range store.Rows() {
			table := row.TableName()
			known[table] = true
			q := "SELECT name FROM pragma_table_info('" + table + "')"
			if db.driver == store.Postgres {
				q = "SELECT column_name FROM information_schema.columns WHERE table_name = '" + table + "'"
			}
			has, want := db.column(t, q), store.ColumnsOf(t, db.Store, row)
			slices.Sort(has)
			slices.Sort(want)
			if !slices.Equal(has, want) {
				t.Errorf("%s has %v, its row struct %v", table, has, want)
			}
		}
		for _, table := range db.tables(t) {
			if !known[table] {
				t.Errorf("no row struct for %s", table)
			}
		}
	})
}
