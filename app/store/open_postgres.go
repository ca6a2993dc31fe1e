package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"

	"logreeve/app/fault"
)

func (s *Store) openPostgres(ctx context.Context, dsn string) error {
	at, err := pgconn.ParseConfig(dsn)
	if err != nil {
		// The cause is not kept: it may hold the password.
		return fault.Field("database", "The address of the PostgreSQL database is not understood. Write postgres://user@host:5432/database.")
	}
	s.where = fmt.Sprintf("%s on %s:%d", at.Database, at.Host, at.Port)
	if s.writer, err = gorm.Open(postgres.Open(dsn), s.gorm()); err != nil {
		return s.cannotOpenPostgres(err)
	}
	s.reader = s.writer
	pool, err := s.writer.DB()
	if err != nil {
		return fmt.Errorf("open %s: %w", s.where, err)
	}
	pool.SetMaxOpenConns(20)
	pool.SetMaxIdleConns(5)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	return s.refuseForgetful(ctx)
}

// refuseForgetful refuses a server that may lose what it acknowledged.
func (s *Store) refuseForgetful(ctx context.Context) error {
	for _, setting := range []string{"fsync", "full_page_writes", "synchronous_commit"} {
		var value string
		if err := s.writer.WithContext(ctx).Raw("SELECT current_setting(?)", setting).Scan(&value).Error; err != nil {
			return s.cannotOpenPostgres(err)
		}
		switch {
		case value != "off":
		case setting == "synchronous_commit":
			s.log.WarnContext(ctx, "the PostgreSQL server runs with synchronous_commit=off: after a crash it may lose what people signed in the last moments", "database", s.where)
		default:
			return fault.New(fault.Unavailable, "The PostgreSQL server of %s runs with %s=off, so a crash could damage or lose signed records. Turn it on and start again.", s.where, setting)
		}
	}
	return nil
}

func (s *Store) cannotOpenPostgres(err error) error {
	switch state := sqlState(err); state {
	case "28000", "28P01":
		return fault.Wrap(fault.Unavailable, err, "The PostgreSQL server of %s does not accept the user or the password.", s.where)
	case "3D000":
		return fault.Wrap(fault.Unavailable, err, "There is no such database: %s. Create it and start again.", s.where)
	}
	return fault.Wrap(fault.Unavailable, err, "The PostgreSQL database %s cannot be reached.", s.where)
}
