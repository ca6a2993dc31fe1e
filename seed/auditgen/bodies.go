package auditgen

import "strconv"

// meta appends an object's metadata; annotations is raw JSON members or "".
func (g *gen) meta(b []byte, name, ns, annotations string, fields int) []byte {
	b = append(b, `"metadata":{"name":"`...)
	b = append(b, name...)
	if ns != "" {
		b = append(b, `","namespace":"`...)
		b = append(b, ns...)
	}
	b = append(b, `","uid":"`...)
	b = g.uuid(b)
	b = append(b, `","resourceVersion":"`...)
	b = strconv.AppendInt(b, 100_000_000+g.seq*3, 10)
	b = append(b, `","creationTimestamp":"2025-02-11T09:14:55Z","labels":{"app.kubernetes.io/name":"`...)
	b = append(b, apps[g.r.n(len(apps))]...)
	b = append(b, `","pod-template-hash":"`...)
	b = strconv.AppendInt(b, int64(g.r.n(1<<30)), 36)
	b = append(b, `"}`...)
	if annotations != "" {
		b = append(b, `,"annotations":{`...)
		b = append(b, annotations...)
		b = append(b, '}')
	}
	if fields > 0 {
		b = append(b, `,"managedFields":[{"manager":"kube-controller-manager","operation":"Update","apiVersion":"v1","time":"2025-02-11T09:14:55Z","fieldsType":"FieldsV1","fieldsV1":{"f:metadata":{"f:labels":{".":{},"f:app.kubernetes.io/name":{},"f:pod-template-hash":{}}},"f:spec":{`...)
		for i := range fields {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(b, `"f:`...)
			b = strconv.AppendInt(b, int64(g.r.n(1<<30)), 36)
			b = append(b, `":{"f:name":{},"f:value":{}}`...)
		}
		b = append(b, `}}}]`...)
	}
	return append(b, '}')
}

type podOpt struct{ priv, hostPath, badImage bool }

func (g *gen) podSpec(b []byte, o podOpt) []byte {
	b = append(b, `"spec":{"containers":[`...)
	for c := range 2 {
		if c > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"name":"c`...)
		b = strconv.AppendInt(b, int64(c), 10)
		b = append(b, `","image":"`...)
		if o.badImage && c == 1 {
			b = append(b, `hub.local/library/tool:latest`...)
		} else {
			b = append(b, `registry.corp.example/team/app:1.`...)
			b = strconv.AppendInt(b, int64(g.r.n(400)), 10)
		}
		b = append(b, `","env":[`...)
		for i := range 2 + g.r.n(5) {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(b, `{"name":"SETTING_`...)
			b = strconv.AppendInt(b, int64(i), 10)
			b = append(b, `","value":"`...)
			b = strconv.AppendUint(b, g.r.next(), 36)
			b = append(b, ` \u00e9t\u00e9 \"quoted\" \\ \n end"}`...)
		}
		b = append(b, `],"resources":{"limits":{"cpu":"500m","memory":"512Mi"},"requests":{"cpu":"50m","memory":"128Mi"}},"securityContext":{"allowPrivilegeEscalation":false,"privileged":`...)
		if o.priv && c == 1 {
			b = append(b, `true`...)
		} else {
			b = append(b, `false`...)
		}
		b = append(b, `,"runAsNonRoot":true},"terminationMessagePath":"/dev/termination-log","imagePullPolicy":"IfNotPresent"}`...)
	}
	b = append(b, `],"volumes":[{"name":"tmp","emptyDir":{}},`...)
	if o.hostPath {
		b = append(b, `{"name":"host","hostPath":{"path":"/var/run","type":"Directory"}},`...)
	}
	b = append(b, `{"name":"kube-api-access","projected":{"sources":[{"serviceAccountToken":{"expirationSeconds":3607,"path":"token"}},{"configMap":{"name":"kube-root-ca.crt","items":[{"key":"ca.crt","path":"ca.crt"}]}}],"defaultMode":420}}],"serviceAccountName":"default","restartPolicy":"Always","dnsPolicy":"ClusterFirst","schedulerName":"default-scheduler"}`...)
	return b
}

func (g *gen) pod(b []byte, ns string, o podOpt, fields int) []byte {
	b = append(b, `{"kind":"Pod","apiVersion":"v1",`...)
	b = g.meta(b, g.podName(), ns, "", fields)
	b = append(b, ',')
	b = g.podSpec(b, o)
	return append(b, '}')
}

func (g *gen) deployment(b []byte, name, ns, ann string, fields int) []byte {
	b = append(b, `{"kind":"Deployment","apiVersion":"apps/v1",`...)
	b = g.meta(b, name, ns, ann, fields)
	b = append(b, `,"spec":{"replicas":`...)
	b = strconv.AppendInt(b, int64(1+g.r.n(9)), 10)
	b = append(b, `,"template":{`...)
	b = g.podSpec(b, podOpt{})
	b = append(b, `}},"status":{"observedGeneration":4,"replicas":3,"readyReplicas":3}}`...)
	return b
}

func (g *gen) body1(f func([]byte) []byte) []byte { g.b1 = f(g.b1[:0]); return g.b1 }
func (g *gen) body2(f func([]byte) []byte) []byte { g.b2 = f(g.b2[:0]); return g.b2 }
