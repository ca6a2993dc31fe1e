package auditgen

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

type policy struct {
	ns, name string // a global policy has no namespace
	exists   bool
	seen     bool // its spec was written within the stream
	rules    []rule
}

type rule struct {
	action, proto, sel string
	port               int
}

// policies are the policies of the cluster; half of them are older than the stream.
func (g *gen) policies() (out []*policy) {
	for i := range 48 {
		p := &policy{name: fmt.Sprintf("allow-%s-%d", apps[i%len(apps)], i), ns: g.ns[i]}
		if i%4 == 0 {
			p.ns, p.name = "", fmt.Sprintf("platform.%s-%d", apps[i%len(apps)], i)
		}
		if i%2 == 0 {
			p.exists = true
			p.rules = []rule{g.rule(), g.rule()}
		}
		out = append(out, p)
	}
	return out
}

func (g *gen) rule() rule {
	return rule{[]string{"Allow", "Allow", "Deny"}[g.r.n(3)], []string{"TCP", "UDP"}[g.r.n(2)], pick(&g.r, apps), 1024 + g.r.n(60_000)}
}

// spec appends the policy's spec with keys in sorted order and no spaces.
func (p *policy) spec(b []byte) []byte {
	if p.ns == "" {
		b = append(b, `{"ingress":[`...)
		for i, r := range p.rules {
			if i > 0 {
				b = append(b, ',')
			}
			b = fmt.Appendf(b, `{"action":"%s","destination":{"ports":[%d]},"protocol":"%s","source":{"selector":"app == '%s'"}}`, r.action, r.port, r.proto, r.sel)
		}
		return append(b, `],"order":100,"selector":"all()","tier":"platform","types":["Ingress"]}`...)
	}
	b = append(b, `{"ingress":[`...)
	for i, r := range p.rules {
		if i > 0 {
			b = append(b, ',')
		}
		b = fmt.Appendf(b, `{"from":[{"podSelector":{"matchLabels":{"app":"%s"}}}],"ports":[{"port":%d,"protocol":"%s"}]}`, r.sel, r.port, r.proto)
	}
	return append(b, `],"podSelector":{"matchLabels":{"app":"x"}},"policyTypes":["Ingress"]}`...)
}

// policyObj appends the whole object.
func (g *gen) policyObj(b []byte, p *policy) []byte {
	if p.ns == "" {
		b = append(b, `{"kind":"GlobalNetworkPolicy","apiVersion":"projectcalico.org/v3",`...)
	} else {
		b = append(b, `{"kind":"NetworkPolicy","apiVersion":"networking.k8s.io/v1",`...)
	}
	b = g.meta(b, p.name, p.ns, "", 5)
	b = append(b, `,"spec":`...)
	b = p.spec(b)
	return append(b, '}')
}

// specHash is the hash of the spec as PolicyChange gives it.
func specHash(p *policy) string {
	h := sha256.Sum256(p.spec(nil))
	return hex.EncodeToString(h[:8])
}

// edit returns rules that differ from p's.
func (g *gen) edit(p *policy) []rule {
	rs := append([]rule{}, p.rules...)
	switch x := g.r.n(4); {
	case len(rs) == 0 || x == 0 && len(rs) < 6:
		rs = append(rs, g.rule())
	case x == 1 && len(rs) > 1:
		rs = rs[:len(rs)-1]
	default:
		i := g.r.n(len(rs))
		rs[i].port = 1024 + (rs[i].port-1024+1+g.r.n(59_000))%60_000
	}
	return rs
}

// policyEvent is something done to a policy: a change, or what only looks like one.
func (g *gen) policyEvent() *event {
	p := g.pols[g.r.n(len(g.pols))]
	k := g.r.n(6)
	e := g.named(fmt.Sprintf("netops%02d@corp.example", k), fmt.Sprintf("10.0.2.%d", k+1), humGrp)
	api, ver, res := "networking.k8s.io", "v1", "networkpolicies"
	if p.ns == "" {
		api, ver, res = "projectcalico.org", "v3", "globalnetworkpolicies"
	}
	id := p.ns + "/" + p.name
	obj := func(b []byte) []byte { return g.policyObj(b, p) }
	x := g.r.n(100)
	switch {
	case p.exists && p.seen && x < 10: // nothing in the spec changes
		g.noise = "noop_update"
		e.on("update", api, ver, res, p.ns, p.name, "")
		e.req, e.resp = g.body1(obj), g.body2(obj)
		return e
	case p.exists && x < 16: // a dry run changes nothing
		g.noise = "dry_run"
		keep := p.rules
		p.rules = g.edit(p)
		e.on("update", api, ver, res, p.ns, p.name, "")
		e.uri += "?dryRun=All&fieldManager=kubectl"
		e.req, e.resp = g.body1(obj), g.body2(obj)
		p.rules = keep
		return e
	case p.exists && x < 26: // a refused update changes nothing
		g.noise = "failed_update"
		keep := p.rules
		p.rules = g.edit(p)
		e.on("update", api, ver, res, p.ns, p.name, "")
		e.code = []int{409, 422}[g.r.n(2)]
		e.req = g.body1(obj)
		e.resp = fmt.Appendf(g.b2[:0], `{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","reason":"%s","code":%d}`, reasons[e.code], e.code)
		p.rules = keep
		return e
	case p.exists && p.seen && x < 34:
		g.chg = &PolicyChange{User: e.user, Verb: "delete", Policy: id, Before: specHash(p), BeforeInWindow: true}
		p.exists, p.seen = false, false
		e.on("delete", api, ver, res, p.ns, p.name, "")
		e.resp = []byte(`{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success","details":{"name":"` + p.name + `","group":"` + api + `","kind":"` + res + `"}}`)
		return e
	case !p.exists:
		p.exists, p.seen = true, true
		p.rules = []rule{g.rule()}
		g.chg = &PolicyChange{User: e.user, Verb: "create", Policy: id, After: specHash(p), BeforeInWindow: true}
		e.on("create", api, ver, res, p.ns, p.name, "")
		e.code = 201
		e.req, e.resp = g.body1(obj), g.body2(obj)
		return e
	}
	before := specHash(p)
	p.rules = g.edit(p)
	c := &PolicyChange{User: e.user, Policy: id, After: specHash(p), BeforeInWindow: p.seen}
	if p.seen {
		c.Before = before
	}
	p.seen = true
	c.Verb = "update"
	if g.r.n(2) == 0 {
		c.Verb = "patch"
	}
	g.chg = c
	e.on(c.Verb, api, ver, res, p.ns, p.name, "")
	if c.Verb == "patch" {
		e.req = g.body1(func(b []byte) []byte { b = append(b, `{"spec":`...); b = p.spec(b); return append(b, '}') })
	} else {
		e.req = g.body1(obj)
	}
	e.resp = g.body2(obj)
	return e
}
