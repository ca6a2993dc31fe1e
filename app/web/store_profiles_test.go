package web

import (
	"strings"
	"testing"

	"logreeve/app/actor"
	"logreeve/app/web/part"
	"logreeve/connectors"
)

// Profiles of the operator's settings can be chosen for every store, once each,
// and hide a preset of the same name.
func TestOwnProfilesCanBeChosen(t *testing.T) {
	t.Parallel()
	w := newStoreWorld(t)
	officer := w.as(t, actor.Officer)
	const own = `name="profile" value="vector"`
	officer.get("/sources/new?store=opensearch").lacks(t, own)
	officer.get("/sources/new?store=calico").lacks(t, `name="profile"`)
	w.config.Profiles = []StoreProfile{{"vector", connectors.Kubernetes}, {"vector", connectors.AuthLog}}
	for _, store := range []string{"opensearch", "elasticsearch", "calico"} {
		officer.get("/sources/new?store="+store).want(t, 200, own, "Of the operator&#39;s settings, for "+kindWord(connectors.Kubernetes)+" and "+kindWord(connectors.AuthLog))
	}
	count := func(options []part.Option, value string) (n, selected int) {
		for _, o := range options {
			if o.Value == value {
				n++
				if o.Selected {
					selected++
				}
			}
		}
		return n, selected
	}
	options := profileOptions("welkin", []StoreProfile{{"welkin", connectors.Kubernetes}})
	if n, selected := count(options, "welkin"); n != 1 || selected != 1 || options[1].Text != "welkin" {
		t.Errorf("%d profiles of one name, %d chosen: %+v", n, selected, options)
	}
	if n, selected := count(profileOptions("gone", nil), "gone"); n != 1 || selected != 1 {
		t.Errorf("a profile that is gone is lost from the form")
	}
	if n, selected := count(profileOptions("", nil), ""); n != 1 || selected != 1 {
		t.Errorf("the usual one stands %d times", n)
	}
}

// lacks fails when the page says a text.
func (r response) lacks(t *testing.T, text string) {
	t.Helper()
	if r.StatusCode != 200 || strings.Contains(r.text, text) {
		t.Errorf("status %d, or the page says %q", r.StatusCode, text)
	}
}
