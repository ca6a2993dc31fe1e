#include "textflag.h"

// The bytes that are looked for, each repeated over a register when loaded.
DATA bytes<>+0(SB)/1, $0x22 // "
DATA bytes<>+1(SB)/1, $0x5c // backslash
DATA bytes<>+2(SB)/1, $0x20 // makes [ of { and ] of }
DATA bytes<>+3(SB)/1, $0x7b // {
DATA bytes<>+4(SB)/1, $0x7d // }
GLOBL bytes<>(SB), RODATA|NOPTR, $5

// MASK sets bit n of to when byte n of the block in Y0 and Y1 is that of like.
#define MASK(like, to) \
	VPCMPEQB like, Y0, Y2 \
	VPCMPEQB like, Y1, Y3 \
	VPMOVMSKB Y2, to \
	VPMOVMSKB Y3, BX \
	SHLQ $32, BX \
	ORQ BX, to

// func scan(p *byte, blocks int, s *nesting) (end int)
TEXT ·scan(SB), NOSPLIT, $0-32
	MOVQ p+0(FP), SI
	MOVQ blocks+8(FP), CX
	MOVQ s+16(FP), DI
	MOVQ 0(DI), R8  // depth
	MOVQ 8(DI), R9  // inside
	MOVQ 16(DI), R10 // escaped
	MOVBLZX ·widest(SB), R14
	TESTL R14, R14
	JZ narrow
	VPBROADCASTB bytes<>+0(SB), Z8
	VPBROADCASTB bytes<>+1(SB), Z9
	VPBROADCASTB bytes<>+2(SB), Z10
	VPBROADCASTB bytes<>+3(SB), Z11
	VPBROADCASTB bytes<>+4(SB), Z12

begin:
	VPCMPEQB Y13, Y13, Y13 // all ones
	MOVQ $0xAAAAAAAAAAAAAAAA, R13

block:
	TESTL R14, R14
	JZ halves
	VMOVDQU64 (SI), Z0
	VPCMPEQB Z8, Z0, K1
	VPCMPEQB Z9, Z0, K2
	VPORQ Z10, Z0, Z0
	VPCMPEQB Z11, Z0, K3
	VPCMPEQB Z12, Z0, K4
	KMOVQ K1, AX
	KMOVQ K2, DX
	KMOVQ K3, R11
	KMOVQ K4, R12

masks:
	// A quote is escaped when it follows a run of backslashes of odd length.
	// Taking the first backslash of each run from odd bits that the run pushes
	// up by one borrows to the run's end, and differs there by its length.
	MOVQ DX, BX
	ORQ R10, BX // backslashes, and what the last block escaped
	JZ strings
	ANDNQ DX, R10, DX // backslashes that are not escaped by the last block
	LEAQ (DX)(DX*1), R10
	ORQ R13, R10
	SUBQ DX, R10
	XORQ R13, R10
	XORQ R10, BX // what is escaped
	ANDQ DX, R10 // what escapes
	ANDNQ AX, BX, AX
	SHRQ $63, R10

strings:
	// Multiplied by all ones without carrying, each bit becomes the parity of the
	// quotes up to it: what lies between them.
	VMOVQ AX, X0
	VPCLMULQDQ $0, X13, X0, X0
	VMOVQ X0, BX
	XORQ R9, BX
	MOVQ BX, R9
	SARQ $63, R9
	ANDNQ R11, BX, R11
	ANDNQ R12, BX, R12
	POPCNTQ R11, AX
	POPCNTQ R12, DX
	LEAQ (R8)(AX*1), BX
	CMPQ BX, $512 // MaxDepth
	JGT deep
	CMPQ DX, R8
	JGE ends
	SUBQ DX, BX
	MOVQ BX, R8

next:
	ADDQ $64, SI
	DECQ CX
	JNZ block
	MOVQ R8, 0(DI)
	MOVQ R9, 8(DI)
	MOVQ R10, 16(DI)
	MOVQ $-1, AX // scanOn
	JMP done

halves:
	// The same masks with the block in two registers.
	VMOVDQU (SI), Y0
	VMOVDQU 32(SI), Y1
	MASK(Y8, AX) // quotes
	MASK(Y9, DX) // backslashes
	VPOR Y10, Y0, Y0
	VPOR Y10, Y1, Y1
	MASK(Y11, R11) // openings
	MASK(Y12, R12) // endings
	JMP masks

ends:
	// Enough ends to close everything: what is open behind each of them?
	TESTQ R12, R12
	JZ closed
	LEAQ -1(R12), DX
	ANDNQ DX, R12, BX // below the end
	ANDQ R11, BX
	POPCNTQ BX, BX
	DECQ R8
	ADDQ R8, BX
	JZ found
	ANDQ DX, R12
	JMP ends

closed:
	ADDQ AX, R8
	JMP next

found:
	BSFQ R12, AX
	ADDQ SI, AX
	SUBQ p+0(FP), AX
	INCQ AX
	JMP done

deep:
	MOVQ $-2, AX // scanDeep

done:
	MOVQ AX, end+24(FP)
	VZEROUPPER
	RET

narrow:
	VPBROADCASTB bytes<>+0(SB), Y8
	VPBROADCASTB bytes<>+1(SB), Y9
	VPBROADCASTB bytes<>+2(SB), Y10
	VPBROADCASTB bytes<>+3(SB), Y11
	VPBROADCASTB bytes<>+4(SB), Y12
	JMP begin

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
