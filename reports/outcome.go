package reports

import "slices"

// Case is everything the outcome of a check follows from.
type Case struct {
	// Declared is the reason why the check does not apply here, as a person
	// declared it; "" when nobody did. It is never inferred.
	Declared string
	// Missing is the gate of a required input that was not given: the check did
	// not run. Nil: nothing is missing.
	Missing *Gate
	// Failure says in a sentence how we failed; "" when we did not.
	Failure string

	Population int64
	Items      []Item
	Gates      []Gate // all that the check needs, judged
}

// Decide turns items and gates into the outcome (architecture.md §4). It is the
// only place where a check passes. Limited says that a needed gate was not met,
// so that there may be more than was found. The reason is one sentence.
func Decide(c Case) (outcome Outcome, limited bool, reason string) {
	if c.Declared != "" {
		return NotApplicable, false, notApplicableReason(c)
	}
	if c.Missing != nil {
		return Inconclusive, false, notRunReason(c)
	}
	if c.Failure != "" {
		return Errored, false, failureReason(c)
	}
	unmet := unmetOf(c.Gates)
	limited = len(unmet) > 0
	violations := violationsOf(c.Items)
	if violations > 0 {
		return Fail, limited, foundReason(c, violations, unmet)
	}
	if len(c.Items) > 0 {
		return NeedsReview, limited, foundReason(c, violations, unmet)
	}
	if len(c.Gates) == 0 {
		return Inconclusive, false, "Nothing was found, but nobody looked whether the data is complete."
	}
	if limited {
		return Inconclusive, false, unmetReason(unmet)
	}
	return Pass, false, passReason(c)
}

func unmetOf(gates []Gate) []Gate {
	var unmet []Gate
	for _, g := range gates {
		if !g.OK {
			unmet = append(unmet, g)
		}
	}
	return unmet
}

func violationsOf(items []Item) int {
	n := 0
	for _, i := range items {
		if i.Violation {
			n++
		}
	}
	return n
}

// missingInput finds the required input that was not given, as the gate that
// says so (contract.md §4); nil when the check can run.
func missingInput(f *Facts, n Needs) *Gate {
	if len(f.Of(n.Kinds)) == 0 {
		return &Gate{ID: G2, Detail: "No source of " + kindsInWords(n.Kinds) + " was given."}
	}
	if n.People && !f.HasPeople {
		return &Gate{ID: G9, Detail: "No people file was given."}
	}
	if n.Keys && !f.HasKeys {
		return &Gate{ID: G9, Detail: "No file of registered SSH keys was given."}
	}
	if n.Expected && len(f.Expected) == 0 {
		return &Gate{ID: G2, Detail: "No expected_sources were declared in the registers file, so nothing says which sources must report."}
	}
	if n.Register != "" && !slices.Contains(f.Registers, n.Register) {
		return &Gate{ID: G9, Detail: "No entry of the register " + string(n.Register) + " was given."}
	}
	return nil
}
