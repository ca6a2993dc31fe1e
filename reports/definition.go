package reports

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"logreeve/connectors"
)

// Digest is the SHA-256, in hex, of what the check is by its own words: id,
// version, logic, select, needs and declared parameters. A run keeps it, so that
// results of different definitions are never taken for the same.
func (c Check) Digest() string {
	type param struct {
		Name    string    `json:"name"`
		Kind    ParamKind `json:"kind"`
		Default string    `json:"default"`
	}
	definition := struct {
		ID       string            `json:"id"`
		Version  int               `json:"version"`
		Type     Type              `json:"type"`
		Severity Severity          `json:"severity"`
		Logic    string            `json:"logic"`
		Select   connectors.Filter `json:"select"`
		Kinds    []connectors.Kind `json:"kinds"`
		By       []string          `json:"by,omitempty"`
		Distinct string            `json:"distinct,omitempty"`
		AtLeast  int64             `json:"at_least,omitempty"`
		Windows  *Windows          `json:"windows,omitempty"`
		Gates    []GateID          `json:"gates"`
		Witness  connectors.Filter `json:"witness"`
		Params   []param           `json:"params"`
	}{
		ID: c.ID, Version: c.Version, Type: c.Type, Severity: c.Severity, Logic: c.Logic, Select: c.Select,
		Kinds: c.Needs.Kinds, Gates: gateIDs(c.Needs), Witness: c.Needs.Witness, Params: []param{},
	}
	if c.Grouped != nil {
		definition.By, definition.Distinct = c.Grouped.By, c.Grouped.Distinct
		definition.AtLeast, definition.Windows = c.Grouped.AtLeast, c.Grouped.Windows
	}
	for _, p := range c.Params {
		definition.Params = append(definition.Params, param{p.Name, p.Kind, p.Default})
	}
	text, err := json.Marshal(definition)
	if err != nil {
		panic(err) // only strings, numbers and lists of them: cannot fail
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
