package app

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	"logreeve/app/actor"
	"logreeve/app/auth"
	"logreeve/app/config"
	"logreeve/app/fault"
	"logreeve/app/jobs"
	"logreeve/app/outbound"
	"logreeve/app/runs"
	"logreeve/app/sealing"
	"logreeve/app/secrets"
	"logreeve/app/web"
	"logreeve/connectors"
	"logreeve/connectors/calico"
	"logreeve/connectors/elasticsearch"
	"logreeve/connectors/file"
	"logreeve/connectors/opensearch"
	"logreeve/connectors/search"
	"logreeve/reports"
	"logreeve/reports/checks"
	"logreeve/reviews"
)

// assemble makes every part and connects it with the parts it needs.
func (a *App) assemble(ctx context.Context) error {
	o := a.options
	if err := a.Store.Migrate(ctx); err != nil {
		return err
	}
	key, info, err := sealing.LoadKey(o.Config.DataDir)
	if err != nil {
		return err
	}
	box, err := secrets.Load(o.Config.DataDir)
	if err != nil {
		return err
	}
	guard := outbound.NewGuard(o.Config.SourceHosts)
	catalogue := checks.All()
	templates := reviews.Templates(ids(catalogue))
	a.Auth = auth.New(auth.Config{Store: a.Store, Now: o.Now, Log: o.Log, Idle: o.Config.Session.Idle, Absolute: o.Config.Session.Absolute})
	a.Runs = runs.New(runs.Config{
		Store: a.Store, Checks: catalogue, Templates: templates, Version: o.Tool.Version, Now: o.Now, Log: o.Log,
		Open: opener(o.Now), Allowed: below(o.Config.SourceRoots), OpenStore: StoreOpener(o.Now, guard.DialContext, o.Config.Profiles), CheckStore: checkedStore(guard), Secrets: box,
		ReadRegisters: config.ReadRegisters, ReadAuditPolicy: config.ReadAuditPolicy,
	})
	a.Sealer = &sealing.Sealer{Store: a.Store, Checks: catalogue, Templates: templates, Tool: o.Tool, DataDir: o.Config.DataDir, Now: o.Now}
	a.Sealer.UseKey(key, info)
	a.Reviews = &reviews.Service{Store: a.Store, Runner: a.Runs, Sealer: a.Sealer, Auth: a.Auth, People: a.Runs, Templates: templates, Now: o.Now}
	a.Ticker = jobs.New(o.Log,
		jobs.Job{Name: "sweep sessions", Do: func(ctx context.Context) error { _, err := a.Auth.Sweep(ctx); return err }},
		jobs.Job{Name: "make reviews due", Do: a.dueReviews},
		jobs.Job{Name: "open reviews", Do: a.Reviews.OpenDue},
		jobs.Job{Name: "start the nightly run", Do: a.Runs.EnsureNightly},
	)
	a.web, err = web.New(web.Config{
		Services: web.Services{Auth: a.Auth, Runs: a.Runs, Reviews: a.Reviews, Sealer: a.Sealer, Trail: a.Store, Counter: &counter{a}},
		Now:      o.Now, Log: o.Log, TLS: o.Config.TLS.CertFile != "", PublicURL: publicURL(o.Config), TrustedProxies: o.Config.TrustedProxies, Sample: o.Sample, Profiles: profileNames(o.Config.Profiles),
	})
	return err
}

// dueReviews makes the occurrences of every template exist, once the
// organisation has a time zone and a source to read.
func (a *App) dueReviews(ctx context.Context) error {
	settings, err := a.Runs.Settings(ctx)
	if err != nil || settings.Zone == "" {
		return err
	}
	sources, err := a.Runs.Sources(ctx)
	if err != nil || len(sources) == 0 {
		return err
	}
	return a.Reviews.EnsureDue(ctx, settings.Zone)
}

func ids(all []reports.Check) []string {
	out := make([]string, len(all))
	for i := range all {
		out[i] = all[i].ID
	}
	return out
}

// opener opens a configured source as the command line would.
func opener(now func() time.Time) func(runs.Source) ([]connectors.Source, error) {
	return func(s runs.Source) ([]connectors.Source, error) {
		zone := time.UTC
		if s.Zone != "" {
			z, err := time.LoadLocation(s.Zone)
			if err != nil {
				return nil, err
			}
			zone = z
		}
		return file.Open(file.Spec{Name: s.Name, Kind: s.Kind, Target: s.Target}, file.Options{Year: s.Year, Zone: zone, Now: now})
	}
}

// openStore opens a search store by its kind.
func openStore(kind runs.StoreKind, c search.Config, profiles []search.Profile, o search.Options) (connectors.Source, error) {
	switch kind {
	case runs.OpenSearch:
		return opensearch.Open(c, o, profiles...)
	case runs.Elasticsearch:
		return elasticsearch.Open(c, o, profiles...)
	case runs.Calico:
		return calico.Open(c, o, profiles...)
	}
	return nil, fault.Field("store", "%q is not a store that this version reads.", kind)
}

// profileNames are profiles as the pages offer them.
func profileNames(profiles []search.Profile) []web.StoreProfile {
	out := make([]web.StoreProfile, len(profiles))
	for i, p := range profiles {
		out[i] = web.StoreProfile{Name: p.Name, Kind: p.Kind}
	}
	return out
}

// below says whether a path lies below one of the roots, links resolved.
func below(roots []string) func(string) bool {
	return func(path string) bool {
		fixed := path
		if i := strings.IndexAny(path, "*?["); i >= 0 {
			fixed = filepath.Dir(path[:i] + "x")
		}
		real, err := filepath.EvalSymlinks(fixed)
		if err != nil {
			real = filepath.Clean(fixed)
		}
		for _, root := range roots {
			if r, err := filepath.EvalSymlinks(root); err == nil {
				root = r
			}
			if real == root || strings.HasPrefix(real, strings.TrimSuffix(root, string(os.PathSeparator))+string(os.PathSeparator)) {
				return true
			}
		}
		return false
	}
}

// counter counts what the navigation shows.
type counter struct{ *App }

// Counts implements web.Counter.
func (c *counter) Counts(ctx context.Context, by actor.Actor) (web.Counts, error) {
	var n web.Counts
	now := c.options.Now()
	open, err := c.Store.Reviews(ctx, reviews.ReviewFilter{States: []reviews.State{reviews.Open, reviews.InReview, reviews.SignOff, reviews.Missed}})
	if err != nil {
		return n, err
	}
	for _, r := range open {
		n.ReviewsDue++
		if r.Overdue(now) {
			n.ReviewsOverdue++
		}
	}
	if n.FindingsOpen, err = c.Store.CountOpenFindings(ctx); err != nil {
		return n, err
	}
	week := connectors.Window{From: connectors.At(now.AddDate(0, 0, -7)), To: connectors.At(now)}
	if n.ChangesWeek, err = c.Store.CountChanges(ctx, week); err != nil {
		return n, err
	}
	sources, err := c.Store.Sources(ctx)
	if err != nil {
		return n, err
	}
	for _, s := range sources {
		if s.Silent(now) {
			n.SourcesSilent++
		}
	}
	return n, nil
}
