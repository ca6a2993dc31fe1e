package web

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/fault"
	"logreeve/app/web/part"
)

// errorPage is what is shown instead of a page.
type errorPage struct {
	Page
	Heading string // what is true
	Text    string // what it means
	Next    string // what to do next
	Request string // the id under which our log has more
	Actions []part.Action
}

// failed is the one place where errors become answers. The text of an error is
// never shown unless it is a fault's own sentence.
func (s *Server) failed(c *fiber.Ctx, err error) error {
	s.secureHeaders(c.Response()) // requests that could not be read come here directly
	status := statusOf(err)
	r := of(c)
	if status >= fiber.StatusInternalServerError && !errors.Is(err, errPanic) {
		s.log.Error("request failed", "request_id", r.id, "route", r.route.Name, "status", status, "error", err)
	}
	if wantsJSON(c) {
		return s.json(c, status, answerOf(err, status, r.id))
	}
	frame := Page{Bare: true, Zone: time.UTC} // before begin: nothing is known of the request
	if r.id != "" {
		frame = s.errorFrame(c)
	}
	page := newErrorPage(frame, err, status, r.id)
	var out bytes.Buffer
	if err := s.renderer.Page(&out, "error", page); err != nil {
		s.log.Error("render an error page", "request_id", r.id, "error", err)
		return s.sendLastPage(c, status)
	}
	c.Set(fiber.HeaderContentType, contentHTML)
	return c.Status(status).Send(out.Bytes())
}

func (s *Server) sendLastPage(c *fiber.Ctx, status int) error {
	c.Set(fiber.HeaderContentType, contentHTML)
	return c.Status(status).Send(s.lastPage)
}

// errorFrame is the reader's frame if it can be had; an error page must not
// need what has just failed.
func (s *Server) errorFrame(c *fiber.Ctx) Page {
	if c.UserContext().Err() != nil { // the time limit passed
		ctx, cancel := context.WithTimeout(s.lifetime, time.Second)
		defer cancel()
		c.SetUserContext(ctx)
	}
	r := of(c)
	if !r.route.Access.open && s.resolve(c) == nil && r.account != nil && !r.account.MustChange {
		if p := s.page(c, "", ""); p.err == nil {
			return p
		}
	}
	p := s.bare(c, "")
	p.err = nil
	return p
}

// answer is an error as scripts see it.
type answer struct {
	Error   string `json:"error"`
	Field   string `json:"field,omitempty"`
	Request string `json:"request,omitempty"`
}

func answerOf(err error, status int, request string) answer {
	page := newErrorPage(Page{}, err, status, request)
	text := page.Heading
	if page.Text != "" {
		text = page.Text
	}
	return answer{Error: text, Field: fault.FieldOf(err), Request: request}
}

// statusOf gives the HTTP status of an error.
func statusOf(err error) int {
	if f, ok := errors.AsType[*fiber.Error](err); ok {
		return f.Code
	}
	if errors.Is(err, context.DeadlineExceeded) && fault.KindOf(err) == fault.Internal {
		return fiber.StatusServiceUnavailable
	}
	switch fault.KindOf(err) {
	case fault.NotFound:
		return fiber.StatusNotFound
	case fault.Invalid:
		return fiber.StatusUnprocessableEntity
	case fault.Conflict:
		return fiber.StatusConflict
	case fault.Forbidden:
		return fiber.StatusForbidden
	case fault.Unauthenticated:
		return fiber.StatusUnauthorized
	case fault.Unavailable:
		return fiber.StatusServiceUnavailable
	}
	return fiber.StatusInternalServerError
}

// newErrorPage says an error in words: what is true, what it means, what to do.
func newErrorPage(frame Page, err error, status int, request string) *errorPage {
	p := &errorPage{Page: frame, Actions: []part.Action{{Text: "Go to the start page", Href: "/"}}}
	said := ""
	if f, ok := errors.AsType[*fault.Error](err); ok && f.Kind != fault.Internal {
		said = f.Message
	}
	switch status {
	case fiber.StatusNotFound:
		p.Heading = "There is nothing at this address"
		p.Text = or(said, "The address is mistyped, or what stood here is gone or not for you to see.")
		p.Next = "Check the address, or look for it with Find."
	case fiber.StatusForbidden:
		p.Heading = "You may not do this"
		p.Text = or(said, "Your roles do not include it.")
		p.Next = "The attempt is in the trail. If your work needs this, ask an administrator."
		if fault.FieldOf(err) == csrfField {
			p.Heading, p.Next = "The request was refused", ""
		}
	case fiber.StatusUnauthorized:
		p.Heading = "You are not signed in"
		p.Text = or(said, "This needs somebody who is signed in.")
		p.Actions = []part.Action{{Text: "Sign in", Href: "/sign-in", Kind: "primary"}}
	case fiber.StatusMethodNotAllowed:
		p.Heading = "This address cannot be used that way"
		p.Text = "It exists, but not for this kind of request. Nothing was changed."
		p.Next = "Open it from the page that links to it."
	case fiber.StatusConflict:
		p.Heading = "Something changed in the meantime"
		p.Text = or(said, "What you worked on is no longer as you saw it. Nothing was changed.")
		p.Next = "Go back, load the page again and look at what is there now."
	case fiber.StatusUnprocessableEntity, fiber.StatusBadRequest:
		p.Heading = "This could not be accepted"
		p.Text = or(said, "The request could not be read. Nothing was changed.")
		p.Next = "Go back and mend what is named here."
	case fiber.StatusRequestEntityTooLarge:
		p.Heading = "This is too large"
		p.Text = "What was sent is larger than the server takes. Nothing was changed."
		p.Next = "Send less at once."
	case fiber.StatusUnsupportedMediaType:
		p.Heading = "This kind of content is not taken here"
		p.Text = "Only forms and JSON are. Nothing was changed."
	case fiber.StatusTooManyRequests:
		p.Heading = "Too many attempts"
		p.Text = or(said, "Wait a little and try again.")
	case fiber.StatusServiceUnavailable:
		p.Heading = "Something we depend on does not answer"
		p.Text = or(said, "It took too long, so we stopped. What was finished before is kept; nothing else was changed.")
		p.Next = "Try again in a moment. If it stays so, the operator finds more in the log."
	case fiber.StatusInternalServerError:
		p.Heading = "Something went wrong on our side"
		p.Text = "This was not caused by what you did. What you sent may not have been saved."
		p.Next = "Load the page again and look. If it happens again, give the operator the number below."
	default:
		p.Heading = "The request could not be answered"
		p.Text = or(said, "It could not be read. Nothing was changed.")
	}
	if status >= fiber.StatusInternalServerError {
		p.Request = request
	}
	p.Title = p.Heading
	return p
}

func or(said, otherwise string) string {
	if strings.TrimSpace(said) != "" {
		return said
	}
	return otherwise
}

// renderLastPage makes the page for when nothing else can be rendered.
func (s *Server) renderLastPage() ([]byte, error) {
	var out bytes.Buffer
	page := newErrorPage(Page{Bare: true, Zone: time.UTC}, errPanic, fiber.StatusInternalServerError, "")
	page.Next = "Load the page again and look. If it happens again, tell the operator when it was."
	if err := s.renderer.Page(&out, "error", page); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
