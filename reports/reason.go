package reports

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"logreeve/connectors"
	"logreeve/reports/roster"
)

func notApplicableReason(c Case) string {
	return "Declared as not applicable here: " + ended(c.Declared)
}

func notRunReason(c Case) string {
	return fmt.Sprintf("Not run (%s): %s", c.Missing.ID, lowered(c.Missing.Detail))
}

func failureReason(c Case) string { return ended(c.Failure) }

// foundReason is for an outcome with items: how many, and what limits it.
func foundReason(c Case, violations int, unmet []Gate) string {
	items := len(c.Items)
	var s string
	switch {
	case violations == 0 && items == 1:
		s = "1 item needs a decision"
	case violations == 0:
		s = counted(int64(items), "item") + " need a decision"
	case violations == items:
		s = counted(int64(violations), "violation")
	default:
		s = fmt.Sprintf("%s in %s", counted(int64(violations), "violation"), counted(int64(items), "item"))
	}
	if len(unmet) == 0 {
		return s + "."
	}
	return fmt.Sprintf("%s, and there may be more, because %s not met: %s", s, gatesInWords(unmet), lowered(unmet[0].Detail))
}

func unmetReason(unmet []Gate) string {
	return fmt.Sprintf("Nothing was found, but that proves nothing, because %s not met: %s", gatesInWords(unmet), lowered(unmet[0].Detail))
}

func passReason(c Case) string {
	if c.Population == 0 {
		return fmt.Sprintf("No event of this kind is in the window, and %s.", allMet(len(c.Gates)))
	}
	return fmt.Sprintf("Nothing was found in %s tested, and %s.", counted(c.Population, "event"), allMet(len(c.Gates)))
}

// gatesInWords names the first gate and how many others are not met: "G4 and 1 more gate are".
func gatesInWords(unmet []Gate) string {
	n := len(unmet)
	return string(unmet[0].ID) + andMore(n-1, "gate") + " " + isOrAre(int64(n))
}

func isOrAre(n int64) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

func allMet(gates int) string {
	if gates == 1 {
		return "the one gate is met"
	}
	return fmt.Sprintf("all %d gates are met", gates)
}

// andMore is " and 2 more gates", or nothing.
func andMore(n int, thing string) string {
	if n <= 0 {
		return ""
	}
	return " and " + strings.Replace(counted(int64(n), thing), " ", " more ", 1)
}

// allOf is "all 3 expected sources report".
func allOf(n int, thing, does string) string {
	switch n {
	case 0:
		return "no " + thing + " is declared"
	case 1:
		return "the one " + thing + " " + does
	}
	return fmt.Sprintf("all %d %ss %s", n, thing, strings.TrimSuffix(does, "s"))
}

// counted is "1 event", "1,204 events".
func counted(n int64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return grouping(n) + " " + thing + "s"
}

// grouping writes a number with commas between thousands.
func grouping(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// lowered makes a sentence fit after a colon.
func lowered(sentence string) string {
	for _, word := range []string{"The ", "There ", "No ", "Nothing ", "It ", "People ", "Every "} {
		if strings.HasPrefix(sentence, word) {
			return strings.ToLower(sentence[:1]) + sentence[1:]
		}
	}
	return sentence
}

// ended makes sure that a sentence ends with a full stop.
func ended(sentence string) string { return strings.TrimRight(sentence, ". ") + "." }

func seconds(n int64) string { return inWords(time.Duration(n) * time.Second) }

// inWords writes a duration with its two largest units: "2 days 4 hours", "8 minutes 48 seconds".
func inWords(d time.Duration) string {
	if d < time.Second {
		return "less than a second"
	}
	s := int64(d / time.Second)
	units := []struct {
		size int64
		name string
	}{{86_400, "day"}, {3_600, "hour"}, {60, "minute"}, {1, "second"}}
	var out []string
	for _, u := range units {
		if n := s / u.size; n > 0 {
			out = append(out, counted(n, u.name))
			s %= u.size
		} else if len(out) > 0 {
			break
		}
		if len(out) == 2 {
			break
		}
	}
	return strings.Join(out, " ")
}

func kindsInWords(kinds []connectors.Kind) string {
	if len(kinds) == 0 {
		return "any kind"
	}
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = string(k)
	}
	if len(names) == 1 {
		return "the kind " + names[0]
	}
	return "the kinds " + strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}

func expectedName(e roster.ExpectedSource) string { return placeName(e.Name, e.Host) }

func placeName(source, place string) string {
	if place == "" {
		return source
	}
	return place + " (" + source + ")"
}
