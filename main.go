// Logreeve reads audit logs where they already are, has people judge what needs
// judgement, and seals what they decided so that an auditor can verify it
// without us.
package main

import (
	"os"
	"runtime/debug"
	_ "time/tzdata" // time zones also where the machine has none

	"logreeve/app/command"
)

// version and commit are set by the linker for releases.
var (
	version = "0.1.0"
	commit  = ""
)

// revision is the commit this program was built from, as the linker or the Go
// tool wrote it down.
func revision() string {
	if commit != "" {
		return commit
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 12 {
				return s.Value[:12]
			}
		}
	}
	return "unknown"
}

func main() {
	os.Exit(command.Main(command.Build{Version: version, Commit: revision()}, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
