package store

import (
	"context"
	"database/sql"
	"math/rand/v2"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"logreeve/app/actor"
	"logreeve/app/trail"
)

// forUpdate locks the rows a query finds until the transaction ends. SQLite has
// one writer at a time anyway.
var forUpdate = clause.Locking{Strength: clause.LockingStrengthUpdate}

// attempts is how often a transaction is tried that others keep interfering with.
const attempts = 5

// batch is the most rows of one INSERT: more make SQLite slower, not faster.
const batch = 50

// change runs a change and writes its trail record in the same transaction. If
// either fails nothing is changed. work may run more than once.
func (s *Store) change(ctx context.Context, by actor.Actor, work func(tx *gorm.DB) (trail.Entry, error)) error {
	return s.write(ctx, func(tx *gorm.DB) error {
		entry, err := work(tx)
		if err != nil {
			return err
		}
		return s.appendTrail(ctx, tx, by, entry)
	})
}

// told is change for an entry that is known beforehand.
func (s *Store) told(ctx context.Context, by actor.Actor, e trail.Entry, work func(tx *gorm.DB) error) error {
	return s.change(ctx, by, func(tx *gorm.DB) (trail.Entry, error) { return e, work(tx) })
}

// write runs work in a transaction that may write. It is for what nobody
// decided and what therefore has no trail record: leases, progress, last seen.
func (s *Store) write(ctx context.Context, work func(tx *gorm.DB) error) error {
	var err error
	for try := range attempts {
		if err = s.writer.WithContext(ctx).Transaction(work); err == nil || !passing(err) {
			return translate(err)
		}
		select {
		case <-ctx.Done():
			return translate(err)
		case <-time.After(time.Duration(try+1)*10*time.Millisecond + rand.N(10*time.Millisecond)): //nolint:gosec // spreads retries, hides nothing
		}
	}
	return translate(err)
}

// read runs several queries over one state of the database.
func (s *Store) read(ctx context.Context, work func(tx *gorm.DB) error) error {
	options := &sql.TxOptions{ReadOnly: true}
	if s.driver == Postgres {
		options.Isolation = sql.LevelRepeatableRead
	}
	return translate(s.reader.WithContext(ctx).Transaction(work, options))
}

// exec runs a statement and gives the number of rows it changed.
func exec(ctx context.Context, tx *gorm.DB, statement string, args ...any) (int64, error) {
	done := tx.WithContext(ctx).Exec(statement, args...)
	return done.RowsAffected, done.Error
}

// insert adds rows in batches.
func insert[T any](ctx context.Context, tx *gorm.DB, rows []T, options ...clause.Expression) error {
	if len(rows) == 0 {
		return nil
	}
	return tx.Session(&gorm.Session{NewDB: true, Context: ctx}).Clauses(options...).CreateInBatches(&rows, batch).Error
}
