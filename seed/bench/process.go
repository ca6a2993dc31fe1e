package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// stage is one program of a pipeline.
type stage struct {
	args []string
	dir  string
	// aside says that the program only feeds the next one: its time and memory
	// are not the contestant's.
	aside bool
	// codes are the exit codes of success besides 0.
	codes []int
}

// cost is what one run took.
type cost struct {
	wall, cpu time.Duration
	anonymous int64 // highest sum of RssAnon seen, bytes
}

// execute runs the stages as a pipeline and gives what the last one printed.
// Where the kernel says how much memory is a process's own (Linux,
// /proc/PID/status, RssAnon), it is asked every few milliseconds: pages of the
// mapped log are the kernel's and are not counted.
func execute(ctx context.Context, stages []stage) ([]byte, cost, error) {
	var (
		out    bytes.Buffer
		errs   = make([]bytes.Buffer, len(stages))
		cmds   []*exec.Cmd
		inside []*os.File // ends of pipes that belong to the children
	)
	for i, s := range stages {
		c := exec.CommandContext(ctx, s.args[0], s.args[1:]...) //nolint:gosec // programs of the benchmark
		c.Dir, c.Stderr = s.dir, &errs[i]
		c.Env = append(os.Environ(), "LC_ALL=C")
		if i == len(stages)-1 {
			c.Stdout = &out
		} else {
			r, w, err := os.Pipe()
			if err != nil {
				return nil, cost{}, err
			}
			c.Stdout = w
			inside = append(inside, r, w)
		}
		if i > 0 {
			c.Stdin = inside[2*i-2]
		}
		cmds = append(cmds, c)
	}
	began := time.Now()
	var started []*exec.Cmd
	var failed error
	for _, c := range cmds {
		if failed = c.Start(); failed != nil {
			break
		}
		started = append(started, c)
	}
	for _, f := range inside {
		failed = errors.Join(failed, f.Close())
	}
	if failed != nil {
		for _, c := range started {
			_ = c.Process.Kill()
			_ = c.Wait()
		}
		return nil, cost{}, failed
	}
	peak := watch(stages, cmds)
	var spent cost
	for i, s := range stages {
		c := cmds[i]
		err := c.Wait()
		if err != nil && !slices.Contains(s.codes, c.ProcessState.ExitCode()) {
			failed = errors.Join(failed, fmt.Errorf("%s: %w\n%s", s.args[0], err, errs[i].Bytes()))
		}
		if !s.aside {
			spent.cpu += c.ProcessState.UserTime() + c.ProcessState.SystemTime()
		}
	}
	spent.wall, spent.anonymous = time.Since(began), peak()
	return out.Bytes(), spent, failed
}

// watch asks how much memory the stages hold until its answer is wanted.
func watch(stages []stage, cmds []*exec.Cmd) (peak func() int64) {
	var highest int64
	done := make(chan struct{})
	var asking sync.WaitGroup
	asking.Go(func() {
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			var sum int64
			for i, c := range cmds {
				if !stages[i].aside {
					sum += anonymous(c.Process.Pid)
				}
			}
			highest = max(highest, sum)
			select {
			case <-tick.C:
			case <-done:
				return
			}
		}
	})
	return func() int64 {
		close(done)
		asking.Wait()
		return highest
	}
}

// anonymous is the RssAnon of a process in bytes, 0 when it is gone.
func anonymous(pid int) int64 {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "RssAnon:")
	field, _, _ := strings.Cut(rest, "kB")
	kb, err := strconv.ParseInt(strings.TrimSpace(field), 10, 64)
	if err != nil {
		return 0
	}
	return kb << 10
}
