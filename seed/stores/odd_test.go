package stores_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"logreeve/reports/roster"
)

// oddity is one way in which records of requests are not one plain record each.
type oddity string

// The oddities of the log of odd requests.
const (
	stages      oddity = "two or three stages"
	unended     oddity = "no last record"
	repeated    oddity = "a record twice"
	nameless    oddity = "no auditID"
	stageless   oddity = "no stage"
	proxied     oddity = "two addresses"
	addressless oddity = "no address"
	disguised   oddity = "impersonation"
	tried       oddity = "dry run"
	longNamed   oddity = "a user's name of more than 256 bytes"
	longPath    oddity = "a path of more than 256 bytes"
	userless    oddity = "no user"
	codeless    oddity = "no code"
	panicked    oddity = "panic"
	sameID      oddity = "one auditID for two requests"
	lateEnd     oddity = "the last record minutes later"
)

// oddities are those in which requests come in the order in which they end;
// lateEnd is the other.
func oddities() []oddity {
	return []oddity{
		stages, unended, repeated, nameless, stageless, proxied, addressless, disguised, tried, longNamed, longPath, userless, codeless, panicked, sameID,
	}
}

// requests is how many requests the log of odd requests holds.
const requests = 4000

// oddStart is when it begins; a request comes every second or so.
func oddStart() time.Time { return time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC) }

// entry is a record with the time at which the API server writes it.
type entry struct {
	at   time.Time
	line string
}

// oddLog writes a log in which every other request has one of the oddities. All
// of them do work that checks look for.
func oddLog(t testing.TB, odd ...oddity) string {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	var entries []entry
	at := oddStart()
	id := ""
	for n := range requests {
		at = at.Add(time.Duration(r.IntN(2_000_000)) * time.Microsecond)
		o := oddity("")
		if n > 0 && n < requests-1 && r.IntN(2) == 0 {
			o = odd[r.IntN(len(odd))]
		}
		if o != sameID || id == "" {
			id = fmt.Sprintf("%08x-0000-4000-8000-%012x", r.Uint32(), n)
		}
		took := time.Duration(500+r.IntN(40_000)) * time.Microsecond
		if n == 0 || n == requests-1 {
			took = 0 // how far a log reaches is the same by each of its times
		}
		entries = append(entries, oddRequest(r, o, id, at, took)...)
	}
	slices.SortStableFunc(entries, func(a, b entry) int { return a.at.Compare(b.at) })
	var b bytes.Buffer
	for _, e := range entries {
		b.WriteString(e.line + "\n")
	}
	path := filepath.Join(t.TempDir(), "odd.log")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// deed is what a request asks for.
type deed struct {
	verb, group, resource, sub string
	code                       int
	body                       string
}

func deeds() []deed {
	const (
		binding = `{"kind":"ClusterRoleBinding","apiVersion":"rbac.authorization.k8s.io/v1","metadata":{"name":"n"},"subjects":[{"kind":"User","name":"x@example.com"}],"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"cluster-admin"}}`
		open    = `{"kind":"NetworkPolicy","apiVersion":"networking.k8s.io/v1","metadata":{"name":"n","namespace":"payments"},"spec":{"podSelector":{},"ingress":[{"ports":[{"port":%d}]}],"policyTypes":["Ingress"]}}`
	)
	return []deed{
		{"get", "", "secrets", "", 200, ""}, {"list", "", "secrets", "", 403, ""}, {"list", "", "pods", "", 200, ""}, {"watch", "", "pods", "", 200, ""},
		{"get", "", "pods", "", 404, ""}, {"create", "", "pods", "exec", 101, ""}, {"create", "", "pods", "portforward", 403, ""},
		{"update", "apps", "deployments", "", 200, ""}, {"patch", "apps", "deployments", "", 409, ""}, {"delete", "", "configmaps", "", 200, ""},
		{"create", "rbac.authorization.k8s.io", "clusterrolebindings", "", 201, binding},
		{"update", "networking.k8s.io", "networkpolicies", "", 200, open}, {"delete", "networking.k8s.io", "networkpolicies", "", 200, ""},
		{"update", "coordination.k8s.io", "leases", "", 200, ""}, {"list", "", "pods", "", 401, ""}, {"update", "", "nodes", "status", 500, ""},
	}
}

// oddRequest are the records of one request.
func oddRequest(r *rand.Rand, o oddity, id string, at time.Time, took time.Duration) []entry {
	d := deeds()[r.IntN(len(deeds()))]
	if strings.Contains(d.body, "%d") {
		d.body = fmt.Sprintf(d.body, 8000+r.IntN(5))
	}
	users := []string{
		"alice@example.com", "bob@example.com", "carol@example.com", "stranger@example.com", "kubernetes-admin", "system:serviceaccount:ci:deployer",
		"system:serviceaccount:web:app", "system:node:worker-1", "system:apiserver", "system:anonymous",
	}
	user, groups := users[r.IntN(len(users))], `["system:authenticated"]`
	switch {
	case user == "kubernetes-admin":
		groups = `["system:masters","system:authenticated"]`
	case user == "system:anonymous":
		groups = `["system:unauthenticated"]`
	case o == longNamed:
		user = strings.Repeat("x", 300) + fmt.Sprintf("%d@example.com", r.IntN(3))
	}
	namespace := []string{"payments", "web", "sandbox"}[r.IntN(3)]
	name := fmt.Sprintf("thing-%d", r.IntN(6))
	path := "/api/v1/namespaces/" + namespace + "/" + d.resource + "/" + name
	if d.group != "" {
		path = "/apis/" + d.group + "/v1/namespaces/" + namespace + "/" + d.resource + "/" + name
	}
	if d.sub != "" {
		path += "/" + d.sub
	}
	switch o {
	case tried:
		path += "?dryRun=All"
	case longPath:
		path += "?labelSelector=" + strings.Repeat("a", 300) + "&dryRun=All"
	}
	var head, tail strings.Builder
	fmt.Fprintf(&head, `{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse"`)
	if o != nameless {
		fmt.Fprintf(&head, `,"auditID":%q`, id)
	}
	fmt.Fprintf(&tail, `,"requestURI":%q,"verb":%q`, path, d.verb)
	if o == userless || d.code == 401 {
		tail.WriteString(`,"user":{}`)
	} else {
		fmt.Fprintf(&tail, `,"user":{"username":%q,"groups":%s}`, user, groups)
	}
	if o == disguised {
		tail.WriteString(`,"impersonatedUser":{"username":"bob@example.com","groups":["system:masters"]}`)
	}
	address := fmt.Sprintf("10.0.%d.%d", r.IntN(3), r.IntN(4))
	switch o {
	case proxied:
		fmt.Fprintf(&tail, `,"sourceIPs":[%q,"10.9.9.9"]`, address)
	case addressless:
	default:
		fmt.Fprintf(&tail, `,"sourceIPs":[%q]`, address)
	}
	fmt.Fprintf(&tail, `,"userAgent":"kubectl/v1.31","objectRef":{"resource":%q,"namespace":%q,"name":%q,"apiVersion":"v1"`, d.resource, namespace, name)
	if d.group != "" {
		fmt.Fprintf(&tail, `,"apiGroup":%q`, d.group)
	}
	if d.sub != "" {
		fmt.Fprintf(&tail, `,"subresource":%q`, d.sub)
	}
	fmt.Fprintf(&tail, `},"requestReceivedTimestamp":%q`, micros(at))
	record := func(stage string, later time.Duration, ended bool) entry {
		var b strings.Builder
		b.WriteString(head.String())
		if o != stageless {
			fmt.Fprintf(&b, `,"stage":%q`, stage)
		}
		b.WriteString(tail.String())
		if ended && o != codeless {
			fmt.Fprintf(&b, `,"responseStatus":{"metadata":{},"code":%d}`, d.code)
			if d.body != "" && d.code < 300 {
				fmt.Fprintf(&b, `,"requestObject":%s,"responseObject":%s`, d.body, d.body)
			}
		}
		fmt.Fprintf(&b, `,"stageTimestamp":%q,"annotations":{"authorization.k8s.io/decision":"allow"}}`, micros(at.Add(later)))
		return entry{at.Add(later), b.String()}
	}
	end := record("ResponseComplete", took, true)
	begin, middle := record("RequestReceived", 0, false), record("ResponseStarted", took/2, true)
	switch o {
	case stages:
		if r.IntN(2) == 0 {
			return []entry{begin, end}
		}
		return []entry{begin, middle, end}
	case unended:
		if r.IntN(2) == 0 {
			return []entry{begin}
		}
		return []entry{begin, middle}
	case repeated:
		again := end
		again.at = again.at.Add(time.Duration(r.IntN(2)) * 5 * time.Minute)
		return []entry{end, again}
	case panicked:
		return []entry{begin, record("Panic", took, true)}
	case lateEnd:
		return []entry{begin, middle, record("ResponseComplete", time.Duration(1+r.IntN(8))*time.Minute, true)}
	}
	return []entry{end}
}

func micros(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000000Z") }

// oddRoster are the people of the recordings, who trust the proxy.
func oddRoster(t testing.TB) roster.Snapshot {
	s := recordedRoster(t)
	s.Registers.Entries = append(s.Registers.Entries, roster.Entry{Register: roster.TrustedProxies, Value: "10.9.9.0/24"},
		roster.Entry{Register: roster.TrustedImpersonators, Value: "k8s:alice@example.com"})
	s.Registers.Expected = []roster.ExpectedSource{{Name: "kubernetes", MaxGap: 60}}
	return s
}
