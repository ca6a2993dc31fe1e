package command

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"logreeve/reports"
)

// printOutcomes writes what printJSON does. Results are nearly all of it, so they
// are encoded on all cores, the longest first.
func printOutcomes(w io.Writer, out *reports.Outcomes) error {
	const none = "[]\n}" // how outcomes without results end
	frame := *out
	frame.Results = []reports.Result{}
	b, err := json.MarshalIndent(frame, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the output: %w", err)
	}
	begin, ok := bytes.CutSuffix(b, []byte(none))
	if !ok || len(out.Results) == 0 {
		return printJSON(w, out)
	}
	results, err := encodeResults(out.Results, "    ")
	if err != nil {
		return fmt.Errorf("encode the output: %w", err)
	}
	for i, r := range results {
		before := ",\n    "
		if i == 0 {
			before = string(begin) + "[\n    "
		}
		if _, err := io.WriteString(w, before); err != nil {
			return err
		}
		if _, err := w.Write(r); err != nil {
			return err
		}
	}
	_, err = io.WriteString(w, "\n  ]\n}\n")
	return err
}

// encodeResults encodes each result with the prefix before all lines but its first.
func encodeResults(results []reports.Result, prefix string) ([][]byte, error) {
	order := make([]int, len(results))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(len(results[b].Items), len(results[a].Items)) })
	var (
		out  = make([][]byte, len(results))
		errs = make([]error, len(results))
		next atomic.Int64
		wait sync.WaitGroup
	)
	for range min(runtime.GOMAXPROCS(0), len(results)) {
		wait.Go(func() {
			for n := next.Add(1) - 1; n < int64(len(order)); n = next.Add(1) - 1 {
				i := order[n]
				out[i], errs[i] = json.MarshalIndent(&results[i], prefix, "  ")
			}
		})
	}
	wait.Wait()
	return out, cmp.Or(errs...)
}
