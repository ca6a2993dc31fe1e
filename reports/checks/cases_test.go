package checks_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"logreeve/connectors"
	"logreeve/reports"
	"logreeve/reports/checks"
	"logreeve/reports/roster"
)

// A small organisation: carol left on 19 November, dave joins on 21 November.
const staff = `name,email,joined_at,left_at,manager,principals
Alice,alice@example.com,2020-01-01,,,linux:alice
Bob,bob@example.com,2020-01-01,,,linux:bob;linux:both
Carol,carol@example.com,2020-01-01,2026-11-19,,linux:carol
Dave,dave@example.com,2026-11-21,,,
Eve,eve@example.com,2020-01-01,,,linux:both
`

// Keys by their real fingerprints: alice's and bob's are registered.
const (
	aliceKey = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	bobKey   = "SHA256:BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA"
	bobNew   = "SHA256:BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBE"
	noKey    = "SHA256:CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCA"
)

func accept(user, from, key string) string {
	return "sshd: Accepted publickey for " + user + " from " + from + " port 40000 ssh2: ED25519 " + key + "\n"
}

func refuse(user, from string) string {
	return "sshd: Failed password for " + user + " from " + from + " port 40000 ssh2\n"
}

// example is one case of one check.
type example struct {
	check, name string
	kube, host  string // scripts of log_test.go
	without     string // "people" or "keys": not given
	registers   []roster.Entry
	expected    []roster.ExpectedSource
	params      map[string]string
	window      connectors.Window

	outcome    reports.Outcome
	limited    bool
	items      []string // subjects, in order
	violations int      // of the items; -1: all
	matched    int64
	suppressed int64
	undecided  int64
	severity   reports.Severity // of the first item, if set
	says       string           // somewhere in the sentences of the first item, or in the reason
}

func entry(r roster.Register, value string) roster.Entry {
	return roster.Entry{Register: r, Value: value}
}

func expired(r roster.Register, value string) roster.Entry {
	at, _ := roster.EndOf("2026-11-19")
	return roster.Entry{Register: r, Value: value, Expires: at}
}

func at(s string) connectors.Instant {
	i, err := roster.StartOf(s)
	if err != nil {
		panic(err)
	}
	return i
}

// quiet is a harmless event, so that a log is not empty.
const quiet = "system:serviceaccount:web:app get pods web/a 200\n"

const (
	adminBinding = `resp={"kind":"ClusterRoleBinding","roleRef":{"kind":"ClusterRole","name":"cluster-admin"},"subjects":[{"kind":"User","name":"mallory"}]}`
	viewBinding  = `resp={"kind":"ClusterRoleBinding","roleRef":{"kind":"ClusterRole","name":"view"},"subjects":[{"kind":"Group","name":"devs"}]}`
	nsAdmin      = `resp={"kind":"RoleBinding","roleRef":{"kind":"ClusterRole","name":"admin"},"subjects":[{"kind":"User","name":"bob"}]}`
	rbac         = "rbac.authorization.k8s.io/"
	netpol       = "networking.k8s.io/networkpolicies "
)

// np is a write of a network policy of Kubernetes and the object it left, with
// a ticket or without one.
func np(verb, who, name string, code int, ticket, spec string) string {
	annotations := "{}"
	if ticket != "" {
		annotations = `{"change.example.com/ticket":"` + ticket + `"}`
	}
	namespace, name, _ := strings.Cut(name, "/")
	body := fmt.Sprintf(`{"kind":"NetworkPolicy","apiVersion":"networking.k8s.io/v1","metadata":{"name":%q,"namespace":%q,"annotations":%s},"spec":%s}`, name, namespace, annotations, spec)
	request := body
	if verb == "patch" {
		request = `{"spec":` + spec + `}`
	}
	return fmt.Sprintf("%s %s %s%s/%s %d req=%s resp=%s\n", who, verb, netpol, namespace, name, code, request, body)
}

const (
	denyAll  = `{"podSelector":{},"policyTypes":["Ingress","Egress"]}`
	fromApps = `{"podSelector":{"matchLabels":{"app":"a"}},"policyTypes":["Ingress"],"ingress":[{"from":[{"podSelector":{"matchLabels":{"app":"b"}}}]}]}`
	fromMore = `{"podSelector":{"matchLabels":{"app":"a"}},"policyTypes":["Ingress"],"ingress":[{"from":[{"podSelector":{"matchLabels":{"app":"c"}}}]}]}`
	fromAll  = `{"podSelector":{"matchLabels":{"app":"a"}},"policyTypes":["Ingress"],"ingress":[{}]}`
	denyLess = `{"podSelector":{},"policyTypes":["Ingress","Egress"],"ingress":[{}]}`
)

func examples() []example {
	prod := []roster.Entry{entry(roster.ProdScope, "namespace:web"), entry(roster.ProdScope, "cluster-scoped")}
	return []example{
		{check: "IDN-01", name: "everybody is known", kube: "alice@example.com list pods web/ 200\n" + quiet, host: accept("shared", "10.0.0.1", aliceKey), outcome: reports.Pass},
		{check: "IDN-01", name: "nobody stands behind it", kube: "mallory list pods web/ 403\nmallory list pods web/ 200", host: accept("ghost", "10.0.0.9", noKey),
			outcome: reports.Fail, items: []string{"ghost on worker-1", "mallory"}, violations: -1, matched: 3},
		{check: "IDN-01", name: "two persons share an account", host: "sudo:   both : PWD=/ ; USER=root ; COMMAND=/bin/id",
			outcome: reports.Fail, items: []string{"both on worker-1"}, violations: -1, matched: 1, says: "bob@example.com and eve@example.com"},
		{check: "IDN-01", name: "a register holds back", kube: "shared-ops list pods web/ 200\nroot-key list pods web/ 200",
			registers: []roster.Entry{entry(roster.SharedAccounts, "k8s:shared-ops"), entry(roster.BreakGlass, "root-key")}, outcome: reports.Pass, suppressed: 2},
		{check: "IDN-01", name: "an expired entry does not", kube: "shared-ops list pods web/ 200", registers: []roster.Entry{expired(roster.SharedAccounts, "k8s:shared-ops")},
			outcome: reports.Fail, items: []string{"shared-ops"}, violations: -1, matched: 1, says: "expired"},
		{check: "IDN-01", name: "nobody said who people are", kube: quiet, without: "people", outcome: reports.Inconclusive, says: "people"},
		{check: "IDN-01", name: "a hostile name stays data", kube: `x" get pods web/a 200`, outcome: reports.Fail, items: []string{`"x\""`}, violations: -1, matched: 1},

		{check: "IDN-02", name: "not used", kube: quiet + "alice@example.com list pods web/ 200", outcome: reports.Pass},
		{check: "IDN-02", name: "used and refused", kube: "kubernetes-admin list pods web/ 403\nsystem:admin get nodes /a 200\nsystem:admin get nodes /b 200",
			registers: []roster.Entry{entry(roster.SharedAccounts, "kubernetes-admin")},
			outcome:   reports.Fail, items: []string{"kubernetes-admin", "system:admin"}, violations: -1, matched: 3},
		{check: "IDN-02", name: "break glass holds back", kube: "kubernetes-admin list pods web/ 200", registers: []roster.Entry{entry(roster.BreakGlass, "k8s:kubernetes-admin")}, outcome: reports.Pass, suppressed: 1},
		{check: "IDN-02", name: "other names", kube: "boss list pods web/ 200\nadmin list pods web/ 200", params: map[string]string{"names": "boss"}, outcome: reports.Fail, items: []string{"boss"}, violations: -1, matched: 1},
		{check: "IDN-02", name: "no Kubernetes log", host: refuse("root", "10.0.0.1"), outcome: reports.Inconclusive, says: "kubernetes"},

		{check: "IDN-03", name: "only the server", kube: "system:apiserver get pods web/a 200 groups=system:masters\n" + quiet, outcome: reports.Pass},
		{check: "IDN-03", name: "somebody", kube: "emergency get pods web/a 403 groups=system:masters,system:authenticated", outcome: reports.Fail, items: []string{"emergency"}, violations: -1, matched: 1, severity: reports.Critical},
		{check: "IDN-03", name: "excepted", kube: "old-kubelet get pods web/a 200 groups=system:masters", params: map[string]string{"except": "old-kubelet"}, outcome: reports.Pass},
		{check: "IDN-03", name: "the log has a gap", kube: quiet + "alice@example.com get pods web/a 200 at=400", outcome: reports.Inconclusive, says: "G4"},

		{check: "IDN-05", name: "one key, one person", host: accept("alice", "10.0.0.1", aliceKey) + accept("ubuntu", "10.0.0.1", aliceKey) + accept("bob", "10.0.0.2", bobKey), outcome: reports.Pass},
		{check: "IDN-05", name: "one key, two persons", host: accept("ubuntu", "10.0.0.1", aliceKey) + accept("bob", "10.0.0.2", aliceKey) + accept("bob", "10.0.0.2", bobKey),
			outcome: reports.Fail, items: []string{"key " + aliceKey}, violations: -1, matched: 2, says: "alice@example.com and bob@example.com"},
		{check: "IDN-05", name: "without any roster", host: accept("ann", "10.0.0.1", noKey) + accept("ben", "10.0.0.1", noKey), without: "keys",
			outcome: reports.Fail, items: []string{"key " + noKey}, violations: -1, matched: 2},
		{check: "IDN-05", name: "a registered shared account says nothing", host: accept("oncall", "10.0.0.1", aliceKey) + accept("alice", "10.0.0.1", aliceKey),
			registers: []roster.Entry{entry(roster.SharedAccounts, "linux:oncall")}, outcome: reports.Pass},
		{check: "IDN-05", name: "fingerprints are not recorded", host: "sshd: Accepted publickey for bob from 10.0.0.2 port 40000 ssh2", outcome: reports.Inconclusive, undecided: 1, says: "G6"},

		{check: "IDN-06", name: "one person's old and new key", host: accept("bob", "10.0.0.2", bobKey) + accept("bob", "10.0.0.2", bobNew), outcome: reports.Pass},
		{check: "IDN-06", name: "two persons, registered as shared", host: accept("ops", "10.0.0.2", bobKey) + accept("ops", "10.0.0.1", aliceKey),
			registers: []roster.Entry{entry(roster.SharedAccounts, "linux:worker-1:ops")}, outcome: reports.Pass, suppressed: 2},
		{check: "IDN-06", name: "two persons, not registered", host: accept("ops", "10.0.0.2", bobKey) + accept("ops", "10.0.0.1", aliceKey) + accept("ops", "10.0.0.1", aliceKey),
			outcome: reports.Fail, items: []string{"ops on worker-1"}, violations: -1, matched: 3},
		{check: "IDN-06", name: "shared, but a key is nobody's", host: accept("ops", "10.0.0.2", bobKey) + accept("ops", "10.0.0.1", noKey),
			registers: []roster.Entry{entry(roster.SharedAccounts, "linux:ops")}, outcome: reports.Fail, items: []string{"ops on worker-1"}, violations: -1, matched: 2},
		{check: "IDN-06", name: "keys not given", host: accept("bob", "10.0.0.2", bobKey) + accept("bob", "10.0.0.2", bobNew), without: "keys", outcome: reports.Fail, items: []string{"bob on worker-1"}, violations: -1, matched: 2},
		{check: "IDN-06", name: "fingerprints are not recorded", host: "sshd: Accepted publickey for bob from 10.0.0.2 port 40000 ssh2", outcome: reports.Inconclusive, undecided: 1},

		{check: "IDN-08", name: "registered keys", host: accept("ubuntu", "10.0.0.1", aliceKey), outcome: reports.Pass},
		{check: "IDN-08", name: "a stranger's key and a password", host: accept("ubuntu", "10.0.0.1", noKey) + "sshd: Accepted password for bob from 10.0.0.2 port 40000 ssh2",
			outcome: reports.Fail, items: []string{"bob on worker-1 with password", "ubuntu on worker-1 with " + noKey}, violations: -1, matched: 2},
		{check: "IDN-08", name: "keys not given", host: accept("ubuntu", "10.0.0.1", noKey), without: "keys", outcome: reports.Inconclusive, says: "keys"},

		{check: "IDN-11", name: "a trusted proxy", kube: "proxy get pods web/a 200 as=alice@example.com", registers: []roster.Entry{entry(roster.TrustedImpersonators, "k8s:proxy")}, outcome: reports.Pass, suppressed: 1},
		{check: "IDN-11", name: "a person as another", kube: "alice@example.com list nodes / 403 as=bob@example.com", outcome: reports.Fail, items: []string{"alice@example.com as bob@example.com"}, violations: -1, matched: 1, severity: reports.High},
		{check: "IDN-11", name: "even a trusted proxy, as system:masters", kube: "proxy get pods web/a 200 as=root asgroups=system:masters", registers: []roster.Entry{entry(roster.TrustedImpersonators, "k8s:proxy")},
			outcome: reports.Fail, items: []string{"proxy as root"}, violations: -1, matched: 1, severity: reports.Critical},
		{check: "IDN-11", name: "no Kubernetes log", host: refuse("root", "10.0.0.1"), outcome: reports.Inconclusive},

		{check: "REG-01", name: "all on the roster; a stranger only refused", kube: "alice@example.com list pods web/ 200\nmallory list pods web/ 403", outcome: reports.Pass},
		{check: "REG-01", name: "a stranger and one who left", kube: "mallory list pods web/ 200\ncarol@example.com list pods web/ 200",
			outcome: reports.Fail, items: []string{"carol@example.com", "mallory"}, violations: -1, matched: 2},
		{check: "REG-01", name: "a joiner within grace", kube: "dave@example.com list pods web/ 200", outcome: reports.Pass},
		{check: "REG-01", name: "a joiner without grace", kube: "dave@example.com list pods web/ 200", params: map[string]string{"grace": "1h"}, outcome: reports.Fail, items: []string{"dave@example.com"}, violations: -1, matched: 1},
		{check: "REG-01", name: "nobody said who people are", kube: "mallory list pods web/ 200", without: "people", outcome: reports.Inconclusive},

		{check: "REG-02", name: "nobody who left", kube: "alice@example.com list pods web/ 200\nmallory list pods web/ 200", outcome: reports.Pass},
		{check: "REG-02", name: "one who left, let in", kube: "carol@example.com list pods web/ 403\ncarol@example.com list pods web/ 200", outcome: reports.Fail, items: []string{"carol@example.com"}, violations: -1, matched: 2, severity: reports.Critical},
		{check: "REG-02", name: "one who left, refused", host: refuse("carol", "10.0.0.9"), outcome: reports.Fail, items: []string{"carol@example.com"}, violations: -1, matched: 1, severity: reports.High},
		{check: "REG-02", name: "nobody said who people are", kube: quiet, without: "people", outcome: reports.Inconclusive},

		{check: "REG-06", name: "only the server", kube: "system:apiserver create " + rbac + "clusterrolebindings /a 201 " + viewBinding, outcome: reports.Pass},
		{check: "REG-06", name: "granted and taken away", kube: "alice@example.com create " + rbac + "clusterrolebindings /a 201 " + viewBinding + "\nbob@example.com delete " + rbac + "clusterrolebindings /a 200",
			outcome: reports.NeedsReview, items: []string{"clusterrolebinding a"}, matched: 2, says: "Group devs gets ClusterRole view"},
		{check: "REG-06", name: "refused and tried only", kube: "alice@example.com create " + rbac + "clusterrolebindings /a 403\nalice@example.com create " + rbac + "clusterrolebindings /a 201 uri=/apis/x?dryRun=All", outcome: reports.Pass},
		{check: "REG-06", name: "nothing shows that it is logged", kube: quiet, outcome: reports.Inconclusive, says: "G7"},

		{check: "PRV-01", name: "not an administrator's role", kube: "alice@example.com create " + rbac + "clusterrolebindings /a 201 " + viewBinding + "\nalice@example.com create " + rbac + "rolebindings web/b 201 " + nsAdmin, outcome: reports.Pass},
		{check: "PRV-01", name: "an administrator's role", kube: "alice@example.com create " + rbac + "clusterrolebindings /a 201 " + adminBinding, outcome: reports.Fail, items: []string{"clusterrolebinding a"}, violations: -1, matched: 1, says: "User mallory", severity: reports.Critical},
		{check: "PRV-01", name: "content not recorded", kube: "alice@example.com create " + rbac + "clusterrolebindings /a 201 level=Metadata", outcome: reports.Inconclusive, undecided: 1, says: "G6"},
		{check: "PRV-01", name: "nothing shows that it is logged", kube: quiet, outcome: reports.Inconclusive, says: "G7"},

		{check: "PRV-04", name: "only a machine", kube: "system:serviceaccount:web:app get secrets web/db 200 level=Metadata\nalice@example.com get secrets web/db 403 level=Metadata", outcome: reports.Pass},
		{check: "PRV-04", name: "a person", kube: "alice@example.com get secrets web/db 200 level=Metadata\nalice@example.com list secrets web/ 200 level=Metadata\nalice@example.com get secrets web/db 200 level=Metadata",
			outcome: reports.NeedsReview, items: []string{"alice@example.com: web/*", "alice@example.com: web/db"}, matched: 3},
		{check: "PRV-04", name: "nothing shows that reads are logged", kube: quiet, outcome: reports.Inconclusive, says: "reads of secrets"},

		{check: "PRV-05", name: "only a machine", kube: "system:serviceaccount:web:app get pods:proxy web/a 200", outcome: reports.Pass},
		{check: "PRV-05", name: "a person gets in", kube: "alice@example.com get pods:exec web/a 101 uri=/api/v1/namespaces/web/pods/a/exec?command=mysql&command=-psecret",
			outcome: reports.NeedsReview, items: []string{"alice@example.com: web/a"}, matched: 1, severity: reports.High, says: "mysql"},
		{check: "PRV-05", name: "a person is refused", kube: "alice@example.com create pods:exec web/a 403", outcome: reports.NeedsReview, items: []string{"alice@example.com: web/a"}, matched: 1, severity: reports.Medium},
		{check: "PRV-05", name: "nothing shows that it is logged", kube: quiet, outcome: reports.Inconclusive, says: "G7"},

		{check: "ACC-01", name: "health and refusals", kube: "system:anonymous get /livez / 200 groups=system:unauthenticated\nsystem:anonymous list pods web/ 403 groups=system:unauthenticated", outcome: reports.Pass},
		{check: "ACC-01", name: "let in", kube: "system:anonymous list pods web/ 200 groups=system:unauthenticated\nsystem:anonymous get /metrics / 200 groups=system:unauthenticated",
			outcome: reports.Fail, items: []string{"/metrics", "pods in web"}, violations: -1, matched: 2},
		{check: "ACC-01", name: "no Kubernetes log", host: refuse("root", "10.0.0.1"), outcome: reports.Inconclusive},

		{check: "ACC-02", name: "a few", kube: strings.Repeat("- get /api / 401 from=10.0.0.9\n", 3), outcome: reports.Pass},
		{check: "ACC-02", name: "a burst, and one long after", kube: strings.Repeat("- get /api / 401 from=10.0.0.9\n", 4) + "- get /api / 401 from=10.0.0.9 at=290\n" + "- get /api / 401 from=10.0.0.8",
			params: map[string]string{"count": "4", "window": "60s"}, outcome: reports.Fail, items: []string{"10.0.0.9"}, violations: -1, matched: 4},
		{check: "ACC-02", name: "spread too far", kube: "- get /api / 401 at=0\n- get /api / 401 at=100\n- get /api / 401 at=200", params: map[string]string{"count": "2", "window": "60s"}, outcome: reports.Pass},
		{check: "ACC-02", name: "no address recorded", kube: "- get /api / 401 from=", outcome: reports.Inconclusive, undecided: 1, says: "G6"},

		{check: "ACC-09", name: "a few", host: strings.Repeat(refuse("bob", "10.0.0.9"), 3), outcome: reports.Pass},
		{check: "ACC-09", name: "many times", host: strings.Repeat(refuse("bob", "10.0.0.9"), 10) + refuse("bob", "10.0.0.8"), outcome: reports.Fail, items: []string{"10.0.0.9"}, violations: -1, matched: 10},
		{check: "ACC-09", name: "many names", host: refuse("a", "10.0.0.9") + refuse("b", "10.0.0.9") + refuse("c", "10.0.0.9") + refuse("d", "10.0.0.9") + refuse("e", "10.0.0.9"),
			outcome: reports.Fail, items: []string{"10.0.0.9"}, violations: -1, matched: 5},
		{check: "ACC-09", name: "no auth log", kube: quiet, outcome: reports.Inconclusive},

		{check: "CHG-01", name: "the pipeline and a place that is not production", kube: "system:serviceaccount:ci:deployer patch apps/deployments web/a 200\nalice@example.com patch apps/deployments test/a 200", registers: prod, outcome: reports.Pass},
		{check: "CHG-01", name: "by hand", kube: "alice@example.com patch apps/deployments web/a 200\nalice@example.com patch apps/deployments:scale web/a 200\nalice@example.com create namespaces /new 201\nalice@example.com patch apps/deployments web/b 403",
			registers: prod, outcome: reports.Fail, items: []string{"alice@example.com: deployments web/a", "alice@example.com: deployments/scale web/a", "alice@example.com: namespaces new"}, violations: -1, matched: 3},
		{check: "CHG-01", name: "status, tokens, exec, dry runs and other groups", kube: "alice@example.com patch apps/deployments:status web/a 200\nalice@example.com create serviceaccounts:token web/a 201 level=Metadata\n" +
			"alice@example.com create pods:exec web/a 101\nalice@example.com patch apps/deployments web/a 200 uri=/a?dryRun=All\nalice@example.com patch metrics.k8s.io/pods web/a 200", registers: prod, outcome: reports.Pass},
		{check: "CHG-01", name: "nobody said what production is", kube: "alice@example.com patch apps/deployments web/a 200", outcome: reports.Inconclusive, says: "prod_scope"},

		{check: "CHG-02", name: "a ticket with each change", kube: np("create", "alice@example.com", "web/a", 201, "CHG-1", fromApps), outcome: reports.Pass},
		{check: "CHG-02", name: "no ticket", kube: np("create", "alice@example.com", "web/a", 201, "", fromApps) + np("create", "system:serviceaccount:ci:deployer", "web/b", 201, "CHG-1", fromApps),
			outcome: reports.Fail, items: []string{"NetworkPolicy web/a"}, violations: -1, matched: 1},
		{check: "CHG-02", name: "an old ticket", kube: np("create", "alice@example.com", "web/a", 201, "CHG-1", fromApps) + np("patch", "bob@example.com", "web/a", 200, "CHG-1", fromMore),
			outcome: reports.NeedsReview, items: []string{"NetworkPolicy web/a"}, matched: 1, says: "CHG-1"},
		{check: "CHG-02", name: "nothing changed, nothing granted", kube: np("create", "alice@example.com", "web/a", 201, "CHG-1", fromApps) + np("patch", "bob@example.com", "web/a", 200, "", fromApps) + np("patch", "bob@example.com", "web/a", 403, "", fromMore), outcome: reports.Pass},
		{check: "CHG-02", name: "a deletion", kube: np("create", "alice@example.com", "web/a", 201, "CHG-1", fromApps) + "alice@example.com delete " + netpol + "web/a 200", outcome: reports.Inconclusive, undecided: 1, says: "G6"},
		{check: "CHG-02", name: "all resources", kube: np("create", "alice@example.com", "web/a", 201, "CHG-1", fromApps) +
			`alice@example.com create apps/deployments web/x 201 resp={"kind":"Deployment","metadata":{"name":"x"}}` + "\n" +
			`system:serviceaccount:kube-system:hpa patch apps/deployments web/y 200 resp={"kind":"Deployment","metadata":{"name":"y"}}`,
			registers: prod, params: map[string]string{"scope": "all"}, outcome: reports.Fail, items: []string{"deployments web/x"}, violations: -1, matched: 1},
		{check: "CHG-02", name: "all resources, but where is production", kube: np("create", "alice@example.com", "web/a", 201, "CHG-1", fromApps) +
			`alice@example.com create apps/deployments web/x 201 resp={"kind":"Deployment","metadata":{"name":"x"}}`,
			params: map[string]string{"scope": "all"}, outcome: reports.Inconclusive, undecided: 1},
		{check: "CHG-02", name: "another pattern", kube: np("create", "alice@example.com", "web/a", 201, "", fromApps) +
			`alice@example.com create networking.k8s.io/networkpolicies web/b 201 resp={"kind":"NetworkPolicy","metadata":{"name":"b","labels":{"why":"case7"}},"spec":{"podSelector":{}}} req={"kind":"NetworkPolicy","metadata":{"name":"b","labels":{"why":"case7"}},"spec":{"podSelector":{}}}`,
			params: map[string]string{"ticket_pattern": "^case[0-9]+$"}, outcome: reports.Fail, items: []string{"NetworkPolicy web/a"}, violations: -1, matched: 1},

		{check: "NET-01", name: "only what changes nothing", kube: "system:apiserver create " + netpol + "web/a 201 resp={\"kind\":\"NetworkPolicy\",\"metadata\":{\"name\":\"a\"},\"spec\":" + fromApps + "}\n" + np("patch", "alice@example.com", "web/a", 200, "", fromApps) + np("patch", "bob@example.com", "web/a", 403, "", fromMore), outcome: reports.Pass},
		{check: "NET-01", name: "made and changed", kube: np("create", "alice@example.com", "web/a", 201, "CHG-1", fromApps) + np("patch", "bob@example.com", "web/a", 200, "CHG-2", fromMore) + np("patch", "bob@example.com", "web/a", 200, "CHG-2", fromMore),
			outcome: reports.NeedsReview, items: []string{"NetworkPolicy web/a"}, matched: 2, says: "twice"},
		{check: "NET-01", name: "nothing shows that it is logged", kube: quiet, outcome: reports.Inconclusive, says: "G7"},

		{check: "NET-02", name: "rules with conditions", kube: np("create", "alice@example.com", "web/a", 201, "", fromApps), outcome: reports.Pass},
		{check: "NET-02", name: "everything let in", kube: np("create", "alice@example.com", "web/a", 201, "", fromApps) + np("patch", "bob@example.com", "web/a", 200, "", fromAll) + np("patch", "bob@example.com", "web/a", 200, "", fromAll),
			outcome: reports.Fail, items: []string{"NetworkPolicy web/a"}, violations: -1, matched: 1},
		{check: "NET-02", name: "created so", kube: np("create", "alice@example.com", "web/a", 201, "", fromAll), outcome: reports.Fail, items: []string{"NetworkPolicy web/a"}, violations: -1, matched: 1},
		{check: "NET-02", name: "perhaps so before", kube: np("patch", "alice@example.com", "web/a", 200, "", fromAll), outcome: reports.NeedsReview, items: []string{"NetworkPolicy web/a"}, matched: 1},
		{check: "NET-02", name: "content not recorded", kube: "alice@example.com create " + netpol + "web/a 201 level=Metadata", outcome: reports.Inconclusive, undecided: 1, says: "G6"},

		{check: "NET-03", name: "default deny stays", kube: np("create", "alice@example.com", "web/deny", 201, "", denyAll) + np("patch", "alice@example.com", "web/deny", 200, "", denyAll), outcome: reports.Pass},
		{check: "NET-03", name: "default deny deleted", kube: np("create", "alice@example.com", "web/deny", 201, "", denyAll) + "bob@example.com delete " + netpol + "web/deny 200",
			outcome: reports.Fail, items: []string{"NetworkPolicy web/deny"}, violations: -1, matched: 1},
		{check: "NET-03", name: "default deny weakened", kube: np("create", "alice@example.com", "web/deny", 201, "", denyAll) + np("patch", "bob@example.com", "web/deny", 200, "", denyLess),
			outcome: reports.Fail, items: []string{"NetworkPolicy web/deny"}, violations: -1, matched: 1},
		{check: "NET-03", name: "nobody knows what was deleted", kube: "bob@example.com delete " + netpol + "web/x 200", outcome: reports.Inconclusive, undecided: 1, says: "G6"},

		{check: "NET-06", name: "none deleted", kube: np("create", "alice@example.com", "web/a", 201, "", fromApps) + "alice@example.com delete " + netpol + "web/a 403", outcome: reports.Pass},
		{check: "NET-06", name: "one and a collection", kube: np("create", "alice@example.com", "web/a", 201, "", fromApps) + "bob@example.com delete " + netpol + "web/a 200\n" +
			`bob@example.com deletecollection networking.k8s.io/networkpolicies ci/ 200 resp={"kind":"NetworkPolicyList","items":[{"metadata":{"name":"x","namespace":"ci"},"spec":{"podSelector":{}}},{"metadata":{"name":"y","namespace":"ci"},"spec":{"podSelector":{}}}]}`,
			outcome: reports.Fail, items: []string{"NetworkPolicy ci/x", "NetworkPolicy ci/y", "NetworkPolicy web/a"}, violations: -1, matched: 2},
		{check: "NET-06", name: "gone with its namespace", kube: np("create", "alice@example.com", "web/a", 201, "", fromApps) + "bob@example.com delete namespaces web/web 200",
			outcome: reports.Fail, items: []string{"NetworkPolicy web/a"}, violations: -1, matched: 1, says: "namespace"},
		{check: "NET-06", name: "nothing shows that it is logged", kube: quiet, outcome: reports.Inconclusive, says: "G7"},

		{check: "LOG-01", name: "steady", kube: quiet + quiet, outcome: reports.Pass},
		{check: "LOG-01", name: "silent twice", kube: "a get pods web/a 200 at=0\na get pods web/a 200 at=1000\na get pods web/a 200 at=1060\na get pods web/a 200 at=2000", outcome: reports.Fail, items: []string{"kubernetes"}, violations: -1, says: "twice"},
		{check: "LOG-01", name: "allowed", kube: "a get pods web/a 200 at=0\na get pods web/a 200 at=1000", params: map[string]string{"max_gap": "1h"}, outcome: reports.Pass},
		{check: "LOG-01", name: "nothing in the window", kube: quiet, window: connectors.Window{From: at("2026-11-18"), To: at("2026-11-19")}, outcome: reports.Inconclusive, says: "G2"},
		{check: "LOG-01", name: "too much cannot be read", host: accept("alice", "10.0.0.1", aliceKey) + "\x00garbage", outcome: reports.Inconclusive, says: "G8"},

		{check: "LOG-05", name: "all report", kube: quiet, expected: []roster.ExpectedSource{{Name: "kubernetes"}}, outcome: reports.Pass},
		{check: "LOG-05", name: "one is missing, one is new", kube: quiet, expected: []roster.ExpectedSource{{Name: "authlog"}}, outcome: reports.Fail, items: []string{"authlog", "kubernetes"}, violations: 1},
		{check: "LOG-05", name: "one host is missing, one is new", host: accept("alice", "10.0.0.1", aliceKey), expected: []roster.ExpectedSource{{Name: "authlog", Host: "worker-2"}},
			outcome: reports.Fail, items: []string{"authlog on worker-1", "authlog on worker-2"}, violations: 1},
		{check: "LOG-05", name: "only a new one", kube: quiet, host: accept("alice", "10.0.0.1", aliceKey), expected: []roster.ExpectedSource{{Name: "kubernetes"}}, outcome: reports.NeedsReview, items: []string{"authlog"}},
		{check: "LOG-05", name: "nobody said what must report", kube: quiet, outcome: reports.Inconclusive, says: "expected_sources"},

		{check: "LOG-13", name: "no bodies", kube: `alice@example.com get secrets web/db 200 level=Metadata` + "\n" + `alice@example.com get secrets web/db 403 resp={"kind":"Status"}` + "\n" + `alice@example.com delete secrets web/db 200 req={"kind":"DeleteOptions"} resp={"kind":"Status"}`, outcome: reports.Pass},
		{check: "LOG-13", name: "bodies", kube: `alice@example.com create secrets web/db 201 req={"kind":"Secret","data":{"p":"aHVudGVyMg=="}}` + "\n" + `a create serviceaccounts:token web/x 201 resp={"kind":"TokenRequest","status":{"token":"t0psecret"}}`,
			outcome: reports.Fail, items: []string{"secrets in web", "serviceaccounts/token in web"}, violations: -1, matched: 2},
		{check: "LOG-13", name: "the log has a gap", kube: quiet + "alice@example.com get pods web/a 200 at=400", outcome: reports.Inconclusive, says: "G4"},
	}
}

func TestExamples(t *testing.T) {
	for _, x := range examples() {
		t.Run(x.check+"/"+x.name, func(t *testing.T) {
			g := given{ids: []string{x.check}, window: x.window}
			text := ""
			if x.kube != "" {
				text += kube(t, x.kube)
			}
			if x.host != "" {
				text += host(x.host)
			}
			g.sources = logs(t, text)
			g.roster.Registers = roster.Registers{Entries: x.registers, Expected: x.expected}
			if x.without != "people" {
				g.roster.People, g.roster.HasPeople = people(t, staff), true
			}
			if x.without != "keys" {
				g.roster.HasKeys = true
				g.roster.Keys = []roster.Key{
					{Fingerprint: aliceKey, Owner: "alice@example.com"},
					{Fingerprint: bobKey, Owner: "bob@example.com"},
					{Fingerprint: bobNew, Owner: "bob@example.com"},
				}
			}
			if x.params != nil {
				g.params = map[string]map[string]string{x.check: x.params}
			}
			r := outcomes(t, g)[x.check]
			if r.Outcome != x.outcome || r.Limited != x.limited {
				t.Errorf("outcome %s (limited %v), not %s (%v): %s", r.Outcome, r.Limited, x.outcome, x.limited, r.Reason)
			}
			if got := subjects(r); !slices.Equal(got, x.items) {
				t.Errorf("items %q, not %q", got, x.items)
			}
			violations := 0
			for _, item := range r.Items {
				if item.Violation {
					violations++
				}
			}
			if want := x.violations; want == -1 && violations != len(r.Items) || want >= 0 && violations != want {
				t.Errorf("%d violations, not %d", violations, want)
			}
			if r.Matched != x.matched || r.Suppressed != x.suppressed || r.Undecidable != x.undecided {
				t.Errorf("matched %d, suppressed %d, undecidable %d, not %d, %d, %d", r.Matched, r.Suppressed, r.Undecidable, x.matched, x.suppressed, x.undecided)
			}
			words := r.Reason
			if len(r.Items) > 0 {
				first := r.Items[0]
				words += " " + first.Title + " " + first.Summary
				for _, f := range first.Facts {
					words += " " + f.Label + ": " + f.Value
				}
				if x.severity != "" && first.Severity != x.severity {
					t.Errorf("severity %s, not %s", first.Severity, x.severity)
				}
			}
			if !strings.Contains(words, x.says) {
				t.Errorf("nothing says %q: %s", x.says, words)
			}
			for _, item := range r.Items {
				whole(t, item)
			}
		})
	}
}

// whole checks what every item must have for the person who decides it.
func whole(t *testing.T, item reports.Item) {
	t.Helper()
	if item.Subject == "" || item.Title == "" || item.Severity == "" || len(item.Facts) == 0 {
		t.Errorf("the item %+v lacks something", item)
	}
	if !strings.HasSuffix(item.Summary, ".") || strings.ContainsAny(item.Summary, "\n\t") || strings.Contains(item.Summary, "  ") {
		t.Errorf("the summary is no sentence: %q", item.Summary)
	}
	for _, secret := range []string{"hunter2", "aHVudGVyMg", "t0psecret", "-psecret"} {
		for _, f := range item.Facts {
			if strings.Contains(f.Value, secret) {
				t.Errorf("a fact gives away %s", secret)
			}
		}
		if strings.Contains(item.Summary+item.Title+item.Subject, secret) {
			t.Errorf("a sentence gives away %s", secret)
		}
		for _, e := range item.Evidence {
			if strings.Contains(string(e.Raw), secret) {
				t.Errorf("the evidence gives away %s", secret)
			}
		}
	}
}

// TestRegistry holds what every check must have.
func TestRegistry(t *testing.T) {
	controls := strings.Fields("5.15 5.16 5.17 5.18 6.5 8.2 8.3 8.5 8.15 8.16 8.17 8.18 8.20 8.22 8.31 8.32")
	cases := map[string]map[reports.Outcome]bool{}
	number := map[string]int{}
	for _, x := range examples() {
		if cases[x.check] == nil {
			cases[x.check] = map[reports.Outcome]bool{}
		}
		cases[x.check][x.outcome] = true
		number[x.check]++
	}
	seen := map[string]bool{}
	for _, c := range checks.All() {
		if seen[c.ID] {
			t.Errorf("%s is there twice", c.ID)
		}
		seen[c.ID] = true
		if found, ok := checks.Find(c.ID); !ok || found.ID != c.ID {
			t.Errorf("%s is not found", c.ID)
		}
		if c.Version < 1 || c.Title == "" || c.Objective == "" || c.Logic == "" || c.Type == "" || c.Severity == "" || len(c.Controls) == 0 {
			t.Errorf("%s lacks something of its definition", c.ID)
		}
		for _, control := range c.Controls {
			if !slices.Contains(controls, control) {
				t.Errorf("%s names the control %s, which is not in the catalogue", c.ID, control)
			}
		}
		if (c.Each == nil) == (c.Grouped == nil) {
			t.Errorf("%s must have either Each or Grouped", c.ID)
		}
		if _, err := connectors.Compile(c.Select); err != nil {
			t.Errorf("%s selects wrongly: %v", c.ID, err)
		}
		if _, err := connectors.Compile(c.Needs.Witness); err != nil {
			t.Errorf("the witness of %s is wrong: %v", c.ID, err)
		}
		if c.Needs.Witness.Op != connectors.OpAll && c.Needs.WitnessText == "" {
			t.Errorf("the witness of %s has no words", c.ID)
		}
		if _, err := c.Values(nil); err != nil {
			t.Errorf("a default of %s is wrong: %v", c.ID, err)
		}
		for _, p := range c.Params {
			if p.Name == "" || !strings.HasSuffix(p.Doc, ".") {
				t.Errorf("%s.%s is not documented", c.ID, p.Name)
			}
		}
		if number[c.ID] < 3 || !cases[c.ID][reports.Inconclusive] || !cases[c.ID][reports.Pass] || len(cases[c.ID]) < 3 {
			t.Errorf("%s has no examples of passing, finding and not being able to tell: %v", c.ID, cases[c.ID])
		}
	}
	if len(seen) != 25 {
		t.Errorf("%d checks, not 25", len(seen))
	}
	if _, ok := checks.Find("XXX-99"); ok {
		t.Error("a check that does not exist is found")
	}
}
