package store

import (
	"context"
	"errors"
	"net"

	gosqlite "github.com/glebarez/go-sqlite"
	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"

	"logreeve/app/fault"
)

// SQLite result codes (https://www.sqlite.org/rescode.html), the primary ones.
const (
	sqliteBusy     = 5
	sqliteLocked   = 6
	sqliteReadOnly = 8
	sqliteIOErr    = 10
	sqliteCorrupt  = 11
	sqliteFull     = 13
	sqliteCantOpen = 14
	sqliteNotADB   = 26
)

// translate is the one border between the drivers' errors and faults. What is
// a fault already, or tells of a cancelled context, passes unchanged. Callers
// turn a missing row or a duplicate into the sentence that fits before.
func translate(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	switch sqliteCode(err) {
	case sqliteBusy, sqliteLocked:
		return fault.Wrap(fault.Unavailable, err, "The database is in use by another program that does not let go of it. Nothing was changed. Try again.")
	case sqliteFull:
		return fault.Wrap(fault.Unavailable, err, "The disk of the database is full. Nothing was changed. Make room and try again.")
	case sqliteReadOnly:
		return fault.Wrap(fault.Unavailable, err, "The database cannot be written: the file or its folder is read-only. Nothing was changed.")
	case sqliteIOErr, sqliteCantOpen:
		return fault.Wrap(fault.Unavailable, err, "The disk of the database does not answer. Nothing was changed.")
	case sqliteCorrupt, sqliteNotADB:
		return fault.Wrap(fault.Unavailable, err, "The database file is damaged. Stop the program and restore a backup.")
	}
	switch state := sqlState(err); {
	case state == "53100":
		return fault.Wrap(fault.Unavailable, err, "The disk of the database is full. Nothing was changed. Make room and try again.")
	case len(state) == 5 && (state[:2] == "08" || state[:2] == "53" || state[:3] == "57P"), unreachable(err):
		return fault.Wrap(fault.Unavailable, err, "The database cannot be reached. Nothing was changed. Try again.")
	}
	return fault.Wrap(fault.Internal, err, "The database refused the request.")
}

// passing says whether trying again may succeed: somebody else was first.
func passing(err error) bool {
	switch sqliteCode(err) {
	case sqliteBusy, sqliteLocked:
		return true
	}
	switch sqlState(err) {
	case "40001", "40P01": // serialization_failure, deadlock_detected
		return true
	}
	return false
}

func missing(err error) bool { return errors.Is(err, gorm.ErrRecordNotFound) }

func duplicate(err error) bool { return errors.Is(err, gorm.ErrDuplicatedKey) }

// sqliteCode is the primary result code of SQLite, 0 for other errors.
func sqliteCode(err error) int {
	if e, ok := errors.AsType[*gosqlite.Error](err); ok {
		return e.Code() & 0xff
	}
	return 0
}

// sqlState is the SQLSTATE of PostgreSQL, "" for other errors.
func sqlState(err error) string {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code
	}
	return ""
}

func unreachable(err error) bool {
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	_, ok := errors.AsType[*net.OpError](err)
	return ok
}
