// Package templates owns the product's pages as files: layouts (the frames
// "page" and "bare"), partials (parts shared by pages) and pages (one file a
// page, which defines "title" and "content"). app/web parses and renders them.
package templates

import "embed"

// FS holds layouts/*.html, partials/*.html and pages/*.html. No file name begins
// with "_" or ".": embed leaves such files out without a word.
//
//go:embed layouts/*.html partials/*.html pages/*.html
var FS embed.FS
