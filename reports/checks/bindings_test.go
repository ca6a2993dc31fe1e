package checks_test

import (
	"fmt"
	"strings"
	"testing"
)

// What a binding gave before each write is told in order of time, however the
// records lie in the log, and only what the log shows.
func TestCourseOfBinding(t *testing.T) {
	write := func(verb string, at int, who string) string {
		line := fmt.Sprintf("alice %s %srolebindings web/b 200 at=%d", verb, rbac, at)
		if who != "" {
			line += ` resp={"kind":"RoleBinding","roleRef":{"kind":"Role","name":"r"},"subjects":[{"kind":"User","name":"` + who + `"}]}`
		}
		return line
	}
	ann, bob := "User ann gets Role r", "User bob gets Role r"
	for _, test := range []struct {
		name  string
		lines []string
		want  []string // before > after
	}{
		{"in order", []string{write("create", 0, "ann"), write("update", 60, "bob"), write("delete", 120, "")}, []string{"none > " + ann, ann + " > " + bob, bob + " > none"}},
		{"one comes late", []string{write("create", 0, "ann"), write("delete", 120, ""), write("update", 60, "bob")}, []string{"none > " + ann, ann + " > " + bob, bob + " > none"}},
		{"never seen", []string{write("patch", 0, "bob")}, []string{"not known > " + bob}},
		{"content not recorded", []string{write("create", 0, "ann"), write("patch", 60, ""), write("update", 120, "bob")}, []string{"none > " + ann, ann + " > content not recorded", "content not recorded > " + bob}},
		{"deleted, never seen", []string{write("delete", 0, "ann")}, []string{ann + " > none"}},
		{"there again without a creation", []string{write("delete", 0, ""), write("update", 60, "bob")}, []string{"not known > none", "not known > " + bob}},
	} {
		t.Run(test.name, func(t *testing.T) {
			items := outcomes(t, given{sources: logs(t, kube(t, strings.Join(test.lines, "\n"))), ids: []string{"REG-06"}})["REG-06"].Items
			if len(items) != 1 {
				t.Fatalf("%d items", len(items))
			}
			var got []string
			for _, f := range items[0].Facts {
				if _, course, ok := strings.Cut(f.Value, ": before, "); ok {
					before, rest, _ := strings.Cut(course, "; after, ")
					now, _, _ := strings.Cut(rest, ";")
					got = append(got, before+" > "+now)
				}
			}
			if strings.Join(got, "\n") != strings.Join(test.want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}
