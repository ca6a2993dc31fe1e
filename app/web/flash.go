package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// Flash is one sentence on the next page: what the reader just did. Kind is
// "ok", "warn" or "error".
type Flash struct{ Kind, Text string }

// flash shows a sentence on the next page of this session. It travels in a
// cookie that is signed with the session's secret; no secret belongs in it.
func (s *Server) flash(c *fiber.Ctx, kind, text string) {
	r := of(c)
	if r.session == nil {
		return
	}
	body := base64.RawURLEncoding.EncodeToString([]byte(kind + "\n" + text))
	s.setCookie(c, flashCookie, body+"."+flashMark(r.session.Secret, body))
	r.flashed = true
}

// takeFlash reads the sentence and removes it.
func (s *Server) takeFlash(c *fiber.Ctx) *Flash {
	r := of(c)
	value := s.cookie(c, flashCookie)
	if value == "" || r.session == nil || r.flashed {
		return nil
	}
	s.dropCookie(c, flashCookie)
	body, mark, _ := strings.Cut(value, ".")
	if !hmac.Equal([]byte(mark), []byte(flashMark(r.session.Secret, body))) {
		return nil
	}
	text, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil {
		return nil
	}
	kind, said, _ := strings.Cut(string(text), "\n")
	return &Flash{Kind: kind, Text: said}
}

func flashMark(secret, body string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("logreeve flash " + body))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
