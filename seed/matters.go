package seed

import (
	"fmt"
	"time"
)

// matters plants what a reviewer should find in the week.
func (g *generator) matters() {
	day := func(n int, at time.Duration) time.Time { return g.o.From.AddDate(0, 0, n).Add(at) }
	alice, alicep := person("alice")
	bob, bobp := person("bob")
	carol, carolp := person("carol")
	dave, davep := person("dave")
	erin, erinp := person("erin")
	omar, omarp := person("omar")

	// Tuesday: a change by hand, without a ticket, opens the payments API to everybody.
	g.policy(24*time.Hour+14*time.Hour+5*time.Minute, alice, alicep.address, "update", "payments", "allow-web-to-api", "", map[string]any{
		"podSelector": map[string]any{"matchLabels": map[string]string{"app": "api"}}, "policyTypes": []string{"Ingress"}, "ingress": []any{map[string]any{}}})
	// Wednesday: the default deny of the data namespace is removed.
	g.policy(48*time.Hour+10*time.Hour+31*time.Minute, omar, omarp.address, "delete", "data", "default-deny", "", nil)
	// Wednesday: an administrator role for a person.
	binding := map[string]any{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": map[string]any{"name": "dave-admin"},
		"roleRef":  map[string]any{"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
		"subjects": []any{map[string]any{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": davep.name}}}
	g.log(request{at: day(2, 11*time.Hour+2*time.Minute), who: alice, from: alicep.address, agent: kubectl, verb: "create", group: "rbac.authorization.k8s.io",
		resource: "clusterrolebindings", name: "dave-admin", level: "RequestResponse", body: binding, object: binding})
	// Thursday: secrets of payments are read by a person, four times.
	for i := 0; i < 4; i++ {
		g.log(request{at: day(3, 9*time.Hour+time.Duration(i)*7*time.Minute), who: dave, from: davep.address, agent: kubectl, verb: "get", resource: "secrets", namespace: "payments",
			name: []string{"db", "db", "card-api", "db"}[i]})
	}
	g.log(request{at: day(3, 15*time.Hour), who: erin, from: erinp.address, agent: kubectl, verb: "list", resource: "secrets", namespace: "web", query: "limit=500"})
	// Thursday: shells in workloads.
	for i, target := range []struct{ ns, pod, cmd string }{{"payments", "api-7c9d", "sh"}, {"payments", "api-7c9d", "cat&command=%2Fetc%2Fpasswd"}, {"web", "front-5f", "bash"}} {
		g.log(request{at: day(3, 10*time.Hour+time.Duration(i)*11*time.Minute), who: bob, from: bobp.address, agent: kubectl, verb: "get", resource: "pods", sub: "exec", namespace: target.ns,
			name: target.pod, query: "command=" + target.cmd + "&container=c&stdin=true&stdout=true&tty=true", code: 101})
	}
	// Friday: somebody who left on the Monday before still works.
	for i := 0; i < 3; i++ {
		g.log(request{at: day(4, 13*time.Hour+time.Duration(i)*time.Minute), who: carol, from: carolp.address, agent: kubectl, verb: "list", resource: "pods", namespace: "web", query: "limit=500"})
	}
	// Friday: the shared account, the built-in administrator and an impersonation.
	shared := auditUser{Username: "shared-ops", Groups: []string{"platform-admins", "system:authenticated"}}
	g.log(request{at: day(4, 16*time.Hour), who: shared, from: "10.20.1.20", agent: kubectl, verb: "patch", group: "apps", resource: "deployments", namespace: "web", name: "front",
		level: "RequestResponse", query: "fieldManager=kubectl-edit", body: object("apps/v1", "Deployment", "web", "front", "", map[string]any{"replicas": 5}),
		object: object("apps/v1", "Deployment", "web", "front", "", map[string]any{"replicas": 5})})
	admin := auditUser{Username: "kubernetes-admin", Groups: []string{"system:masters", "system:authenticated"}}
	for i := 0; i < 3; i++ {
		g.log(request{at: day(4, 17*time.Hour+time.Duration(i)*time.Minute), who: admin, from: "10.0.0.2", agent: kubectl, verb: "get", resource: "nodes", name: Hosts[i]})
	}
	g.log(request{at: day(1, 9*time.Hour+30*time.Minute), who: omar, as: &auditUser{Username: erinp.name, Groups: []string{"system:authenticated"}}, from: omarp.address, agent: kubectl,
		verb: "list", resource: "nodes", code: 403})
	// Saturday: someone tries tokens, and somebody without any.
	for i := 0; i < 24; i++ {
		g.log(request{at: day(5, 3*time.Hour+time.Duration(i)*20*time.Second), from: "203.0.113.66", agent: "curl/8.9.1", verb: "list", resource: "pods", code: 401})
	}
	for i := 0; i < 3; i++ {
		g.log(request{at: day(5, 3*time.Hour+30*time.Minute+time.Duration(i)*time.Minute), who: auditUser{Username: "system:anonymous", Groups: []string{"system:unauthenticated"}},
			from: "203.0.113.66", agent: "curl/8.9.1", verb: "list", resource: "secrets", namespace: "payments", code: 403})
	}
	// Hosts: passwords guessed, a key nobody owns, one key for two people.
	for i := 0; i < 14; i++ {
		pid, port := g.nextPID(), 30000+g.rnd.IntN(9000)
		at := day(5, 4*time.Hour+time.Duration(i)*25*time.Second)
		name := []string{"root", "admin", "oracle", "test"}[i%4]
		if name != "root" {
			g.syslog("bastion-1", at, "sshd", pid, fmt.Sprintf("Invalid user %s from 203.0.113.66 port %d", name, port))
			g.syslog("bastion-1", at.Add(time.Second), "sshd", pid, fmt.Sprintf("Connection closed by invalid user %s 203.0.113.66 port %d [preauth]", name, port))
			continue
		}
		g.syslog("bastion-1", at, "sshd", pid, fmt.Sprintf("Failed password for root from 203.0.113.66 port %d ssh2", port))
		g.syslog("bastion-1", at.Add(time.Second), "sshd", pid, fmt.Sprintf("Connection closed by authenticating user root 203.0.113.66 port %d [preauth]", port))
	}
	g.login("worker-2", day(3, 22*time.Hour+14*time.Minute), "ubuntu", "10.20.9.9", fingerprints["ghost"])
	g.sudo("worker-2", day(3, 22*time.Hour+16*time.Minute), "ubuntu", "/usr/bin/cat /etc/shadow")
	g.login("worker-1", day(2, 18*time.Hour), "bob", bobp.address, fingerprints["bob"])
	g.login("worker-1", day(2, 18*time.Hour+20*time.Minute), "alice", bobp.address, fingerprints["bob"])
	// A log policy that is too generous: one secret's content was logged.
	g.log(request{at: day(0, 12*time.Hour), who: service(deployer), from: "10.30.0.5", agent: "deploy/2.8", verb: "create", resource: "secrets", namespace: "web", name: "tls-renewal",
		level: "Request", body: map[string]any{"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": "tls-renewal", "namespace": "web"}, "type": "Opaque",
			"data": map[string]string{"key": "bm90IGEgcmVhbCBzZWNyZXQ="}}})
}

// daily plants what an ordinary day holds for a reviewer: a secret read by a
// person, a shell in a workload every other day, and on Tuesdays and Fridays a
// policy changed by hand without a ticket.
func (g *generator) daily() {
	dave, davep := person("dave")
	bob, bobp := person("bob")
	alice, alicep := person("alice")
	for day := range 7 {
		at := g.o.From.AddDate(0, 0, day)
		g.log(request{at: at.Add(10*time.Hour + time.Duration(20+7*day)*time.Minute), who: dave, from: davep.address, agent: kubectl, verb: "get", resource: "secrets",
			namespace: "payments", name: []string{"db", "card-api", "mail"}[day%3]})
		if day%2 == 0 {
			g.log(request{at: at.Add(15*time.Hour + time.Duration(5*day)*time.Minute), who: bob, from: bobp.address, agent: kubectl, verb: "get", resource: "pods", sub: "exec", namespace: "web",
				name: "front-5f", query: "command=sh&container=c&stdin=true&stdout=true&tty=true", code: 101})
		}
		if day == 1 || day == 4 {
			g.policy(time.Duration(24*day+14)*time.Hour+25*time.Minute, alice, alicep.address, "update", "payments", "allow-web-to-api", "", allowFrom("web", 8080, 8081, 9000+day))
		}
	}
}

// manySecrets has one person read many secrets, a minute apart on the Monday.
func (g *generator) manySecrets() {
	dave, p := person("dave")
	for i := range g.o.Secrets {
		g.log(request{at: g.o.From.Add(9*time.Hour + time.Duration(i)*time.Minute), who: dave, from: p.address, agent: kubectl, verb: "get", resource: "secrets",
			namespace: "web", name: fmt.Sprintf("tenant-%03d", i)})
	}
}
