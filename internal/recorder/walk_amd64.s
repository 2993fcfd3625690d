//go:build gc

#include "textflag.h"

// func walk(dst *uintptr, max int) (n int)
//
// A frame pointer points to the caller's frame pointer, with the return
// address above it. A function in assembly is never preempted, so the stack
// cannot move under the loop. g begins with the bounds of its stack, lo and
// hi, in every release so far; TestWalkAgreesWithTheRuntime would notice.
TEXT ·walk(SB), NOSPLIT|NOFRAME, $0-24
	MOVQ dst+0(FP), DI
	MOVQ max+8(FP), CX
	MOVQ (TLS), DX
	MOVQ 8(DX), R8  // g.stack.hi
	SUBQ $16, R8    // the highest address a frame pointer can have
	MOVQ BP, AX
	MOVQ SP, SI     // a frame pointer must be above the previous one
	XORQ BX, BX
loop:
	TESTQ AX, AX
	JZ   done
	CMPQ BX, CX
	JGE  done
	CMPQ AX, SI
	JLS  broken
	CMPQ AX, R8
	JHI  broken
	MOVQ 8(AX), R9
	MOVQ R9, (DI)(BX*8)
	INCQ BX
	MOVQ AX, SI
	MOVQ (AX), AX
	JMP  loop
done:
	MOVQ BX, n+16(FP)
	RET
broken:
	MOVQ $-1, n+16(FP)
	RET
