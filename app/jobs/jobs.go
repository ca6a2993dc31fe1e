// Package jobs owns what happens by itself: a tick a minute makes everything
// due exist, opens reviews whose period has ended, and sweeps what is over.
// Cron only ticks; what is due stands in the database, so that downtime skips
// nothing and several processes do nothing twice. It is the only importer of
// cron.
package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/robfig/cron/v3"
)

// Job is one thing a tick does. Doing it twice changes nothing.
type Job struct {
	Name string
	Do   func(context.Context) error
}

// Ticker does jobs once a minute, in order.
type Ticker struct {
	jobs []Job
	log  *slog.Logger
	cron *cron.Cron
}

// New makes a Ticker.
func New(log *slog.Logger, jobs ...Job) *Ticker { return &Ticker{jobs: jobs, log: log} }

// limit is how long one job may take in a tick.
const limit = 10 * time.Minute

// Start ticks once at once and then every minute until Stop. A tick that is
// still going when the next is due is not joined by a second.
func (t *Ticker) Start(ctx context.Context) error {
	t.cron = cron.New(cron.WithLocation(time.UTC), cron.WithChain(cron.SkipIfStillRunning(cron.DiscardLogger)))
	if _, err := t.cron.AddFunc("* * * * *", func() { t.Tick(ctx) }); err != nil {
		return fmt.Errorf("start the ticker: %w", err)
	}
	t.cron.Start()
	return nil
}

// Stop waits for a running tick to end.
func (t *Ticker) Stop() {
	if t.cron != nil {
		<-t.cron.Stop().Done()
	}
}

// Tick does every job once. A job that fails or panics does not keep the
// others from being done.
func (t *Ticker) Tick(ctx context.Context) {
	for _, j := range t.jobs {
		if ctx.Err() != nil {
			return
		}
		if err := t.do(ctx, j); err != nil && ctx.Err() == nil {
			t.log.Error("job failed", "job", j.Name, "error", err)
		}
	}
}

func (t *Ticker) do(ctx context.Context, j Job) (err error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	defer func() {
		if v := recover(); v != nil {
			t.log.Error("job panicked", "job", j.Name, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	return j.Do(ctx)
}
