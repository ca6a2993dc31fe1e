package store

import (
	"slices"
	"sync/atomic"
	"testing"

	"gorm.io/gorm"
)

// Exported for the tests only.
var (
	Escape   = escape
	Unescape = unescape
)

// CountQueries counts the statements that a store runs from now on.
func CountQueries(t testing.TB, s *Store) *atomic.Int64 {
	t.Helper()
	var n atomic.Int64
	count := func(*gorm.DB) { n.Add(1) }
	for i, db := range []*gorm.DB{s.writer, s.reader} {
		if i == 1 && s.reader == s.writer {
			break
		}
		c := db.Callback()
		for _, err := range []error{
			c.Query().Before("gorm:query").Register("count", count), c.Raw().Before("gorm:raw").Register("count", count),
			c.Row().Before("gorm:row").Register("count", count), c.Create().Before("gorm:create").Register("count", count),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	return &n
}

// Statement is a statement that a store ran.
type Statement struct {
	SQL  string
	Vars []any
}

// Statements notes the reading statements that a store runs from now on, until
// the function it gives is called, which gives them.
func Statements(t testing.TB, s *Store) func() []Statement {
	t.Helper()
	var all []Statement
	note := func(db *gorm.DB) {
		all = append(all, Statement{SQL: db.Statement.SQL.String(), Vars: slices.Clone(db.Statement.Vars)})
	}
	const name = "note statements"
	c := s.reader.Callback()
	for _, err := range []error{c.Query().After("gorm:query").Register(name, note), c.Row().After("gorm:row").Register(name, note)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return func() []Statement {
		for _, err := range []error{c.Query().Remove(name), c.Row().Remove(name)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		return all
	}
}

// Rows gives one of each row struct, by table.
func Rows() []interface{ TableName() string } {
	return []interface{ TableName() string }{
		trailRow{}, headRow{}, principalRow{}, accountRow{}, setupRow{}, sessionRow{}, settingsRow{}, sourceRow{}, readingRow{},
		snapshotRow{}, snapshotPersonRow{}, runRow{}, resultRow{}, itemRow{}, evidenceRow{}, latestRow{}, dayRow{}, itemChangeRow{}, runChangesRow{}, changeRow{},
		policyStateRow{}, ledgerRow{}, populationRow{}, noteRow{}, reviewRow{}, reviewCheckRow{}, reviewItemRow{}, reviewPickRow{}, reviewLimitRow{},
		decisionRow{}, acknowledgementRow{}, signOffRow{}, signOffVoidRow{}, reviewEventRow{}, findingRow{}, findingChangeRow{}, packageRow{}, packageBytesRow{},
	}
}

// ColumnsOf gives the columns a row struct is read from and written to.
func ColumnsOf(t testing.TB, s *Store, row any) []string {
	t.Helper()
	st := &gorm.Statement{DB: s.writer}
	if err := st.Parse(row); err != nil {
		t.Fatal(err)
	}
	return st.Schema.DBNames
}
