package auditgen

import (
	"fmt"
	"strconv"
)

const rbac = "rbac.authorization.k8s.io"

// planted is an event to come, and the filters that find it.
type planted struct {
	event func() *event
	finds []string
}

// plant queues the events of one planted unit and counts what they satisfy.
func (g *gen) plant(id string) {
	one := func(f func() *event, ids ...string) {
		g.queue = append(g.queue, planted{f, ids})
		for _, i := range ids {
			g.tr.Filters[i]++
		}
	}
	p := func(verb, api, res, sub string, named bool) func() *event {
		return func() *event {
			e, _ := g.person()
			ns, name := g.nsAt(), ""
			switch res {
			case "namespaces":
				name = ns
			case "nodes", "persistentvolumes", "validatingwebhookconfigurations", "clusterrolebindings", "clusterroles":
				ns = ""
			}
			if named && name == "" {
				name = pick(&g.r, apps) + "-" + strconv.Itoa(g.r.n(1000))
			}
			return e.on(verb, api, "v1", res, ns, name, sub)
		}
	}
	pod := func(o podOpt) func() *event {
		return func() *event {
			e, _ := g.person()
			ns := g.nsAt()
			e.on("create", "", "v1", "pods", ns, "", "")
			e.code = 201
			e.req = g.body1(func(b []byte) []byte { return g.pod(b, ns, o, 0) })
			e.resp = g.body2(func(b []byte) []byte { return g.pod(b, ns, o, 8) })
			return e
		}
	}
	with := func(f func() *event, m func(e *event)) func() *event {
		return func() *event { e := f(); m(e); return e }
	}
	bad := func(ip string) func() *event {
		return func() *event {
			e := &event{noUser: true, ip: ip, ua: agents[0], code: 401}
			return e.on("list", "", "v1", "pods", "default", "", "")
		}
	}
	switch id {
	case "F01":
		one(p("create", "", "pods", "exec", true), id)
	case "F02":
		one(func() *event {
			e, u := g.person()
			return e.on("get", "", "v1", "secrets", g.ns[(u*7+g.r.n(3))%80], "db-"+strconv.Itoa(g.r.n(90)), "")
		}, id)
	case "F03":
		one(with(p("create", rbac, "clusterrolebindings", "", true), func(e *event) {
			e.code = 201
			e.req = []byte(`{"kind":"ClusterRoleBinding","apiVersion":"rbac.authorization.k8s.io/v1","metadata":{"name":"temp-admin"},"subjects":[{"kind":"Group","name":"system:masters"}],"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"cluster-admin"}}`)
			e.resp = e.req
		}), id)
	case "F04":
		one(func() *event {
			e := &event{user: "system:anonymous", groups: anonGrp, ip: "10.0.0.11", ua: agents[0], code: 200}
			return e.on("list", "", "v1", "pods", "default", "", "")
		}, id)
	case "F05":
		one(func() *event {
			return g.named("kubernetes-admin", "10.0.0.21", []string{"system:masters", "system:authenticated"}).on("get", "", "v1", "nodes", "", "ip-10-20-0-1.internal", "")
		}, id)
	case "F06":
		one(p("delete", "", "namespaces", "", true), id)
	case "F07":
		one(with(p("list", "", "pods", "", false), func(e *event) { e.imp = "system:serviceaccount:kube-system:default" }), id)
	case "F08":
		one(pod(podOpt{priv: true}), id)
	case "F09":
		u := g.roundUser % g.users
		g.roundUser++
		one(func() *event {
			e := g.named(g.humans[u], g.humanIP(u), humGrp)
			e.code, e.forbid = 403, true
			return e.on("list", "", "v1", "secrets", g.nsAt(), "", "")
		}, id)
	case "F10":
		one(p("delete", "admissionregistration.k8s.io", "validatingwebhookconfigurations", "", true), id)
	case "F11":
		one(pod(podOpt{hostPath: true}), id)
	case "F12":
		one(pod(podOpt{badImage: true}), id)
	case "F13":
		one(p("create", "", "pods", "portforward", true), id)
	case "F14":
		one(p("create", "", "serviceaccounts", "token", true), id)
	case "F16":
		one(p("deletecollection", "", "pods", "", false), id)
	case "F17":
		one(with(p("list", "", "pods", "", false), func(e *event) { e.ua = "python-requests/2.32.3" }), id)
	case "F18":
		k := g.r.n(40)
		one(func() *event {
			return g.named(fmt.Sprintf("contractor%02d@vendor.example", k), fmt.Sprintf("203.0.113.%d", k+1), humGrp).on("list", "", "v1", "pods", g.nsAt(), "", "")
		}, id)
	case "F19":
		one(func() *event {
			e := &event{user: "system:anonymous", groups: anonGrp, ip: "10.0.0." + strconv.Itoa(11+g.r.n(3)), ua: agents[0], code: 403, forbid: true}
			return e.on("list", "", "v1", "pods", "default", "", "")
		}, id)
	case "F20":
		one(func() *event {
			e, _ := g.person()
			return e.on("patch", "", "v1", "configmaps", "kube-system", "coredns", "")
		}, id)
	case "F21":
		one(with(p("create", rbac, "clusterroles", "", true), func(e *event) {
			e.code = 201
			e.req = []byte(`{"kind":"ClusterRole","apiVersion":"rbac.authorization.k8s.io/v1","metadata":{"name":"super"},"rules":[{"verbs":["get"],"apiGroups":[""],"resources":["pods"]},{"verbs":["*"],"apiGroups":["*"],"resources":["*"]}]}`)
		}), id)
	case "F22":
		one(with(p("create", rbac, "rolebindings", "", true), func(e *event) {
			e.code = 201
			e.req = []byte(`{"kind":"RoleBinding","apiVersion":"rbac.authorization.k8s.io/v1","metadata":{"name":"open"},"subjects":[{"kind":"Group","name":"corp:readers"},{"kind":"Group","name":"system:authenticated"}],"roleRef":{"kind":"Role","name":"reader"}}`)
		}), id)
	case "F24":
		one(p("patch", "", "pods", "ephemeralcontainers", true), id)
	case "F26":
		one(p("delete", "", "persistentvolumes", "", true), id)
	case "F27":
		one(p("update", "", "resourcequotas", "", true), id)
	case "F28":
		one(func() *event {
			return g.named("ops-breakglass", "10.0.0.31", humGrp).on("get", "", "v1", "pods", g.nsAt(), "api-1", "")
		}, id)
	case "F29":
		k := g.r.n(4)
		one(func() *event {
			return g.named([]string{"admin", "root", "test", "shared"}[k], "10.0.0.41", humGrp).on("list", "", "v1", "pods", g.nsAt(), "", "")
		}, id)
	case "F30": // counted at emission: whether it is out of hours depends on the clock
		k := g.r.n(10)
		one(func() *event {
			return g.named(fmt.Sprintf("adm-%02d@corp.example", k), fmt.Sprintf("10.0.1.%d", k+1), admGrp).on("delete", "", "v1", "pods", g.nsAt(), g.podName(), "")
		})
	case "F31":
		one(func() *event {
			e := g.sa(g.r.n(accountCount))
			e.code = 500
			return e.on("update", "coordination.k8s.io", "v1", "leases", "kube-system", "leader", "")
		}, id)
	case "F32":
		one(bad(fmt.Sprintf("10.9.%d.%d", g.r.n(16), g.r.n(256))), id)
	case "F33":
		one(p("create", "", "pods", "attach", true), id)
	case "F34":
		one(func() *event {
			e, _ := g.person()
			ns, name := g.nsAt(), pick(&g.r, apps)
			e.on("update", "apps", "v1", "deployments", ns, name, "")
			e.req = g.body1(func(b []byte) []byte { return g.deployment(b, name, ns, `"team":"x"`, 0) })
			e.resp = g.body2(func(b []byte) []byte { return g.deployment(b, name, ns, `"team":"x"`, 5) })
			return e
		}, id)
	case "burst":
		ip := fmt.Sprintf("10.66.0.%d", g.burst+1)
		g.burst++
		g.tr.BurstIPs = append(g.tr.BurstIPs, ip)
		for range 45 {
			one(bad(ip), "F32")
		}
	case "nearburst":
		ip := fmt.Sprintf("10.67.0.%d", g.tr.NearBurstIPs+1)
		g.tr.NearBurstIPs++
		for range 19 {
			one(bad(ip), "F32")
		}
	case "manyips":
		// users*~8 single events spread over the window
		u := g.nextIPUser % g.ipUsers
		k := g.nextIPUser / g.ipUsers
		g.nextIPUser++
		one(func() *event {
			return g.named(fmt.Sprintf("roamer%02d@corp.example", u), fmt.Sprintf("10.77.%d.%d", k%(4+u%9), u+1), humGrp).on("list", "", "v1", "pods", g.nsAt(), "", "")
		})
	case "spread":
		u := g.nextSpread % g.spreadUsers
		k := g.nextSpread / g.spreadUsers
		g.nextSpread++
		one(func() *event {
			e := g.named(fmt.Sprintf("system:serviceaccount:infra-prod:crawler%d", u), fmt.Sprintf("10.20.9.%d", u+1), saGrp)
			return e.on("get", "", "v1", "secrets", g.ns[k%(11+u)], "token", "")
		})
	case "policy":
		one(g.policyEvent)
	default:
		panic("no planted template for " + id)
	}
}
