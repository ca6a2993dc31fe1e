package auditgen

// Filter is the kind of checks that are a conjunction of clauses.
const Filter = "filter"

// Check is one of the 40 questions that Truth answers.
type Check struct {
	ID    string   `json:"id"`
	Title string   `json:"title"`
	Kind  string   `json:"kind"` // Filter, or the name of a check with a memory
	Where []Clause `json:"where,omitempty"`
	ppm   int      // planted events in a million; 0 makes a clean check
}

// Clause is a condition on an event. Path segments are separated by "|"; "[]"
// means any element of an array, a number one element. Operators:
//
//	eq, in, prefix, suffix, contains  some value at the path satisfies it
//	notPrefix                         a value exists and none has any of the prefixes
//	anyNotPrefix                      some value exists that has none of the prefixes
//	exists, absent                    a value is there, or none is
//	lt, gte                           numeric
//	hourOutside                       the hour of the time, in UTC, is < Num or >= Num2
type Clause struct {
	Path string   `json:"path"`
	Op   string   `json:"op"`
	Vals []string `json:"vals,omitempty"`
	Num  int      `json:"num,omitempty"`
	Num2 int      `json:"num2,omitempty"`
}

func eq(p string, v ...string) Clause        { return Clause{Path: p, Op: "eq", Vals: v} }
func in(p string, v ...string) Clause        { return Clause{Path: p, Op: "in", Vals: v} }
func suffix(p string, v ...string) Clause    { return Clause{Path: p, Op: "suffix", Vals: v} }
func contains(p string, v ...string) Clause  { return Clause{Path: p, Op: "contains", Vals: v} }
func notPrefix(p string, v ...string) Clause { return Clause{Path: p, Op: "notPrefix", Vals: v} }
func exists(p string) Clause                 { return Clause{Path: p, Op: "exists"} }
func absent(p string) Clause                 { return Clause{Path: p, Op: "absent"} }
func lt(p string, n int) Clause              { return Clause{Path: p, Op: "lt", Num: n} }
func gte(p string, n int) Clause             { return Clause{Path: p, Op: "gte", Num: n} }

const (
	pVerb  = "verb"
	pUser  = "user|username"
	pGroup = "user|groups|[]"
	pRes   = "objectRef|resource"
	pSub   = "objectRef|subresource"
	pNS    = "objectRef|namespace"
	pCode  = "responseStatus|code"
	pIP    = "sourceIPs|0"
	pReq   = "requestObject|"
)

// Checks lists the 40 checks: 34 filters and 6 with a memory.
func Checks() []Check {
	var (
		human  = notPrefix(pUser, "system:")
		ok     = lt(pCode, 300)
		writes = in(pVerb, "create", "update", "patch", "delete", "deletecollection")
	)
	return []Check{
		{"F01", "Interactive shell into a pod by a person", Filter, []Clause{in(pVerb, "create", "get"), eq(pRes, "pods"), eq(pSub, "exec"), human}, 40},
		{"F02", "Secret read by a person", Filter, []Clause{in(pVerb, "get", "list", "watch"), eq(pRes, "secrets"), human, ok}, 120},
		{"F03", "Cluster role binding changed", Filter, []Clause{in(pVerb, "create", "update", "patch"), eq(pRes, "clusterrolebindings"), ok}, 12},
		{"F04", "Anonymous request served outside health endpoints", Filter, []Clause{eq(pUser, "system:anonymous"), ok, notPrefix("requestURI", "/livez", "/readyz", "/healthz", "/version")}, 6},
		{"F05", "Use of the system:masters group", Filter, []Clause{eq(pGroup, "system:masters")}, 30},
		{"F06", "Namespace deleted", Filter, []Clause{eq(pVerb, "delete"), eq(pRes, "namespaces"), ok}, 8},
		{"F07", "Impersonation used", Filter, []Clause{exists("impersonatedUser|username")}, 25},
		{"F08", "Privileged pod created", Filter, []Clause{eq(pVerb, "create"), eq(pRes, "pods"), absent(pSub), eq(pReq+"spec|containers|[]|securityContext|privileged", "true")}, 14},
		{"F09", "Person denied by authorization", Filter, []Clause{eq(pCode, "403"), human, eq("annotations|authorization.k8s.io/decision", "forbid")}, 5000},
		{"F10", "Events or admission webhooks deleted by a person", Filter, []Clause{in(pVerb, "delete", "deletecollection"), in(pRes, "events", "validatingwebhookconfigurations", "mutatingwebhookconfigurations"), human}, 5},
		{"F11", "Pod with a hostPath volume created", Filter, []Clause{eq(pVerb, "create"), eq(pRes, "pods"), exists(pReq + "spec|volumes|[]|hostPath|path")}, 9},
		{"F12", "Pod created from an unapproved registry", Filter, []Clause{eq(pVerb, "create"), eq(pRes, "pods"), {Path: pReq + "spec|containers|[]|image", Op: "anyNotPrefix", Vals: []string{"registry.corp.example/"}}}, 22},
		{"F13", "Port-forward by a person", Filter, []Clause{eq(pRes, "pods"), eq(pSub, "portforward"), human}, 18},
		{"F14", "Service account token minted by a person", Filter, []Clause{eq(pVerb, "create"), eq(pRes, "serviceaccounts"), eq(pSub, "token"), human}, 7},
		{"F15", "Certificate signing request approved", Filter, []Clause{eq(pRes, "certificatesigningrequests"), eq(pSub, "approval")}, 0},
		{"F16", "Collection of pods deleted by a person", Filter, []Clause{eq(pVerb, "deletecollection"), eq(pRes, "pods"), human}, 6},
		{"F17", "Scripted client", Filter, []Clause{contains("userAgent", "curl/", "python-requests")}, 60},
		{"F18", "Successful access from outside the company networks", Filter, []Clause{notPrefix(pIP, "10.", "192.168.", "172.16."), lt(pCode, 400)}, 35},
		{"F19", "Anonymous request refused", Filter, []Clause{eq(pUser, "system:anonymous"), eq(pCode, "403")}, 300},
		{"F20", "kube-system config map changed by a person", Filter, []Clause{writes, eq(pRes, "configmaps"), eq(pNS, "kube-system"), human}, 4},
		{"F21", "Role with wildcard verbs written", Filter, []Clause{in(pVerb, "create", "update"), in(pRes, "roles", "clusterroles"), eq(pReq+"rules|[]|verbs|[]", "*")}, 6},
		{"F22", "Role bound to all users", Filter, []Clause{in(pVerb, "create", "update"), eq(pRes, "rolebindings"), in(pReq+"subjects|[]|name", "system:authenticated", "system:unauthenticated")}, 3},
		{"F23", "Node proxy used", Filter, []Clause{eq(pRes, "nodes"), eq(pSub, "proxy")}, 0},
		{"F24", "Debug container attached", Filter, []Clause{eq(pRes, "pods"), eq(pSub, "ephemeralcontainers")}, 5},
		{"F25", "Custom resource definition deleted", Filter, []Clause{eq(pVerb, "delete"), eq(pRes, "customresourcedefinitions")}, 0},
		{"F26", "Persistent volume deleted by a person", Filter, []Clause{eq(pVerb, "delete"), eq(pRes, "persistentvolumes"), human}, 4},
		{"F27", "Quota or limit changed", Filter, []Clause{in(pVerb, "update", "patch", "delete"), in(pRes, "resourcequotas", "limitranges")}, 9},
		{"F28", "Break-glass account used", Filter, []Clause{suffix(pUser, "-breakglass")}, 5},
		{"F29", "Shared account used", Filter, []Clause{in(pUser, "admin", "root", "test", "shared")}, 15},
		{"F30", "Administrative change outside 06-22 UTC", Filter, []Clause{writes, eq(pGroup, "corp:admins"), {Path: "requestReceivedTimestamp", Op: "hourOutside", Num: 6, Num2: 22}}, 400},
		{"F31", "Write failed inside the API server", Filter, []Clause{writes, gte(pCode, 500)}, 80},
		{"F32", "Request with bad credentials", Filter, []Clause{eq(pCode, "401")}, 200},
		{"F33", "Attach to a pod by a person", Filter, []Clause{eq(pRes, "pods"), eq(pSub, "attach"), human}, 3},
		{"F34", "Deployment changed without a change ticket", Filter, []Clause{in(pVerb, "create", "update"), eq(pRes, "deployments"), human, exists(pReq + "kind"), absent(pReq + "metadata|annotations|change.corp/ticket")}, 50},
		{"S01", "Access by user (inventory)", "count-by-user", nil, 0},
		{"S02", "Same user from more than 3 source addresses", "distinct-ips-by-user", nil, 0},
		{"S03", "20 or more 401/403 from one address in a 5-minute bucket", "denied-burst", nil, 0},
		{"S04", "One identity reading secrets in more than 10 namespaces", "secret-spread", nil, 0},
		{"S05", "Rostered account never seen in the window", "dormant", nil, 0},
		{"S06", "Network policy changes with before and after", "policy-diff", nil, 0},
	}
}
