package web

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// Assets are the static files under one digest of them all. The digest is part
// of the address, so a browser may keep a file for a year and still gets every
// new one, and files can name each other by relative paths.
type Assets struct {
	files  fs.FS
	digest string
	dev    bool
}

// NewAssets reads all files once for their digest. With dev, files are read anew
// and not kept by browsers.
func NewAssets(files fs.FS, dev bool) (*Assets, error) {
	sum := sha256.New()
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		fmt.Fprintf(sum, "%d %s %d ", len(name), name, len(content))
		sum.Write(content)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read static files: %w", err)
	}
	return &Assets{files: files, digest: hex.EncodeToString(sum.Sum(nil))[:16], dev: dev}, nil
}

// Path is the address of a file: "css/base.css" gives
// "/static/0123456789abcdef/css/base.css". An unknown file is an error, so that
// a page with a misspelt one does not render.
func (a *Assets) Path(name string) (string, error) {
	if info, err := fs.Stat(a.files, name); err != nil || info.IsDir() {
		return "", fmt.Errorf("no static file %q", name)
	}
	return "/static/" + a.digest + "/" + name, nil
}

// contentTypes of the files we have; the list of the machine is not asked.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	case ".ico":
		return "image/x-icon"
	case ".woff2":
		return "font/woff2"
	case ".txt":
		return "text/plain; charset=utf-8"
	default:
		return ""
	}
}

// staticShow serves a static file. Under an earlier digest the file of today is
// served, but not kept.
func (s *Server) staticShow(c *fiber.Ctx) error {
	digest, name, _ := strings.Cut(c.Params("*"), "/")
	kind := contentType(name)
	if kind == "" || !fs.ValidPath(name) {
		return fiber.ErrNotFound
	}
	content, err := fs.ReadFile(s.assets.files, name)
	if errors.Is(err, fs.ErrNotExist) {
		return fiber.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("read static file %s: %w", name, err)
	}
	keep := "no-cache"
	if digest == s.assets.digest && !s.assets.dev {
		keep = "public, max-age=31536000, immutable"
	}
	c.Set(fiber.HeaderCacheControl, keep)
	c.Set(fiber.HeaderContentType, kind)
	return c.Send(content)
}

func (s *Server) healthShow(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentType, "text/plain; charset=utf-8")
	return c.SendString("ok\n")
}
