package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"logreeve/app/store"
)

// server is a PostgreSQL server for the tests of this package: the one that
// LOGREEVE_TEST_POSTGRES names, or a private one that is started when the first
// test asks and ended with the tests.
var server struct {
	start, migrate sync.Once
	dsn            string // without a database
	migrated       string // a database with the schema, to copy
	err            error
	stop           func()
	next           atomic.Int64
}

func TestMain(m *testing.M) {
	code := m.Run()
	switch {
	case server.stop != nil:
		server.stop()
	case server.migrated != "":
		_ = maintain("DROP DATABASE " + server.migrated + " WITH (FORCE)")
	}
	os.Exit(code)
}

// newPostgres makes an empty database and gives its address.
func newPostgres(t testing.TB) string { return createPostgres(t, "template0") }

// migratedPostgres makes a database that has the schema already.
func migratedPostgres(t testing.TB) string {
	t.Helper()
	startOnce(t)
	server.migrate.Do(func() {
		server.migrated = fmt.Sprintf("logreeve_test_%d_migrated", os.Getpid())
		if server.err = maintain("CREATE DATABASE " + server.migrated + " TEMPLATE template0"); server.err != nil {
			return
		}
		s, err := store.Open(ctx, store.Config{Driver: store.Postgres, DSN: server.dsn + " dbname=" + server.migrated, Now: new(clock).now})
		if err == nil {
			err = errors.Join(s.Migrate(ctx), s.Close())
		}
		server.err = err
	})
	if server.err != nil {
		t.Fatal(server.err)
	}
	return createPostgres(t, server.migrated)
}

func startOnce(t testing.TB) {
	t.Helper()
	server.start.Do(func() {
		server.dsn, server.stop, server.err = startPostgres()
		if strings.Contains(server.dsn, "://") || strings.Contains(server.dsn, "dbname") {
			server.err = errors.New("LOGREEVE_TEST_POSTGRES is written as words: host=… user=… password=…, without dbname")
		}
	})
	if server.err != nil {
		t.Fatalf("these tests need a PostgreSQL server: install Debian's package postgresql, or set LOGREEVE_TEST_POSTGRES to a server on which databases may be made: %v", server.err)
	}
}

func maintain(statement string) error {
	db, err := sql.Open("pgx", server.dsn+" dbname=postgres")
	if err != nil {
		return err
	}
	_, err = db.Exec(statement)
	return errors.Join(err, db.Close())
}

func createPostgres(t testing.TB, template string) string {
	t.Helper()
	startOnce(t)
	name := fmt.Sprintf("logreeve_test_%d_%d", os.Getpid(), server.next.Add(1))
	if err := maintain("CREATE DATABASE " + name + " TEMPLATE " + template); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if server.stop != nil { // a server of our own goes with all its databases
			return
		}
		if err := maintain("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	return server.dsn + " dbname=" + name
}

func startPostgres() (dsn string, stop func(), err error) {
	if dsn := os.Getenv("LOGREEVE_TEST_POSTGRES"); dsn != "" {
		return dsn, nil, nil
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return "", nil, errors.New("no server program was found under /usr/lib/postgresql")
	}
	bin := filepath.Dir(found[len(found)-1])
	dir, err := os.MkdirTemp("", "logreeve-postgres-")
	if err != nil {
		return "", nil, err
	}
	data := filepath.Join(dir, "data")
	name := "tester"
	var as *syscall.SysProcAttr
	if os.Getuid() == 0 { // the server refuses to run as root
		u, err := user.Lookup("postgres")
		if err != nil {
			return "", nil, err
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err := errors.Join(err1, err2, os.Chown(dir, int(uid), int(gid))); err != nil {
			return "", nil, err
		}
		as = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	}
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-U", name, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	initdb.SysProcAttr, initdb.Dir = as, dir
	if out, err := initdb.CombinedOutput(); err != nil {
		return "", nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return "", nil, err
	}
	postgres := exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "max_connections=200")
	postgres.SysProcAttr, postgres.Dir, postgres.Stdout, postgres.Stderr = as, dir, log, log
	if err := postgres.Start(); err != nil {
		return "", nil, err
	}
	stop = func() {
		_ = postgres.Process.Signal(syscall.SIGQUIT) // at once: nothing of it is kept
		_ = postgres.Wait()
		_ = log.Close()
		_ = os.RemoveAll(dir)
	}
	dsn = fmt.Sprintf("host=%s user=%s", dir, name)
	db, err := sql.Open("pgx", dsn+" dbname=postgres")
	if err != nil {
		stop()
		return "", nil, err
	}
	defer func() { _ = db.Close() }()
	for range 200 {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		err = db.PingContext(ctx)
		cancel()
		if err == nil {
			return dsn, stop, nil
		}
		time.Sleep(25 * time.Millisecond)
	}
	said, _ := os.ReadFile(filepath.Join(dir, "log"))
	stop()
	return "", nil, fmt.Errorf("the server does not answer: %w: %s", err, said)
}
