package reports_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"logreeve/reports"
)

// filled sets every field of a value that can be printed to something that is not
// empty.
func filled(t *testing.T, v reflect.Value, n *int) {
	t.Helper()
	*n++
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprintf("text %d <&> \"\\\u2028 é \x00\xff", *n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(1_700_000_000_000_000 + int64(*n))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			filled(t, v.Index(i), n)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		filled(t, v.Elem(), n)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range 3 {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			filled(t, key, n)
			filled(t, value, n)
			v.SetMapIndex(key, value)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && f.Tag.Get("json") != "-" {
				filled(t, v.Field(i), n)
			}
		}
	default:
		t.Fatalf("%s: how is it filled?", v.Type())
	}
}

// TestOutcomesArePrintedAsAnyValue holds the text that is put together, in
// portions, against that of encoding/json: with every field of an item set, with
// none, with none in a list, and with more than a portion holds.
func TestOutcomesArePrintedAsAnyValue(t *testing.T) {
	var full reports.Item
	n := 0
	filled(t, reflect.ValueOf(&full).Elem(), &n)
	full.Data["items"], full.Summary = "x", `"items": []`
	many := make([]reports.Item, 1500)
	for i := range many {
		many[i] = reports.Item{Key: fmt.Sprint(i), Events: make([]reports.EventRef, i%9), Actors: []string{}, Persons: nil}
	}
	for _, results := range [][]reports.Result{
		nil, {}, {{}}, {{Check: "A", Items: []reports.Item{}}}, {{Check: "A", Items: []reports.Item{{}}}},
		{{Check: "A", Params: map[string]string{"items": "results"}, Items: []reports.Item{full, {}, full}}, {Check: "B", Items: []reports.Item{}}, {Check: "C", Items: many}},
	} {
		out := &reports.Outcomes{Sources: []reports.SourceSummary{{Name: `"results": []`}}, Results: results}
		want, err := json.MarshalIndent(out, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		// A run gives lists that are empty, never none.
		wanted := strings.NewReplacer(`"results": null`, `"results": []`, `"items": null`, `"items": []`).Replace(string(want)) + "\n"
		var got bytes.Buffer
		if err := reports.WriteJSON(&got, *out, of(results)); err != nil {
			t.Fatal(err)
		}
		if got.String() != wanted {
			t.Errorf("%d results are printed as\n%.3000s\nnot as\n%.3000s", len(results), got.String(), wanted)
		}
	}
}

func of(results []reports.Result) iter.Seq2[reports.Result, error] {
	return func(yield func(reports.Result, error) bool) {
		for _, r := range results {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// TestPrintingEndsWithItsReader breaks the pipe after some bytes.
func TestPrintingEndsWithItsReader(t *testing.T) {
	before := runtime.NumGoroutine()
	out := &reports.Outcomes{Results: []reports.Result{{Items: make([]reports.Item, 100_000)}}}
	for after := range 20 {
		if err := reports.WriteJSON(&broken{after * 100_000}, *out, of(out.Results)); !errors.Is(err, errBroken) {
			t.Fatalf("a broken pipe is told as %v", err)
		}
	}
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines before, %d after", before, runtime.NumGoroutine())
}

var errBroken = errors.New("broken pipe")

type broken struct{ left int }

func (b *broken) Write(p []byte) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, errBroken
	}
	return len(p), nil
}
