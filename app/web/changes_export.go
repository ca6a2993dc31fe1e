package web

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/fault"
	"logreeve/app/trail"
	"logreeve/connectors"
	"logreeve/reports/csv"
	"logreeve/reports/policy"
)

// changesExport sends the list as a file. That it was taken is in the trail
// before it leaves.
func (s *Server) changesExport(c *fiber.Ctx) error {
	frame := s.bare(c, "")
	zone := frame.Format()
	seen, err := s.changesSeen(c, zone)
	if err != nil {
		return err
	}
	if len(seen.Faults) > 0 {
		return fault.New(fault.Invalid, "The period could not be read: %s", strings.Join(faultTexts(seen.Faults), " "))
	}
	if seen.More {
		return fault.New(fault.Invalid, "This period has more than %s changes. Choose a shorter one and export it in parts.", countWord(changesRead))
	}
	filters := changeFilters()
	changes := []policy.Change{}
	for _, x := range told(seen.Changes) {
		if seen.Asked.holds(x, filters, -1) {
			changes = append(changes, *x.Change)
		}
	}
	kind := strings.TrimPrefix(c.Path(), "/changes/export.")
	w, _ := seen.Asked.window(zone, connectors.At(s.now()))
	e := trail.Entry{Action: "changes.exported", ObjectKind: "changes", ObjectID: kind, Detail: map[string]string{"from": w.From.String(), "to": w.To.String(), "changes": strconv.Itoa(len(changes))}}
	if err := s.Trail.Append(c.UserContext(), s.actor(c), e); err != nil {
		return fmt.Errorf("record the export of changes: %w", err)
	}
	if kind == "csv" {
		table, err := csv.Changes(changes)
		if err != nil {
			return fmt.Errorf("write changes: %w", err)
		}
		return sendFile(c, "text/csv; charset=utf-8", "policy-changes.csv", table)
	}
	body, err := json.MarshalIndent(newChangesFile(w, changes), "", "  ")
	if err != nil {
		return fmt.Errorf("write changes: %w", err)
	}
	return sendFile(c, fiber.MIMEApplicationJSONCharsetUTF8, "policy-changes.json", append(body, '\n'))
}

// changesFile is the exported list; its fields are those of `logreeve changes`.
type changesFile struct {
	Period  connectors.Window `json:"period"`
	Summary struct {
		Created  int `json:"numCreatedPolicies"`
		Modified int `json:"numModifiedPolicies"`
		Deleted  int `json:"numDeletedPolicies"`
		Implied  int `json:"implied"`
		Unknown  int `json:"content_unknown"`
	} `json:"summary"`
	Changes []policy.Change `json:"changes"`
}

func newChangesFile(w connectors.Window, changes []policy.Change) changesFile {
	out := changesFile{Period: w, Changes: changes}
	for i := range changes {
		switch doesOf(&changes[i]) {
		case "implied":
			out.Summary.Implied++
		case "created":
			out.Summary.Created++
		case "modified":
			out.Summary.Modified++
		case "deleted":
			out.Summary.Deleted++
		}
		if !changes[i].ContentKnown {
			out.Summary.Unknown++
		}
	}
	return out
}

func faultTexts(f Faults) []string {
	var texts []string
	for _, e := range f.List() {
		texts = append(texts, e.Text)
	}
	return texts
}
