// Package chart owns the geometry of the charts that pages show: it turns
// figures into numbers a template can print as SVG attributes, so that a chart
// needs no script and no inline style. Every chart carries a title, a
// description and the same figures as a table. How a chart is drawn is left to
// templates/partials/charts.html and static/css/charts.css; what the figures
// mean is left to the pages.
//
// Across, positions are percentages of the drawing, so a chart fits any width
// and its text keeps its size; down, they are CSS pixels. Axes start at zero.
package chart

import (
	"math"
	"strconv"
	"strings"
)

// Figures are the figures of a chart as a table: one head and rows of the same
// length. The first column names the row.
type Figures struct {
	Head []string
	Rows [][]string
}

// Tick is a label at a place on an axis. Anchor is "start", "middle" or "end".
type Tick struct {
	At     float64
	Text   string
	Anchor string
}

// Count writes a number with thousands separators: 1482113 is "1,482,113".
func Count(n int64) string {
	sign := ""
	digits := strconv.FormatInt(n, 10)
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return sign + b.String()
}

// percent gives part of whole in percent with two decimals; 0 of nothing is 0.
func percent(part, whole float64) float64 {
	if whole <= 0 {
		return 0
	}
	return math.Round(part/whole*10000) / 100
}

// pixels rounds to a tenth of a pixel.
func pixels(v float64) float64 { return math.Round(v*10) / 10 }

// ceiling gives the top of an axis for the highest value: the value itself when
// it is small, else the next of 1, 2, 2.5, 5 times a power of ten.
func ceiling(highest int64) int64 {
	if highest <= 10 {
		return max(highest, 1)
	}
	power := math.Pow(10, math.Floor(math.Log10(float64(highest))))
	for _, step := range []float64{1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10} {
		if top := step * power; top >= float64(highest) {
			return int64(top)
		}
	}
	return highest
}

// edge gives the first, the last and, if there is room, the middle label.
func edge(labels []string, at func(int) float64) []Tick {
	n := len(labels)
	if n == 0 {
		return nil
	}
	ticks := []Tick{{At: 0, Text: labels[0], Anchor: "start"}}
	if n >= 9 {
		ticks = append(ticks, Tick{At: at(n / 2), Text: labels[n/2], Anchor: "middle"})
	}
	if n > 1 {
		ticks = append(ticks, Tick{At: 100, Text: labels[n-1], Anchor: "end"})
	}
	return ticks
}
