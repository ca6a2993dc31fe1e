package web

import "github.com/valyala/fasthttp"

const contentHTML = "text/html; charset=utf-8"

// contentPolicy allows what our own pages use and nothing else: no inline
// script or style, no other host, no frame around us.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// secureHeaders are on every answer, errors and downloads included. A handler
// may only replace Cache-Control.
func (s *Server) secureHeaders(r *fasthttp.Response) {
	h := &r.Header
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
	if s.secure {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}
