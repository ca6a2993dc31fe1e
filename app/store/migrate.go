package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"logreeve/app/fault"
	"logreeve/migrations"
)

// SchemaStatus says which version of the schema the database has and which this
// program brings. The database is ready when they are equal.
type SchemaStatus struct {
	Current, Target int64
}

// Ready says whether the schema is the one this program works with.
func (s SchemaStatus) Ready() bool { return s.Current == s.Target }

// Migrate brings the schema up to this program's version. It may run in any
// number of processes at once.
func (s *Store) Migrate(ctx context.Context) error {
	if err := s.refuseNewer(ctx); err != nil {
		return err
	}
	return s.together(ctx, func(p *goose.Provider) error {
		_, err := p.Up(ctx)
		return err
	})
}

// MigrateDown takes the schema back to a version, with everything in the tables
// that version does not have; 0 leaves an empty database.
func (s *Store) MigrateDown(ctx context.Context, version int64) error {
	if version < 0 {
		return fault.Field("version", "There is no schema version %d.", version)
	}
	return s.together(ctx, func(p *goose.Provider) error {
		_, err := p.DownTo(ctx, version)
		return err
	})
}

// Status reads the schema's version.
func (s *Store) Status(ctx context.Context) (SchemaStatus, error) {
	p, err := s.provider()
	if err != nil {
		return SchemaStatus{}, err
	}
	current, err := s.schemaVersion(ctx)
	if err != nil {
		return SchemaStatus{}, err
	}
	sources := p.ListSources()
	return SchemaStatus{Current: current, Target: sources[len(sources)-1].Version}, nil
}

// schemaVersion reads what goose noted, and 0 from a database it never saw. It
// writes nothing, so that looking is always allowed.
func (s *Store) schemaVersion(ctx context.Context) (int64, error) {
	exists := "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'goose_db_version'"
	if s.driver == Postgres {
		exists = "SELECT count(*) FROM pg_catalog.pg_class WHERE oid = to_regclass('goose_db_version')"
	}
	var n, version int64
	if err := s.reader.WithContext(ctx).Raw(exists).Scan(&n).Error; err != nil {
		if s.driver == SQLite {
			return 0, s.cannotOpenSQLite(err)
		}
		return 0, translate(err)
	}
	if n == 0 {
		return 0, nil
	}
	if err := s.reader.WithContext(ctx).Raw("SELECT coalesce(max(version_id), 0) FROM goose_db_version").Scan(&version).Error; err != nil {
		return 0, translate(err)
	}
	return version, nil
}

func (s *Store) refuseNewer(ctx context.Context) error {
	at, err := s.Status(ctx)
	if err != nil {
		return err
	}
	if at.Current > at.Target {
		return fault.New(fault.Invalid, "The database %s has schema version %d, and this program knows versions up to %d. Start the newer program again, or restore the backup made before the upgrade.", s.where, at.Current, at.Target)
	}
	return nil
}

// together runs a migration under a lock: PostgreSQL has advisory locks. In a
// SQLite file each migration is one immediate transaction; a process that loses
// the race finds the work done, and looks again.
func (s *Store) together(ctx context.Context, work func(*goose.Provider) error) error {
	for try := 0; ; try++ {
		p, err := s.provider()
		if err != nil {
			return err
		}
		before, err := s.schemaVersion(ctx)
		if err != nil {
			return err
		}
		if err = work(p); err == nil {
			return nil
		}
		after, statusErr := s.schemaVersion(ctx)
		if s.driver != SQLite || statusErr != nil || (after == before && !passing(err)) || try == 50 {
			if passing(err) {
				return translate(err)
			}
			return fault.Wrap(fault.Unavailable, err, "The schema of the database %s could not be changed; the step that failed left nothing behind.", s.where)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("migrate %s: %w", s.where, ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (s *Store) provider() (*goose.Provider, error) {
	pool, err := s.writer.DB()
	if err != nil {
		return nil, fmt.Errorf("migrate %s: %w", s.where, err)
	}
	if s.driver == SQLite {
		return newProvider(goose.DialectSQLite3, pool, migrations.SQLite, "sqlite")
	}
	// Polled once a second, for at most five minutes.
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300))
	if err != nil {
		return nil, fmt.Errorf("migrate %s: %w", s.where, err)
	}
	return newProvider(goose.DialectPostgres, pool, migrations.Postgres, "postgres", goose.WithSessionLocker(locker))
}

func newProvider(dialect goose.Dialect, pool *sql.DB, files fs.FS, folder string, options ...goose.ProviderOption) (*goose.Provider, error) {
	sub, err := fs.Sub(files, folder)
	if err != nil {
		return nil, fmt.Errorf("read the migrations: %w", err)
	}
	options = append(options, goose.WithDisableGlobalRegistry(true))
	p, err := goose.NewProvider(dialect, pool, sub, options...)
	if errors.Is(err, goose.ErrNoMigrations) {
		return nil, errors.New("the program was built without its migrations")
	}
	if err != nil {
		return nil, fmt.Errorf("read the migrations: %w", err)
	}
	return p, nil
}
