package store

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/glebarez/sqlite"
	"gorm.io/gorm"

	"logreeve/app/fault"
)

// readers is how many connections read a SQLite file at once.
const readers = 4

// durable are the settings that make an acknowledged change survive a power
// cut, in the spelling of the driver. A driver that does not know a spelling
// ignores it without a word, so they are read back.
var durable = []struct{ pragma, set, want string }{
	{"journal_mode", "WAL", "wal"},
	{"busy_timeout", "5000", "5000"},
	{"synchronous", "FULL", "2"},
	{"foreign_keys", "1", "1"},
}

func (s *Store) openSQLite(ctx context.Context, path string) error {
	if path == "" || path == ":memory:" || strings.HasPrefix(path, "file:") {
		return fault.Field("database", "The database needs the path of a file.")
	}
	full, err := filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("find the database file %s: %w", path, err)
	}
	s.where = full
	words := make([]string, 0, len(durable)+1)
	for _, d := range durable {
		words = append(words, fmt.Sprintf("_pragma=%s(%s)", d.pragma, d.set))
	}
	dsn := "file:" + (&url.URL{Path: full}).EscapedPath() + "?" + strings.Join(words, "&")

	if s.writer, err = gorm.Open(sqlite.Open(dsn+"&_txlock=immediate"), s.gorm()); err != nil {
		return s.cannotOpenSQLite(err)
	}
	if s.reader, err = gorm.Open(sqlite.Open(dsn+"&_pragma=query_only(1)"), s.gorm()); err != nil {
		return s.cannotOpenSQLite(err)
	}
	for db, size := range map[*gorm.DB]int{s.writer: 1, s.reader: readers} {
		pool, err := db.DB()
		if err != nil {
			return fmt.Errorf("open %s: %w", full, err)
		}
		pool.SetMaxOpenConns(size)
		pool.SetMaxIdleConns(size)
		pool.SetConnMaxLifetime(0)
		if err := readBack(ctx, pool); err != nil {
			if sqliteCode(err) != 0 {
				return s.cannotOpenSQLite(err)
			}
			return err
		}
	}
	return nil
}

// readBack refuses a database whose settings are not the ones asked for.
func readBack(ctx context.Context, pool *sql.DB) error {
	for _, d := range durable {
		var got string
		if err := pool.QueryRowContext(ctx, "PRAGMA "+d.pragma).Scan(&got); err != nil {
			return fmt.Errorf("read %s back: %w", d.pragma, err)
		}
		if got != d.want {
			return fault.New(fault.Unavailable, "The database does not take the setting %s=%s (it has %s), so it could lose what it acknowledged. Use a file on a local disk.", d.pragma, d.set, got)
		}
	}
	return nil
}

func (s *Store) cannotOpenSQLite(err error) error {
	switch sqliteCode(err) {
	case sqliteBusy, sqliteLocked:
		return fault.Wrap(fault.Unavailable, err, "The database file %s is locked by another program. Stop that program and start again.", s.where)
	case sqliteNotADB:
		return fault.Wrap(fault.Unavailable, err, "The file %s is not a database of this program.", s.where)
	case sqliteCorrupt:
		return fault.Wrap(fault.Unavailable, err, "The database file %s is damaged. Restore a backup.", s.where)
	case sqliteReadOnly:
		return fault.Wrap(fault.Unavailable, err, "The database file %s may not be written. Give this program the right to write the file and its folder.", s.where)
	}
	return fault.Wrap(fault.Unavailable, err, "The database file %s cannot be opened. Its folder must exist, and this program must be allowed to read and write it.", s.where)
}
