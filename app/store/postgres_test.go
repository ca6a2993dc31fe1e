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
)

// server is a PostgreSQL server for the tests of this package: the one that
// LOGREEVE_TEST_POSTGRES names, or a private one that is started when the first
// test asks and ended with the tests.
var server struct {
	once sync.Once
	dsn  string // of the maintenance database
	err  error
	stop func()
	next atomic.Int64
}

func TestMain(m *testing.M) {
	code := m.Run()
	if server.stop != nil {
		server.stop()
	}
	os.Exit(code)
}

// newPostgres makes an empty database and gives its address.
func newPostgres(t testing.TB) string {
	t.Helper()
	server.once.Do(func() { server.dsn, server.stop, server.err = startPostgres() })
	if server.err != nil {
		t.Fatalf("these tests need a PostgreSQL server: install Debian's package postgresql, or set LOGREEVE_TEST_POSTGRES to the address of a server on which databases may be created: %v", server.err)
	}
	if strings.Contains(server.dsn, "://") {
		t.Fatal("write LOGREEVE_TEST_POSTGRES as words: host=… user=… password=…, without dbname")
	}
	name := fmt.Sprintf("logreeve_test_%d_%d", os.Getpid(), server.next.Add(1))
	db, err := sql.Open("pgx", server.dsn+" dbname=postgres")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("CREATE DATABASE " + name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, err := db.Exec("DROP DATABASE " + name + " WITH (FORCE)")
		if err := errors.Join(err, db.Close()); err != nil {
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
		_ = postgres.Process.Signal(syscall.SIGINT)
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
