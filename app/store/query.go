package store

import (
	"context"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// query is a question about rows of type T. It is gorm's plain interface with
// the type of its rows; gorm's own generic one makes the compiler write every
// method of every interface anew for each of our rows, which took 38 seconds and
// two gigabytes to build.
type query[T any] struct{ db *gorm.DB }

// of begins a query for rows of type T.
func of[T any](db *gorm.DB, options ...clause.Expression) query[T] {
	return query[T]{db.Session(&gorm.Session{NewDB: true}).Clauses(options...)}
}

func (q query[T]) Where(condition string, args ...any) query[T] {
	return query[T]{q.db.Where(condition, args...)}
}

func (q query[T]) Order(columns string) query[T] { return query[T]{q.db.Order(columns)} }

func (q query[T]) Limit(n int) query[T] { return query[T]{q.db.Limit(n)} }

func (q query[T]) Select(columns string) query[T] { return query[T]{q.db.Select(columns)} }

func (q query[T]) Raw(statement string, args ...any) query[T] {
	return query[T]{q.db.Raw(statement, args...)}
}

// Find gives every row, nil for none.
func (q query[T]) Find(ctx context.Context) ([]T, error) {
	var rows []T
	err := q.db.WithContext(ctx).Find(&rows).Error
	return rows, err
}

// Take gives one row; gorm.ErrRecordNotFound when there is none.
func (q query[T]) Take(ctx context.Context) (T, error) {
	var row T
	err := q.db.WithContext(ctx).Take(&row).Error
	return row, err
}

func (q query[T]) Count(ctx context.Context) (n int64, err error) {
	err = q.db.WithContext(ctx).Model(new(T)).Count(&n).Error
	return n, err
}

// Create inserts a row.
func (q query[T]) Create(ctx context.Context, row *T) error {
	return q.db.WithContext(ctx).Create(row).Error
}
