package rawjson

// nesting is where a scan over an object or array stands between two blocks. Its
// zero value is the beginning; the assembly of scan knows the order of its fields.
type nesting struct {
	depth   int    //nolint:unused // as inside and escaped, only scan uses it
	inside  uint64 //nolint:unused // all ones: the next byte is inside a string
	escaped uint64 //nolint:unused // 1: the next byte is escaped
}

// What scan answers when it has not found the end.
const (
	scanOn   = -1 // it is not in these blocks
	scanDeep = -2 // perhaps nested too deep; whoever looks byte by byte will see
)

// skipNested gives the index just after the object or array that begins at i. It
// looks at 64 bytes at a time; skipNestedPlain is its twin for processors
// that cannot, and both are compared by a fuzz test.
func skipNested(b []byte, i int) (int, error) {
	if !wide {
		return skipNestedPlain(b, i)
	}
	var (
		s    nesting
		at   = i
		end  = scanOn
		tail [64]byte // the last bytes; what is behind the end stays zero
	)
	if whole := (len(b) - at) / len(tail); whole > 0 {
		end = scan(&b[at], whole, &s)
		if end == scanOn {
			at += whole * len(tail)
		}
	}
	if end == scanOn && copy(tail[:], b[at:]) > 0 {
		end = scan(&tail[0], 1, &s)
	}
	switch end {
	case scanOn:
		return 0, ErrSyntax
	case scanDeep:
		return skipNestedPlain(b, i)
	}
	return at + end, nil
}

func skipNestedPlain(b []byte, i int) (int, error) {
	depth := 0
	for i < len(b) {
		switch b[i] {
		case '"':
			end, err := skipString(b, i)
			if err != nil {
				return 0, err
			}
			i = end
			continue
		case '{', '[':
			if depth++; depth > MaxDepth {
				return 0, ErrSyntax
			}
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1, nil
			}
		}
		i++
	}
	return 0, ErrSyntax
}
