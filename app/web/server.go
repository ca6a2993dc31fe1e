package web

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"logreeve/reports/controls"
	"logreeve/static"
	"logreeve/templates"
)

// Config is what the server needs. Zero values mean the stated default.
type Config struct {
	Services Services
	Now      func() time.Time
	Log      *slog.Logger

	// TLS says that the listener given to Serve does TLS.
	TLS bool
	// PublicURL is how browsers reach the server when that is not how it listens:
	// "https://logreeve.example.org" behind a proxy. "" takes scheme and host from
	// the listener and the request.
	PublicURL string
	// TrustedProxies are the addresses whose X-Forwarded-For is believed. None: the
	// client is whoever connects.
	TrustedProxies []netip.Prefix

	Timeout   time.Duration // of a request, 30 s; a Route may have its own
	BodyLimit int           // bytes, 16 MiB

	// Profiles are the operator's own for documents of search stores.
	Profiles []StoreProfile

	Sample bool // every page says that the data is made up
	Dev    bool // templates are parsed anew for each page, static files are not kept

	Templates fs.FS // templates.FS
	Static    fs.FS // static.FS

	// Mounts are routes of others under a prefix, such as the REST interface. They
	// have their own table, authentication and answers; request id, time limit,
	// security headers and recovery are the shell's.
	Mounts []Mount
}

// Mount is a set of routes of another package.
type Mount struct {
	Prefix   string // "/api/v1"
	Register func(fiber.Router)
}

// Limits on slow and large requests.
const (
	defaultTimeout   = 30 * time.Second
	defaultBodyLimit = 16 << 20
	readTimeout      = 60 * time.Second // the whole request, body included
	writeTimeout     = 5 * time.Minute  // the whole answer, downloads included
	idleTimeout      = 2 * time.Minute
	headerBytes      = 16 << 10
)

// Server serves the pages.
type Server struct {
	Services
	config   Config
	log      *slog.Logger
	now      func() time.Time
	app      *fiber.App
	renderer *Renderer
	assets   *Assets
	controls *controls.Catalogue // read once: it is part of the program
	secure   bool                // browsers reach us over TLS
	origin   string              // scheme and host of PublicURL, "" without one
	lastPage []byte              // the page for when rendering a page fails
	lifetime context.Context
	end      context.CancelFunc
}

// New makes a server and fails when a template cannot be parsed or a route has
// nobody who may use it.
func New(c Config) (*Server, error) { return newServer(c, routes(), true) }

// newServer is New over a given table. That strings of requests are copies is a
// parameter only so that a test can show what would happen if they were not.
func newServer(c Config, table []Route, immutable bool) (*Server, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Timeout == 0 {
		c.Timeout = defaultTimeout
	}
	if c.BodyLimit == 0 {
		c.BodyLimit = defaultBodyLimit
	}
	if c.Templates == nil {
		c.Templates = templates.FS
	}
	if c.Static == nil {
		c.Static = static.FS
	}
	s := &Server{Services: c.Services, config: c, log: c.Log, now: c.Now, controls: controls.Catalog(), secure: c.TLS}
	if c.PublicURL != "" {
		u, err := url.Parse(c.PublicURL)
		if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || strings.Trim(u.Path, "/") != "" {
			return nil, fmt.Errorf("public URL %q: want a scheme and a host, such as https://logreeve.example.org", c.PublicURL)
		}
		s.origin = strings.ToLower(u.Scheme + "://" + u.Host)
		s.secure = s.secure || u.Scheme == "https"
	}
	var err error
	if s.assets, err = NewAssets(c.Static, c.Dev); err != nil {
		return nil, err
	}
	if s.renderer, err = NewRenderer(c.Templates, s.assets, c.Dev); err != nil {
		return nil, err
	}
	if s.lastPage, err = s.renderLastPage(); err != nil {
		return nil, err
	}
	if err := checkRoutes(table); err != nil {
		return nil, err
	}
	s.lifetime, s.end = context.WithCancel(context.Background())

	s.app = fiber.New(fiber.Config{
		Immutable:               immutable, // strings of a request must outlive it (guarantees D1)
		CaseSensitive:           true,
		StrictRouting:           true,
		UnescapePath:            true,
		ErrorHandler:            s.failed,
		ReadTimeout:             readTimeout,
		WriteTimeout:            writeTimeout,
		IdleTimeout:             idleTimeout,
		BodyLimit:               c.BodyLimit,
		ReadBufferSize:          headerBytes,
		EnableTrustedProxyCheck: true, // with no proxies: fiber itself believes no header, see address.go
		DisableStartupMessage:   true,
	})
	s.app.Use(s.shield, s.begin)
	for _, route := range table {
		s.register(route)
	}
	for _, m := range c.Mounts {
		m.Register(s.app.Group(m.Prefix))
	}
	s.app.Server().Handler = s.outermost(s.app.Handler())
	s.app.Server().HeaderReceived = bodyLimits(table)
	return s, nil
}

// bodyLimits lets those routes take larger bodies that say so, and gives these
// as long as an answer may take.
func bodyLimits(table []Route) func(*fasthttp.RequestHeader) fasthttp.RequestConfig {
	limits := map[string]int{}
	for _, r := range table {
		if r.Body > 0 {
			limits[r.Method+" "+r.Path] = r.Body
		}
	}
	return func(h *fasthttp.RequestHeader) fasthttp.RequestConfig {
		path, _, _ := strings.Cut(string(h.RequestURI()), "?")
		if n, ok := limits[string(h.Method())+" "+path]; ok {
			return fasthttp.RequestConfig{MaxRequestBodySize: n, ReadTimeout: writeTimeout}
		}
		return fasthttp.RequestConfig{}
	}
}

func (s *Server) register(route Route) {
	handler := s.guard(route)
	s.app.Add(route.Method, route.Path, handler)
	if route.Method == fiber.MethodGet {
		s.app.Add(fiber.MethodHead, route.Path, handler)
	}
}

// outermost sees every request, also those fiber answers by itself: it sets the
// headers and keeps the process alive.
func (s *Server) outermost(next fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		s.secureHeaders(&ctx.Response)
		defer func() {
			if p := recover(); p != nil {
				s.log.Error("panic outside a handler", "panic", fmt.Sprint(p))
				ctx.Response.Reset()
				s.secureHeaders(&ctx.Response)
				ctx.SetStatusCode(fasthttp.StatusInternalServerError)
				ctx.SetContentType(contentHTML)
				ctx.SetBody(s.lastPage)
			}
		}()
		next(ctx)
	}
}

// Serve answers requests on the listener until Shutdown.
func (s *Server) Serve(l net.Listener) error {
	if err := s.app.Listener(l); err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("serve pages on %s: %w", l.Addr(), err)
	}
	return nil
}

// Shutdown takes no more requests, waits for those that run until the context
// ends, and then ends their contexts too.
func (s *Server) Shutdown(ctx context.Context) error {
	defer s.end()
	if err := s.app.ShutdownWithContext(ctx); err != nil {
		return fmt.Errorf("stop serving pages: %w", err)
	}
	return nil
}
