// Logreeve reads audit logs where they already are, has people judge what needs
// judgement, and seals what they decided so that an auditor can verify it
// without us.
package main

import (
	"os"
	_ "time/tzdata" // time zones also where the machine has none

	"logreeve/app/command"
)

// version is set by the linker for releases.
var (
	version = "0.1.0"
	commit  = "unknown"
)

func main() {
	os.Exit(command.Main(command.Build{Version: version, Commit: commit}, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
