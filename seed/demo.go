package seed

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"logreeve/app"
	"logreeve/app/actor"
	"logreeve/app/auth"
	"logreeve/app/fault"
	"logreeve/app/runs"
	"logreeve/app/trail"
	"logreeve/connectors"
	"logreeve/reviews"
)

// DemoAccount is an account of the demo, with its password.
type DemoAccount struct {
	Name     string       `json:"name"`
	Email    string       `json:"email"`
	Password string       `json:"password"`
	Roles    []actor.Role `json:"roles"`
	ID       string       `json:"id"`
}

// RoleWords lists the roles for people.
func (a DemoAccount) RoleWords() string {
	words := make([]string, len(a.Roles))
	for i, r := range a.Roles {
		words[i] = string(r)
	}
	return strings.Join(words, ", ")
}

func (a DemoAccount) actor() actor.Actor {
	return actor.Actor{ID: a.ID, Name: a.Name, Email: a.Email, Roles: a.Roles, Address: "127.0.0.1"}
}

// clock is the demo's time: it can stand in the past while the past is made.
type clock struct {
	mu     sync.Mutex
	offset time.Duration
	real   func() time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.real().Add(c.offset)
}

func (c *clock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset = t.Sub(c.real())
}

// accountsFile keeps the demo's accounts in its data folder.
const accountsFile = "demo-accounts.json"

// Open opens the demo in a data folder, making it first when the folder is new.
// secrets more items than usual are put into the open review.
func Open(ctx context.Context, o app.Options, secrets int) (*app.App, []DemoAccount, error) {
	c := &clock{real: o.Now}
	o.Now = c.now
	made, accounts, err := existing(o.Config.DataDir)
	if err != nil {
		return nil, nil, err
	}
	a, err := app.New(ctx, o)
	if err != nil {
		return nil, nil, err
	}
	if made {
		return a, accounts, nil
	}
	d := &demo{App: a, clock: c, dir: o.Config.DataDir, today: o.Now(), secrets: secrets}
	if err := d.make(ctx); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("make the demo: %w", err), a.Close())
	}
	c.set(c.real())
	return a, d.accounts, nil
}

func existing(dir string) (made bool, accounts []DemoAccount, err error) {
	text, err := os.ReadFile(filepath.Join(dir, accountsFile)) //nolint:gosec // our own file
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(filepath.Join(dir, "logreeve.db")); err == nil {
			return false, nil, fault.New(fault.Invalid, "%s holds data that is not the demo's. Choose another folder.", dir)
		}
		return false, nil, nil
	}
	if err != nil {
		return false, nil, fault.Wrap(fault.Unavailable, err, "The demo's folder %s cannot be read.", dir)
	}
	if err := json.Unmarshal(text, &accounts); err != nil {
		return false, nil, fault.Wrap(fault.Invalid, err, "%s is damaged. Remove the folder and start the demo again.", filepath.Join(dir, accountsFile))
	}
	return true, accounts, nil
}

// demo makes the demo organisation and its past.
type demo struct {
	*app.App
	clock    *clock
	dir      string
	today    time.Time
	secrets  int
	left     time.Time // when Carol left
	night    int       // nights of this week whose runs are done
	accounts []DemoAccount
}

func (d *demo) make(ctx context.Context) error {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return err
	}
	local := d.today.In(loc)
	monday := time.Date(local.Year(), local.Month(), local.Day()-(int(local.Weekday())+6)%7, 0, 0, 0, 0, loc)
	week := func(n int) time.Time { return monday.AddDate(0, 0, 7*n) }

	d.clock.set(week(-4).Add(6 * time.Hour))
	if err := d.organise(ctx, week(-1).AddDate(0, 0, -7)); err != nil {
		return err
	}
	plan := []struct {
		n    int
		o    WeekOptions
		then func(context.Context, string) error
	}{
		{-4, WeekOptions{Seed: 41, Scale: 12, Matters: true}, d.close},
		{-3, WeekOptions{Seed: 42, Scale: 12}, d.attest},
		{-2, WeekOptions{Seed: 43, Scale: 12}, nil},
		{-1, WeekOptions{Seed: 44, Scale: 150, Matters: true, Silence: true, Secrets: d.secrets}, d.begin},
	}
	for _, p := range plan {
		p.o.From = week(p.n)
		if err := d.logs(p.o); err != nil {
			return err
		}
		d.clock.set(week(p.n + 1).Add(90 * time.Minute))
		id, err := d.review(ctx, week(p.n), p.n == -1)
		if err != nil {
			return err
		}
		if p.then == nil {
			continue
		}
		then := week(p.n + 1).Add(34 * time.Hour)
		if then.After(d.today) {
			then = d.today
		}
		if p.n == -1 {
			if err := d.nights(ctx, week(0), then); err != nil {
				return err
			}
		}
		d.clock.set(then)
		if err := p.then(ctx, id); err != nil {
			return fmt.Errorf("week %d: %w", p.n, err)
		}
	}
	if err := d.nights(ctx, week(0), d.today); err != nil {
		return err
	}
	d.clock.set(d.today)
	if err := d.logs(thisWeek(week(0), d.today)); err != nil {
		return err
	}
	if err := d.recordings(ctx); err != nil {
		return err
	}
	if err := d.work(ctx); err != nil {
		return err
	}
	if err := d.Runs.EnsureNightly(ctx); err != nil {
		return err
	}
	if err := d.work(ctx); err != nil {
		return err
	}
	text, err := json.MarshalIndent(d.accounts, "", "  ") //nolint:gosec // the demo prints these passwords anyway
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(d.dir, accountsFile), text, 0o600)
}

// thisWeek is the week that is going on, as far as it has come.
func thisWeek(monday, now time.Time) WeekOptions {
	return WeekOptions{Seed: 45, Scale: 150, Daily: true, From: monday, Until: now}
}

// nights lets the nightly runs of this week come, each in its night, up to a
// time. It goes on where it stopped.
func (d *demo) nights(ctx context.Context, monday, until time.Time) error {
	for ; ; d.night++ {
		at := monday.AddDate(0, 0, d.night+1).Add(2*time.Hour + 14*time.Minute)
		if at.After(until) {
			return nil
		}
		d.clock.set(at)
		if err := d.logs(thisWeek(monday, at)); err != nil {
			return err
		}
		if err := d.Runs.EnsureNightly(ctx); err != nil {
			return err
		}
		if err := d.work(ctx); err != nil {
			return err
		}
	}
}

// organise makes accounts, settings, sources, people and registers.
func (d *demo) organise(ctx context.Context, left time.Time) error {
	by := actor.System()
	if err := d.Runs.SaveSettings(ctx, by, runs.Settings{
		Organisation: organisation, Zone: zone, AuditPolicy: auditPolicy, Classification: "Confidential · evidence for auditors", Sample: true,
	}); err != nil {
		return err
	}
	for _, acc := range []DemoAccount{
		{Name: "Ingrid Solberg", Email: "ingrid.solberg@nordhaven.example", Roles: []actor.Role{actor.Officer}},
		{Name: "Omar Keita", Email: "omar.keita@nordhaven.example", Roles: []actor.Role{actor.Reviewer}},
		{Name: "Erin Walsh", Email: "erin@nordhaven.example", Roles: []actor.Role{actor.Reviewer}},
		{Name: "Lena Vogt", Email: "lena.vogt@nordhaven.example", Roles: []actor.Role{actor.Approver}},
		{Name: "Tobias Falk", Email: "falk@auditors.example", Roles: []actor.Role{actor.Auditor}},
		{Name: "Ada Admin", Email: "ada@nordhaven.example", Roles: []actor.Role{actor.Admin}},
	} {
		acc.Password = password()
		created, _, err := d.Auth.CreateAccount(ctx, by, auth.NewAccount{Name: acc.Name, Email: acc.Email, Roles: acc.Roles, Password: acc.Password})
		if err != nil {
			return err
		}
		acc.ID = created.ID
		d.accounts = append(d.accounts, acc)
	}
	for _, src := range []runs.Source{
		{Name: "prod-cluster", Kind: connectors.Kubernetes, Target: filepath.Join(d.dir, "logs", "cluster")},
		{Name: "prod-hosts", Kind: connectors.AuthLog, Target: filepath.Join(d.dir, "logs", "hosts")},
	} {
		if err := os.MkdirAll(src.Target, 0o750); err != nil {
			return err
		}
		if _, err := d.Runs.SaveSource(ctx, by, src); err != nil {
			return err
		}
	}
	d.left = left
	if err := d.importPeople(ctx); err != nil {
		return err
	}
	keys, err := Recordings.Open("recordings/real-host/authorized_keys")
	if err != nil {
		return err
	}
	defer keys.Close()
	if _, err := d.Runs.Import(ctx, by, runs.PartKeys, "authorized_keys", keys); err != nil {
		return err
	}
	_, err = d.Runs.Import(ctx, by, runs.PartRegisters, "registers.yaml", strings.NewReader(registersYAML(d.today)))
	return err
}

// importPeople imports the list of people, as the demo's officer does every week.
func (d *demo) importPeople(ctx context.Context) error {
	_, err := d.Runs.Import(ctx, d.account("ingrid").actor(), runs.PartPeople, "people.csv", strings.NewReader(keyPrincipals(peopleCSV(d.left))))
	return err
}

// password is a new one that can be typed.
func password() string {
	const letters = "abcdefghjkmnpqrstuvwxyz23456789"
	var b [15]byte
	_, _ = rand.Read(b[:]) // crypto/rand does not fail
	out := ""
	for i, c := range b {
		if i > 0 && i%5 == 0 {
			out += "-"
		}
		out += string(letters[int(c)%len(letters)])
	}
	return out
}

// logs writes a week of logs as a cluster and three hosts would, one file a
// week, dated by its last line.
func (d *demo) logs(o WeekOptions) error {
	w := GenerateWeek(o)
	end := o.From.AddDate(0, 0, 7)
	if !o.Until.IsZero() {
		end = o.Until
	}
	name := o.From.Format(time.DateOnly)
	files := map[string][]byte{filepath.Join("logs", "cluster", "audit-"+name+".log"): w.Audit}
	for host, lines := range w.Auth {
		files[filepath.Join("logs", "hosts", host, "auth-"+name+".log")] = lines
	}
	for path, content := range files {
		path = filepath.Join(d.dir, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			return err
		}
		if err := os.WriteFile(path, content, 0o640); err != nil { //nolint:gosec // logs, as they lie on a host
			return err
		}
		if err := os.Chtimes(path, end, end); err != nil {
			return err
		}
	}
	return nil
}

// work carries out everything that is queued.
func (d *demo) work(ctx context.Context) error {
	for {
		did, err := d.Runs.WorkOnce(ctx)
		if err != nil || !did {
			return err
		}
	}
}

// review makes the review of a week and opens it. The newest one is due in two
// days, whatever day it is.
func (d *demo) review(ctx context.Context, from time.Time, newest bool) (string, error) {
	if err := d.importPeople(ctx); err != nil {
		return "", err
	}
	t := d.Reviews.Templates[0]
	id, err := d.Reviews.Schedule(ctx, t, from, zone)
	if err != nil {
		return "", err
	}
	if err := d.Reviews.Open(ctx, id); fault.KindOf(err) != fault.Unavailable {
		return "", fmt.Errorf("open %s: %w", id, err)
	}
	if err := d.work(ctx); err != nil {
		return "", err
	}
	if err := d.Reviews.Open(ctx, id); err != nil {
		return "", err
	}
	if due := d.today.AddDate(0, 0, 2); newest {
		_, err = d.Store.UpdateReview(ctx, actor.System(), id, func(r *reviews.Review) (trail.Entry, error) {
			r.DueAt = max(r.DueAt, connectors.At(due))
			return trail.Entry{Action: "review.due_changed", ObjectKind: "review", ObjectID: id, Detail: map[string]string{"due": r.DueAt.String()}}, nil
		})
	}
	return id, err
}

func (d *demo) account(email string) DemoAccount {
	for _, a := range d.accounts {
		if strings.HasPrefix(a.Email, email) {
			return a
		}
	}
	panic("no demo account " + email)
}

// judge decides items as a reviewer would, as far as they may: at most n.
func (d *demo) judge(ctx context.Context, id string, by DemoAccount, n int) error {
	r, err := d.Store.Review(ctx, id)
	if err != nil {
		return err
	}
	signer, err := d.Reviews.Signer(ctx, by.actor())
	if err != nil {
		return err
	}
	for _, it := range r.Items {
		last, version := r.Standing(it.Key, false)
		if last != nil || signer.Concerns(it.Persons) || n == 0 {
			continue
		}
		n--
		q := decision(it, d.clock.now())
		q.Version = version
		if _, err := d.Reviews.Decide(ctx, by.actor(), id, q); err != nil {
			return fmt.Errorf("decide %s: %w", it.Title, err)
		}
	}
	return nil
}

// decision is what the demo's people think of an item.
func decision(it reviews.Item, now time.Time) reviews.Request {
	q := reviews.Request{Key: it.Key}
	until := now.AddDate(0, 3, 0).Format(time.DateOnly)
	switch {
	case it.Check == "NET-02" || it.Check == "REG-02" || it.Check == "PRV-01" || it.Check == "LOG-13":
		q.Choice, q.Reason = reviews.FindingC, "Confirmed with the owner of the system: this was not ordered."
		q.Finding = &reviews.Finding{
			Title: it.Title, Condition: it.Summary, Severity: it.Severity, Owner: "alice@nordhaven.example", DueDate: now.AddDate(0, 0, 14).Format(time.DateOnly),
			Criteria: "Changes to access and network policy are ordered by a ticket and approved before they are made.",
			Cause:    "The emergency procedure was used outside an emergency.", Effect: "Until it is corrected, more is possible than was approved.",
		}
	case it.Violation:
		q.Choice, q.Reason, q.Until = reviews.Expected, "Known and accepted by the security lead until the planned change is done (SEC-204).", until
	default:
		q.Choice, q.Reason = reviews.Explained, "Checked against the change calendar: planned work."
	}
	return q
}

// read reads the sample and acknowledges what limits the review.
func (d *demo) read(ctx context.Context, id string, by DemoAccount) error {
	r, err := d.Store.Review(ctx, id)
	if err != nil {
		return err
	}
	signer, err := d.Reviews.Signer(ctx, by.actor())
	if err != nil {
		return err
	}
	for _, p := range r.Picks {
		if last, _ := r.Standing(p.Key, true); last != nil || signer.Concerns(p.Persons) {
			continue
		}
		if _, err := d.Reviews.Decide(ctx, by.actor(), id, reviews.Request{Key: p.Key, Pick: true, Choice: reviews.Read}); err != nil {
			return err
		}
	}
	for _, l := range r.Limits {
		if _, done := r.Acknowledged(l.Check); done {
			continue
		}
		if _, err := d.Reviews.Acknowledge(ctx, by.actor(), id, l.Check, "Known: "+l.Reason, "The answer of this check is taken with care; nothing else depends on it."); err != nil {
			return err
		}
	}
	return nil
}

// attest brings a review to where it waits for the approver.
func (d *demo) attest(ctx context.Context, id string) error {
	omar, erin := d.account("omar"), d.account("erin")
	for _, step := range []func() error{
		func() error { return d.judge(ctx, id, omar, -1) },
		func() error { return d.read(ctx, id, omar) },
		func() error { return d.judge(ctx, id, erin, -1) },
		func() error { return d.read(ctx, id, erin) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	r, err := d.Store.Review(ctx, id)
	if err != nil {
		return err
	}
	_, err = d.Reviews.Attest(ctx, omar.actor(), id, omar.Password, r.SetDigest(), conclusion(r))
	return err
}

func conclusion(r *reviews.Review) reviews.Conclusion {
	if len(r.OpenFindings()) > 0 {
		return reviews.EffectiveWithFindings
	}
	return reviews.Effective
}

// close attests and approves: the package is sealed.
func (d *demo) close(ctx context.Context, id string) error {
	if err := d.attest(ctx, id); err != nil {
		return err
	}
	lena := d.account("lena")
	d.clock.set(d.clock.now().Add(16 * time.Hour))
	r, err := d.Store.Review(ctx, id)
	if err != nil {
		return err
	}
	signer, err := d.Reviews.Signer(ctx, lena.actor())
	if err != nil {
		return err
	}
	for _, key := range r.LeftToReperform(signer) {
		if r, err = d.Reviews.Reperform(ctx, lena.actor(), id, key, false, true, ""); err != nil {
			return err
		}
	}
	_, err = d.Reviews.Approve(ctx, lena.actor(), id, lena.Password, r.SetDigest(), conclusion(r))
	return err
}

// begin decides a few items, so that the open review looks like work.
func (d *demo) begin(ctx context.Context, id string) error {
	return d.judge(ctx, id, d.account("omar"), 6)
}

// recordings adds the recordings of real systems as sources of their own and
// runs all checks over them once.
func (d *demo) recordings(ctx context.Context) error {
	by := actor.System()
	var names []string
	for _, rec := range []struct {
		name, folder, file string
		kind               connectors.Kind
	}{{"recorded-cluster", "real-cluster", "audit.ndjson", connectors.Kubernetes}, {"recorded-host", "real-host", "auth.log", connectors.AuthLog}} {
		content, err := fs.ReadFile(Recordings, "recordings/"+rec.folder+"/"+rec.file)
		if err != nil {
			return err
		}
		target := filepath.Join(d.dir, "recordings", rec.folder, rec.file)
		if err := os.MkdirAll(filepath.Dir(target), 0o750); err != nil {
			return err
		}
		if err := os.WriteFile(target, content, 0o640); err != nil { //nolint:gosec // logs, as they lie on a host
			return err
		}
		if _, err := d.Runs.SaveSource(ctx, by, runs.Source{Name: rec.name, Kind: rec.kind, Target: target, Year: 2026, Disabled: true}); err != nil {
			return err
		}
		names = append(names, rec.name)
	}
	_, err := d.Runs.Start(ctx, by, runs.Wanted{Only: names, Purpose: "recordings of real systems"})
	return err
}
