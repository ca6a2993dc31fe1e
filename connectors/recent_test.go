package connectors_test

import (
	"fmt"
	"strings"
	"testing"

	"logreeve/connectors"
)

// TestRecentNeverMistakesOneTextForAnother sets far more texts than it holds:
// what it still knows is right, and of a few texts it knows nearly all.
func TestRecentNeverMistakesOneTextForAnother(t *testing.T) {
	for _, c := range []struct{ texts, least int }{{400, 380}, {50_000, 1000}} {
		var texts, lists connectors.Recent[int]
		named, listed := make([]string, c.texts), make([][]string, c.texts)
		for i := range named {
			named[i] = fmt.Sprintf("text %d", i)
			listed[i] = []string{named[i], "x"}
			texts.Set(named[i], i)
			lists.SetList(listed[i], i)
		}
		for name, get := range map[string]func(i int) (int, bool){
			"texts": func(i int) (int, bool) { return texts.Get(named[i]) },
			"lists": func(i int) (int, bool) { return lists.GetList(listed[i]) },
		} {
			known := 0
			for i := range named {
				got, ok := get(i)
				if ok && got != i {
					t.Fatalf("of %d %s, number %d is taken for %d", c.texts, name, i, got)
				}
				if ok {
					known++
				}
			}
			if known < c.least {
				t.Errorf("of %d %s, %d are known, want %d at least", c.texts, name, known, c.least)
			}
		}
		if _, ok := texts.Get(named[0][:3]); ok {
			t.Error("the beginning of a text is taken for the text")
		}
		if _, ok := texts.Get(strings.Clone(named[c.texts-1])); ok {
			t.Error("a text at another place is known: the test shows nothing about places")
		}
		if _, ok := lists.GetList(listed[0][:1]); ok {
			t.Error("the beginning of a list is taken for the list")
		}
		if _, ok := texts.Get(""); ok {
			t.Error("no text is known")
		}
	}
}
