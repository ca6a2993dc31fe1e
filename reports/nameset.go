package reports

import (
	"maps"
	"slices"
)

// nameSet is a set of names. Most have one or two, and there is one for each group
// and draft, so few names are a list.
type nameSet struct {
	few  []string
	many map[string]struct{} // instead, once there are more than maxFew
}

const maxFew = 16

// add puts a name in and says whether it is new.
func (s *nameSet) add(name string) bool {
	if s.many != nil {
		if _, there := s.many[name]; there {
			return false
		}
		s.many[name] = struct{}{}
		return true
	}
	if slices.Contains(s.few, name) {
		return false
	}
	if s.few = append(s.few, name); len(s.few) > maxFew {
		s.many = make(map[string]struct{}, 2*maxFew)
		for _, n := range s.few {
			s.many[n] = struct{}{}
		}
		s.few = nil
	}
	return true
}

func (s *nameSet) len() int { return len(s.few) + len(s.many) }

// each calls back with every name, in no order.
func (s *nameSet) each(do func(string)) {
	for _, n := range s.few {
		do(n)
	}
	for n := range s.many {
		do(n)
	}
}

// sorted lists the names, an empty list if there are none.
func (s *nameSet) sorted() []string {
	out := slices.AppendSeq(append(make([]string, 0, s.len()), s.few...), maps.Keys(s.many))
	slices.Sort(out)
	return out
}
