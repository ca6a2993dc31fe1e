package store_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"logreeve/app/actor"
	"logreeve/app/store"
	"logreeve/app/trail"
)

const hostile = "a\x00b\x01c\xff\xfe 😀 \u202e<script>'\"; DROP TABLE trail; --\n\ufffd\x010"

func TestTrailKeepsWhatWasSaid(t *testing.T) {
	both(t, func(t *testing.T, db *database) {
		if seq, hash, err := db.TrailHead(ctx); seq != 0 || hash != trail.Genesis || err != nil {
			t.Fatalf("an empty trail begins with %d %s %v", seq, hash, err)
		}
		wantTrail(t, db, 0)
		odd := actor.Actor{ID: "u_\x00", Name: hostile, Email: hostile, Address: hostile}
		entries := []trail.Entry{
			entry("thing.made"), {Action: "thing.bare"},
			{Action: hostile, ObjectKind: hostile, ObjectID: hostile, Detail: map[string]string{hostile: hostile, "": "", "<&>": "\u2028"}},
		}
		for i, e := range entries {
			if err := db.Append(ctx, []actor.Actor{alice, actor.System(), odd}[i], e); err != nil {
				t.Fatal(err)
			}
		}
		wantTrail(t, db, 3)
		got := must[[]trail.Record](t)(db.Trail(ctx, store.TrailFilter{}, 0, 10))
		if len(got) != 3 || got[0].Seq != 3 || got[2].By != "u_alice" || got[2].Address != "192.0.2.7" {
			t.Fatalf("the trail is %+v", got)
		}
		last := got[0]
		if last.Action != hostile || last.Kind != hostile || last.Detail[hostile] != hostile || last.By != odd.ID || last.Sum() != last.Hash {
			t.Fatalf("hostile text came back as %+v", last)
		}
		if last.At%1_000_000 == 0 || last.At.Time().Nanosecond()%1000 != 0 {
			t.Fatalf("time %v is not in microseconds", last.At)
		}
		if seq, hash, err := db.TrailHead(ctx); seq != 3 || hash != last.Hash || err != nil {
			t.Fatalf("the head is %d %s %v", seq, hash, err)
		}
		for _, c := range []struct {
			f    store.TrailFilter
			want string
		}{
			{store.TrailFilter{By: "u_alice"}, "[1]"},
			{store.TrailFilter{By: "' OR 1=1 --"}, "[]"},
			{store.TrailFilter{Actions: []string{"thing.bare", hostile}}, "[3 2]"},
			{store.TrailFilter{Kind: "thing", Object: "t_1"}, "[1]"},
			{store.TrailFilter{From: got[1].At}, "[3 2]"},
			{store.TrailFilter{To: got[1].At}, "[1]"},
		} {
			var seqs []int64
			for _, r := range must[[]trail.Record](t)(db.Trail(ctx, c.f, 0, 10)) {
				seqs = append(seqs, r.Seq)
			}
			if fmt.Sprint(seqs) != c.want {
				t.Errorf("%+v gives %v, want %s", c.f, seqs, c.want)
			}
		}
		if page := must[[]trail.Record](t)(db.Trail(ctx, store.TrailFilter{}, 3, 1)); len(page) != 1 || page[0].Seq != 2 {
			t.Errorf("the second page is %+v", page)
		}
		if of := must[[]trail.Record](t)(db.TrailFor(ctx, hostile, hostile)); len(of) != 1 || of[0].Seq != 3 {
			t.Errorf("of one object: %+v", of)
		}
		who := must[map[string]actor.Actor](t)(db.Principals(ctx, []string{"u_alice", "system", odd.ID, "u_nobody"}))
		if len(who) != 3 || who["u_alice"].Name != "Alice Adler" || !who["system"].System || who[odd.ID].Email != hostile {
			t.Errorf("principals %+v", who)
		}
		renamed := alice
		renamed.Name = "Alice Berg"
		if err := db.Append(ctx, renamed, entry("thing.seen")); err != nil {
			t.Fatal(err)
		}
		if who := must[map[string]actor.Actor](t)(db.Principals(ctx, []string{"u_alice"})); who["u_alice"].Name != "Alice Berg" {
			t.Errorf("a new name was not kept: %+v", who)
		}
		for _, table := range db.tables(t) { // the chain itself holds no names
			if table != "principals" && strings.Contains(fmt.Sprint(dump(t, db, table)), "Alice") {
				t.Errorf("%s holds a name", table)
			}
		}
		if err := db.Append(ctx, actor.Actor{}, entry("x")); err == nil {
			t.Error("a record by nobody was accepted")
		}
		if err := db.Append(ctx, alice, trail.Entry{}); err == nil {
			t.Error("a record of nothing was accepted")
		}
		wantTrail(t, db, 4)
	})
}

func dump(t testing.TB, db *database, table string) []string {
	t.Helper()
	q := "SELECT CAST(" + table + " AS text) FROM " + table
	if db.driver == store.SQLite {
		cols := db.column(t, "SELECT name FROM pragma_table_info('"+table+"')")
		q = "SELECT " + strings.Join(cols, " || '|' || ") + " FROM " + table
	}
	return db.column(t, q)
}

// TestTrailHasNoGap: records of many writers at once form one chain.
func TestTrailHasNoGap(t *testing.T) {
	both(t, func(t *testing.T, db *database) {
		other := openAt(t, db.driver, db.dsn) // a second replica
		var wg sync.WaitGroup
		for w := range 8 {
			wg.Go(func() {
				on := []*database{db, other}[w%2]
				for i := range 12 {
					if err := on.Append(ctx, alice, trail.Entry{Action: "thing.seen", ObjectID: fmt.Sprint(w, i)}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		wantTrail(t, db, 96)
	})
}

func TestTablesAreAppendOnly(t *testing.T) {
	appendOnly := []string{
		"trail", "snapshots", "snapshot_people", "results", "items", "item_evidence", "run_changes", "populations",
		"review_checks", "review_items", "review_picks", "review_limits", "decisions", "acknowledgements", "sign_offs", "sign_off_voids",
		"review_events", "finding_changes", "packages", "package_bytes",
	}
	both(t, func(t *testing.T, db *database) {
		everything(t, db)
		refused := func(statement, why string) {
			t.Helper()
			if _, err := db.sql.Exec(statement); err == nil || !strings.Contains(err.Error(), why) {
				t.Errorf("%s: %v, want a refusal with %q", statement, err, why)
			}
		}
		for _, table := range appendOnly {
			if len(dumpCount(t, db, table)) == 0 {
				t.Errorf("the test has no row in %s", table)
			}
			column := store.ColumnsOf(t, db.Store, rowOf(table))[0]
			refused("UPDATE "+table+" SET "+column+" = "+column, "is append-only")
			refused("DELETE FROM "+table, "is append-only")
			if db.driver == store.Postgres {
				refused("TRUNCATE "+table+" CASCADE", "is append-only")
			}
		}
		for _, table := range []string{"runs", "reviews", "findings", "trail_head"} {
			if db.driver == store.SQLite {
				refused("DELETE FROM "+table, "is never deleted")
			} else {
				refused("DELETE FROM "+table, "is append-only")
			}
		}
		refused("UPDATE runs SET problem = 'none' WHERE status = 'done'", map[string]string{store.SQLite: "a finished run does not change", store.Postgres: "append-only"}[db.driver])
		refused("UPDATE reviews SET title = 'x' WHERE state = 'closed'", map[string]string{store.SQLite: "a closed review does not change", store.Postgres: "append-only"}[db.driver])
	})
}

func rowOf(table string) any {
	for _, row := range store.Rows() {
		if row.TableName() == table {
			return row
		}
	}
	return nil
}

func dumpCount(t testing.TB, db *database, table string) []string {
	return db.column(t, "SELECT '1' FROM "+table)
}

// TestVerifyTrailNamesEdits edits the trail as somebody would who may do
// anything in the database: every edit is named, and so is where it is.
func TestVerifyTrailNamesEdits(t *testing.T) {
	t.Parallel()
	const records, edits = 60, 200
	both(t, func(t *testing.T, db *database) {
		for i := range records {
			e := trail.Entry{Action: fmt.Sprintf("thing.%d", i), ObjectKind: "thing", ObjectID: fmt.Sprint(i), Detail: map[string]string{"n": fmt.Sprint(i), "z": "<é>"}}
			if err := db.Append(ctx, alice, e); err != nil {
				t.Fatal(err)
			}
		}
		wantTrail(t, db, records) // the control: untouched, no alarm
		dropTriggers(t, db, "trail", "trail_head")
		db.exec(t, "CREATE TABLE kept AS SELECT * FROM trail")
		db.exec(t, "CREATE TABLE kept_head AS SELECT * FROM trail_head")
		rng := rand.New(rand.NewPCG(1, 2))
		texts := []string{"by_id", "address", "action", "object_kind", "object_id", "detail", "previous", "hash"}
		for n := range edits {
			seq := 1 + rng.IntN(records)
			other := 1 + (seq+rng.IntN(records-1))%records
			if other == seq {
				other = 1 + seq%records
			}
			var what string
			switch kind := n % 16; kind {
			case 0, 1, 2, 3, 4, 5, 6, 7:
				what = fmt.Sprintf("UPDATE trail SET %s = %s || ' ' WHERE seq = %d", texts[kind], texts[kind], seq)
			case 8:
				what = fmt.Sprintf("UPDATE trail SET at = at + 1 WHERE seq = %d", seq)
			case 9:
				what = fmt.Sprintf("DELETE FROM trail WHERE seq = %d", seq)
			case 10:
				what = fmt.Sprintf("UPDATE trail SET seq = %d WHERE seq = %d", records+1+rng.IntN(9), seq)
			case 11:
				what = fmt.Sprintf("INSERT INTO trail SELECT %d, at, by_id, address, action, object_kind, object_id, detail, previous, hash FROM trail WHERE seq = %d", -rng.IntN(2)*5+records+1, seq)
			case 12:
				what = fmt.Sprintf("DELETE FROM trail WHERE seq > %d", records-1-rng.IntN(records))
			case 13: // the content of two records changes place
				what = fmt.Sprintf("UPDATE trail SET action = (SELECT k.action FROM kept k WHERE k.seq = %d + %d - trail.seq), detail = (SELECT k.detail FROM kept k WHERE k.seq = %d + %d - trail.seq) WHERE seq IN (%d, %d)", seq, other, seq, other, seq, other)
			case 14:
				what = "UPDATE trail_head SET seq = seq + 1"
			case 15:
				what = "DELETE FROM trail_head"
			}
			if what[:6] == "INSERT" && strings.Contains(what, fmt.Sprintf("SELECT %d,", records-4)) {
				what = fmt.Sprintf("UPDATE trail SET detail = replace(detail, ':', ': ') WHERE seq = %d", seq) // same meaning, other bytes
			}
			db.exec(t, what)
			breaks, _, err := db.VerifyTrail(ctx)
			if err != nil || len(breaks) == 0 {
				t.Errorf("not named: %s (%v)", what, err)
			}
			if n%16 < 9 && (len(breaks) == 0 || breaks[0].Seq != int64(seq)) {
				t.Errorf("%s is named as %v", what, breaks)
			}
			for _, q := range []string{"DELETE FROM trail", "INSERT INTO trail SELECT * FROM kept", "DELETE FROM trail_head", "INSERT INTO trail_head SELECT * FROM kept_head"} {
				db.exec(t, q)
			}
		}
		wantTrail(t, db, records)
	})
}

func dropTriggers(t testing.TB, db *database, tables ...string) {
	t.Helper()
	for _, table := range tables {
		if db.driver == store.Postgres {
			db.exec(t, "ALTER TABLE "+table+" DISABLE TRIGGER USER")
			continue
		}
		for _, name := range db.column(t, "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", table) {
			db.exec(t, "DROP TRIGGER "+name)
		}
	}
}
