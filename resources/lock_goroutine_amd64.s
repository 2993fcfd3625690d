//go:build gc && !leakcheck_noasm

#include "textflag.h"

// func wordOfG(offset uintptr) uint64
TEXT ·wordOfG(SB), NOSPLIT, $0-16
	MOVQ (TLS), AX
	ADDQ offset+0(FP), AX
	MOVQ (AX), AX
	MOVQ AX, ret+8(FP)
	RET
