package store_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"logreeve/app/store"
	"logreeve/app/trail"
	"logreeve/reviews"
)

// signer is set in the process that TestCrash kills: the path of the database.
const signer = "LOGREEVE_TEST_CRASH"

// TestCrashHelper is not a test: it is what TestCrash runs and kills. It signs
// a review and says so when the signature is acknowledged.
func TestCrashHelper(t *testing.T) {
	path := os.Getenv(signer)
	if path == "" {
		return // run as a test it has nothing to do
	}
	db := openAt(t, store.SQLite, path)
	fmt.Println("ready")
	act(t, db, "W0-1", attest)
	fmt.Println("acknowledged")
	os.Exit(0)
}

// TestCrash kills the program at every call by which it writes or syncs while
// a review is signed. What was acknowledged is there, nothing is there in
// part, and the file is sound.
func TestCrash(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("strace"); err != nil {
		t.Fatalf("this test needs strace: install Debian's package strace: %v", err)
	}
	folder := t.TempDir()
	base := filepath.Join(folder, "base.db")
	made := openAt(t, store.SQLite, base)
	if err := made.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	opened(t, made, "W0-1", 4, 3)
	decided(t, made, "W0-1")
	made.exec(t, "PRAGMA wal_checkpoint(TRUNCATE)")
	image, err := os.ReadFile(base)
	if err != nil {
		t.Fatal(err)
	}
	copyTo := func(name string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, image, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	sign := func(path string, options ...string) (acknowledged bool, out []byte) {
		args := append(append([]string{"-f", "-qq", "-o", path + ".trace"}, options...), os.Args[0], "-test.run=^TestCrashHelper$")
		cmd := exec.Command("strace", args...)
		cmd.Env = append(os.Environ(), signer+"="+path)
		out, err := cmd.CombinedOutput()
		if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
			t.Fatalf("%v %v: %s", err, exit, out)
		}
		return strings.Contains(string(out), "acknowledged"), out
	}
	// The control: without a kill it signs, and makes so many of each call.
	path := copyTo("control.db")
	if ok, out := sign(path, "-e", "trace=pwrite64,fsync,fdatasync"); !ok {
		t.Fatalf("the control did not sign: %s", out)
	}
	if state := signatures(t, path); state != 1 {
		t.Fatalf("the control has %d signatures", state)
	}
	trace, err := os.ReadFile(path + ".trace")
	if err != nil {
		t.Fatal(err)
	}
	calls := map[string]int{}
	for lines := bufio.NewScanner(bytes.NewReader(trace)); lines.Scan(); {
		for _, call := range []string{"pwrite64", "fsync", "fdatasync"} {
			if strings.Contains(lines.Text(), " "+call+"(") {
				calls[call]++
			}
		}
	}
	if calls["pwrite64"] == 0 || calls["fsync"]+calls["fdatasync"] == 0 {
		t.Fatalf("a signature was written without a sync: %v", calls)
	}
	kills, signed := 0, 0
	for call, n := range calls {
		for at := 1; at <= n; at++ {
			path := copyTo(fmt.Sprintf("%s-%d.db", call, at))
			ok, _ := sign(path, "-e", "trace="+call, "-e", fmt.Sprintf("inject=%s:signal=KILL:when=%d", call, at))
			kills++
			switch got := signatures(t, path); {
			case ok && got != 1:
				t.Errorf("killed at %s %d: acknowledged and lost", call, at)
			case got == 1:
				signed++
			}
		}
	}
	t.Logf("%d kills, after %d of them the signature stood; calls %v", kills, signed, calls)
}

// signatures opens what a crash left, checks that it is sound and whole, and
// counts the signatures.
func signatures(t *testing.T, path string) int {
	t.Helper()
	db := openAt(t, store.SQLite, path)
	if sound := db.column(t, "PRAGMA integrity_check"); len(sound) != 1 || sound[0] != "ok" {
		t.Errorf("%s: %v", path, sound)
	}
	r := must[*reviews.Review](t)(db.Review(ctx, "W0-1"))
	breaks, n, err := db.VerifyTrail(ctx)
	if err != nil || len(breaks) > 0 {
		t.Errorf("%s: the trail has breaks %v, %v", path, breaks, err)
	}
	whole := len(r.SignOffs) == 1 && r.State == reviews.SignOff && n == 9
	none := len(r.SignOffs) == 0 && r.State == reviews.InReview && n == 8
	if !whole && !none {
		t.Errorf("%s is torn: %d signatures, state %s, %d trail records", path, len(r.SignOffs), r.State, n)
	}
	must[[]trail.Record](t)(db.TrailFor(ctx, "thing", "t_1"))
	return len(r.SignOffs)
}
