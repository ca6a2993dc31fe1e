package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
)

// framed is a page struct: one that embeds Page, by pointer.
type framed interface{ framed() *Page }

// Renderer makes pages from templates. Each page has its own set of layouts,
// partials and itself, so that two pages may both define "title". Times are
// written in the organisation's zone, so there is a group of sets for each zone
// in use: the organisation's, and UTC before set-up.
type Renderer struct {
	files  fs.FS
	assets *Assets
	dev    bool
	mu     sync.Mutex
	groups map[string]map[string]*template.Template // by zone, by page
}

// NewRenderer parses every page once and fails if one cannot be parsed. With
// dev, pages are parsed again each time they are shown.
func NewRenderer(files fs.FS, assets *Assets, dev bool) (*Renderer, error) {
	r := &Renderer{files: files, assets: assets, dev: dev, groups: map[string]map[string]*template.Template{}}
	_, err := r.group(time.UTC)
	return r, err
}

// Names lists the pages, in order.
func (r *Renderer) Names() ([]string, error) {
	found, err := fs.Glob(r.files, "pages/*.html")
	if err != nil {
		return nil, fmt.Errorf("list pages: %w", err)
	}
	names := make([]string, len(found))
	for i, file := range found {
		names[i] = strings.TrimSuffix(path.Base(file), ".html")
	}
	return names, nil
}

// Page writes a whole page. Nothing is written if it fails.
func (r *Renderer) Page(w io.Writer, name string, page framed) error {
	p := page.framed()
	if p.err != nil {
		return fmt.Errorf("fill the frame of page %s: %w", name, p.err)
	}
	layout := "page"
	if p.Bare {
		layout = "bare"
	}
	return r.execute(w, name, layout, p.Zone, page)
}

// Part writes one template of a page's set, for a script that puts it in place.
func (r *Renderer) Part(w io.Writer, name, part string, zone *time.Location, data any) error {
	return r.execute(w, name, part, zone, data)
}

func (r *Renderer) execute(w io.Writer, name, part string, zone *time.Location, data any) error {
	if zone == nil {
		zone = time.UTC
	}
	group, err := r.group(zone)
	if err != nil {
		return err
	}
	set, ok := group[name]
	if !ok {
		return fmt.Errorf("there is no page %q", name)
	}
	var out bytes.Buffer
	if err := set.ExecuteTemplate(&out, part, data); err != nil {
		return fmt.Errorf("render page %s: %w", name, err)
	}
	_, err = out.WriteTo(w)
	return err
}

func (r *Renderer) group(zone *time.Location) (map[string]*template.Template, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if group, ok := r.groups[zone.String()]; ok && !r.dev {
		return group, nil
	}
	shared, err := template.New("").Funcs(functions(r.assets, Format{Zone: zone})).Option("missingkey=error").
		ParseFS(r.files, "layouts/*.html", "partials/*.html")
	if err != nil {
		return nil, fmt.Errorf("parse layouts and partials: %w", err)
	}
	names, err := r.Names()
	if err != nil {
		return nil, err
	}
	group := make(map[string]*template.Template, len(names))
	for _, name := range names {
		set, err := shared.Clone()
		if err != nil {
			return nil, fmt.Errorf("parse page %s: %w", name, err)
		}
		if set, err = set.ParseFS(r.files, "pages/"+name+".html"); err != nil {
			return nil, fmt.Errorf("parse page %s: %w", name, err)
		}
		for _, needed := range []string{"title", "content"} {
			if set.Lookup(needed) == nil {
				return nil, fmt.Errorf("parse page %s: it does not define %q", name, needed)
			}
		}
		group[name] = set
	}
	r.groups[zone.String()] = group
	return group, nil
}

// render answers with a page.
func (s *Server) render(c *fiber.Ctx, name string, page framed) error {
	return s.renderStatus(c, fiber.StatusOK, name, page)
}

// renderInvalid answers with the page of a form that could not be accepted.
func (s *Server) renderInvalid(c *fiber.Ctx, name string, page framed) error {
	return s.renderStatus(c, fiber.StatusUnprocessableEntity, name, page)
}

func (s *Server) renderStatus(c *fiber.Ctx, status int, name string, page framed) error {
	var out bytes.Buffer
	if err := s.renderer.Page(&out, name, page); err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, contentHTML)
	return c.Status(status).Send(out.Bytes())
}

// renderPart answers a script with one template of a page's set.
func (s *Server) renderPart(c *fiber.Ctx, name, part string, zone *time.Location, data any) error {
	var out bytes.Buffer
	if err := s.renderer.Part(&out, name, part, zone, data); err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, contentHTML)
	return c.Send(out.Bytes())
}

// json answers a script with a value.
func (s *Server) json(c *fiber.Ctx, status int, value any) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode an answer: %w", err)
	}
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSONCharsetUTF8)
	return c.Status(status).Send(body)
}

// redirect leads to another page of ours with GET.
func (s *Server) redirect(c *fiber.Ctx, to string) error {
	return c.Redirect(to, fiber.StatusSeeOther)
}
