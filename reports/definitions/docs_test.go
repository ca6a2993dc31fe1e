package definitions_test

import (
	"os"
	"strings"
	"testing"

	"logreeve/app/config"
)

// TestExamplesOfTheDocumentation reads every example as a file of definitions.
func TestExamplesOfTheDocumentation(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/definitions.md")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	taken := map[string]string{}
	for i, part := range strings.Split(string(text), "```yaml\n") {
		if i == 0 {
			continue
		}
		example, _, _ := strings.Cut(part, "```")
		all, err := config.ReadDefinitions(strings.NewReader(example), "an example", taken)
		if err != nil {
			t.Errorf("example %d: %v", i, err)
		}
		for j := range all {
			if c := all[j].Check(); c.Digest() == "" || c.Logic == "" {
				t.Errorf("%s has no digest or logic", c.ID)
			}
			found++
		}
	}
	if found != 5 {
		t.Errorf("%d examples, want 5", found)
	}
}
