package store_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"
)

// fill sets everything in a value: strings to hostile text, lists and maps to
// two entries. A field that the store forgets, or whose text it does not
// respell, then comes back different.
func fill[T any](t testing.TB) T {
	t.Helper()
	var v T
	n := 0
	fillValue(reflect.ValueOf(&v).Elem(), &n)
	return v
}

func fillValue(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.String:
		if v.Type() == reflect.TypeFor[string]() {
			v.SetString(fmt.Sprintf("%s %d", hostile, *n))
		} else { // a word of our own
			v.SetString(fmt.Sprintf("word-%d", *n))
		}
	case reflect.Int, reflect.Int64, reflect.Int32:
		v.SetInt(int64(*n))
	case reflect.Float64:
		v.SetFloat(float64(*n) + 0.5)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillValue(v.Elem(), n)
	case reflect.Slice:
		if v.Type() == reflect.TypeFor[json.RawMessage]() {
			v.SetBytes(fmt.Appendf(nil, `{"n":%d,"<&>":"\u0000 %s"}`, *n, "\xff\u2028é"))
			return
		}
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte{0, 1, 0xff, byte(*n)})
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			fillValue(v.Index(i), n)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range 2 {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			fillValue(key, n)
			fillValue(value, n)
			v.SetMapIndex(key, value)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Date(2026, 11, 1, 0, 0, *n, 0, time.UTC)))
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fillValue(v.Field(i), n)
			}
		}
	default:
		panic("fill cannot set " + v.Type().String())
	}
}

func wantEqual(t testing.TB, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s came back different: %s", what, difference(reflect.ValueOf(got), reflect.ValueOf(want), ""))
	}
}

// difference names the first place where two values differ.
func difference(got, want reflect.Value, at string) string {
	if got.IsValid() && want.IsValid() && reflect.DeepEqual(got.Interface(), want.Interface()) {
		return ""
	}
	if got.IsValid() && want.IsValid() && got.Type() == want.Type() {
		switch got.Kind() {
		case reflect.Struct:
			for i := range got.NumField() {
				if d := difference(got.Field(i), want.Field(i), at+"."+got.Type().Field(i).Name); d != "" {
					return d
				}
			}
		case reflect.Slice:
			for i := range min(got.Len(), want.Len()) {
				if d := difference(got.Index(i), want.Index(i), fmt.Sprintf("%s[%d]", at, i)); d != "" {
					return d
				}
			}
		case reflect.Pointer:
			if !got.IsNil() && !want.IsNil() {
				return difference(got.Elem(), want.Elem(), at)
			}
		}
	}
	return fmt.Sprintf("at %s:\n got %q\nwant %q", at, fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want))
}
