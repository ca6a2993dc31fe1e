package web

import (
	"github.com/gofiber/fiber/v2"

	"logreeve/app/actor"
)

// evidenceRoutes are changes, evidence, verification, trail and find.
func evidenceRoutes() []Route {
	const get, post = fiber.MethodGet, fiber.MethodPost
	return []Route{
		{Method: get, Path: "/changes", Name: "changes.list", Access: AnyRole(), Handler: (*Server).changesList},
		{Method: get, Path: "/changes/export.csv", Name: "changes.export_csv", Access: AnyRole(), Handler: (*Server).changesExport},
		{Method: get, Path: "/changes/export.json", Name: "changes.export_json", Access: AnyRole(), Handler: (*Server).changesExport},
		{Method: get, Path: "/changes/object", Name: "change.object", Access: AnyRole(), Handler: (*Server).changeObject},

		{Method: get, Path: "/evidence", Name: "evidence.list", Access: AnyRole(), Handler: (*Server).evidenceList},
		{Method: get, Path: "/evidence/:review", Name: "evidence.show", Access: AnyRole(), Handler: (*Server).evidenceShow},
		{Method: get, Path: "/evidence/:review/:revision", Name: "evidence.revision", Access: AnyRole(), Handler: (*Server).evidenceShow},
		{Method: get, Path: "/evidence/:review/:revision/package.zip", Name: "evidence.package", Access: AnyRole(), Handler: (*Server).evidencePackage},
		{Method: get, Path: "/evidence/:review/:revision/report.pdf", Name: "evidence.report", Access: AnyRole(), Handler: (*Server).evidenceReport},

		{Method: get, Path: "/verify", Name: "verify.show", Access: AnyRole(), Handler: (*Server).verifyShow},
		{Method: post, Path: "/verify", Name: "verify.do", Access: AnyRole(), Handler: (*Server).verifyDo, Timeout: slow, Body: verifyLimit + 1<<20},
		{Method: get, Path: "/signing-key", Name: "key.show", Access: AnyRole(), Handler: (*Server).keyShow},

		{Method: get, Path: "/trail", Name: "trail.list", Access: AnyRole(), Handler: (*Server).trailList},
		{Method: post, Path: "/trail/verify", Name: "trail.verify", Access: AnyRole(), Handler: (*Server).trailVerify, Timeout: slow},
		{Method: get, Path: "/trail/export.jsonl", Name: "trail.export", Access: Only(actor.Admin, actor.Officer, actor.Auditor), Handler: (*Server).trailExport, Timeout: slow},

		{Method: get, Path: "/find", Name: "find.show", Access: AnyRole(), Handler: (*Server).findShow},
	}
}
