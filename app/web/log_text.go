package web

import (
	"fmt"
	"strings"
	"unicode"

	"logreeve/app/web/chart"
	"logreeve/connectors"
)

// logText makes text of a log safe to read: control characters, and marks that
// turn or hide the text around them (Unicode category Cf: bidirectional
// controls, zero widths), are written out as ⟨U+202E⟩. Escaping for HTML is left
// to the templates.
func logText(s string) string {
	s = connectors.Visible(s)
	if !strings.ContainsFunc(s, hides) {
		return s
	}
	var out strings.Builder
	for _, r := range s {
		if hides(r) {
			fmt.Fprintf(&out, "⟨U+%04X⟩", r)
		} else {
			out.WriteRune(r)
		}
	}
	return out.String()
}

func hides(r rune) bool { return unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' }

// sizeWords writes a number of bytes as people do: "1.2 GB", in powers of 1,000.
func sizeWords(n int64) string {
	units := []string{"bytes", "kB", "MB", "GB", "TB", "PB"}
	if n < 1000 {
		return chart.Count(n) + " bytes"
	}
	v, unit := float64(n), 0
	for v >= 999.5 && unit < len(units)-1 {
		v, unit = v/1000, unit+1
	}
	if v < 10 {
		return fmt.Sprintf("%.1f %s", v, units[unit])
	}
	return fmt.Sprintf("%.0f %s", v, units[unit])
}

// secondsWords writes a stretch of time in its two largest units: "2 h 14 min".
func secondsWords(n int64) string {
	switch {
	case n < 120:
		return fmt.Sprintf("%d s", n)
	case n < 2*3600:
		return fmt.Sprintf("%d min", n/60)
	case n < 48*3600:
		if m := n % 3600 / 60; m > 0 {
			return fmt.Sprintf("%d h %d min", n/3600, m)
		}
		return fmt.Sprintf("%d h", n/3600)
	}
	if h := n % 86400 / 3600; h > 0 {
		return fmt.Sprintf("%d days %d h", n/86400, h)
	}
	return fmt.Sprintf("%d days", n/86400)
}

// kindWord names a kind of log.
func kindWord(k connectors.Kind) string {
	switch k {
	case connectors.Kubernetes:
		return "Kubernetes audit log"
	case connectors.AuthLog:
		return "Auth log of hosts"
	case "":
		return "Recognised by content"
	}
	return string(k)
}
