// Package static owns the style sheets, scripts and pictures that pages use, as
// files. app/web serves them under a digest of all of them, so that browsers may
// keep them for a year.
package static

import "embed"

// FS holds css, js and img.
//
//go:embed css img js
var FS embed.FS
