package command

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"logreeve/app"
	"logreeve/app/actor"
	"logreeve/app/auth"
	"logreeve/app/config"
	"logreeve/app/fault"
	"logreeve/app/outbound"
	"logreeve/app/store"
	"logreeve/reports/dossier"
	"logreeve/seed"
)

func (b Build) tool() dossier.Tool {
	return dossier.Tool{Name: "Logreeve", Version: b.Version, Commit: b.Commit}
}

// logger writes the operator's log: one line of JSON an event.
func logger(c *cobra.Command) *slog.Logger {
	return slog.New(slog.NewJSONHandler(c.ErrOrStderr(), &slog.HandlerOptions{Level: slog.LevelInfo}))
}

func serveCommand(build Build) *cobra.Command {
	var file string
	c := &cobra.Command{
		Use: "serve", Short: "Serve the pages and work on what is due", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			settings, err := config.LoadServer(file, os.LookupEnv)
			if err != nil {
				return err
			}
			a, err := app.New(c.Context(), app.Options{Config: *settings, Tool: build.tool(), Log: logger(c), Now: time.Now})
			if err != nil {
				return err
			}
			defer a.Close()
			if err := a.Listen(); err != nil {
				return err
			}
			fmt.Fprintf(c.OutOrStdout(), "Logreeve %s serves %s\n", build.Version, a.URL())
			if err := printSetup(c, a); err != nil {
				return err
			}
			return a.Serve(c.Context())
		},
	}
	c.Flags().StringVar(&file, "config", "", "settings file (YAML); LOGREEVE_* variables win over it")
	return c
}

// printSetup tells the operator how to begin, once.
func printSetup(c *cobra.Command, a *app.App) error {
	needed, err := a.Auth.NeedsSetup(c.Context())
	if err != nil || !needed {
		return err
	}
	token, err := a.Auth.SetupToken(c.Context())
	if err != nil {
		return err
	}
	fmt.Fprintf(c.OutOrStdout(), "\nThis is a new installation. Open\n\n  %s/setup\n\nand give this one-time token:\n\n  %s\n\n", a.URL(), token)
	return nil
}

func demoCommand(build Build) *cobra.Command {
	var addr, dataDir string
	var noBrowser, asJSON bool
	var items int
	c := &cobra.Command{
		Use: "demo", Short: "Serve a working demo on an embedded database", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return demo(c, build, demoOptions{addr, dataDir, noBrowser, asJSON, items})
		},
	}
	c.Flags().StringVar(&addr, "addr", "localhost:8080", "address to listen on, on this machine only")
	c.Flags().StringVar(&dataDir, "data-dir", "", "folder for the demo's data (default a new folder that is removed at the end)")
	c.Flags().BoolVar(&noBrowser, "no-browser", false, "do not open a browser")
	c.Flags().BoolVar(&asJSON, "json", false, "print the address and accounts as one line of JSON first")
	c.Flags().IntVar(&items, "more-items", 0, "put this many more items into the open review, to try a long one")
	return c
}

// demoOptions are what `logreeve demo` is told.
type demoOptions struct {
	addr, dataDir     string
	noBrowser, asJSON bool
	items             int
}

func demo(c *cobra.Command, build Build, o demoOptions) error {
	dataDir, addr := o.dataDir, o.addr
	if o.items < 0 || o.items > 5000 {
		return usage("--more-items %d: between 0 and 5000.", o.items)
	}
	if dataDir == "" {
		temporary, err := os.MkdirTemp("", "logreeve-demo-")
		if err != nil {
			return fault.Wrap(fault.Unavailable, err, "No folder for the demo's data can be made.")
		}
		defer os.RemoveAll(temporary)
		dataDir = temporary
	}
	dataDir, err := filepath.Abs(dataDir)
	if err != nil {
		return fmt.Errorf("find the data folder: %w", err)
	}
	settings := config.Server{Listen: addr, DataDir: dataDir, Database: config.NewSecret("sqlite:" + filepath.Join(dataDir, "logreeve.db")), SourceRoots: []string{dataDir}, SourceHosts: outbound.ThisMachine(),
		Session: config.Session{Idle: auth.DefaultIdle, Absolute: auth.DefaultAbsolute}}
	a, accounts, err := seed.Open(c.Context(), app.Options{Config: settings, Tool: build.tool(), Log: logger(c), Now: time.Now, Sample: true}, o.items)
	if err != nil {
		return err
	}
	defer a.Close()
	if err := a.Listen(); err != nil {
		return err
	}
	url := "http://" + a.Addr()
	if host, port, ok := strings.Cut(addr, ":"); ok && host == "localhost" && port != "0" {
		url = "http://" + addr
	}
	if o.asJSON {
		if err := printLine(c.OutOrStdout(), struct {
			URL      string             `json:"url"`
			DataDir  string             `json:"data_dir"`
			Accounts []seed.DemoAccount `json:"accounts"`
		}{url, dataDir, accounts}); err != nil {
			return err
		}
	} else {
		fmt.Fprintf(c.OutOrStdout(), "Logreeve %s, demo. Everything you see is made up.\n\n  %s\n\n", build.Version, url)
		for _, acc := range accounts {
			fmt.Fprintf(c.OutOrStdout(), "  %-34s %-22s %s\n", acc.Email, acc.Password, acc.RoleWords())
		}
		fmt.Fprintf(c.OutOrStdout(), "\nData lies in %s. Stop with Ctrl-C.\n", dataDir)
	}
	if !o.noBrowser && !o.asJSON {
		openBrowser(c.Context(), url)
	}
	return a.Serve(c.Context())
}

func migrateCommand() *cobra.Command {
	var file string
	c := &cobra.Command{Use: "migrate up|down|status", Short: "Change or show the schema of the database", Args: cobra.MaximumNArgs(1),
		ValidArgs: []string{"up", "down", "status"},
		RunE: func(c *cobra.Command, args []string) error {
			what := "status"
			if len(args) == 1 {
				what = args[0]
			}
			settings, err := config.LoadServer(file, os.LookupEnv)
			if err != nil {
				return err
			}
			db, err := openStore(c.Context(), c, *settings)
			if err != nil {
				return err
			}
			defer db.Close()
			return migrate(c, db, what)
		}}
	c.Flags().StringVar(&file, "config", "", "settings file (YAML)")
	return c
}

func openStore(ctx context.Context, c *cobra.Command, settings config.Server) (*store.Store, error) {
	driver, dsn, err := app.Database(settings)
	if err != nil {
		return nil, err
	}
	return store.Open(ctx, store.Config{Driver: driver, DSN: dsn, Now: time.Now, Logger: logger(c)})
}

func migrate(c *cobra.Command, db *store.Store, what string) error {
	switch what {
	case "up":
		if err := db.Migrate(c.Context()); err != nil {
			return err
		}
	case "down":
		now, err := db.Status(c.Context())
		if err != nil {
			return err
		}
		if now.Current == 0 {
			return fault.New(fault.Conflict, "The database %s is empty already.", db.Where())
		}
		if err := db.MigrateDown(c.Context(), now.Current-1); err != nil {
			return err
		}
	case "status":
	default:
		return usage("migrate %q: use up, down or status.", what)
	}
	now, err := db.Status(c.Context())
	if err != nil {
		return err
	}
	word := "this version needs another: run logreeve migrate up"
	if now.Ready() {
		word = "as this version needs it"
	}
	_, err = fmt.Fprintf(c.OutOrStdout(), "%s: schema version %d of %d, %s.\n", db.Where(), now.Current, now.Target, word)
	return err
}

func userCommand(build Build) *cobra.Command {
	c := &cobra.Command{Use: "user", Short: "Manage accounts from the command line"}
	var file, name, email string
	var roles []string
	add := &cobra.Command{Use: "add", Short: "Add an account; its first password is printed once", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			settings, err := config.LoadServer(file, os.LookupEnv)
			if err != nil {
				return err
			}
			a, err := app.New(c.Context(), app.Options{Config: *settings, Tool: build.tool(), Log: logger(c), Now: time.Now, Idle: true})
			if err != nil {
				return err
			}
			defer a.Close()
			want := make([]actor.Role, len(roles))
			for i, r := range roles {
				want[i] = actor.Role(r)
			}
			by := actor.Actor{ID: "cli", Name: "Command line", System: true}
			account, password, err := a.Auth.CreateAccount(c.Context(), by, auth.NewAccount{Name: name, Email: email, Roles: want})
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "Added %s <%s>.\nFirst password, to be changed at the first sign-in: %s\n", account.Name, account.Email, password)
			return err
		}}
	f := add.Flags()
	f.StringVar(&file, "config", "", "settings file (YAML)")
	f.StringVar(&name, "name", "", "name of the person")
	f.StringVar(&email, "email", "", "e-mail address to sign in with")
	f.StringSliceVar(&roles, "role", nil, "admin, officer, reviewer, approver or auditor (repeatable)")
	c.AddCommand(add)
	return c
}

// openBrowser tries to show the page; that there is no browser is no failure.
func openBrowser(ctx context.Context, url string) {
	program := map[string]string{"linux": "xdg-open", "darwin": "open"}[runtime.GOOS]
	if program == "" || (runtime.GOOS == "linux" && os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "") {
		return
	}
	if err := start(ctx, program, url); err != nil && !errors.Is(err, context.Canceled) {
		return
	}
}
