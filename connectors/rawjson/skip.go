package rawjson

import "math/bits"

// skipNested gives the index just after the object or array that begins at i. It
// looks at 64 bytes at a time; skipNestedPlain is its twin for processors
// that cannot, and both are compared by a fuzz test.
func skipNested(b []byte, i int) (int, error) {
	if !wide {
		return skipNestedPlain(b, i)
	}
	var (
		depth   int
		inside  uint64 // all ones when the block begins inside a string
		escaped uint64 // 1 when the block's first byte is escaped
		tail    [64]byte
	)
	for ; i < len(b); i += 64 {
		block := &tail[0]
		if i+64 <= len(b) {
			block = &b[i]
		} else {
			copy(tail[:], b[i:]) // what is behind the end stays zero
		}
		quote, slash, open, end := masks(block)
		if slash|escaped != 0 {
			escapes := escaped
			for s := slash &^ escaped; s != 0; {
				low := s & -s
				escapes |= low << 1
				escaped = low >> 63
				s &^= low | low<<1
			}
			if slash>>63 == 0 || escapes>>63 != 0 {
				escaped = 0
			}
			quote &^= escapes
		}
		text := prefixXor(quote) ^ inside
		inside = uint64(int64(text) >> 63) //nolint:gosec // the highest bit, everywhere
		open &^= text
		end &^= text
		if n := bits.OnesCount64(open); bits.OnesCount64(end) < depth && depth+n <= MaxDepth {
			depth += n - bits.OnesCount64(end)
			continue
		}
		for m := open | end; m != 0; m &= m - 1 {
			low := m & -m
			if open&low != 0 {
				if depth++; depth > MaxDepth {
					return 0, ErrSyntax
				}
			} else if depth--; depth == 0 {
				return i + bits.TrailingZeros64(low) + 1, nil
			}
		}
	}
	return 0, ErrSyntax
}

// prefixXor sets each bit to the parity of the bits up to it: from the quotes of
// a block it makes what lies between them.
func prefixXor(x uint64) uint64 {
	x ^= x << 1
	x ^= x << 2
	x ^= x << 4
	x ^= x << 8
	x ^= x << 16
	x ^= x << 32
	return x
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
