package auditgen

import (
	"fmt"
	"strconv"
)

// background returns an event that satisfies no check.
func (g *gen) background() *event {
	switch x := g.r.n(1000); {
	case x < 130: // node lease renewals
		i := g.r.n(nodeCount)
		e := g.named("system:node:"+g.nodes[i], fmt.Sprintf("10.20.%d.%d", i/250, i%250), nodeGrp)
		e.ua = "kubelet/v1.30.6 (linux/amd64) kubernetes/00f20d4"
		return e.on("update", "coordination.k8s.io", "v1", "leases", "kube-node-lease", g.nodes[i], "")
	case x < 290: // kubelet status patches
		i := g.r.n(nodeCount)
		e := g.named("system:node:"+g.nodes[i], fmt.Sprintf("10.20.%d.%d", i/250, i%250), nodeGrp)
		e.ua = "kubelet/v1.30.6 (linux/amd64) kubernetes/00f20d4"
		ns := g.nsAt()
		e.on("patch", "", "v1", "pods", ns, g.podName(), "status")
		if g.small {
			return e
		}
		e.req = []byte(`{"status":{"conditions":[{"type":"Ready","status":"True","reason":"verb\":\"delete"}],"podIP":"10.244.3.9"}}`)
		e.resp = g.body2(func(b []byte) []byte { return g.pod(b, ns, podOpt{}, 6+g.r.n(25)) })
		return e
	case x < 640: // service accounts reading and watching
		i := g.r.n(accountCount)
		e := g.sa(i)
		verb := []string{"get", "get", "list", "watch"}[g.r.n(4)]
		res := []string{"configmaps", "endpoints", "pods", "services", "secrets", "nodes"}[g.r.n(6)]
		ns := g.ns[(i+g.r.n(3)*11)%80]
		if res == "nodes" {
			ns = ""
		}
		name := ""
		if verb == "get" {
			name = pick(&g.r, apps) + "-" + strconv.Itoa(g.r.n(400))
			if res != "secrets" && g.r.n(25) == 0 {
				e.code = 404
			}
		}
		return e.on(verb, "", "v1", res, ns, name, "")
	case x < 730: // controllers creating pods
		i := g.r.n(accountCount)
		e := g.sa(i)
		ns := g.nsAt()
		e.on("create", "", "v1", "pods", ns, "", "")
		if g.small {
			return e
		}
		e.code = 201
		e.req = g.body1(func(b []byte) []byte { return g.pod(b, ns, podOpt{}, 0) })
		e.resp = g.body2(func(b []byte) []byte { return g.pod(b, ns, podOpt{}, 4+g.r.n(20)) })
		return e
	case x < 790: // deployments by controllers
		e := g.sa(g.r.n(accountCount))
		ns := g.nsAt()
		name := pick(&g.r, apps)
		e.on("update", "apps", "v1", "deployments", ns, name, "status")
		if g.small {
			return e
		}
		e.resp = g.body2(func(b []byte) []byte { return g.deployment(b, name, ns, "", 10+g.r.n(30)) })
		return e
	case x < 840: // people applying deployments with a ticket; nested escaped JSON
		e, _ := g.person()
		ns, name := g.nsAt(), pick(&g.r, apps)
		verb := "update"
		if g.r.n(2) == 0 {
			verb = "patch"
		}
		e.on(verb, "apps", "v1", "deployments", ns, name, "")
		if g.small {
			return e
		}
		ann := `"change.corp/ticket":"CHG-` + strconv.Itoa(100_000+g.r.n(900_000)) + `","kubectl.kubernetes.io/last-applied-configuration":"{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"` + name + `\",\"annotations\":{}},\"spec\":{\"containers\":[{\"securityContext\":{\"privileged\":true}}]}}\n"`
		e.req = g.body1(func(b []byte) []byte { return g.deployment(b, name, ns, ann, 0) })
		e.resp = g.body2(func(b []byte) []byte { return g.deployment(b, name, ns, ann, 10+g.r.n(10)) })
		return e
	case x < 945: // people looking around
		e, _ := g.person()
		res := []string{"pods", "deployments", "services", "configmaps", "events"}[g.r.n(5)]
		api := ""
		if res == "deployments" {
			api = "apps"
		}
		verb := []string{"get", "list", "watch"}[g.r.n(3)]
		name, sub := "", ""
		if verb == "get" {
			name = g.podName()
			if res == "pods" && g.r.n(2) == 0 {
				sub = "log"
			}
		}
		return e.on(verb, api, "v1", res, g.nsAt(), name, sub)
	case x < 960: // health probes by anonymous
		e := &event{user: "system:anonymous", groups: anonGrp, ip: "10.0.0." + strconv.Itoa(11+g.r.n(3)), ua: "kube-probe/1.30", code: 200, verb: "get"}
		e.uri = []string{"/livez?verbose=false", "/readyz", "/healthz", "/version"}[g.r.n(4)]
		return e
	case x < 980: // token reviews: bodies that look like other checks' fields
		e := g.sa(g.r.n(accountCount))
		e.on("create", "authentication.k8s.io", "v1", "tokenreviews", "", "", "")
		if g.small {
			return e
		}
		e.code = 201
		e.req = g.body1(func(b []byte) []byte {
			b = append(b, `{"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1","metadata":{"creationTimestamp":null},"spec":{"token":"REDACTED"},"status":{"user":{}}}`...)
			return b
		})
		e.resp = g.body2(func(b []byte) []byte {
			b = append(b, `{"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1","spec":{"token":"REDACTED"},"status":{"authenticated":true,"user":{"username":"admin","uid":"`...)
			b = g.uuid(b)
			return append(b, `","groups":["system:masters","corp:admins"]},"verb":"delete","responseStatus":{"code":403}}}`...)
		})
		return e
	case x < 985: // roles with ordinary verbs
		e := g.sa(g.r.n(accountCount))
		ns := g.nsAt()
		e.on("update", "rbac.authorization.k8s.io", "v1", "roles", ns, "reader", "")
		e.req = []byte(`{"kind":"Role","apiVersion":"rbac.authorization.k8s.io/v1","metadata":{"name":"reader"},"rules":[{"verbs":["get","list","delete"],"apiGroups":["*"],"resources":["*"]}]}`)
		return e
	default: // config maps written by controllers, large data
		e := g.sa(g.r.n(accountCount))
		ns := g.nsAt()
		e.on("update", "", "v1", "configmaps", ns, "state", "")
		if g.small {
			return e
		}
		f := func(b []byte) []byte {
			b = append(b, `{"kind":"ConfigMap","apiVersion":"v1",`...)
			b = g.meta(b, "state", ns, "", 2)
			b = append(b, `,"data":{`...)
			for i := range 6 + g.r.n(20) {
				if i > 0 {
					b = append(b, ',')
				}
				b = append(b, `"key-`...)
				b = strconv.AppendInt(b, int64(i), 10)
				b = append(b, `":"{\"user\":{\"username\":\"root\"},\"verb\":\"delete\",\"v\":\"`...)
				b = strconv.AppendUint(b, g.r.next(), 36)
				b = append(b, `\"}"`...)
			}
			return append(b, `}}`...)
		}
		e.req = g.body1(f)
		e.resp = g.body2(f)
		return e
	}
}
