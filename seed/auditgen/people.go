package auditgen

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

const (
	nodeCount    = 300
	accountCount = 400
	dormantCount = 23
)

// Roster lists the accounts that people are supposed to have when there are
// users of them: those who work, and the leavers who never appear.
func Roster(users int) []string {
	rs := humans(users)
	for i := range dormantCount {
		rs = append(rs, fmt.Sprintf("leaver%02d@corp.example", i))
	}
	return rs
}

func humans(users int) (out []string) {
	for i := range users {
		out = append(out, fmt.Sprintf("%s.%s%03d@corp.example", first[i%len(first)], last[(i/3)%len(last)], i))
	}
	return out
}

func nodes() (out []string) {
	for i := range nodeCount {
		out = append(out, fmt.Sprintf("ip-10-20-%d-%d.internal", i/250, i%250))
	}
	return out
}

func namespaces() (out []string) {
	for i := range 80 {
		out = append(out, fmt.Sprintf("%s-%s", teams[i%len(teams)], []string{"prod", "stage", "dev", "batch"}[i/20]))
	}
	return out
}

func serviceAccounts(ns []string) (out []string) {
	for i := range accountCount {
		out = append(out, fmt.Sprintf("system:serviceaccount:%s:%s", ns[i%80], apps[i%len(apps)]+strconv.Itoa(i)))
	}
	return out
}

// humanIP is one of the addresses of a person: one, two or three, by number.
func (g *gen) humanIP(u int) string {
	return fmt.Sprintf("10.%d.%d.%d", 100+g.r.n(1+u%3), u/250, 1+u%250)
}

// person is somebody of the roster at work, and who.
func (g *gen) person() (*event, int) {
	u := g.r.n(g.users)
	return &event{user: g.humans[u], uid: "oidc-" + strconv.Itoa(10_000+u), groups: humGrp, ip: g.humanIP(u), proxy: "10.0.0.5", ua: pick(&g.r, agents), code: 200}, u
}

// sa is a service account at work.
func (g *gen) sa(i int) *event {
	return &event{user: g.sas[i], uid: fmt.Sprintf("5a%06d-77aa-4c1f-9a55-0d1e5e6f7a80", i), groups: saGrp,
		ip: fmt.Sprintf("10.20.%d.%d", g.r.n(1+i%3), 1+i%250), ua: "app/1.4 (linux/amd64) client-go", code: 200}
}

func (g *gen) named(user, ip string, groups []string) *event {
	return &event{user: user, groups: groups, ip: ip, ua: agents[0], code: 200}
}

// on sets the object of a request and its URI.
func (e *event) on(verb, api, ver, res, ns, name, sub string) *event {
	e.verb, e.api, e.ver, e.res, e.ns, e.name, e.sub = verb, api, ver, res, ns, name, sub
	u := "/api/" + ver
	if api != "" {
		u = "/apis/" + api + "/" + ver
	}
	if ns != "" && res != "namespaces" {
		u += "/namespaces/" + ns
	}
	u += "/" + res
	if name != "" {
		u += "/" + name
	}
	if sub != "" {
		u += "/" + sub
	}
	switch verb {
	case "list":
		u += "?limit=500"
	case "watch":
		u += "?allowWatchBookmarks=true&timeoutSeconds=401&watch=true"
	case "patch":
		u += "?fieldManager=kubectl-client-side-apply"
	}
	e.uri = u
	return e
}

func (g *gen) nsAt() string { return g.ns[g.r.n(len(g.ns))] }

func (g *gen) podName() string {
	return fmt.Sprintf("%s-%x-%x", pick(&g.r, apps), g.r.n(1<<32), g.r.n(1<<20))
}

// WritePeople writes the roster as the file of people that the product reads.
func WritePeople(w io.Writer, users int) error {
	b := []byte("name,email,joined_at,left_at,manager,principals\n")
	for _, account := range Roster(users) {
		name, _, _ := strings.Cut(account, "@")
		b = fmt.Appendf(b, "%s,%s,2020-01-01,,,\n", name, account)
	}
	_, err := w.Write(b)
	return err
}
