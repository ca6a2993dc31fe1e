package gallery_test

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// pair is a colour on another one and the contrast it must reach.
type pair struct {
	text, ground string
	least        float64
}

var (
	declaration = regexp.MustCompile(`contrast ([0-9.]+): ([a-z0-9 -]+) on ([a-z0-9 -]+)`)
	token       = regexp.MustCompile(`--([a-z0-9-]+):\s*#([0-9a-f]{6})\b`)
)

func pairs(css string) []pair {
	var all []pair
	for _, m := range declaration.FindAllStringSubmatch(css, -1) {
		least, _ := strconv.ParseFloat(m[1], 64)
		for _, text := range strings.Fields(m[2]) {
			for _, ground := range strings.Fields(m[3]) {
				all = append(all, pair{text, ground, least})
			}
		}
	}
	return all
}

// themes gives the tokens of the light and the dark theme; dark takes what it
// does not change from light.
func themes(css string) (light, dark map[string]string) {
	before, after, _ := strings.Cut(css, "prefers-color-scheme: dark")
	light, dark = map[string]string{}, map[string]string{}
	for _, m := range token.FindAllStringSubmatch(before, -1) {
		light[m[1]], dark[m[1]] = m[2], m[2]
	}
	for _, m := range token.FindAllStringSubmatch(after, -1) {
		dark[m[1]] = m[2]
	}
	return light, dark
}

// contrast is the ratio of WCAG 2.2, "contrast ratio", from 1 to 21.
func contrast(a, b string) float64 {
	l1, l2 := luminance(a), luminance(b)
	return (math.Max(l1, l2) + .05) / (math.Min(l1, l2) + .05)
}

// luminance is the relative luminance of WCAG 2.2 of a colour "rrggbb".
func luminance(hex string) float64 {
	var sum float64
	for i, weight := range []float64{.2126, .7152, .0722} {
		n, err := strconv.ParseUint(hex[2*i:2*i+2], 16, 8)
		if err != nil {
			return math.NaN()
		}
		c := float64(n) / 255
		if c <= .04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}

func faint(css string) []string {
	var found []string
	light, dark := themes(css)
	for name, tokens := range map[string]map[string]string{"light": light, "dark": dark} {
		for _, p := range pairs(css) {
			text, ground := tokens[p.text], tokens[p.ground]
			if text == "" || ground == "" {
				found = append(found, fmt.Sprintf("%s: no token for %s on %s", name, p.text, p.ground))
				continue
			}
			if got := contrast(text, ground); got < p.least {
				found = append(found, fmt.Sprintf("%s: %s on %s is %.2f, needs %.1f", name, p.text, p.ground, got, p.least))
			}
		}
	}
	return found
}

func TestContrast(t *testing.T) {
	css := read(t, "static/css/tokens.css")
	if n := len(pairs(css)); n < 60 {
		t.Fatalf("only %d pairs are declared", n)
	}
	for _, f := range faint(css) {
		t.Error(f)
	}
}

// TestContrastFindsFaintText is the control.
func TestContrastFindsFaintText(t *testing.T) {
	css := "/* contrast 4.5: ink on card */ :root { --ink: #888888; --card: #ffffff; } @media (prefers-color-scheme: dark) { :root { --ink: #eeeeee; --card: #111111; } }"
	if got := faint(css); len(got) != 1 || got[0] != "light: ink on card is 3.54, needs 4.5" {
		t.Errorf("found %q", got)
	}
	if got := contrast("000000", "ffffff"); got != 21 {
		t.Errorf("black on white is %v", got)
	}
}
