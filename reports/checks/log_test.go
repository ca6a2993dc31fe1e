package checks_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
)

// kube writes audit records of the API server, one for each line
//
//	WHO VERB [GROUP/]RESOURCE[:SUBRESOURCE] NAMESPACE/NAME CODE [KEY=VALUE …]
//
// a second apart. WHO "-" names nobody; a RESOURCE that begins with "/" is a
// path. Keys: from, groups, as, asgroups, uri, level, key, at (seconds), and the
// bodies req and resp (JSON without blanks).
func kube(t *testing.T, script string) string {
	t.Helper()
	start := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	var out []string
	for line := range strings.SplitSeq(script, "\n") {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		if len(words) < 5 {
			t.Fatalf("too few words in %q", line)
		}
		at := start.Add(time.Duration(len(out)) * time.Second)
		code, err := strconv.Atoi(words[4])
		if err != nil {
			t.Fatal(err)
		}
		user := map[string]any{"groups": []string{"system:authenticated"}}
		record := map[string]any{
			"kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "RequestResponse", "stage": "ResponseComplete",
			"auditID": fmt.Sprintf("00000000-0000-4000-8000-%012d", len(out)), "verb": words[1], "user": user,
			"sourceIPs": []string{"10.0.0.1"}, "userAgent": "kubectl", "responseStatus": map[string]any{"code": code},
		}
		if words[0] != "-" {
			user["username"] = words[0]
		} else {
			record["user"] = map[string]any{}
		}
		if strings.HasPrefix(words[2], "/") {
			record["requestURI"] = words[2]
		} else {
			group, resource, found := strings.Cut(words[2], "/")
			if !found {
				group, resource = "", group
			}
			resource, sub, _ := strings.Cut(resource, ":")
			namespace, name, _ := strings.Cut(words[3], "/")
			object := map[string]any{"apiVersion": "v1", "resource": resource}
			for k, v := range map[string]string{"apiGroup": group, "subresource": sub, "namespace": namespace, "name": name} {
				if v != "" {
					object[k] = v
				}
			}
			record["objectRef"] = object
			record["requestURI"] = "/api/v1/namespaces/" + namespace + "/" + resource + "/" + name
		}
		for _, word := range words[5:] {
			key, value, _ := strings.Cut(word, "=")
			switch key {
			case "from":
				record["sourceIPs"] = []string{value}
			case "groups":
				user["groups"] = strings.Split(value, ",")
			case "as":
				record["impersonatedUser"] = map[string]any{"username": value}
			case "asgroups":
				record["impersonatedUser"].(map[string]any)["groups"] = strings.Split(value, ",")
			case "uri":
				record["requestURI"] = value
			case "level":
				record["level"] = value
			case "at":
				n, err := strconv.Atoi(value)
				if err != nil {
					t.Fatal(err)
				}
				at = start.Add(time.Duration(n) * time.Second)
			case "req":
				record["requestObject"] = json.RawMessage(value)
			case "resp":
				record["responseObject"] = json.RawMessage(value)
			default:
				t.Fatalf("unknown key in %q", word)
			}
		}
		record["requestReceivedTimestamp"] = at.Format("2006-01-02T15:04:05.000000Z")
		record["stageTimestamp"] = at.Add(time.Millisecond).Format("2006-01-02T15:04:05.000000Z")
		b, err := json.Marshal(record)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(b))
	}
	return "-- kubernetes.log --\n" + strings.Join(out, "\n") + "\n"
}

// host writes messages of sshd and sudo on worker-1 ("PROGRAM: message"), a
// second apart.
func host(script string) string {
	var out []string
	for line := range strings.SplitSeq(script, "\n") {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		program, message, _ := strings.Cut(line, ": ")
		n := len(out)
		out = append(out, fmt.Sprintf("Nov 20 09:%02d:%02d worker-1 %s[%d]: %s", n/60, n%60, program, 1000+n, message))
	}
	return "-- authlog.log --\n" + strings.Join(out, "\n") + "\n"
}
