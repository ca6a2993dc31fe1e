package seed

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sort"
	"strings"
	"time"
)

// WeekOptions say what a generated week holds.
type WeekOptions struct {
	Seed  uint64
	From  time.Time // start of the week
	Scale int       // background requests an hour, about
	// Matters plants what is worth finding; without them the week is quiet.
	Matters bool
	// Daily plants a little to look at on every day, so that a night's run is
	// never empty.
	Daily bool
	// Silence leaves the cluster silent for an hour on Thursday, 02:00 to 03:00.
	Silence bool
	// Secrets is how many different secrets one person reads, beside the matters:
	// each is an item of its own, for trying a long review.
	Secrets int
	Until   time.Time // no line at or after it; zero: the whole week
}

// Week is a generated week of logs: what a store would hold.
type Week struct {
	Audit  []byte            // audit.k8s.io/v1, one event a line
	Auth   map[string][]byte // auth.log of each host
	Events int               // requests and syslog lines
}

// Hosts are the machines of the demo.
var Hosts = []string{"bastion-1", "worker-1", "worker-2"}

// people of the demo cluster: login, group and usual address.
type identity struct{ name, group, address, short string }

const domain = "nordhaven.example"

var identities = map[string]identity{
	"alice": {"alice@" + domain, "platform-admins", "10.20.1.10", "alice"},
	"bob":   {"bob@" + domain, "developers", "10.20.1.11", "bob"},
	"carol": {"carol@" + domain, "developers", "10.20.1.12", "carol"},
	"dave":  {"dave@" + domain, "developers", "10.20.1.13", "dave"},
	"erin":  {"erin@" + domain, "security", "10.20.1.14", "erin"},
	"omar":  {"omar.keita@" + domain, "platform-admins", "10.20.1.15", "omar"},
}

const deployer = "system:serviceaccount:ci:deployer"

// Fingerprints of the demo's SSH keys; the last belongs to nobody.
var fingerprints = map[string]string{
	"alice": "SHA256:6l0vC3c0F3mVwq2o1Qb1l7nq3l2XJ0cB8gkYt5uWm4E",
	"bob":   "SHA256:Jd3n0mT7Ck2y9QWq5e1ZrXo8bV4uLs6hPfGaKiDcM2w",
	"omar":  "SHA256:r9PzXk1vYb5LwTq3GmHs7CjD2nFuE8oAaKi4VtQxB0c",
	"erin":  "SHA256:0yBh4sN6kJxWm2QpV9tLrC1eZfUg7aDo5iRwXqTn3Kc",
	"ghost": "SHA256:Zq8dHk2LmX5vT0wNcR7yJ4sPbGf1UoEa9iKtWzQ3xVM",
}

type auditEvent struct {
	Kind             string            `json:"kind"`
	APIVersion       string            `json:"apiVersion"`
	Level            string            `json:"level"`
	AuditID          string            `json:"auditID"`
	Stage            string            `json:"stage"`
	RequestURI       string            `json:"requestURI"`
	Verb             string            `json:"verb"`
	User             auditUser         `json:"user"`
	Impersonated     *auditUser        `json:"impersonatedUser,omitempty"`
	SourceIPs        []string          `json:"sourceIPs"`
	UserAgent        string            `json:"userAgent"`
	ObjectRef        *auditObject      `json:"objectRef,omitempty"`
	ResponseStatus   auditStatus       `json:"responseStatus"`
	RequestObject    json.RawMessage   `json:"requestObject,omitempty"`
	ResponseObject   json.RawMessage   `json:"responseObject,omitempty"`
	RequestReceived  string            `json:"requestReceivedTimestamp"`
	StageTimestamp   string            `json:"stageTimestamp"`
	AuditAnnotations map[string]string `json:"annotations,omitempty"`
}

type auditUser struct {
	Username string              `json:"username,omitempty"`
	UID      string              `json:"uid,omitempty"`
	Groups   []string            `json:"groups,omitempty"`
	Extra    map[string][]string `json:"extra,omitempty"`
}

type auditObject struct {
	Resource    string `json:"resource,omitempty"`
	Namespace   string `json:"namespace,omitempty"`
	Name        string `json:"name,omitempty"`
	APIGroup    string `json:"apiGroup,omitempty"`
	APIVersion  string `json:"apiVersion,omitempty"`
	Subresource string `json:"subresource,omitempty"`
}

type auditStatus struct {
	Metadata struct{} `json:"metadata"`
	Status   string   `json:"status,omitempty"`
	Message  string   `json:"message,omitempty"`
	Reason   string   `json:"reason,omitempty"`
	Code     int      `json:"code"`
}

type line struct {
	at   time.Time
	text string
}

type generator struct {
	o     WeekOptions
	rnd   *rand.Rand
	audit []line
	auth  map[string][]line
	pid   int
	seq   int
}

// GenerateWeek makes a week of logs. The same options give the same bytes.
func GenerateWeek(o WeekOptions) Week {
	g := &generator{o: o, rnd: rand.New(rand.NewPCG(o.Seed, 0x10672ee7e)), auth: map[string][]line{}, pid: 1200} //nolint:gosec // reproducible, not secret
	g.background()
	g.hosts()
	if o.Matters {
		g.matters()
	}
	if o.Daily {
		g.daily()
	}
	g.manySecrets()
	w := Week{Auth: map[string][]byte{}}
	w.Audit, w.Events = g.write(g.audit)
	for _, host := range Hosts {
		b, n := g.write(g.auth[host])
		w.Auth[host] = b
		w.Events += n
	}
	return w
}

func (g *generator) write(lines []line) ([]byte, int) {
	sort.SliceStable(lines, func(a, b int) bool { return lines[a].at.Before(lines[b].at) })
	var out bytes.Buffer
	n := 0
	for _, l := range lines {
		if !g.o.Until.IsZero() && !l.at.Before(g.o.Until) {
			break
		}
		out.WriteString(l.text)
		out.WriteByte('\n')
		n++
	}
	return out.Bytes(), n
}

// silent says whether the cluster logs nothing at that time.
func (g *generator) silent(at time.Time) bool {
	if !g.o.Silence {
		return false
	}
	from := g.o.From.AddDate(0, 0, 3).Add(2 * time.Hour)
	return !at.Before(from) && at.Before(from.Add(time.Hour))
}

// request is one API request to be logged.
type request struct {
	at         time.Time
	who        auditUser
	as         *auditUser
	from       string
	agent      string
	verb       string
	group      string
	version    string
	resource   string
	sub        string
	namespace  string
	name       string
	query      string
	code       int
	reason     string
	level      string
	body       any // request body
	object     any // response body
	annotation map[string]string
}

func (g *generator) log(r request) {
	if g.silent(r.at) {
		return
	}
	if r.code == 0 {
		r.code = 200
		if r.verb == "create" {
			r.code = 201
		}
	}
	if r.level == "" {
		r.level = "Metadata"
	}
	if r.version == "" {
		r.version = "v1"
	}
	e := auditEvent{
		Kind: "Event", APIVersion: "audit.k8s.io/v1", Level: r.level, AuditID: g.uuid(), Stage: "ResponseComplete",
		RequestURI: r.uri(), Verb: r.verb, User: r.who, Impersonated: r.as, SourceIPs: []string{r.from}, UserAgent: r.agent,
		ObjectRef:       &auditObject{Resource: r.resource, Namespace: r.namespace, Name: r.name, APIGroup: r.group, APIVersion: r.version, Subresource: r.sub},
		RequestReceived: stamp(r.at), StageTimestamp: stamp(r.at.Add(time.Duration(1500+g.rnd.IntN(9000)) * time.Microsecond)),
		AuditAnnotations: r.annotation,
	}
	e.ResponseStatus.Code = r.code
	switch {
	case r.code == 403:
		e.ResponseStatus.Status, e.ResponseStatus.Reason = "Failure", "Forbidden"
		e.ResponseStatus.Message = fmt.Sprintf("%s is forbidden: User %q cannot %s resource %q", r.resource, r.who.Username, r.verb, r.resource)
		e.AuditAnnotations = map[string]string{"authorization.k8s.io/decision": "forbid", "authorization.k8s.io/reason": ""}
	case r.code == 401:
		e.ResponseStatus.Status, e.ResponseStatus.Reason, e.ResponseStatus.Message = "Failure", "Unauthorized", "Authentication failed, attempted: bearer"
		e.Stage, e.ObjectRef, e.User = "ResponseStarted", nil, auditUser{}
	case r.code >= 400:
		e.ResponseStatus.Status, e.ResponseStatus.Reason = "Failure", r.reason
	}
	if r.code < 400 && e.AuditAnnotations == nil {
		e.AuditAnnotations = map[string]string{"authorization.k8s.io/decision": "allow", "authorization.k8s.io/reason": "RBAC: allowed by ClusterRoleBinding"}
	}
	e.RequestObject, e.ResponseObject = encode(r.body), encode(r.object)
	b, err := json.Marshal(e)
	if err != nil {
		panic(err) // strings and numbers only
	}
	g.audit = append(g.audit, line{r.at, string(b)})
}

func encode(v any) json.RawMessage {
	if v == nil {
		return nil
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings and numbers only
	}
	return b
}

func (r request) uri() string {
	var b strings.Builder
	if r.group == "" {
		b.WriteString("/api/" + r.version)
	} else {
		b.WriteString("/apis/" + r.group + "/" + r.version)
	}
	if r.namespace != "" {
		b.WriteString("/namespaces/" + r.namespace)
	}
	b.WriteString("/" + r.resource)
	if r.name != "" && (r.verb != "create" || r.sub != "") {
		b.WriteString("/" + r.name)
	}
	if r.sub != "" {
		b.WriteString("/" + r.sub)
	}
	if r.query != "" {
		b.WriteString("?" + r.query)
	}
	return b.String()
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }

func (g *generator) uuid() string {
	a, b := g.rnd.Uint64(), g.rnd.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-a%03x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>48&0xfff, b&0xffffffffffff)
}

func person(key string) (auditUser, identity) {
	p := identities[key]
	return auditUser{
		Username: p.name, Groups: []string{p.group, "system:authenticated"},
		Extra: map[string][]string{"authentication.kubernetes.io/credential-id": {"X509SHA256=" + strings.Repeat(fmt.Sprintf("%02x", len(p.name)*7), 32)}},
	}, p
}

func service(name string) auditUser {
	ns := strings.Split(name, ":")[2]
	return auditUser{Username: name, Groups: []string{"system:serviceaccounts", "system:serviceaccounts:" + ns, "system:authenticated"}}
}

const kubectl = "kubectl/v1.34.1 (linux/amd64) kubernetes/a1b2c3d"

// background is what a cluster does all day: leases, controllers, kubelets,
// the pipeline's deployments and people looking around in working hours.
func (g *generator) background() {
	end := g.o.From.AddDate(0, 0, 7)
	namespaces := []string{"payments", "web", "data", "ci"}
	for at := g.o.From; at.Before(end); at = at.Add(2 * time.Minute) { // node leases: proof of life
		host := Hosts[g.rnd.IntN(len(Hosts))]
		g.log(request{at: at.Add(g.jitter(40 * time.Second)), who: auditUser{Username: "system:node:" + host, Groups: []string{"system:nodes", "system:authenticated"}},
			from: "10.0.0.1" + host[len(host)-1:], agent: "kubelet/v1.34.1 (linux/amd64) kubernetes/a1b2c3d", verb: "update",
			group: "coordination.k8s.io", resource: "leases", namespace: "kube-node-lease", name: host})
	}
	for hour := 0; hour < 7*24; hour++ {
		base := g.o.From.Add(time.Duration(hour) * time.Hour)
		var busy float64
		if base.Weekday() == time.Saturday || base.Weekday() == time.Sunday {
			busy = 0.45
		} else if h := base.Hour(); h >= 7 && h < 18 {
			busy = 1.6
		} else {
			busy = 0.6
		}
		for i := 0; i < int(float64(g.o.Scale)*busy); i++ {
			at := base.Add(g.jitter(time.Hour))
			ns := namespaces[g.rnd.IntN(len(namespaces))]
			switch g.rnd.IntN(10) {
			case 0, 1, 2:
				g.log(request{at: at, who: service("system:serviceaccount:kube-system:replicaset-controller"), from: "10.0.0.2", agent: "kube-controller-manager/v1.34.1",
					verb: "list", resource: "pods", namespace: ns, query: "limit=500"})
			case 3, 4:
				g.log(request{at: at, who: service("system:serviceaccount:" + ns + ":app"), from: "10.0.4." + fmt.Sprint(10+g.rnd.IntN(40)), agent: "Go-http-client/2.0",
					verb: "get", resource: "configmaps", namespace: ns, name: "app-config"})
			case 5:
				g.log(request{at: at, who: service("system:serviceaccount:" + ns + ":app"), from: "10.0.4." + fmt.Sprint(10+g.rnd.IntN(40)), agent: "Go-http-client/2.0",
					verb: "get", resource: "secrets", namespace: ns, name: "app-credentials"})
			case 6:
				g.log(request{at: at, who: auditUser{Username: "system:kube-scheduler", Groups: []string{"system:authenticated"}}, from: "10.0.0.2", agent: "kube-scheduler/v1.34.1",
					verb: "create", resource: "pods", sub: "binding", namespace: ns, name: fmt.Sprintf("api-%x", g.rnd.IntN(1<<20))})
			case 7:
				if base.Weekday() != time.Saturday && base.Weekday() != time.Sunday && base.Hour() >= 7 && base.Hour() < 18 {
					keys := []string{"alice", "bob", "dave", "erin", "omar"}
					u, p := person(keys[g.rnd.IntN(len(keys))])
					g.log(request{at: at, who: u, from: p.address, agent: kubectl, verb: "list", resource: "pods", namespace: ns, query: "limit=500"})
					break
				}
				fallthrough
			default:
				g.log(request{at: at, who: service("system:serviceaccount:monitoring:prometheus"), from: "10.0.4.7", agent: "Prometheus/3.4.0",
					verb: "list", resource: "endpoints", namespace: ns})
			}
		}
	}
	for day := 0; day < 7; day++ { // the pipeline delivers, with a ticket
		base := g.o.From.AddDate(0, 0, day)
		for i := 0; i < 4; i++ {
			at := base.Add(8*time.Hour + g.jitter(8*time.Hour))
			ns := namespaces[g.rnd.IntN(3)]
			g.log(request{at: at, who: service(deployer), from: "10.30.0.5", agent: "deploy/2.8", verb: "patch", group: "apps", resource: "deployments", namespace: ns, name: "api",
				query: "fieldManager=deploy", level: "RequestResponse",
				body:   object("apps/v1", "Deployment", ns, "api", g.change(), map[string]any{"replicas": 3}),
				object: object("apps/v1", "Deployment", ns, "api", g.change(), map[string]any{"replicas": 3})})
		}
	}
	for day := 0; day < 5; day++ { // people change things in the sandbox, outside the production scope
		for _, key := range []string{"alice", "bob", "dave", "omar"} {
			u, p := person(key)
			for i := 0; i < 2+g.rnd.IntN(3); i++ {
				at := g.o.From.AddDate(0, 0, day).Add(8*time.Hour + g.jitter(9*time.Hour))
				name := fmt.Sprintf("try-%x", g.rnd.IntN(1<<16))
				g.log(request{at: at, who: u, from: p.address, agent: kubectl, verb: []string{"create", "patch", "delete"}[g.rnd.IntN(3)], group: "apps", resource: "deployments",
					namespace: "sandbox", name: name, query: "fieldManager=kubectl-client-side-apply", level: "RequestResponse",
					body:   object("apps/v1", "Deployment", "sandbox", name, "", map[string]any{"replicas": 1}),
					object: object("apps/v1", "Deployment", "sandbox", name, "", map[string]any{"replicas": 1})})
			}
		}
	}
	// Policies are delivered by the pipeline early in the week.
	g.policy(8*time.Hour+10*time.Minute, service(deployer), "10.30.0.5", "create", "payments", "default-deny", g.change(), denyAll())
	g.policy(8*time.Hour+11*time.Minute, service(deployer), "10.30.0.5", "create", "payments", "allow-web-to-api", g.change(), allowFrom("web", 8080))
	g.policy(8*time.Hour+12*time.Minute, service(deployer), "10.30.0.5", "create", "data", "default-deny", g.change(), denyAll())
	g.policy(33*time.Hour, service(deployer), "10.30.0.5", "update", "payments", "allow-web-to-api", g.change(), allowFrom("web", 8080, 8081))
}

func (g *generator) jitter(d time.Duration) time.Duration {
	return time.Duration(g.rnd.Int64N(int64(d/time.Microsecond))) * time.Microsecond
}

func (g *generator) change() string {
	g.seq++
	return fmt.Sprintf("CHG-%d", 4000+int(g.o.Seed%100)*10+g.seq)
}

func object(api, kind, ns, name, ticket string, spec any) map[string]any {
	meta := map[string]any{"name": name, "namespace": ns}
	if ticket != "" {
		meta["annotations"] = map[string]string{"nordhaven.example/ticket": ticket}
	}
	return map[string]any{"apiVersion": api, "kind": kind, "metadata": meta, "spec": spec}
}

func denyAll() map[string]any {
	return map[string]any{"podSelector": map[string]any{}, "policyTypes": []string{"Ingress", "Egress"}}
}

func allowFrom(ns string, ports ...int) map[string]any {
	list := []any{}
	for _, p := range ports {
		list = append(list, map[string]any{"port": p, "protocol": "TCP"})
	}
	return map[string]any{
		"podSelector": map[string]any{"matchLabels": map[string]string{"app": "api"}}, "policyTypes": []string{"Ingress"},
		"ingress": []any{map[string]any{
			"from":  []any{map[string]any{"namespaceSelector": map[string]any{"matchLabels": map[string]string{"kubernetes.io/metadata.name": ns}}}},
			"ports": list,
		}},
	}
}

func (g *generator) policy(after time.Duration, who auditUser, from, verb, ns, name, ticket string, spec map[string]any) {
	r := request{at: g.o.From.Add(after), who: who, from: from, agent: kubectl, verb: verb, group: "networking.k8s.io", resource: "networkpolicies",
		namespace: ns, name: name, level: "RequestResponse", query: "fieldManager=kubectl"}
	if spec != nil {
		o := object("networking.k8s.io/v1", "NetworkPolicy", ns, name, ticket, spec)
		r.body, r.object = o, o
	} else {
		r.object = map[string]any{"kind": "Status", "apiVersion": "v1", "metadata": map[string]any{}, "status": "Success"}
	}
	g.log(r)
}
