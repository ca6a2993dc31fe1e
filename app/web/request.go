package web

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"logreeve/app/actor"
	"logreeve/app/auth"
)

// request is what the shell knows of a request. It lives in the context of
// fiber and never leaves this package.
type request struct {
	id      string
	address string
	route   Route
	account *auth.Account // nil: nobody signed in
	session *auth.Session
	flashed bool // this request sets a flash, so it shows none
}

type requestKey struct{}

// of gives the request's record; one without content before begin has run.
func of(c *fiber.Ctx) *request {
	if r, ok := c.Locals(requestKey{}).(*request); ok {
		return r
	}
	return &request{}
}

// RequestID is the id of a request, as in its X-Request-Id header and our log.
func RequestID(c *fiber.Ctx) string { return of(c).id }

// Address is the client's address: of whoever connects, or, if that is a
// trusted proxy, the last address in X-Forwarded-For that is not.
func Address(c *fiber.Ctx) string { return of(c).address }

// shield turns a panic into one failed request. It stands first.
func (s *Server) shield(c *fiber.Ctx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			s.log.Error("panic in a handler", "request_id", of(c).id, "route", of(c).route.Name, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = errPanic
		}
	}()
	return c.Next()
}

var errPanic = errors.New("panic in a handler")

// begin gives the request its id, client address and a context that ends with
// the time limit and with the server. fiber does not tell that a client left, so
// the limit is what ends abandoned work.
func (s *Server) begin(c *fiber.Ctx) error {
	r := &request{id: newRequestID(), address: clientAddress(c, s.config.TrustedProxies)}
	c.Locals(requestKey{}, r)
	c.Set(fiber.HeaderXRequestID, r.id)
	ctx, cancel := context.WithTimeout(s.lifetime, s.config.Timeout)
	defer cancel()
	c.SetUserContext(ctx)
	return c.Next()
}

// limit gives a route its own time limit.
func (s *Server) limit(c *fiber.Ctx, d time.Duration) context.CancelFunc {
	if d == 0 {
		return func() {}
	}
	ctx, cancel := context.WithTimeout(s.lifetime, d)
	c.SetUserContext(ctx)
	return cancel
}

func newRequestID() string {
	b := make([]byte, 8)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}

func clientAddress(c *fiber.Ctx, trusted []netip.Prefix) string {
	client, ok := netip.AddrFromSlice(c.Context().RemoteIP())
	if !ok {
		return ""
	}
	client = client.Unmap()
	hops := strings.Split(c.Get(fiber.HeaderXForwardedFor), ",")
	for i := len(hops) - 1; i >= 0 && within(client, trusted); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break // the proxy's own address is better than text somebody made up
		}
		client = hop.Unmap()
	}
	return client.String()
}

func within(a netip.Addr, prefixes []netip.Prefix) bool {
	for _, p := range prefixes {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// actor is who makes the request.
func (s *Server) actor(c *fiber.Ctx) actor.Actor {
	r := of(c)
	if r.account == nil {
		return auth.Anonymous(r.address)
	}
	return r.account.Actor(r.address)
}

// wantsJSON says whether the answer goes to a script rather than to a person.
func wantsJSON(c *fiber.Ctx) bool {
	if strings.HasPrefix(c.Path(), "/api/") {
		return true
	}
	accept := c.Get(fiber.HeaderAccept)
	return strings.Contains(accept, fiber.MIMEApplicationJSON) && !strings.Contains(accept, fiber.MIMETextHTML)
}

// writes says whether a method may change something.
func writes(method string) bool {
	return method != fiber.MethodGet && method != fiber.MethodHead && method != fiber.MethodOptions
}
