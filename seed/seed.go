// Package seed owns the demo: a generated week of logs with matters worth
// finding, the organisation that reads them, and the reviews it holds. It goes
// through the same services as everybody else. The recordings of real systems
// that ship with it are the fixture of the truth tests, too.
package seed

import "embed"

// Recordings are logs of real programs with what really happened (truth.json).
//
//go:embed recordings
var Recordings embed.FS
