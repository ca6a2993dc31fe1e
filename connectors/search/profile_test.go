package search_test

import (
	"encoding/json"
	"strings"
	"testing"

	"logreeve/connectors"
	"logreeve/connectors/calico"
	"logreeve/connectors/search"
	"logreeve/connectors/searchtest"
)

// A pipeline is how records of the recording become documents.
type pipeline struct {
	profile, mapping string
	document         func(record map[string]any, line string) map[string]any
	cluster          string
}

const bodies = `"requestObject":{"type":"object","enabled":false},"responseObject":{"type":"object","enabled":false}`

// underscored writes the keys of annotations as pipelines do that replace dots.
func underscored(record map[string]any) map[string]any {
	out := map[string]any{}
	annotations, _ := record["annotations"].(map[string]any)
	for k, v := range annotations {
		out[strings.ReplaceAll(k, ".", "_")] = v
	}
	if len(out) > 0 {
		record["annotations"] = out
	}
	return record
}

func pipelines() []pipeline {
	keyword := `{"type":"keyword"}`
	return []pipeline{
		{profile: "welkin", mapping: "", cluster: "demo-wc", document: func(r map[string]any, _ string) map[string]any {
			for _, body := range []string{"requestObject", "responseObject"} {
				if v, ok := r[body]; ok {
					b, _ := json.Marshal(v)
					r[body] = string(b)
				} else {
					r[body] = "none"
				}
			}
			r["@timestamp"] = strings.Replace(r["stageTimestamp"].(string), "Z", "000+00:00", 1)
			delete(r, "stageTimestamp")
			r["cluster.name"] = "demo-wc"
			return r
		}},
		{
			profile: "calico", cluster: "prod",
			mapping: `{"dynamic":"false","properties":{` + bodies + `,"auditID":` + keyword + `,"verb":` + keyword + `,"stage":{"type":"text"},"userAgent":{"type":"text"},"sourceIPs":{"type":"text"},` +
				`"user":{"properties":{"username":` + keyword + `,"groups":` + keyword + `}},"objectRef":{"properties":{"resource":` + keyword + `,"apiGroup":` + keyword + `,"name":` + keyword + `}},` +
				`"responseStatus":{"properties":{"code":{"type":"long"}}},"requestReceivedTimestamp":{"type":"date"},"stageTimestamp":{"type":"date"},"cluster":` + keyword + `}}`,
			document: func(r map[string]any, _ string) map[string]any {
				r["cluster"], r["audit_type"], r["name"] = "prod", "kube", nil
				return r
			},
		},
		{profile: "fluent-bit", mapping: `{"properties":{` + bodies + `}}`, document: func(r map[string]any, _ string) map[string]any { return underscored(r) }},
		{
			profile: "elastic-agent", mapping: `{"properties":{"kubernetes":{"properties":{"audit":{"properties":{` + bodies + `}}}}}}`, cluster: "prod",
			document: func(r map[string]any, _ string) map[string]any {
				return map[string]any{
					"@timestamp": "2026-11-21T00:00:00Z", "kubernetes": map[string]any{"audit": underscored(r)}, "orchestrator": map[string]any{"cluster": map[string]any{"name": "prod"}},
				}
			},
		},
		{profile: "wrapped", mapping: "", document: func(r map[string]any, line string) map[string]any {
			return map[string]any{"@timestamp": r["stageTimestamp"], "message": line + "\n", "cluster": map[string]any{"name": ""}}
		}},
	}
}

// TestProfiles reads the recording as each pipeline leaves it in a store.
func TestProfiles(t *testing.T) {
	for _, version := range searchtest.Versions()[:2] {
		t.Run(version, func(t *testing.T) {
			server := searchtest.Start(t, version)
			for _, p := range pipelines() {
				t.Run(p.profile, func(t *testing.T) { throughPipeline(t, server, p) })
			}
		})
	}
}

func throughPipeline(t *testing.T, server searchtest.Server, p pipeline) {
	var documents [][]byte
	for _, line := range recorded(t, "real-cluster/audit.ndjson") {
		var record map[string]any
		if err := json.Unmarshal(line, &record); err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(p.document(record, string(line)))
		if err != nil {
			t.Fatal(err)
		}
		documents = append(documents, b)
	}
	prefix := server.Prefix(t)
	server.Create(t, prefix+"-1", 2, p.mapping)
	server.Load(t, prefix+"-1", documents)
	config := search.Config{Name: "store", URL: server.URL, Pattern: prefix + "-*," + prefix + "_none*", Profile: p.profile}
	s := open(t, config, search.Options{PageBytes: 500_000})
	if p.profile == "calico" {
		config.Profile = ""
		var err error
		if s, err = calico.Open(config, search.Options{}); err != nil {
			t.Fatal(err)
		}
	}
	want, _ := readAll(t, fileOf(t, connectors.Kubernetes), connectors.Query{})
	got, c := readAll(t, s, connectors.Query{})
	if len(c.Problems) > 0 || c.Unparsed > 0 {
		t.Fatalf("problems %+v, unparsed %+v", c.Problems, c.UnparsedSamples)
	}
	if len(got) != len(want) {
		t.Fatalf("%d events, the file has %d", len(got), len(want))
	}
	for i := range got {
		if got[i].Cluster != p.cluster {
			t.Fatalf("cluster %q, want %q", got[i].Cluster, p.cluster)
		}
		if got[i].Ref.Index == "" || got[i].Ref.ID == "" {
			t.Fatalf("place %+v", got[i].Ref)
		}
		got[i].Cluster, got[i].SHA256, want[i].SHA256 = "", "", ""
		if !equalRecords(got[i], want[i]) {
			t.Fatalf("differs:\n%+v\n%+v", got[i], want[i])
		}
	}
	t.Run("counted", func(t *testing.T) {
		equalGroups(t, s, connectors.Query{Attribution: someTrust(midway(t))}, p.profile == "welkin" || p.profile == "elastic-agent")
	})
	all := filters()
	for _, name := range []string{"policy changes", "denied", "people", "beginning"} {
		f := all[name]
		selected := keysOf(t, fileOf(t, connectors.Kubernetes), f, connectors.Query{})
		if found := keysOf(t, s, f, connectors.Query{Filter: f}); strings.Join(found, " ") != strings.Join(selected, " ") {
			t.Errorf("%s: %d events, the file has %d", name, len(found), len(selected))
		}
	}
}
