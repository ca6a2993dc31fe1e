package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"logreeve/seed/auditgen"
)

// install puts DuckDB in place as package-lock.json pins it.
func install(ctx context.Context, folder string) error {
	want, err := os.ReadFile(filepath.Join(folder, "package-lock.json")) //nolint:gosec // of the project
	if err != nil {
		return err
	}
	mark := filepath.Join(folder, "node_modules", ".installed")
	if got, err := os.ReadFile(mark); err == nil && bytes.Equal(got, want) { //nolint:gosec // of the project
		return nil
	}
	npm := exec.CommandContext(ctx, "npm", "ci", "--silent")
	npm.Dir = folder
	if out, err := npm.CombinedOutput(); err != nil {
		return fmt.Errorf("npm ci in %s: %w\n%s", folder, err, out)
	}
	return os.WriteFile(mark, want, 0o600) //nolint:gosec // in the folder of the harness
}

// need makes sure that a program is there; as root it installs Debian's package.
func need(ctx context.Context, program string) error {
	if _, err := exec.LookPath(program); err == nil {
		return nil
	}
	if _, err := exec.LookPath("apt-get"); err != nil || os.Geteuid() != 0 {
		return fmt.Errorf("%s is missing: install it, or leave it out with SKIP=%s", program, program)
	}
	for _, args := range [][]string{{"update", "-qq"}, {"install", "-y", "-qq", "--no-install-recommends", program}} {
		if out, err := exec.CommandContext(ctx, "apt-get", args...).CombinedOutput(); err != nil { //nolint:gosec // fixed words
			return fmt.Errorf("install %s: %w\n%s", program, err, out)
		}
	}
	return nil
}

// machine describes where this runs, without names and places.
func machine(ctx context.Context) [][2]string {
	first := func(name string, args ...string) string {
		out, err := exec.CommandContext(ctx, name, args...).Output() //nolint:gosec // asks for versions
		if err != nil {
			return "not there"
		}
		line, _, _ := strings.Cut(string(out), "\n")
		return strings.TrimSpace(line)
	}
	return [][2]string{
		{"Processor", fmt.Sprintf("%s, %d cores used", after("/proc/cpuinfo", "model name"), runtime.GOMAXPROCS(0))},
		{"Memory", after("/proc/meminfo", "MemTotal")},
		{"System", first("uname", "-srm")},
		{"Go", strings.TrimPrefix(runtime.Version(), "go")},
		{"Node", strings.TrimPrefix(first("node", "--version"), "v")},
		{"DuckDB", pinned()},
		{"jq", strings.TrimPrefix(first("jq", "--version"), "jq-")},
		{"wc", first("wc", "--version")},
	}
}

// after is what stands behind a name and a colon in a file of the kernel.
func after(file, name string) string {
	text, err := os.ReadFile(file) //nolint:gosec // of the kernel
	if err != nil {
		return "not known"
	}
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return "not known"
}

func pinned() string {
	text, err := os.ReadFile(filepath.Join("seed", "bench", "duckdb", "package.json"))
	if err != nil {
		return "not known"
	}
	var p struct{ Dependencies map[string]string }
	if json.Unmarshal(text, &p) != nil {
		return "not known"
	}
	return p.Dependencies["@duckdb/node-api"] + " (npm @duckdb/node-api)"
}

func readTruth(path string) (*auditgen.Truth, error) {
	text, err := os.ReadFile(path) //nolint:gosec // the session's own file
	if err != nil {
		return nil, errors.Join(errors.New("the generator left no truth"), err)
	}
	t := new(auditgen.Truth)
	return t, json.Unmarshal(text, t)
}
