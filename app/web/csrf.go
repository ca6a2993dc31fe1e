package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/fault"
)

// Requests that change something must come from our own pages. Three things are
// asked for, each enough against an ordinary forgery: the browser does not say
// that the request comes from elsewhere (Sec-Fetch-Site, Origin), the body is of
// a type whose sender we know, and a token that only our pages know comes along,
// as the form field "csrf" or the header X-CSRF-Token. Scripts that send JSON
// use the header.

const csrfField = "csrf"

// tokenFrom derives a token from a secret: of the session, or of the cookie
// that forms before sign-in use.
func tokenFrom(secret string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("logreeve form"))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// formToken is the token for a form on a page for nobody in particular. It
// gives the browser the cookie it is derived from.
func (s *Server) formToken(c *fiber.Ctx) string {
	secret := s.cookie(c, formCookie)
	if len(secret) < 43 {
		secret = randomText(32)
		s.setCookie(c, formCookie, secret)
	}
	return tokenFrom(secret)
}

func refused(why string) error {
	return &fault.Error{Kind: fault.Forbidden, Field: csrfField,
		Message: "This request did not come from a page of this server, or the page was too old. Nothing was changed. Go back, load the page again and repeat what you did. (" + why + ")"}
}

// ownRequest says why a state-changing request is not accepted, or nil. Secret
// is what the token is derived from.
func (s *Server) ownRequest(c *fiber.Ctx, secret string) error {
	if site := c.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" {
		return refused("it was sent by another site")
	}
	if origin := c.Get(fiber.HeaderOrigin); origin != "" && !strings.EqualFold(origin, s.ownOrigin(c)) {
		return refused("its origin is another site")
	}
	kind, _, _ := strings.Cut(strings.ToLower(c.Get(fiber.HeaderContentType)), ";")
	given := c.Get("X-CSRF-Token")
	switch strings.TrimSpace(kind) {
	case fiber.MIMEApplicationForm, fiber.MIMEMultipartForm:
		if given == "" {
			given = readForm(c).Get(csrfField)
		}
	case fiber.MIMEApplicationJSON:
	case "":
		if len(c.Body()) > 0 {
			return fiber.ErrUnsupportedMediaType
		}
	default:
		return fiber.ErrUnsupportedMediaType
	}
	if secret == "" || !hmac.Equal([]byte(given), []byte(tokenFrom(secret))) {
		return refused("its token is missing or wrong")
	}
	return nil
}

// ownOrigin is scheme and host of our own pages.
func (s *Server) ownOrigin(c *fiber.Ctx) string {
	if s.origin != "" {
		return s.origin
	}
	scheme := "http://"
	if s.secure {
		scheme = "https://"
	}
	return scheme + string(c.Request().Host())
}
