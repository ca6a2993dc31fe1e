package rawjson

import "golang.org/x/sys/cpu"

// wide says that the processor can compare 32 bytes at once and multiply
// without carrying.
var wide = cpu.X86.HasAVX2 && cpu.X86.HasPCLMULQDQ && cpu.X86.HasPOPCNT && cpu.X86.HasBMI1

// widest says that it can compare 64 bytes at once; scan asks.
var widest = wide && cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW

// scan goes on with s over blocks of 64 bytes each that begin at p. It gives the
// distance from p to just after the byte that closes what is open, scanOn when
// that is behind the blocks, or scanDeep.
//
//go:noescape
func scan(p *byte, blocks int, s *nesting) (end int)

// stringMask looks at the 32 bytes at p for quotes and backslashes.
//
//go:noescape
func stringMask(p *byte) uint32
