package reports_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"logreeve/app/fault"
	"logreeve/connectors"
	"logreeve/reports"
)

func withParams() reports.Check {
	c := secretReads()
	c.Params = []reports.Param{
		{Name: "count", Kind: reports.ParamInt, Default: "5", Min: 1, Max: 100},
		{Name: "free", Kind: reports.ParamInt, Default: "0"},
		{Name: "within", Kind: reports.ParamDuration, Default: "15m"},
		{Name: "scope", Kind: reports.ParamText, Default: "policies", Allowed: []string{"policies", "all"}},
		{Name: "names", Kind: reports.ParamList, Default: "a, b,,"},
	}
	return c
}

func TestParams(t *testing.T) {
	check := withParams()
	check.Each = func(s *reports.Scope) reports.Observer {
		if s.Int("count") != 7 || s.Int("free") != 0 || s.Duration("within") != time.Hour || s.Text("scope") != "all" ||
			!slices.Equal(s.List("names"), []string{"a", "b"}) {
			t.Errorf("%d %d %s %s %v", s.Int("count"), s.Int("free"), s.Duration("within"), s.Text("scope"), s.List("names"))
		}
		return each{observe: func(*connectors.Event) {}}
	}
	params, err := reports.ParseParams([]string{"PRV-04.count=3", "PRV-04.count=7", "PRV-04.within=1h", "PRV-04.scope=all"})
	if err != nil {
		t.Fatal(err)
	}
	in := input(check, log(reading(0, "a", "")))
	in.Params = params
	r := runAll(t, in).Results[0]
	if r.Params["count"] != "7" || r.Params["names"] != "a, b,," {
		t.Errorf("params of the result: %v", r.Params)
	}
}

func TestParamsThatAreWrong(t *testing.T) {
	for arg, want := range map[string]string{
		"PRV-04.count=0":     `PRV-04.count is "0", but it takes a whole number from 1 to 100.`,
		"PRV-04.count=101":   `PRV-04.count is "101", but it takes a whole number from 1 to 100.`,
		"PRV-04.free=-1":     `PRV-04.free is "-1", but it takes a whole number of 0 or more.`,
		"PRV-04.within=soon": `PRV-04.within is "soon", but it takes a duration such as 15m or 24h.`,
		"PRV-04.within=-1h":  `PRV-04.within is "-1h", but it takes a duration such as 15m or 24h.`,
		"PRV-04.scope=some":  `PRV-04.scope is "some", but it takes one of policies, all.`,
		"PRV-04.other=1":     `PRV-04 has no parameter "other"; it has count, free, within, scope, names.`,
		"PRV-05.count=1":     `There is no check "PRV-05" in this run, so its parameters cannot be set.`,
		"PRV-04.count":       `The parameter "PRV-04.count" is not of the form CHECK.NAME=VALUE, such as ACC-09.failures=5.`,
		"count=1":            `The parameter "count=1" is not of the form CHECK.NAME=VALUE, such as ACC-09.failures=5.`,
	} {
		params, err := reports.ParseParams([]string{arg})
		if err == nil {
			in := input(withParams(), log())
			in.Params = params
			_, err = reports.Engine{}.Run(context.Background(), in)
		}
		if fault.KindOf(err) != fault.Invalid || fault.Message(err) != want || fault.FieldOf(err) == "" {
			t.Errorf("%s: %v, want %s", arg, err, want)
		}
	}
}
