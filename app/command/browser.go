package command

import (
	"context"
	"encoding/json"
	"io"
	"os/exec"
)

// start runs a program without waiting for it.
func start(ctx context.Context, program string, args ...string) error {
	return exec.CommandContext(ctx, program, args...).Start() //nolint:gosec // one of ours
}

// printLine writes one JSON value on one line.
func printLine(w io.Writer, v any) error { return json.NewEncoder(w).Encode(v) }
