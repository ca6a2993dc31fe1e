package web

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/actor"
)

// runRoutes are sources, people, checks, runs and settings.
func runRoutes() []Route {
	const get, post = fiber.MethodGet, fiber.MethodPost
	const slow = 2 * time.Minute // looks at files, or reads a large upload
	starters := Only(actor.Admin, actor.Officer, actor.Reviewer)
	return []Route{
		// Sources.
		{Method: get, Path: "/sources", Name: "sources.list", Access: AnyRole(), Handler: (*Server).sourcesList},
		{Method: get, Path: "/sources/new", Name: "source.new", Access: keepers(), Handler: (*Server).sourceNew},
		{Method: post, Path: "/sources", Name: "source.add", Access: keepers(), Handler: (*Server).sourceSave, Timeout: slow},
		{Method: post, Path: "/sources/probe", Name: "source.probe", Access: keepers(), Handler: (*Server).sourceProbe, Timeout: slow},
		{Method: get, Path: "/sources/probe", Name: "source.probe_form", Access: keepers(), Handler: (*Server).sourceProbeForm},
		{Method: get, Path: "/sources/:id", Name: "source.show", Access: AnyRole(), Handler: (*Server).sourceShow, Timeout: slow},
		{Method: get, Path: "/sources/:id/overview", Name: "source.overview", Access: AnyRole(), Handler: (*Server).sourceOverview, Timeout: slow},
		{Method: get, Path: "/sources/:id/edit", Name: "source.edit", Access: keepers(), Handler: (*Server).sourceEdit},
		{Method: post, Path: "/sources/:id", Name: "source.change", Access: keepers(), Handler: (*Server).sourceSave, Timeout: slow},
		{Method: post, Path: "/sources/:id/disable", Name: "source.disable", Access: keepers(), Handler: (*Server).sourceDisable},
		{Method: post, Path: "/sources/:id/enable", Name: "source.enable", Access: keepers(), Handler: (*Server).sourceEnable},

		// People and registers.
		{Method: get, Path: "/people", Name: "people.list", Access: AnyRole(), Handler: (*Server).peopleList},
		{Method: get, Path: "/people/import", Name: "people.import_form", Access: keepers(), Handler: (*Server).importShow},
		{Method: post, Path: "/people/import", Name: "people.import", Access: keepers(), Handler: (*Server).importDo, Timeout: slow},
		{Method: get, Path: "/people/examples/:name", Name: "people.example", Access: AnyRole(), Handler: (*Server).importExampleShow},
		{Method: get, Path: "/people/history", Name: "people.history", Access: AnyRole(), Handler: (*Server).historyList},
		{Method: get, Path: "/people/history/:id", Name: "people.imported", Access: AnyRole(), Handler: (*Server).importedShow},
		{Method: get, Path: "/people/:id", Name: "person.show", Access: AnyRole(), Handler: (*Server).personShow},
		{Method: get, Path: "/registers", Name: "registers.show", Access: AnyRole(), Handler: (*Server).registersShow},

		// Checks.
		{Method: get, Path: "/checks", Name: "checks.list", Access: AnyRole(), Handler: (*Server).checksList},
		{Method: get, Path: "/checks/:id", Name: "check.show", Access: AnyRole(), Handler: (*Server).checkShow},

		// Runs and results.
		{Method: get, Path: "/results", Name: "results.list", Access: AnyRole(), Handler: (*Server).resultsList},
		{Method: get, Path: "/runs", Name: "runs.list", Access: AnyRole(), Handler: (*Server).runsList},
		{Method: get, Path: "/runs/new", Name: "run.new", Access: starters, Handler: (*Server).runNew},
		{Method: post, Path: "/runs", Name: "run.start", Access: starters, Handler: (*Server).runStart},
		{Method: get, Path: "/runs/:id", Name: "run.show", Access: AnyRole(), Handler: (*Server).runShow},
		{Method: get, Path: "/runs/:id/progress", Name: "run.progress", Access: AnyRole(), Handler: (*Server).runProgress},
		{Method: post, Path: "/runs/:id/cancel", Name: "run.cancel", Access: starters, Handler: (*Server).runCancel},
		{Method: get, Path: "/runs/:id/results/:check", Name: "result.show", Access: AnyRole(), Handler: (*Server).resultShow},
		{Method: get, Path: "/runs/:id/items/:key", Name: "item.show", Access: AnyRole(), Handler: (*Server).itemShow},
		{Method: get, Path: "/runs/:id/items/:key/events.csv", Name: "item.events", Access: AnyRole(), Handler: (*Server).itemEvents},

		// Settings.
		{Method: get, Path: "/settings", Name: "settings.show", Access: keepers(), Handler: (*Server).settingsShow},
		{Method: post, Path: "/settings", Name: "settings.save", Access: keepers(), Handler: (*Server).settingsSave},
		{Method: get, Path: "/settings/audit-policy", Name: "audit_policy.show", Access: keepers(), Handler: (*Server).coverageShow},
		{Method: post, Path: "/settings/audit-policy", Name: "audit_policy.save", Access: keepers(), Handler: (*Server).coverageSave},
	}
}
