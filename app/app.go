// Package app owns the assembly and the life of the program: which parts there
// are (wiring.go is the only registry), in which order they start, and that
// stopping loses nothing.
package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"logreeve/app/auth"
	"logreeve/app/config"
	"logreeve/app/fault"
	"logreeve/app/jobs"
	"logreeve/app/runs"
	"logreeve/app/sealing"
	"logreeve/app/store"
	"logreeve/app/web"
	"logreeve/reports/dossier"
	"logreeve/reviews"
)

// Options are what an App is made of.
type Options struct {
	Config config.Server
	Tool   dossier.Tool
	Log    *slog.Logger
	Now    func() time.Time
	Sample bool // every page says that the data is made up
	Idle   bool // nothing happens by itself: the caller ticks (seed, tests)
}

// App is the program, assembled.
type App struct {
	Store   *store.Store
	Auth    *auth.Service
	Runs    *runs.Service
	Reviews *reviews.Service
	Sealer  *sealing.Sealer
	Ticker  *jobs.Ticker

	options  Options
	web      *web.Server
	listener net.Listener
	stop     context.CancelFunc
	working  sync.WaitGroup
}

// New opens the database, brings its schema up to date, loads the signing key
// and assembles the services. What it opened is closed again when it fails.
func New(ctx context.Context, o Options) (*App, error) {
	if err := os.MkdirAll(o.Config.DataDir, 0o750); err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "The data folder %s cannot be made.", o.Config.DataDir)
	}
	driver, dsn, err := Database(o.Config)
	if err != nil {
		return nil, err
	}
	db, err := store.Open(ctx, store.Config{Driver: driver, DSN: dsn, Now: o.Now, Logger: o.Log})
	if err != nil {
		return nil, err
	}
	a := &App{options: o, Store: db}
	if err := a.assemble(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return a, nil
}

// Database splits the configured address into driver and DSN.
func Database(c config.Server) (driver, dsn string, err error) {
	address := c.Database.Reveal()
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			return "", "", fault.Wrap(fault.Unavailable, err, "The folder of the database %s cannot be made.", path)
		}
		return store.SQLite, path, nil
	}
	return store.Postgres, address, nil
}

// Listen takes the address. A port that is in use is a fault.Unavailable that
// says so.
func (a *App) Listen() error {
	c := a.options.Config
	tlsOn := c.TLS.CertFile != ""
	if err := web.CheckListen(c.Listen, tlsOn, len(c.TrustedProxies) > 0 && strings.HasPrefix(c.BaseURL, "https://")); err != nil {
		return err
	}
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", c.Listen)
	if err != nil {
		return fault.Wrap(fault.Unavailable, err, "The address %s cannot be used: another program listens there, or it is not an address of this machine.", c.Listen)
	}
	if tlsOn {
		cert, err := tls.LoadX509KeyPair(c.TLS.CertFile, c.TLS.KeyFile)
		if err != nil {
			_ = l.Close()
			return fault.Wrap(fault.Invalid, err, "The certificate %s and its key cannot be loaded.", c.TLS.CertFile)
		}
		l = tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12})
	}
	a.listener = l
	return nil
}

// Addr is where the program listens.
func (a *App) Addr() string { return a.listener.Addr().String() }

// URL is how people reach it.
func (a *App) URL() string {
	if u := publicURL(a.options.Config); u != "" {
		return u
	}
	scheme := "http"
	if a.options.Config.TLS.CertFile != "" {
		scheme = "https"
	}
	return scheme + "://" + a.Addr()
}

// publicURL is the address that people were told, "" for port 0: that one is
// known only once the program listens.
func publicURL(c config.Server) string {
	if strings.HasSuffix(c.BaseURL, ":0") {
		return ""
	}
	return c.BaseURL
}

// Serve answers requests and works on what is due until the context ends, then
// stops: no new request is taken, running ones are answered, a run in progress
// is given back.
func (a *App) Serve(ctx context.Context) error {
	if a.listener == nil {
		if err := a.Listen(); err != nil {
			return err
		}
	}
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	a.stop = stop
	if !a.options.Idle {
		a.working.Go(func() { _ = a.Runs.Work(work) })
		a.working.Go(func() { a.Ticker.Tick(work) })
		if err := a.Ticker.Start(work); err != nil {
			stop()
			return err
		}
	}
	failed := make(chan error, 1)
	go func() { failed <- a.web.Serve(a.listener) }()
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	return errors.Join(err, a.shutdown())
}

// grace is how long running requests may take when the program stops.
const grace = 20 * time.Second

func (a *App) shutdown() error {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	err := a.web.Shutdown(ctx)
	a.stop()
	a.Ticker.Stop()
	a.working.Wait()
	return err
}

// Close lets go of the database.
func (a *App) Close() error {
	if err := a.Store.Close(); err != nil {
		return fmt.Errorf("close the database: %w", err)
	}
	return nil
}
