// Package gallery owns the preview of the design system: pages of made-up data
// that show every partial in every state within the real layouts, so that a
// change of a style sheet or a partial can be seen and tested without the
// product. It serves nobody but those who work on the design; the product's own
// pages are in app/web.
package gallery

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"

	"logreeve/app/actor"
)

//go:embed pages/*.html
var pages embed.FS

// Page is what the layouts read: the same fields as the page struct of app/web.
type Page struct {
	Title, Nav   string
	Actor        Actor
	CSRF         string
	Flash        *Flash
	Organisation string
	Sample       bool
	Counts       Counts
	Data         any // the fixture of one gallery page
}

// Actor is who is signed in.
type Actor struct {
	Name, Email, Initials, RoleWord string
	Roles                           []actor.Role
}

// Flash is a remark shown once.
type Flash struct{ Kind, Text string }

// Counts are the numbers beside the places.
type Counts struct{ ReviewsDue, ReviewsOverdue, FindingsOpen, ChangesWeek, SourcesSilent int }

// Sheet is one page of the gallery.
type Sheet struct {
	Name   string // file name without ending, and the page's template
	Layout string // "page" or "bare"
	Page   Page
}

// Render gives the HTML of a sheet. Root holds templates/; asset says where a
// file of static/ is found.
func Render(root fs.FS, sheet Sheet, asset func(string) string) ([]byte, error) {
	set, err := template.New("").Funcs(template.FuncMap{"asset": asset}).ParseFS(root, "templates/layouts/*.html", "templates/partials/*.html")
	if err != nil {
		return nil, fmt.Errorf("parse layouts and partials: %w", err)
	}
	if set, err = set.ParseFS(pages, "pages/"+sheet.Name+".html"); err != nil {
		return nil, fmt.Errorf("parse gallery page %s: %w", sheet.Name, err)
	}
	var out bytes.Buffer
	if err := set.ExecuteTemplate(&out, sheet.Layout, sheet.Page); err != nil {
		return nil, fmt.Errorf("render gallery page %s: %w", sheet.Name, err)
	}
	return out.Bytes(), nil
}

// RenderItem gives the fragment of one queue item, as the product answers
// ?fragment=1.
func RenderItem(root fs.FS, item Item, asset func(string) string) ([]byte, error) {
	set, err := template.New("").Funcs(template.FuncMap{"asset": asset}).ParseFS(root, "templates/partials/*.html")
	if err != nil {
		return nil, fmt.Errorf("parse partials: %w", err)
	}
	if set, err = set.ParseFS(pages, "pages/review.html"); err != nil {
		return nil, fmt.Errorf("parse gallery page review: %w", err)
	}
	var out bytes.Buffer
	if err := set.ExecuteTemplate(&out, "item", item); err != nil {
		return nil, fmt.Errorf("render item %s: %w", item.Key, err)
	}
	return out.Bytes(), nil
}
