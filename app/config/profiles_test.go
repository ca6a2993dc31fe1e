package config_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"logreeve/app/config"
	"logreeve/app/fault"
	"logreeve/connectors"
	"logreeve/connectors/search"
)

const ownProfiles = `profiles:
  - name: vector
    kind: kubernetes
    time: "@timestamp"
    lag: 10m
    root: k8s.audit
    underscores: true
    cluster: [labels.cluster, cluster]
  - name: vector
    kind: authlog
    time: "@timestamp"
    host: host.name
    program: [appname]
    pid: procid
    message: message
  - {name: whole, kind: kubernetes, time: "@timestamp", lag: 24h, wrapped: [log, message]}
`

func TestProfiles(t *testing.T) {
	want := []search.Profile{
		{Name: "vector", Kind: connectors.Kubernetes, Time: "@timestamp", Lag: 10 * time.Minute, Root: "k8s.audit", Underscores: true, Cluster: []string{"labels.cluster", "cluster"}},
		{Name: "vector", Kind: connectors.AuthLog, Time: "@timestamp", Host: []string{"host.name"}, Program: []string{"appname"}, PID: []string{"procid"}, Message: []string{"message"}},
		{Name: "whole", Kind: connectors.Kubernetes, Time: "@timestamp", Lag: 24 * time.Hour, Wrapped: []string{"log", "message"}},
	}
	if s := load(t, "session: {idle: 10m}\n"+ownProfiles+"listen: 127.0.0.1:1\n"); !reflect.DeepEqual(s.Profiles, want) || s.Listen != "127.0.0.1:1" {
		t.Errorf("got %+v", s.Profiles)
	}
	if s := load(t, "profiles: []\n"); s.Profiles != nil {
		t.Errorf("got %+v", s.Profiles)
	}
	// Commands and servers find them in a file of their own, which may be the
	// settings file. It wins over the settings.
	file := write(t, "settings.yaml", "listen: 127.0.0.1:9\n"+ownProfiles)
	const variable = "LOGREEVE_PROFILES_FILE"
	found, err := config.CommandProfiles(environment(variable, file))
	if err != nil || !reflect.DeepEqual(found, want) {
		t.Errorf("got %+v, %v", found, err)
	}
	if s := load(t, "profiles: [{name: x, kind: kubernetes, time: t}]\n", variable, file); len(s.Profiles) != 3 || s.Listen != "127.0.0.1:8080" {
		t.Errorf("got %+v", s)
	}
	if found, err = config.CommandProfiles(environment()); found != nil || err != nil {
		t.Errorf("without a file: %v, %v", found, err)
	}
	_, err = config.CommandProfiles(environment(variable, "/nowhere/p.yaml"))
	if fault.KindOf(err) != fault.NotFound || fault.Message(err) != "The file of profiles /nowhere/p.yaml, named by LOGREEVE_PROFILES_FILE, cannot be opened." {
		t.Errorf("got %v", err)
	}
	empty := write(t, "p.yaml", "listen: x\n")
	_, err = config.CommandProfiles(environment(variable, empty))
	wantFault(t, err, empty+`: there is no "profiles" in it.`)
}

// Every mistake is said with its line and its reason.
func TestWrongProfiles(t *testing.T) {
	for entry, want := range map[string]string{
		"{kind: kubernetes, time: t}":                                   "a profile has no name",
		"{name: a b, kind: kubernetes, time: t}":                        `"a b" is not a name of a profile`,
		"{name: a, time: t}":                                            `the profile "a" has no kind; there are kubernetes and authlog`,
		"{name: a, kind: pgaudit, time: t}":                             `the kind "pgaudit" is not known; there are kubernetes and authlog`,
		"{name: a, kind: kubernetes}":                                   `the profile "a" names no time field`,
		"{name: a, kind: kubernetes, time: ''}":                         `the profile "a" names no time field`,
		"{name: a, kind: kubernetes, time: t, lag: -5m}":                `lag is "-5m": a document cannot be dated before its event`,
		"{name: a, kind: kubernetes, time: t, lag: soon}":               `lag is "soon"; write a time like 10m or 24h`,
		"{name: a, kind: kubernetes, time: t, delay: 5m}":               `unknown key "delay" of a profile; known are name, kind, time`,
		"{name: a, kind: kubernetes, time: t, time: u}":                 `the key "time" of a profile is there twice`,
		"{name: a, kind: kubernetes, time: 'a,b'}":                      `time is "a,b", which is not the path of a field`,
		"{name: a, kind: kubernetes, time: t, root: 'x?y'}":             `root is "x?y", which is not the path of a field`,
		"{name: a, kind: kubernetes, time: t, cluster: ['a b']}":        `cluster is "a b", which is not the path of a field`,
		"{name: a, kind: kubernetes, time: t, underscores: 1}":          `underscores is "1"; write true or false`,
		"{name: a, kind: kubernetes, time: t, message: m}":              "message is of lines of hosts and says nothing of kubernetes",
		"{name: a, kind: authlog, time: t}":                             `the profile "a" names no field with the line`,
		"{name: a, kind: authlog, time: t, message: m, root: r}":        "root is of Kubernetes audit records and says nothing of authlog",
		"{name: welkin, kind: kubernetes, time: t, cluster: {name: x}}": "cluster is not a single value",
		"just text": "a profile is not a mapping of keys to values",
	} {
		text := "listen: 127.0.0.1:1\nprofiles:\n  - " + entry + "\n"
		file := write(t, "c.yaml", text)
		_, err := config.LoadServer(file, environment())
		if err == nil || !strings.HasPrefix(err.Error(), file+", line 3: "+want) {
			t.Errorf("%s: %v, want %q", entry, err, want)
		}
		if _, again := config.CommandProfiles(environment("LOGREEVE_PROFILES_FILE", file)); fmt.Sprint(again) != fmt.Sprint(err) {
			t.Errorf("%s: a command says %v, the server %v", entry, again, err)
		}
	}
	file := write(t, "c.yaml", ownProfiles+"  - {name: vector, kind: authlog, time: t, message: m}\n  - {name: vector, kind: kubernetes, time: t}\n")
	_, err := config.LoadServer(file, environment())
	wantFault(t, err, file+`, line 17: the profile "vector" of authlog is there twice.`+"\n"+file+`, line 18: the profile "vector" of kubernetes is there twice.`)
}
