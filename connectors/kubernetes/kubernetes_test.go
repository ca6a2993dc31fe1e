package kubernetes_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"logreeve/connectors"
	"logreeve/connectors/kubernetes"
)

// record is the audit event as encoding/json reads it, the other witness.
type record struct {
	Kind, APIVersion, Level, AuditID, Stage, RequestURI, Verb, UserAgent string
	User, ImpersonatedUser                                               struct {
		Username string
		Groups   []string
		Extra    map[string][]string
	}
	SourceIPs      []string
	ObjectRef      struct{ Resource, Namespace, Name, APIGroup, APIVersion, Subresource string }
	ResponseStatus struct {
		Message, Reason string
		Code            int
	}
	RequestReceivedTimestamp, StageTimestamp time.Time
	Annotations                              map[string]string
	RequestObject, ResponseObject            json.RawMessage
}

func parse(t testing.TB, line string) (*connectors.Event, error) {
	t.Helper()
	events, err := kubernetes.NewParser().Parse([]byte(line), connectors.Ref{}, nil)
	if err != nil {
		return nil, err
	}
	if len(events) != 1 {
		t.Fatalf("%d events", len(events))
	}
	return &events[0], nil
}

// same demands that both witnesses say the same.
func same(t testing.TB, line []byte, e *connectors.Event) {
	t.Helper()
	var members map[string]json.RawMessage // of two members with one name the last, as a whole
	if err := json.Unmarshal(line, &members); err != nil {
		t.Fatal(err)
	}
	once, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	var r record
	if err := json.Unmarshal(once, &r); err != nil {
		t.Fatal(err)
	}
	r.RequestObject, r.ResponseObject = members["requestObject"], members["responseObject"]
	code := ""
	if r.ResponseStatus.Code > 0 {
		code = fmt.Sprint(r.ResponseStatus.Code)
	}
	reason := r.ResponseStatus.Message
	if reason == "" {
		reason = r.ResponseStatus.Reason
	}
	for _, c := range []struct{ what, got, want string }{
		{"level", e.Level, r.Level}, {"audit id", e.NativeID(), r.AuditID}, {"stage", e.Stage, r.Stage}, {"URI", e.URI(), r.RequestURI},
		{"verb", e.Verb, r.Verb}, {"user agent", e.UserAgent(), r.UserAgent}, {"login", e.Login, r.User.Username},
		{"effective", e.Effective, r.ImpersonatedUser.Username}, {"groups", fmt.Sprint(e.Groups), fmt.Sprint(r.User.Groups)},
		{"addresses", fmt.Sprint(e.Addresses), fmt.Sprint(r.SourceIPs)}, {"resource", e.Object.Resource, r.ObjectRef.Resource},
		{"namespace", e.Object.Namespace, r.ObjectRef.Namespace}, {"name", e.Name(), r.ObjectRef.Name}, {"group", e.Object.Group, r.ObjectRef.APIGroup},
		{"version", e.Object.Version, r.ObjectRef.APIVersion}, {"subresource", e.Object.Subresource, r.ObjectRef.Subresource},
		{"code", e.Code, code}, {"reason", e.Reason(), reason}, {"request", string(e.Request()), string(r.RequestObject)},
		{"response", string(e.Response()), string(r.ResponseObject)}, {"time", e.Time.String(), connectors.At(r.RequestReceivedTimestamp).String()},
		{"logged", e.Logged.String(), connectors.At(r.StageTimestamp).String()},
	} {
		if c.got != c.want {
			t.Errorf("%s is %q, want %q", c.what, c.got, c.want)
		}
	}
	if id := r.User.Extra["authentication.kubernetes.io/credential-id"]; len(id) > 0 && e.Credential != id[0] {
		t.Errorf("credential is %q, want %q", e.Credential, id[0])
	}
	if (e.Outcome == connectors.Denied) != (code == "401" || code == "403" || r.Annotations["authorization.k8s.io/decision"] == "forbid") {
		t.Errorf("code %s, decision %s: %s", code, r.Annotations["authorization.k8s.io/decision"], e.Outcome)
	}
}

func recording(t testing.TB) [][]byte {
	t.Helper()
	b, err := os.ReadFile("../../seed/recordings/real-cluster/audit.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	var lines [][]byte
	for _, l := range strings.Split(strings.TrimSpace(string(b)), "\n") {
		lines = append(lines, []byte(l))
	}
	return lines
}

// TestAnyKeyOrder reads the recording with the members of every object shuffled,
// spaced out, escaped and doubled, and compares with encoding/json.
func TestAnyKeyOrder(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	p := kubernetes.NewParser()
	for i, line := range recording(t) {
		for _, variant := range [][]byte{line, shuffle(t, rnd, line)} {
			events, err := p.Parse(variant, connectors.Ref{}, nil)
			if err != nil {
				t.Fatalf("line %d: %v", i+1, err)
			}
			same(t, variant, &events[0])
			if t.Failed() {
				t.Fatalf("line %d: %s", i+1, variant)
			}
		}
	}
}

// shuffle writes the object anew in another order and with other spelling.
func shuffle(t testing.TB, rnd *rand.Rand, object []byte) []byte {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(object, &members); err != nil {
		t.Fatal(err)
	}
	var parts []string
	for k, v := range members {
		if k != "extra" && len(v) > 0 && v[0] == '{' && rnd.IntN(2) == 0 {
			v = shuffle(t, rnd, v)
		}
		key, _ := json.Marshal(k)
		name := string(key)
		if rnd.IntN(4) == 0 {
			name = fmt.Sprintf(`"\u%04x%s`, k[0], name[2:])
		}
		parts = append(parts, name+strings.Repeat(" ", rnd.IntN(2))+": "+string(v))
	}
	rnd.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
	if _, ok := members["verb"]; ok && rnd.IntN(2) == 0 { // an earlier member of the same name does not count
		parts = slices.Insert(parts, 0, `"verb":"impeach"`, `"objectRef":{"resource":"decoys","name":"d"}`, `"responseStatus":{"code":999,"message":"m"}`)
		if members["objectRef"] == nil {
			parts = append(parts, `"objectRef":{}`)
		}
	}
	return []byte("{ " + strings.Join(parts, " ,\t") + "}")
}

func FuzzParse(f *testing.F) {
	for _, l := range recording(f)[:20] {
		f.Add(l)
	}
	f.Add([]byte(`{"kind":"EventList","items":[{"auditID":"a","stage":"Panic","stageTimestamp":"2026-11-20T09:00:00Z"},3]}`))
	f.Add([]byte(`{"auditID":"a","stage":"","user":null,"objectRef":[],"responseStatus":"x","sourceIPs":{}}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		events, err := kubernetes.NewParser().Parse(line, connectors.Ref{}, nil)
		for i := range events {
			_ = events[i].Record(connectors.TicketRule{})
			_ = connectors.Redact(&events[i])
		}
		if err != nil && json.Valid(line) && len(events) == 0 {
			return
		}
	})
}

func TestWhatIsNoRecord(t *testing.T) {
	for _, line := range []string{
		`text`, `{"kind":"Event"`, `[]`, `{}`, `{"kind":"Event","apiVersion":"v1","metadata":{},"auditID":"a","stage":"Panic"}`, `{"kind":"Pod","auditID":"a","stage":"Panic"}`,
		`{"kind":"Event","auditID":"a","stage":"ResponseComplete"}`, `{"kind":"Event","auditID":"a","stage":"Panic","stageTimestamp":"2026-11-20T09:00:00Z"} x`,
	} {
		if e, err := parse(t, line); err == nil {
			t.Errorf("%s is read as %+v", line, e)
		} else if strings.Contains(err.Error(), "Panic") {
			t.Errorf("the reason carries the text: %v", err)
		}
	}
}

func line(id, stage, code, received, logged string) string {
	return fmt.Sprintf(`{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"%s","stage":"%s","requestURI":"/x","verb":"create","user":{"username":"u"},`+
		`"responseStatus":{"code":%s},"requestReceivedTimestamp":"%s","stageTimestamp":"%s"}`, id, stage, code, received, logged)
}

func TestOutcome(t *testing.T) {
	for code, want := range map[string]connectors.Outcome{
		"200": connectors.OK, "101": connectors.OK, "304": connectors.OK, "401": connectors.Denied, "403": connectors.Denied,
		"404": connectors.Failed, "422": connectors.Failed, "500": connectors.Failed, "0": connectors.Unknown, "null": connectors.Unknown,
	} {
		e, err := parse(t, line("a", "ResponseComplete", code, "2026-11-20T09:00:00.000001Z", "2026-11-20T09:00:00.000002Z"))
		if err != nil || e.Outcome != want {
			t.Errorf("%s: %v %v, want %s", code, e.Outcome, err, want)
		}
	}
	old, err := parse(t, `{"kind":"Event","apiVersion":"audit.k8s.io/v1beta1","metadata":{"creationTimestamp":"2018-01-01T00:00:00Z"},"auditID":"a","stage":"ResponseComplete","verb":"get"}`)
	if err != nil || old.Time.String() != "2018-01-01T00:00:00.000000Z" || old.TimeBasis != connectors.StageEnd {
		t.Errorf("v1beta1: %+v %v", old, err)
	}
}

// stream runs lines through parser and assembler.
func stream(t *testing.T, lines ...string) (out []*connectors.Event, a *kubernetes.Assembler) {
	t.Helper()
	seed, p := kubernetes.NewSeed(), kubernetes.NewParser()
	a = kubernetes.NewAssembler()
	keep := func(e *connectors.Event) { out = append(out, e.Keep()) }
	for _, l := range lines {
		events, err := p.Parse([]byte(l), connectors.Ref{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if a.Add(&events[0], seed.ID(&events[0]), keep) {
			keep(&events[0])
		}
	}
	return out, a
}

func TestStagesJoin(t *testing.T) {
	at := func(minute int) string { return fmt.Sprintf("2026-11-20T09:%02d:00.000000Z", minute) }
	started, complete := line("a", "ResponseStarted", "200", at(0), at(0)), line("a", "ResponseComplete", "500", at(0), at(1))
	other := func(minute int) string {
		return line(fmt.Sprint("o", minute), "ResponseComplete", "200", at(minute), at(minute))
	}

	out, a := stream(t, started, other(1), complete)
	if len(out) != 2 || out[1].Outcome != connectors.Failed || a.Merged != 1 || a.Late != 0 {
		t.Errorf("joined: %d events, merged %d, late %d", len(out), a.Merged, a.Late)
	}
	out, a = stream(t, started, other(15), other(16), line("a", "ResponseComplete", "500", at(0), at(17)))
	if len(out) != 3 || out[1].Outcome != connectors.OK || out[1].NativeID() != "a" || a.Late != 1 || a.Duplicates != 0 {
		t.Errorf("too late: %d events, late %d, duplicates %d", len(out), a.Late, a.Duplicates)
	}
	out, a = stream(t, complete, complete, started, started)
	if len(out) != 1 || a.Late != 3 || a.Duplicates != 2 {
		t.Errorf("repeated: %d events, late %d, duplicates %d", len(out), a.Late, a.Duplicates)
	}
	out, a = stream(t, started, started, complete)
	if len(out) != 1 || a.Merged != 2 || a.Duplicates != 1 {
		t.Errorf("repeated while waiting: %d events, merged %d, duplicates %d", len(out), a.Merged, a.Duplicates)
	}
	elsewhere := strings.Replace(complete, `"/x"`, `"/y"`, 1)
	if out, _ = stream(t, complete, elsewhere); len(out) != 2 || out[0].Key() == out[1].Key() {
		t.Errorf("the same audit id with another URI: %d events", len(out))
	}
	out, a = stream(t, started)
	a.Flush(func(e *connectors.Event) { out = append(out, e) })
	if n, size := a.Waiting(); len(out) != 1 || n != 0 || size != 0 {
		t.Errorf("flushed %d, %d of %d bytes wait", len(out), n, size)
	}
}

func TestWaitingIsBounded(t *testing.T) {
	seed, p, a := kubernetes.NewSeed(), kubernetes.NewParser(), kubernetes.NewAssembler()
	emitted := 0
	padding := strings.Repeat("p", 2000)
	for i := range 120_000 {
		l := line(fmt.Sprint(i), "ResponseStarted", "200", "2026-11-20T09:00:00.000000Z", "2026-11-20T09:00:00.000000Z")
		l = l[:len(l)-1] + `,"userAgent":"` + padding + `"}`
		events, err := p.Parse([]byte(l), connectors.Ref{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		a.Add(&events[0], seed.ID(&events[0]), func(*connectors.Event) { emitted++ })
		if n, size := a.Waiting(); n > 100_000 || size > 64<<20 {
			t.Fatalf("%d requests of %d bytes wait", n, size)
		}
	}
	if n, _ := a.Waiting(); n+emitted != 120_000 || emitted == 0 {
		t.Errorf("%d wait, %d emitted", n, emitted)
	}
}
