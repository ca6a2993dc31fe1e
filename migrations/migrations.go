// Package migrations owns the schema: one folder of numbered SQL files per
// database, each with its way up and its way down, embedded in the program.
// Applying them is app/store's. A file that was released never changes; a
// change of the schema is a new pair with the next number.
package migrations

import "embed"

// SQLite holds the files of the folder "sqlite".
//
//go:embed sqlite/0*.sql
var SQLite embed.FS

// Postgres holds the files of the folder "postgres".
//
//go:embed postgres/0*.sql
var Postgres embed.FS
