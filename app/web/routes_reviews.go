package web

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/actor"
)

// slow is the time limit of what reads logs or writes a whole report.
const slow = 2 * time.Minute

// reviewRoutes are home, reviews and findings. Everybody who is signed in may
// read them; reviewers and approvers act, and the rules of the review say who
// may do what.
func reviewRoutes() []Route {
	const get, post = fiber.MethodGet, fiber.MethodPost
	judges := Only(actor.Reviewer, actor.Approver)
	return []Route{
		{Method: get, Path: "/", Name: "home.show", Access: AnyRole(), Handler: (*Server).homeShow},

		{Method: get, Path: "/reviews", Name: "reviews.list", Access: AnyRole(), Handler: (*Server).reviewsList},
		{Method: get, Path: "/reviews/:id", Name: "review.show", Access: AnyRole(), Handler: (*Server).reviewShow},
		{Method: post, Path: "/reviews/:id/late", Name: "review.perform_late", Access: Only(actor.Reviewer), Handler: (*Server).reviewPerformLate},
		{Method: get, Path: "/reviews/:id/draft.pdf", Name: "review.draft", Access: AnyRole(), Handler: (*Server).reviewDraft, Timeout: slow},

		{Method: get, Path: "/reviews/:id/queue", Name: "review.queue", Access: AnyRole(), Handler: (*Server).reviewQueue},
		{Method: post, Path: "/reviews/:id/decisions", Name: "review.decide_in_bulk", Access: judges, Handler: (*Server).reviewBulk},
		{Method: get, Path: "/reviews/:id/items/:key", Name: "review_item.show", Access: AnyRole(), Handler: (*Server).reviewItem},
		{Method: get, Path: "/reviews/:id/items/:key/around", Name: "review_item.around", Access: AnyRole(), Handler: (*Server).reviewAround, Timeout: slow},
		{Method: get, Path: "/reviews/:id/items/:key/events.csv", Name: "review_item.events", Access: AnyRole(), Handler: (*Server).reviewEvents},
		{Method: post, Path: "/reviews/:id/items/:key/decision", Name: "review_item.decide", Access: judges, Handler: (*Server).reviewItemDecide},
		{Method: post, Path: "/reviews/:id/items/:key/undo", Name: "review_item.undo", Access: judges, Handler: (*Server).reviewItemUndo},
		{Method: post, Path: "/reviews/:id/items/:key/reperform", Name: "review_item.reperform", Access: Only(actor.Approver), Handler: (*Server).reviewReperform},

		{Method: get, Path: "/reviews/:id/sample", Name: "review.sample", Access: AnyRole(), Handler: (*Server).reviewSample},
		{Method: get, Path: "/reviews/:id/sample/:key", Name: "review_pick.show", Access: AnyRole(), Handler: (*Server).reviewPick},
		{Method: post, Path: "/reviews/:id/sample/:key/decision", Name: "review_pick.decide", Access: judges, Handler: (*Server).reviewPickDecide},
		{Method: post, Path: "/reviews/:id/sample/:key/undo", Name: "review_pick.undo", Access: judges, Handler: (*Server).reviewPickUndo},

		{Method: get, Path: "/reviews/:id/health", Name: "review.health", Access: AnyRole(), Handler: (*Server).reviewHealth},
		{Method: post, Path: "/reviews/:id/limits", Name: "review.acknowledge", Access: Only(actor.Reviewer), Handler: (*Server).reviewAcknowledge},

		{Method: get, Path: "/reviews/:id/sign-off", Name: "review.sign_off", Access: AnyRole(), Handler: (*Server).reviewSignOff},
		{Method: post, Path: "/reviews/:id/attest", Name: "review.attest", Access: Only(actor.Reviewer), Handler: (*Server).reviewAttest},
		{Method: post, Path: "/reviews/:id/approve", Name: "review.approve", Access: Only(actor.Approver), Handler: (*Server).reviewApprove, Timeout: slow},
		{Method: post, Path: "/reviews/:id/return", Name: "review.return", Access: Only(actor.Approver), Handler: (*Server).reviewReturn},

		{Method: get, Path: "/findings", Name: "findings.list", Access: AnyRole(), Handler: (*Server).findingsList},
		{Method: get, Path: "/findings/:id", Name: "finding.show", Access: AnyRole(), Handler: (*Server).findingShow},
		{Method: post, Path: "/findings/:id", Name: "finding.change", Access: Only(actor.Officer, actor.Reviewer, actor.Approver), Handler: (*Server).findingChange},
	}
}
