package policy_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"logreeve/connectors"
	"logreeve/connectors/file"
	"logreeve/reports/policy"
)

func tellAccess(all []policy.Access) (told []string) {
	for _, a := range all {
		who := func(known bool, list []policy.Subject) string {
			if !known {
				return "?"
			}
			names := []string{}
			for _, s := range list {
				names = append(names, s.String())
			}
			return "[" + strings.Join(names, ", ") + "]"
		}
		told = append(told, fmt.Sprintf("%s %s %s by %s: %s > %s", a.Operation, a.Name, a.Role.Name, a.Actor, who(a.BeforeKnown, a.Before), who(a.AfterKnown, a.After)))
	}
	return told
}

func TestAccessOfRecording(t *testing.T) {
	_, planted := truth(t)
	sources, err := file.Open(file.Spec{Target: filepath.Join(recording, "audit.ndjson")}, file.Options{})
	if err != nil {
		t.Fatal(err)
	}
	m, err := connectors.Compile(policy.SelectAccess)
	if err != nil {
		t.Fatal(err)
	}
	h := policy.NewAccessHistory()
	for _, s := range sources {
		_, err := s.Read(t.Context(), connectors.Query{Filter: policy.SelectAccess}, func(batch []connectors.Event) error {
			for i := range batch {
				if m.Match(&batch[i]) {
					h.Observe(&batch[i])
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	admins := 0
	gone := 0
	for _, a := range h.Changes() {
		if a.Actor == "system:apiserver" {
			t.Errorf("%s by the API server is listed", a.Name)
		}
		if a.Operation == policy.Created && a.Role.Administers([]string{"cluster-admin", "admin"}, a.Kind == "ClusterRoleBinding") {
			admins++
		}
		if a.Operation == policy.Deleted && len(a.Taken()) > 0 {
			gone++
		}
	}
	if admins != planted["cluster_admin_binding_created"] || gone != planted["cluster_admin_binding_deleted"] {
		t.Errorf("%d administrators' bindings created, %d deleted, in %q", admins, gone, tellAccess(h.Changes()))
	}
}

func TestAccess(t *testing.T) {
	body := func(names ...string) string {
		var subjects []string
		for _, n := range names {
			subjects = append(subjects, `{"kind":"User","name":"`+n+`"}`)
		}
		return `{"kind":"RoleBinding","metadata":{"name":"b"},"roleRef":{"kind":"ClusterRole","name":"admin"},"subjects":[` + strings.Join(subjects, ",") + `]}`
	}
	write := func(at int, verb, response string) request {
		return request{at: at, verb: verb, group: "rbac.authorization.k8s.io", resource: "rolebindings", name: "b", response: response}
	}
	asked := write(2, "update", "")
	asked.request = body("eve")
	refused := write(3, "update", "")
	refused.code = 403
	made := write(1, "create", body("a"))
	made.user = "system:apiserver"
	tests := []struct {
		name     string
		requests []request
		want     []string
	}{
		{"given and taken", []request{write(3, "delete", ""), write(1, "create", body("a")), write(2, "patch", body("b", "a"))}, []string{
			"created b admin by alice@example.com: [] > [User a]", "modified b admin by alice@example.com: [User a] > [User a, User b]", "deleted b admin by alice@example.com: [User a, User b] > []"}},
		{"nothing changed", []request{write(1, "create", body("a")), write(2, "update", body("a")), refused}, []string{"created b admin by alice@example.com: [] > [User a]"}},
		{"never seen", []request{write(1, "update", body("a")), write(2, "delete", "")}, []string{"modified b admin by alice@example.com: ? > [User a]", "deleted b admin by alice@example.com: [User a] > []"}},
		{"content not recorded", []request{write(1, "create", body("a")), write(2, "patch", "")}, []string{"created b admin by alice@example.com: [] > [User a]", "modified b admin by alice@example.com: [User a] > ?"}},
		{"as asked for", []request{asked}, []string{"modified b admin by alice@example.com: ? > [User eve]"}},
		{"a collection", []request{write(1, "create", body("a")), write(2, "deletecollection", "")}, []string{"created b admin by alice@example.com: [] > [User a]", "deleted b admin by alice@example.com: [User a] > []"}},
		{"a collection in the answer", []request{write(2, "deletecollection", `{"items":[`+body("c")+`]}`)}, []string{"deleted b admin by alice@example.com: [User c] > []"}},
		{"a collection nobody knows", []request{write(2, "deletecollection", "")}, []string{"deleted   by alice@example.com: ? > ?"}},
		{"by the API server", []request{made, write(2, "update", body("b"))}, []string{"modified b admin by alice@example.com: [User a] > [User b]"}},
	}
	for _, test := range tests {
		h := policy.NewAccessHistory()
		for _, r := range test.requests {
			h.Observe(r.event(t))
		}
		if got := tellAccess(h.Changes()); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
	admin := policy.Role{Kind: "ClusterRole", Name: "admin"}
	if admin.Administers([]string{"admin"}, false) || !admin.Administers([]string{"admin"}, true) || (policy.Role{Kind: "Role", Name: "cluster-admin"}).Administers([]string{"cluster-admin"}, true) {
		t.Error("the wrong roles administer")
	}
}
