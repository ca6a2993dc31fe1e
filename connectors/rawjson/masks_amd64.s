#include "textflag.h"

// The bytes that are looked for, each repeated over a register when loaded.
DATA bytes<>+0(SB)/1, $0x22 // "
DATA bytes<>+1(SB)/1, $0x5c // backslash
DATA bytes<>+2(SB)/1, $0x20 // makes [ of { and ] of }
DATA bytes<>+3(SB)/1, $0x7b // {
DATA bytes<>+4(SB)/1, $0x7d // }
GLOBL bytes<>(SB), RODATA|NOPTR, $5

// func masks(p *byte) (quote, slash, open, end uint64)
TEXT ·masks(SB), NOSPLIT, $0-40
	MOVQ p+0(FP), AX
	VMOVDQU (AX), Y0
	VMOVDQU 32(AX), Y1

	VPBROADCASTB bytes<>+0(SB), Y2
	VPCMPEQB Y2, Y0, Y3
	VPCMPEQB Y2, Y1, Y4
	VPMOVMSKB Y3, BX
	VPMOVMSKB Y4, CX
	SHLQ $32, CX
	ORQ CX, BX
	MOVQ BX, quote+8(FP)

	VPBROADCASTB bytes<>+1(SB), Y2
	VPCMPEQB Y2, Y0, Y3
	VPCMPEQB Y2, Y1, Y4
	VPMOVMSKB Y3, BX
	VPMOVMSKB Y4, CX
	SHLQ $32, CX
	ORQ CX, BX
	MOVQ BX, slash+16(FP)

	VPBROADCASTB bytes<>+2(SB), Y2
	VPOR Y2, Y0, Y0
	VPOR Y2, Y1, Y1

	VPBROADCASTB bytes<>+3(SB), Y2
	VPCMPEQB Y2, Y0, Y3
	VPCMPEQB Y2, Y1, Y4
	VPMOVMSKB Y3, BX
	VPMOVMSKB Y4, CX
	SHLQ $32, CX
	ORQ CX, BX
	MOVQ BX, open+24(FP)

	VPBROADCASTB bytes<>+4(SB), Y2
	VPCMPEQB Y2, Y0, Y3
	VPCMPEQB Y2, Y1, Y4
	VPMOVMSKB Y3, BX
	VPMOVMSKB Y4, CX
	SHLQ $32, CX
	ORQ CX, BX
	MOVQ BX, end+32(FP)

	VZEROUPPER
	RET

// func stringMask(p *byte) uint32
TEXT ·stringMask(SB), NOSPLIT, $0-12
	MOVQ p+0(FP), AX
	VMOVDQU (AX), Y0
	VPBROADCASTB bytes<>+0(SB), Y1
	VPBROADCASTB bytes<>+1(SB), Y2
	VPCMPEQB Y1, Y0, Y1
	VPCMPEQB Y2, Y0, Y2
	VPOR Y1, Y2, Y1
	VPMOVMSKB Y1, BX
	MOVL BX, ret+8(FP)
	VZEROUPPER
	RET
