package checks_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// policyWrite is a write that changed a policy, worked out from the raw records
// alone: it succeeded, was no dry run, and the specification is another one.
type policyWrite struct {
	record
	namespace, name string
	before, after   map[string]any // nil: not there
	ticket, asked   bool           // the resulting object carries a ticket; the request did
}

// policyWrites replays the recording. A collection that was deleted gives one
// write an object.
func policyWrites(all []record) (changed []policyWrite) {
	kinds := strings.Fields("networkpolicies globalnetworkpolicies stagednetworkpolicies stagedglobalnetworkpolicies " +
		"stagedkubernetesnetworkpolicies tiers networksets globalnetworksets hostendpoints")
	type object struct {
		Metadata struct {
			Name                string
			Annotations, Labels map[string]string
		}
		Spec  map[string]any
		Items []json.RawMessage
	}
	ticketed := func(o object) bool {
		for _, m := range []map[string]string{o.Metadata.Annotations, o.Metadata.Labels} {
			for k := range m {
				if k[strings.LastIndexByte(k, '/')+1:] == "ticket" {
					return true
				}
			}
		}
		return false
	}
	state := map[string]map[string]any{}
	for _, r := range all {
		if !slices.Contains(kinds, r.ObjectRef.Resource) || !r.ok() || !r.write() || r.ObjectRef.Subresource != "" {
			continue
		}
		key := func(name string) string {
			return strings.Join([]string{r.ObjectRef.APIGroup, r.ObjectRef.Resource, r.ObjectRef.Namespace, name}, "|")
		}
		var request, response object
		_ = json.Unmarshal(r.RequestObject, &request)
		_ = json.Unmarshal(r.ResponseObject, &response)
		w := policyWrite{record: r, namespace: r.ObjectRef.Namespace, name: r.ObjectRef.Name}
		if w.name == "" {
			w.name = response.Metadata.Name
		}
		switch r.Verb {
		case "delete":
			w.before = state[key(w.name)]
			delete(state, key(w.name))
			changed = append(changed, w)
		case "deletecollection":
			for _, raw := range response.Items {
				var item object
				_ = json.Unmarshal(raw, &item)
				each := w
				each.name, each.before = item.Metadata.Name, state[key(item.Metadata.Name)]
				delete(state, key(each.name))
				changed = append(changed, each)
			}
		default:
			w.before, w.after = state[key(w.name)], response.Spec
			w.ticket = ticketed(response)
			w.asked = ticketed(request) || strings.HasPrefix(string(r.RequestObject), "[") && strings.Contains(string(r.RequestObject), "~1ticket")
			state[key(w.name)] = w.after
			if r.Verb == "create" || !reflect.DeepEqual(w.before, w.after) {
				changed = append(changed, w)
			}
		}
	}
	return changed
}

func list(spec map[string]any, key string) []any {
	l, _ := spec[key].([]any)
	return l
}

// allowsAll says by definition of domain.md NET-02 whether a specification lets
// everything in or out: a rule without any condition.
func allowsAll(spec map[string]any) bool {
	for _, direction := range []string{"ingress", "egress"} {
		for _, rule := range list(spec, direction) {
			r, _ := rule.(map[string]any)
			if len(r) == 0 || len(r) == 1 && r["action"] == "Allow" {
				return true
			}
		}
	}
	return false
}

// deniesByDefault says whether a Kubernetes policy selects every pod and lets
// nothing through.
func deniesByDefault(spec map[string]any) bool {
	selector, there := spec["podSelector"].(map[string]any)
	return there && len(selector) == 0 && len(list(spec, "ingress"))+len(list(spec, "egress")) == 0
}

// TestPolicyRecording compares the checks on network policies with the
// definitions of contract.md §5, worked out again from the raw records.
func TestPolicyRecording(t *testing.T) {
	var truth struct{ Planted map[string]int }
	if err := json.Unmarshal([]byte(read(t, "real-cluster/truth.json")), &truth); err != nil {
		t.Fatal(err)
	}
	got := outcomes(t, given{sources: open(t, recordings+"real-cluster/audit.ndjson"), roster: recordedRoster(t)})
	changed := policyWrites(requests(t, read(t, "real-cluster/audit.ndjson")))
	deleted := func(w policyWrite) bool { return w.after == nil }
	for _, c := range []struct {
		check, planted string
		is             func(policyWrite) bool
	}{
		{"NET-01", "", func(policyWrite) bool { return true }},
		{"NET-02", "allow_all_introduced", func(w policyWrite) bool { return allowsAll(w.after) && !allowsAll(w.before) }},
		{"NET-03", "default_deny_removed", func(w policyWrite) bool { return deniesByDefault(w.before) && !deniesByDefault(w.after) }},
		{"NET-06", "policy_deleted", deleted},
		{"CHG-02", "policy_change_without_ticket", func(w policyWrite) bool { return !deleted(w) && !w.ticket }},
	} {
		var want []string
		for _, w := range changed {
			if c.is(w) {
				want = append(want, w.AuditID)
			}
		}
		if c.planted != "" && truth.Planted[c.planted] != len(want) {
			t.Errorf("%s: the test itself finds %d, but %d %s were planted", c.check, len(want), truth.Planted[c.planted], c.planted)
		}
		r := got[c.check]
		if c.check == "CHG-02" {
			kept := r.Items[:0:0]
			for _, item := range r.Items {
				if item.Violation {
					kept = append(kept, item)
				}
			}
			r.Items = kept
		}
		same(t, c.check, nativeIDs(r), want)
	}

	var inherited []string
	deletions := map[string]bool{}
	for _, w := range changed {
		if deleted(w) {
			deletions[w.AuditID] = true
		} else if w.ticket && !w.asked {
			inherited = append(inherited, w.AuditID)
		}
	}
	r := got["CHG-02"]
	if r.Undecidable != int64(len(deletions)) {
		t.Errorf("CHG-02 could not judge %d events, not the %d deletions", r.Undecidable, len(deletions))
	}
	var softer []string
	for _, item := range r.Items {
		if !item.Violation {
			for _, e := range item.Events {
				softer = append(softer, e.NativeID)
			}
		}
	}
	same(t, "CHG-02, inherited", softer, inherited)
	for _, item := range got["NET-06"].Items {
		if item.Count != 1 {
			t.Errorf("%s was deleted %d times", item.Subject, item.Count)
		}
	}
}
