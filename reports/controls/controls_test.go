package controls_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"logreeve/reports/controls"
)

// idForm is how identifiers of each framework are written.
func idForm(framework string) string {
	return map[string]string{
		"iso27001-2022":  `^[5-8]\.[0-9]{1,2}$`,
		"iso27001-2013":  `^A\.[0-9]{1,2}\.[0-9]\.[0-9]$`,
		"soc2":           `^CC[1-9]\.[0-9]$`,
		"pci-dss":        `^[0-9]{1,2}(\.[0-9]{1,2}){1,3}$`,
		"nist-800-53":    `^[A-Z]{2}-[0-9]{1,2}(\([0-9]{1,2}\))?$`,
		"hipaa":          `^164\.3(08|12|16)(\([a-zA-Z0-9]+\))+$`,
		"nis2-ir":        `^[0-9]{1,2}(\.[0-9]){1,2}(\.[a-z])?$`,
		"dora":           `^Art\. [0-9]{1,2}(\([a-z0-9]+\))*$`,
		"dora-rts":       `^Art\. [0-9]{1,2}(\([a-z0-9]+\))*$`,
		"c5":             `^[A-Z]{3}-[0-9]{2}$`,
		"grundschutz":    `^[A-Z]{3}(\.[0-9])+(\.A[0-9]{1,2})?$`,
		"cis-kubernetes": `^[1-5]\.[0-9]{1,2}(\.[0-9]{1,2})?$`,
		"gdpr":           `^Art\. [0-9]{1,2}(\([a-z0-9]+\))*$`,
		"nis2":           `^Art\. [0-9]{1,2}(\([a-z0-9]+\))*$`,
	}[framework]
}

func wellFormed(t *testing.T, framework, id string) {
	t.Helper()
	form := idForm(framework)
	if form == "" || !regexp.MustCompile(form).MatchString(id) {
		t.Errorf("%s: %q is not how its identifiers are written", framework, id)
	}
}

func TestEveryControlOfTheDesignIsThere(t *testing.T) {
	c := controls.Catalog()
	want := strings.Fields("5.3 5.15 5.16 5.17 5.18 5.24 5.25 5.26 5.27 5.28 5.33 5.35 5.36 6.5 6.8 8.2 8.3 8.4 8.5 8.9 8.15 8.16 8.17 8.18 8.19 8.20 8.21 8.22 8.31 8.32 8.34")
	var got []string
	for _, control := range c.Controls {
		got = append(got, control.ID)
	}
	if !slices.Equal(got, want) {
		t.Errorf("controls are %v", got)
	}
}

func TestControls(t *testing.T) {
	c := controls.Catalog()
	ids, aliases := map[string]bool{}, map[string]string{}
	check := regexp.MustCompile(`^(IDN|REG|PRV|ACC|CHG|NET|LOG|HST|DBA|PRC)-([0-9]{2}|\*)$`)
	review := regexp.MustCompile(`^RT-[DWMQY][0-9]$`)
	for _, control := range c.Controls {
		wellFormed(t, "iso27001-2022", control.ID)
		if ids[control.ID] {
			t.Errorf("%s is there twice", control.ID)
		}
		ids[control.ID] = true
		if control.Title == "" || len(control.Objective) < 60 || !strings.HasSuffix(control.Objective, ".") {
			t.Errorf("%s: title %q, objective %q", control.ID, control.Title, control.Objective)
		}
		if control.New != (len(control.Aliases) == 0) {
			t.Errorf("%s is new: %v, with %d aliases", control.ID, control.New, len(control.Aliases))
		}
		for _, a := range control.Aliases {
			wellFormed(t, "iso27001-2013", a.ID)
			if other, taken := aliases[a.ID]; taken {
				t.Errorf("%s is an alias of %s and of %s", a.ID, other, control.ID)
			}
			aliases[a.ID] = control.ID
			if a.Title == "" || a.Source == "" {
				t.Errorf("%s lacks a title or source", a.ID)
			}
			if found := c.Find(a.ID); len(found) == 0 || found[0].ID != control.ID {
				t.Errorf("%s does not find %s", a.ID, control.ID)
			}
		}
		for _, id := range control.Checks {
			if !check.MatchString(id) {
				t.Errorf("%s: check %q", control.ID, id)
			}
		}
		for _, id := range control.Reviews {
			if !review.MatchString(id) {
				t.Errorf("%s: review template %q", control.ID, id)
			}
		}
		switch control.Automation {
		case controls.Full, controls.Partial:
		case controls.Manual:
			if len(control.Checks) > 0 {
				t.Errorf("%s is manual and has checks", control.ID)
			}
		default:
			t.Errorf("%s: automation %q", control.ID, control.Automation)
		}
	}
	for _, control := range c.Controls {
		for _, near := range control.Nearest {
			if aliases[near] == "" {
				t.Errorf("%s comes near %s, which is nobody's alias", control.ID, near)
			}
		}
	}
}

func TestMappings(t *testing.T) {
	c := controls.Catalog()
	total, used := 0, map[string]bool{}
	for _, control := range c.Controls {
		seen := map[string]bool{}
		for _, m := range c.Mappings(control.ID) {
			total++
			used[m.Framework] = true
			wellFormed(t, m.Framework, m.ID)
			f, ok := c.Framework(m.Framework)
			if !ok || f.Version != m.Version {
				t.Errorf("%s: %s at %q is not a framework", control.ID, m.Framework, m.Version)
			}
			if m.Source == "" || !slices.Contains(controls.Relationships(), m.Relationship) {
				t.Errorf("%s: %+v", control.ID, m)
			}
			if !slices.Contains([]controls.Confidence{controls.Supported, controls.Curated, controls.Unverified}, m.Confidence) {
				t.Errorf("%s: confidence %q", control.ID, m.Confidence)
			}
			if seen[m.Framework+m.ID] {
				t.Errorf("%s is mapped to %s %s twice", control.ID, m.Framework, m.ID)
			}
			seen[m.Framework+m.ID] = true
		}
	}
	if all := c.MappingCount(); all != total || total < 250 {
		t.Errorf("%d of %d mappings belong to a control", total, all)
	}
	for _, f := range c.Frameworks {
		if f.Title == "" || f.Version == "" || f.Licence == "" {
			t.Errorf("framework %+v", f)
		}
		for _, p := range f.Provisions {
			wellFormed(t, f.ID, p.ID)
		}
		if !used[f.ID] && len(f.Provisions) == 0 && !strings.HasPrefix(f.ID, "iso27001") {
			t.Errorf("%s is there for nothing", f.ID)
		}
	}
}

// TestMappingsOfTheDesign pins a few rows of domain.md §1.3.
func TestMappingsOfTheDesign(t *testing.T) {
	c := controls.Catalog()
	for _, want := range []string{
		"5.16 pci-dss 8.2.1 supported", "5.16 pci-dss 8.2.2 curated", "5.18 nist-800-53 AC-2(3) curated",
		"8.2 nist-800-53 AC-6(9) supported", "8.15 hipaa 164.312(b) curated", "8.16 pci-dss 10.4.2.1 supported",
		"5.28 grundschutz DER.2.2 unverified", "8.22 grundschutz APP.4.4.A18 curated", "8.32 dora Art. 9(4)(e) curated",
		"8.32 nis2-ir 6.4.3 supported", "5.33 hipaa 164.316(b)(2)(i) unverified", "8.22 cis-kubernetes 5.3.2 curated",
	} {
		control, _, _ := strings.Cut(want, " ")
		if !slices.ContainsFunc(c.Mappings(control), func(m controls.Mapping) bool {
			return want == strings.Join([]string{m.Control, m.Framework, m.ID, string(m.Confidence)}, " ")
		}) {
			t.Errorf("missing: %s", want)
		}
	}
}

func TestFind(t *testing.T) {
	c := controls.Catalog()
	for text, want := range map[string]string{
		"5.16":                         "5.16",
		"A.5.16":                       "5.16",
		"A.9.2.1":                      "5.16",
		" a 9.2.1 ":                    "5.16",
		"9.2.1":                        "5.16",
		"A.9.2.5":                      "5.18",
		"A.9.2.6":                      "5.18",
		"A.12.4.1":                     "8.15 8.16",
		"A.14.2.4":                     "8.32",
		"8.3":                          "8.3", // also an identifier of PCI DSS
		"10.4.1.1":                     "8.16",
		"pci 10.4.1.1":                 "8.16",
		"ac-5":                         "5.3",
		"164.312(b)":                   "8.15",
		"user registration":            "5.16",
		"IDENTITY management":          "5.16",
		"clock":                        "8.17",
		"A.9.2":                        "5.16 5.17 5.18 8.2",
		"nothing that is anywhere 404": "",
		"":                             "",
	} {
		var got []string
		for _, control := range c.Find(text) {
			got = append(got, control.ID)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q finds %v, want %q", text, got, want)
		}
	}
}

func TestLabel(t *testing.T) {
	c := controls.Catalog()
	for id, want := range map[string]string{
		"5.16": "5.16 Identity management, formerly A.9.2.1",
		"5.18": "5.18 Access rights, formerly A.9.2.2, A.9.2.5 and A.9.2.6",
		"5.15": "5.15 Access control, formerly A.9.1.1 and A.9.1.2",
		"8.16": "8.16 Monitoring activities",
		"9.99": "9.99",
	} {
		if got := c.Label(id); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestForCheck(t *testing.T) {
	c := controls.Catalog()
	for checks, want := range map[string]string{
		"REG-02":        "5.16 5.18 6.5",
		"NET-02":        "8.20 8.22",
		"CHG-01 LOG-03": "8.15 8.17 8.31 8.32",
		"XXX-01":        "",
	} {
		var got []string
		for _, control := range c.ForCheck(strings.Fields(checks)...) {
			got = append(got, control.ID)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", checks, got, want)
		}
	}
}

func TestDigestAndOSCAL(t *testing.T) {
	a, b := controls.Catalog(), controls.Catalog()
	if a.Digest != b.Digest || len(a.Digest) != 64 {
		t.Errorf("digests %q and %q", a.Digest, b.Digest)
	}
	token := regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_.-]*$`) // OSCAL TokenDatatype, its ASCII part
	for _, control := range a.Controls {
		if !token.MatchString(control.OSCAL()) {
			t.Errorf("%q is no OSCAL token", control.OSCAL())
		}
	}
}
