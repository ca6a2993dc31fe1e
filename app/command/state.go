package command

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"logreeve/app/fault"
	"logreeve/connectors"
	"logreeve/reports"
)

// stateVersion is the version of the format of a state file.
const stateVersion = 1

// state is what `check --state FILE` keeps between two runs.
type state struct {
	Version int `json:"version"`
	// WindowTo is where the last window ended: the --from of the next run.
	WindowTo connectors.Instant           `json:"window_to"`
	Notes    map[string]*connectors.Notes `json:"notes"` // by source name
}

// readState reads a state file; one that does not exist yet is empty.
func readState(path string) (state, error) {
	s := state{Version: stateVersion, Notes: map[string]*connectors.Notes{}}
	b, err := os.ReadFile(path) //nolint:gosec // the file a person named
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, fault.Wrap(fault.Invalid, err, "The state file %s cannot be read.", path)
	}
	if err := json.Unmarshal(b, &s); err != nil || s.Version != stateVersion {
		return s, fault.Wrap(fault.Invalid, err, "%s is no state file of this version. Delete it, and the next run reads everything.", path)
	}
	if s.Notes == nil {
		s.Notes = map[string]*connectors.Notes{}
	}
	return s, nil
}

// keep writes the state after a run, whole or not at all.
func (s state) keep(path string, out *reports.Outcomes) error {
	for name, n := range out.Notes {
		s.Notes[name] = n
	}
	s.WindowTo = out.Window.To
	b, err := json.Marshal(s)
	if err != nil {
		return fault.Wrap(fault.Internal, err, "The state could not be written.")
	}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "The state file %s cannot be written.", path)
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return fault.Wrap(fault.Invalid, err, "The state file %s cannot be written.", path)
	}
	return nil
}
