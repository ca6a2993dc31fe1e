package checks_test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"logreeve/reports"
	"logreeve/reports/roster"
)

const recordings = "../../seed/recordings/"

// The registers of seed/recordings/registers.yaml, and who of people.csv left.
const (
	pipeline = "system:serviceaccount:ci:deployer"
	leaver   = "carol@example.com"
)

var prodNamespaces = []string{"payments", "web", "data"}

func recordedRoster(t testing.TB) roster.Snapshot {
	t.Helper()
	s := roster.Snapshot{People: people(t, read(t, "people.csv")), HasPeople: true, HasKeys: true, HasRegisters: true}
	keys, err := roster.ReadKeys(strings.NewReader(read(t, "real-host/authorized_keys")), "authorized_keys")
	if err != nil {
		t.Fatal(err)
	}
	s.Keys = keys
	s.Registers.Entries = []roster.Entry{
		{Register: roster.CIPrincipals, Value: pipeline},
		{Register: roster.SharedAccounts, Value: "k8s:shared-ops"},
		{Register: roster.ProdScope, Value: "cluster-scoped"},
	}
	for _, n := range prodNamespaces {
		s.Registers.Entries = append(s.Registers.Entries, roster.Entry{Register: roster.ProdScope, Value: "namespace:" + n})
	}
	s.Registers.Expected = []roster.ExpectedSource{{Name: "kubernetes", MaxGap: 3600}}
	return s
}

func read(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(recordings + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// record is an audit record as encoding/json reads it, without our parser.
type record struct {
	AuditID, Stage, Verb, RequestURI, RequestReceivedTimestamp string
	User                                                       struct {
		Username string
		Groups   []string
	}
	ImpersonatedUser *struct{ Username string }
	SourceIPs        []string
	ObjectRef        struct{ Resource, Subresource, Namespace, Name, APIGroup string }
	ResponseStatus   struct{ Code int }
	RequestObject    json.RawMessage
	ResponseObject   json.RawMessage
}

// requests reads a recording and puts the records of one request together: the
// last stage counts (contract.md §2).
func requests(t *testing.T, text string) []record {
	t.Helper()
	var order []string
	last := map[string]record{}
	lines := bufio.NewScanner(strings.NewReader(text))
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var r record
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		key := strings.Join([]string{r.AuditID, r.RequestReceivedTimestamp, r.User.Username, r.Verb, r.RequestURI}, "\x00")
		before, there := last[key]
		if !there {
			order = append(order, key)
		}
		if !there || before.Stage != "ResponseComplete" {
			last[key] = r
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	var out []record
	for _, key := range order {
		out = append(out, last[key])
	}
	return out
}

func (r record) ok() bool { return r.ResponseStatus.Code >= 100 && r.ResponseStatus.Code < 400 }

func (r record) person() bool {
	n := r.User.Username
	return n != "" && !strings.HasPrefix(n, "system:") && n != pipeline && !slices.Contains(r.User.Groups, "system:unauthenticated")
}

func (r record) write() bool {
	return slices.Contains([]string{"create", "update", "patch", "delete", "deletecollection"}, r.Verb) && !strings.Contains(r.RequestURI, "dryRun=")
}

func (r record) binding() bool {
	return r.ObjectRef.Resource == "rolebindings" || r.ObjectRef.Resource == "clusterrolebindings"
}

func (r record) inProd() bool {
	return r.ObjectRef.Namespace == "" || slices.Contains(prodNamespaces, r.ObjectRef.Namespace)
}

func (r record) role() string {
	var b struct{ RoleRef struct{ Name string } }
	_ = json.Unmarshal(r.ResponseObject, &b)
	return b.RoleRef.Name
}

// controlledInContract is CHG-01's list as contract.md §5 has it.
var controlledInContract = strings.Fields(`pods deployments daemonsets statefulsets jobs cronjobs services ingresses configmaps secrets
	serviceaccounts roles rolebindings clusterroles clusterrolebindings networkpolicies globalnetworkpolicies stagednetworkpolicies
	stagedglobalnetworkpolicies stagedkubernetesnetworkpolicies tiers networksets globalnetworksets hostendpoints adminnetworkpolicies
	baselineadminnetworkpolicies clusternetworkpolicies ciliumnetworkpolicies ciliumclusterwidenetworkpolicies namespaces persistentvolumes
	customresourcedefinitions validatingwebhookconfigurations mutatingwebhookconfigurations`)

// TestClusterRecording compares the events that checks found with what
// contract.md §5 defines, worked out again from the raw records.
func TestClusterRecording(t *testing.T) {
	text := read(t, "real-cluster/audit.ndjson")
	var truth struct{ Planted map[string]int }
	if err := json.Unmarshal([]byte(read(t, "real-cluster/truth.json")), &truth); err != nil {
		t.Fatal(err)
	}
	all := requests(t, text)
	got := outcomes(t, given{
		sources: open(t, recordings+"real-cluster/audit.ndjson"), roster: recordedRoster(t),
		params: map[string]map[string]string{"ACC-02": {"count": "5"}},
	})
	for _, c := range []struct {
		check, planted string // planted counts commands; one may cause several requests
		is             func(record) bool
	}{
		{"IDN-02", "", func(r record) bool { return r.User.Username == "kubernetes-admin" }},
		{"IDN-03", "", func(r record) bool {
			return slices.Contains(r.User.Groups, "system:masters") && r.User.Username != "system:apiserver"
		}},
		{"IDN-11", "impersonated_command", func(r record) bool { return r.ImpersonatedUser != nil }},
		{"REG-02", "leaver_command", func(r record) bool { return r.User.Username == leaver }},
		{"REG-06", "cluster_admin_binding_deleted", func(r record) bool {
			return r.ok() && r.write() && r.binding() && r.User.Username != "system:apiserver"
		}},
		{"PRV-01", "cluster_admin_binding_created", func(r record) bool {
			return r.ok() && r.Verb == "create" && r.binding() && r.role() == "cluster-admin" && r.User.Username != "system:apiserver"
		}},
		{"PRV-04", "secret_read", func(r record) bool {
			return r.ok() && r.person() && r.ObjectRef.Resource == "secrets" && slices.Contains([]string{"get", "list", "watch"}, r.Verb)
		}},
		{"PRV-05", "exec_attempt", func(r record) bool {
			return r.person() && slices.Contains([]string{"exec", "attach", "portforward", "proxy", "ephemeralcontainers"}, r.ObjectRef.Subresource)
		}},
		{"ACC-01", "", func(r record) bool { return r.ok() && r.User.Username == "system:anonymous" }},
		{"ACC-02", "bad_token_request", func(r record) bool { return r.ResponseStatus.Code == 401 }},
		{"CHG-01", "policy_change_by_human", func(r record) bool {
			return r.ok() && r.write() && r.person() && r.inProd() && slices.Contains(controlledInContract, r.ObjectRef.Resource) &&
				!slices.Contains([]string{"status", "approval", "token"}, r.ObjectRef.Subresource)
		}},
		{"LOG-13", "", func(record) bool { return false }},
	} {
		var want []string
		for _, r := range all {
			if c.is(r) {
				want = append(want, r.AuditID)
			}
		}
		if c.planted != "" && (truth.Planted[c.planted] == 0 || len(want) < truth.Planted[c.planted]) {
			t.Errorf("%s: the test itself finds %d events, but %d %s were planted", c.check, len(want), truth.Planted[c.planted], c.planted)
		}
		same(t, c.check, nativeIDs(got[c.check]), want)
	}
	for id, outcome := range map[string]reports.Outcome{
		"IDN-01": reports.Fail, "IDN-08": reports.Inconclusive, "LOG-01": reports.Pass, "LOG-05": reports.Pass, "PRV-05": reports.NeedsReview,
	} {
		if got[id].Outcome != outcome {
			t.Errorf("%s is %s, not %s: %s", id, got[id].Outcome, outcome, got[id].Reason)
		}
	}
	if s := subjects(got["IDN-01"]); !slices.Equal(s, []string{"kubernetes-admin"}) {
		t.Errorf("IDN-01 names %q", s)
	}
	if s := subjects(got["REG-01"]); !slices.Equal(s, []string{leaver, "kubernetes-admin"}) {
		t.Errorf("REG-01 names %q", s)
	}
}

// TestHostRecording does the same for the auth log.
func TestHostRecording(t *testing.T) {
	text := read(t, "real-host/auth.log")
	var truth struct {
		SharedAccount       string         `json:"shared_account"`
		AcceptedLogins      map[string]int `json:"accepted_logins"`
		OneKey              []string       `json:"one_key_two_accounts"`
		UnknownKey          int            `json:"unknown_key_logins"`
		RootAttempts        int            `json:"root_attempts"`
		InvalidUserAttempts int            `json:"invalid_user_attempts"`
		FailedPasswords     int            `json:"failed_passwords"`
	}
	if err := json.Unmarshal([]byte(read(t, "real-host/truth.json")), &truth); err != nil {
		t.Fatal(err)
	}
	registered := fingerprints(t, read(t, "real-host/authorized_keys"))
	accounts := map[string]map[string]bool{} // by fingerprint
	keysOf := map[string]map[string]bool{}   // by account
	logins := map[string][]string{}          // messages by fingerprint
	of := map[string][]string{}              // messages by account
	accepted := regexp.MustCompile(`Accepted publickey for (\S+) from \S+ port \d+ ssh2: \S+ (SHA256:\S+)`)
	for line := range strings.SplitSeq(text, "\n") {
		m := accepted.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		user, key := m[1], m[2]
		for _, set := range []struct {
			of       map[string]map[string]bool
			key, has string
		}{{accounts, key, user}, {keysOf, user, key}} {
			if set.of[set.key] == nil {
				set.of[set.key] = map[string]bool{}
			}
			set.of[set.key][set.has] = true
		}
		logins[key] = append(logins[key], m[0])
		of[user] = append(of[user], m[0])
	}
	got := outcomes(t, given{
		sources: open(t, recordings+"real-host/auth.log"), roster: recordedRoster(t),
		params: map[string]map[string]string{"ACC-09": {"failures": "5"}},
	})

	var shared, unknown, several []string
	for key, users := range accounts {
		personal := 0
		for user := range users {
			if user != truth.SharedAccount {
				personal++
			}
		}
		if personal > 1 {
			shared = append(shared, logins[key]...)
			for _, user := range truth.OneKey {
				if !users[user] {
					t.Errorf("the test itself finds the key of %v without %s", users, user)
				}
			}
		}
		if !registered[key] {
			unknown = append(unknown, logins[key]...)
		}
	}
	for user, keys := range keysOf {
		if len(of[user]) != truth.AcceptedLogins[user] {
			t.Errorf("the test itself finds %d logins of %s", len(of[user]), user)
		}
		if len(keys) > 1 {
			several = append(several, of[user]...)
		}
	}
	if len(unknown) != truth.UnknownKey {
		t.Errorf("the test itself finds %d logins with unknown keys", len(unknown))
	}
	same(t, "IDN-05", messages(got["IDN-05"]), shared)
	same(t, "IDN-06", messages(got["IDN-06"]), several)
	same(t, "IDN-08", messages(got["IDN-08"]), unknown)
	if n := truth.RootAttempts + truth.InvalidUserAttempts + truth.FailedPasswords; got["ACC-09"].Matched != int64(n) {
		t.Errorf("ACC-09 has %d events, not %d", got["ACC-09"].Matched, n)
	}
	if got["PRV-04"].Outcome != reports.Inconclusive {
		t.Errorf("PRV-04 is %s without a Kubernetes log", got["PRV-04"].Outcome)
	}
}

// fingerprints works out the fingerprints of an authorized_keys file.
func fingerprints(t *testing.T, text string) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		blob, err := base64.StdEncoding.DecodeString(strings.Fields(line)[1])
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(blob)
		out["SHA256:"+base64.RawStdEncoding.EncodeToString(sum[:])] = true
	}
	return out
}

func subjects(r reports.Result) []string {
	var out []string
	for _, item := range r.Items {
		out = append(out, item.Subject)
	}
	slices.Sort(out)
	return out
}

func nativeIDs(r reports.Result) []string {
	var out []string
	for _, item := range r.Items {
		for _, e := range item.Events {
			out = append(out, e.NativeID)
		}
	}
	return out
}

func messages(r reports.Result) []string {
	var out []string
	for _, item := range r.Items {
		for _, e := range item.Evidence {
			out = append(out, e.Record.Message)
		}
	}
	return out
}

// same compares two lists whatever their order.
func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	got, want = slices.Clone(got), slices.Clone(want)
	slices.Sort(got)
	slices.Sort(want)
	if slices.Equal(got, want) {
		return
	}
	var b bytes.Buffer
	for _, g := range got {
		if !slices.Contains(want, g) {
			b.WriteString("\n  too much: " + g)
		}
	}
	for _, w := range want {
		if !slices.Contains(got, w) {
			b.WriteString("\n  missing: " + w)
		}
	}
	t.Errorf("%s has %d events, not %d:%s", what, len(got), len(want), b.String())
}
