package rawjson

import "golang.org/x/sys/cpu"

// wide says that the processor can compare 32 bytes at once.
var wide = cpu.X86.HasAVX2

// masks looks at the 64 bytes at p: bit n of a mask says that byte n is a quote,
// a backslash, an opening or a closing brace or bracket.
//
//go:noescape
func masks(p *byte) (quote, slash, open, end uint64)

// stringMask looks at the 32 bytes at p for quotes and backslashes.
//
//go:noescape
func stringMask(p *byte) uint32
