package web

import (
	"context"
	"encoding/json"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"logreeve/app/actor"
	"logreeve/app/runs"
	"logreeve/app/sealing"
	"logreeve/app/trail"
	"logreeve/reports/evidence"
	"logreeve/reviews"
)

// sealedStore is a store with one sealed package.
type sealedStore struct {
	reviews.Store
	sealed reviews.Package
	review *reviews.Review
}

func (s sealedStore) Packages(context.Context) ([]reviews.Package, error) {
	p := s.sealed
	p.Bytes = nil
	return []reviews.Package{p}, nil
}

func (s sealedStore) Package(ctx context.Context, review string, revision int) (*reviews.Package, error) {
	if review != s.sealed.Review || revision != s.sealed.Revision {
		return s.Store.Package(ctx, review, revision)
	}
	p := s.sealed
	return &p, nil
}

func (s sealedStore) Review(context.Context, string) (*reviews.Review, error) { return s.review, nil }

// keyed is a sealer with a key.
type keyed struct {
	*stubs
	key sealing.KeyInfo
}

func (k keyed) Key() sealing.KeyInfo { return k.key }

// newEvidenceWorld is a world in which a run has read the recording of a real
// cluster and a package is sealed.
func newEvidenceWorld(t *testing.T) (*runWorld, *stubs, reviews.Package) {
	t.Helper()
	w, with := newRunWorld(t), &stubs{}
	log, err := filepath.Abs("../../seed/recordings/real-cluster/audit.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Runs.SaveSource(t.Context(), actor.System(), runs.Source{Name: "kubernetes", Kind: "kubernetes", Target: log}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Runs.Start(t.Context(), actor.System(), runs.Wanted{}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Runs.WorkOnce(t.Context()); err != nil {
		t.Fatal(err)
	}
	b := goldenPackage(t)
	v, err := evidence.Verify("x", b)
	if err != nil {
		t.Fatal(err)
	}
	p := reviews.Package{Review: "W0-2026-W46", Revision: 1, Name: "EV-W0-2026-W46-r1.zip", Root: v.Root, SHA256: strings.Repeat("ab", 32), Size: int64(len(b)), SealedAt: fixtureNow, Fingerprint: v.Key, Bytes: b}
	w.Server.Reviews = &reviews.Service{Store: sealedStore{w.db, p, attestedReview(t)}, Sealer: with, Auth: with, People: with, Now: w.now}
	w.Server.Sealer, w.Server.Trail = keyed{with, sealing.KeyInfo{Fingerprint: v.Key, Path: "/data/keys/signing_ed25519"}}, shakyTrail{w.db, with}
	return w, with, p
}

// last is the newest record of the trail.
func (w *runWorld) last(t *testing.T) trail.Record {
	t.Helper()
	all, err := w.db.Trail(t.Context(), trail.Filter{}, 0, 1)
	if err != nil || len(all) != 1 {
		t.Fatal(err)
	}
	return all[0]
}

func TestChangesInTheBrowser(t *testing.T) {
	w, with, _ := newEvidenceWorld(t)
	reviewer := w.as(t, actor.Reviewer)
	reviewer.get("/changes?from=2027-01-01").want(t, 200, "This period has not been read")
	reviewer.get("/changes?from=tomorrow").want(t, 422, "“tomorrow” is not a day", `id="from"`)
	all := reviewer.get("/changes?period=all")
	all.want(t, 200, "created", "no ticket", "Side by side", `aria-current="true"`)
	item := reviewer.link(all.text, `/runs/[^"/]+/items/[0-9a-f]{64}`)
	reviewer.get(item).want(t, 200, "Details and record")
	opened := reviewer.get("/changes?period=all&check=NET-02&view=unified")
	opened.want(t, 200, "NET-02", "Now allows", "security.block-metadata", `class="sign"`)
	if strings.Contains(opened.text, "diff sides") {
		t.Error("unified is drawn side by side")
	}
	reviewer.get("/changes?period=all&who=nobody").want(t, 200, "No change matches these filters")

	object := "projectcalico.org/GlobalNetworkPolicy/-/security.block-metadata"
	to := reviewer.get("/changes?object=" + url.QueryEscape(object))
	to.wantRedirect(t, objectHref(object, ""))
	reviewer.get(to.Header.Get("Location")).want(t, 200, "5 versions are known", "Now allows egress to anywhere", "v5", "no ticket")
	reviewer.get(objectHref(object, "")+"&a=0&b=5").want(t, 200, "Before: it did not exist.")
	reviewer.get("/changes/object?object=nothing").want(t, 404, "No run has seen a change")

	// An export is told before it leaves, and does not leave when it cannot be.
	for _, kind := range []string{"csv", "json"} {
		target := "/changes/export." + kind + "?period=all&check=NET-02"
		got := reviewer.get(target)
		got.want(t, 200, "security.block-metadata")
		if r := w.last(t); r.Action != "changes.exported" || r.Object != kind || r.By != w.ids[actor.Reviewer] {
			t.Errorf("%s is recorded as %+v", target, r)
		}
		if !strings.HasPrefix(got.Header.Get("Content-Disposition"), `attachment; filename="policy-changes.`) {
			t.Errorf("%s: %s", target, got.Header.Get("Content-Disposition"))
		}
		with.trailDown = true
		if got := reviewer.get(target); got.StatusCode != 500 || strings.Contains(got.text, "block-metadata") {
			t.Errorf("%s left without a record: %d", target, got.StatusCode)
		}
		with.trailDown = false
	}
	var file struct {
		Summary map[string]int   `json:"summary"`
		Changes []map[string]any `json:"changes"`
	}
	if err := json.Unmarshal([]byte(reviewer.get("/changes/export.json?period=all").text), &file); err != nil {
		t.Fatal(err)
	}
	if n := file.Summary["numCreatedPolicies"] + file.Summary["numModifiedPolicies"] + file.Summary["numDeletedPolicies"] + file.Summary["implied"]; n == 0 || n != len(file.Changes) {
		t.Errorf("%v of %d changes", file.Summary, len(file.Changes))
	}
	reviewer.get("/changes/export.csv?from=x").want(t, 422, "is not a day")
}

func TestEvidenceInTheBrowser(t *testing.T) {
	w, with, p := newEvidenceWorld(t)
	auditor := w.as(t, actor.Auditor)
	auditor.get("/evidence").want(t, 200, "1 review is sealed", p.Root[:12], "/evidence/W0-2026-W46/1/package.zip")
	auditor.get("/evidence/W0-2026-W46").want(t, 200, "Verified just now", p.Root, "data/decisions.jsonl", "the key of this installation")
	if r := w.last(t); r.Action != "evidence.opened" || r.Object != p.Review {
		t.Errorf("reading is recorded as %+v", r)
	}
	auditor.get("/evidence/W0-2026-W46/2").want(t, 404)
	auditor.get("/evidence/W0-2026-W46/x/package.zip").want(t, 404)
	for target, x := range map[string]struct{ begins, name string }{
		"/evidence/W0-2026-W46/1/package.zip": {"PK\x03\x04", "EV-W0-2026-W46-r1.zip"}, "/evidence/W0-2026-W46/1/report.pdf": {"%PDF-", "EV-W0-2026-W46-r1.pdf"},
	} {
		got := auditor.get(target)
		if got.StatusCode != 200 || !strings.HasPrefix(got.text, x.begins) || got.Header.Get("Content-Disposition") != `attachment; filename="`+x.name+`"` {
			t.Errorf("%s: %d %s", target, got.StatusCode, got.Header.Get("Content-Disposition"))
		}
		if r := w.last(t); !strings.HasPrefix(r.Action, "evidence.") || !strings.HasSuffix(r.Action, "downloaded") || r.By != w.ids[actor.Auditor] {
			t.Errorf("%s is recorded as %+v", target, r)
		}
		with.trailDown = true
		if got := auditor.get(target); got.StatusCode != 500 || strings.HasPrefix(got.text, x.begins) {
			t.Errorf("%s left without a record: %d", target, got.StatusCode)
		}
		with.trailDown = false
	}
}

func TestVerifyInTheBrowser(t *testing.T) {
	w, with, p := newEvidenceWorld(t)
	for _, r := range actor.Roles() {
		w.as(t, r).get("/verify").want(t, 200, "Choose a package")
	}
	auditor := w.as(t, actor.Auditor)
	auditor.upload("/verify", "p.zip", string(p.Bytes)).want(t, 200, "Nothing was altered since it was sealed", "the key of this installation")
	if r := w.last(t); r.Action != "evidence.verified" || r.Object != p.Root || r.Detail["valid"] != "true" {
		t.Errorf("%+v", r)
	}
	begin := strings.Index(string(p.Bytes), `data/decisions.jsonl{`)
	bad := []byte(string(p.Bytes))
	bad[begin+strings.Index(string(p.Bytes[begin:]), `"reason":"`)+10] ^= 1
	shown := auditor.upload("/verify", "p.zip", string(bad))
	shown.want(t, 200, "This package is not what was signed", "data/decisions.jsonl", "line ")
	if strings.Contains(shown.text, "Nothing was altered since") {
		t.Error("an altered package is called whole")
	}
	if r := w.last(t); r.Detail["valid"] != "false" {
		t.Errorf("%+v", r)
	}
	auditor.upload("/verify", hostile+".txt", "hello").want(t, 422, "is not an evidence package")
	auditor.upload("/verify", "p.zip", "").want(t, 422, "Choose a file that is not empty")
	// More than other forms take, and not more than the page says.
	auditor.upload("/verify", "p.zip", "PK"+strings.Repeat("x", 20<<20)).want(t, 422, "is not an evidence package")
	with.trailDown = true
	if got := auditor.upload("/verify", "p.zip", string(p.Bytes)); got.StatusCode != 500 {
		t.Errorf("verified without a record: %d", got.StatusCode)
	}
}

func TestTrailInTheBrowser(t *testing.T) {
	w, with, _ := newEvidenceWorld(t)
	auditor := w.as(t, actor.Auditor)
	page := auditor.get("/trail")
	page.want(t, 200, "source: added", "run: started", "Verify the chain", "Export")
	auditor.get("/trail?action=source.added").want(t, 200, "1 shown, newest first")
	auditor.get("/trail?day=2026-11-21&kind=run").want(t, 200, "run: started")
	auditor.get("/trail?day=2020-01-01").want(t, 200, "No record matches these filters")
	auditor.get("/trail?day=x").want(t, 422, "“x” is not a day")
	auditor.submit("/trail", "/trail/verify").want(t, 200, "The chain holds")
	if r := w.last(t); r.Action != "trail.verified" || r.Detail["breaks"] != "0" {
		t.Errorf("%+v", r)
	}
	w.as(t, actor.Reviewer).get("/trail/export.jsonl").want(t, 403)
	got := auditor.get("/trail/export.jsonl?kind=run")
	if r := w.last(t); r.Action != "trail.exported" || got.StatusCode != 200 {
		t.Errorf("%d %+v", got.StatusCode, r)
	}
	previous := int64(0)
	for _, line := range strings.Split(strings.TrimSpace(got.text), "\n") {
		var r trail.Record
		if err := json.Unmarshal([]byte(line), &r); err != nil || r.Kind != "run" || r.Seq <= previous || r.Sum() != r.Hash {
			t.Errorf("%v: %s", err, line)
		}
		previous = r.Seq
	}
	with.trailDown = true
	if got := auditor.get("/trail/export.jsonl"); got.StatusCode != 500 || strings.Contains(got.text, "run.started") {
		t.Errorf("the trail left without a record: %d", got.StatusCode)
	}
	with.trailDown = false
	found := auditor.get("/find?q=block-metadata")
	found.want(t, 200, "Policies", "security.block-metadata", "changed by")
	auditor.get("/find?q=A.9.2.1").want(t, 200, "5.16", "IDN-01")
	auditor.get("/find?q=%FF%00"+strings.Repeat("ä", 300)).want(t, 200, "Nothing matches")
	if href := regexp.MustCompile(`href="(/changes\?object=[^"]+)"`).FindStringSubmatch(found.text); href == nil || auditor.get(strings.ReplaceAll(href[1], "&amp;", "&")).StatusCode != 303 {
		t.Errorf("the policy that was found leads nowhere: %v", href)
	}
}
