package pdf

import "logreeve/reviews"

// standing is what was decided about one item or pick.
type standing struct {
	last  *reviews.Decision // the one that counts, nil when none does
	times int
	again []reviews.Decision // who judged it again
}

// standings looks up every decision once; asking the review for each item would
// read all of them each time.
func standings(r *reviews.Review) map[string]standing {
	of := map[string][]reviews.Decision{}
	for i := range r.Decisions {
		d := &r.Decisions[i]
		of[standingKey(d.Key, d.Pick)] = append(of[standingKey(d.Key, d.Pick)], *d)
	}
	out := make(map[string]standing, len(of))
	for key, decisions := range of {
		alone := reviews.Review{Decisions: decisions}
		var s standing
		s.last, s.times = alone.Standing(decisions[0].Key, decisions[0].Pick)
		for i := range decisions {
			if decisions[i].Choice == reviews.Reperformed {
				s.again = append(s.again, decisions[i])
			}
		}
		out[key] = s
	}
	return out
}

func standingKey(key string, pick bool) string {
	if pick {
		return "pick " + key
	}
	return "item " + key
}

func (p *document) standing(key string, pick bool) standing { return p.decided[standingKey(key, pick)] }
