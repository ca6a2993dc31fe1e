package connectors_test

import (
	"strings"
	"testing"

	"logreeve/app/fault"
	"logreeve/connectors"
)

func TestReadField(t *testing.T) {
	raw := `{"name":"tls","cmd":"mysql --password=hunter2","req":{"spec":{"ports":[{"p":1},{"p":2}]}}}`
	e := connectors.Event{Kind: connectors.Kubernetes, Verb: "get", Groups: []string{"dev", "ops"}}
	e.SetRaw([]byte(raw), connectors.Ref{})
	at := func(s string) (int, int) { return strings.Index(raw, s), len(s) }
	off, n := at("tls")
	e.SetText(connectors.TextName, off, n, false)
	off, n = at("mysql --password=hunter2")
	e.SetText(connectors.TextCommand, off, n, false)
	off, n = at(`{"spec":{"ports":[{"p":1},{"p":2}]}}`)
	e.SetRequest(off, n, false)
	for name, want := range map[string]string{
		"verb": "get", "kind": "kubernetes", "name": "tls", "groups": "dev", "request.spec.ports[*].p": "1",
		"host": "", "request.spec.none": "",
	} {
		read, err := connectors.ReadField(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := read(&e); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	read, err := connectors.ReadField("command")
	if err != nil || strings.Contains(read(&e), "hunter2") {
		t.Errorf("a command is read unmasked: %q %v", read(&e), err)
	}
	if _, err := connectors.ReadField("nonsense"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("no such field: %v", err)
	}
}
