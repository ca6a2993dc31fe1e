// Package store owns the database: opening it, its transactions, the schema's
// version and the one implementation of the Store interfaces of app/auth,
// app/runs and reviews. Rules stay with their owners: a method that changes an
// aggregate loads it for update, applies the function it was given, keeps what
// that appended, and writes the trail record, all in one transaction. Nothing
// that a person decides changes without a record in the trail.
//
// SQLite (a file, the default) and PostgreSQL hold the same tables. Times are
// microseconds since the Unix epoch, UTC. Strings are kept in a spelling that
// survives both (see text). What was said, found or sealed is append-only, and
// triggers refuse anything else.
package store

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"logreeve/app/auth"
	"logreeve/app/fault"
	"logreeve/app/runs"
	"logreeve/connectors"
	"logreeve/reviews"
)

// Drivers that Open knows.
const (
	SQLite   = "sqlite"
	Postgres = "postgres"
)

// Config says which database to open.
type Config struct {
	Driver string // SQLite or Postgres
	// DSN is the path of the file for SQLite; for PostgreSQL a URL or
	// "key=value" words. It may hold a password and is never shown.
	DSN    string
	Now    func() time.Time
	Logger *slog.Logger // nil: nothing is logged
}

// Store is an open database. It is safe for concurrent use.
type Store struct {
	driver string
	where  string   // how the database is named to people, without secrets
	writer *gorm.DB // SQLite: one connection whose transactions begin IMMEDIATE
	reader *gorm.DB // SQLite: connections that cannot write; PostgreSQL: the same as writer
	now    func() time.Time
	log    *slog.Logger
	opened openedCache
}

var (
	_ auth.Store    = (*Store)(nil)
	_ runs.Store    = (*Store)(nil)
	_ reviews.Store = (*Store)(nil)
)

// Open opens the database and makes sure that it keeps what it acknowledges. It
// does not change the schema: see Migrate. fault.Invalid when the configuration
// is wrong or the database was made by a newer version; fault.Unavailable when
// it cannot be read, is locked, or may lose data.
func Open(ctx context.Context, c Config) (*Store, error) {
	if c.Now == nil {
		return nil, errors.New("open the database: no clock")
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Store{driver: c.Driver, now: c.Now, log: c.Logger}
	var err error
	switch c.Driver {
	case SQLite:
		err = s.openSQLite(ctx, c.DSN)
	case Postgres:
		err = s.openPostgres(ctx, c.DSN)
	default:
		return nil, fault.Field("database", "The database %q is not known: it is sqlite or postgres.", c.Driver)
	}
	if err == nil {
		err = s.refuseNewer(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close lets go of the database.
func (s *Store) Close() error {
	return errors.Join(closePool(s.writer), closePool(s.reader))
}

// closePool may be asked twice for the same pool.
func closePool(db *gorm.DB) error {
	if db == nil {
		return nil
	}
	pool, err := db.DB()
	if err != nil {
		return err
	}
	return pool.Close()
}

// Ping says whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	return translate(s.reader.WithContext(ctx).Exec("SELECT 1").Error)
}

// Where names the database to people: a path, or host and database.
func (s *Store) Where() string { return s.where }

// settings of gorm, new for every Open: sharing one is a data race.
func (s *Store) gorm() *gorm.Config {
	return &gorm.Config{
		SkipDefaultTransaction: true, // transactions are opened where they are meant
		TranslateError:         true,
		QueryFields:            true,
		NowFunc:                func() time.Time { return s.instant().Time() },
		Logger: logger.NewSlogLogger(s.log, logger.Config{
			LogLevel: logger.Warn, SlowThreshold: time.Second,
			ParameterizedQueries: true, IgnoreRecordNotFoundError: true,
		}),
	}
}

func (s *Store) instant() connectors.Instant { return connectors.At(s.now()) }
