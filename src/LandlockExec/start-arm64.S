/* Process entry and the system call instruction: all that C# cannot say. */
	.globl	_start, native_call, native_trap
	.text
_start:
	mov	x29, #0
	mov	x30, #0
	ldr	w0, [sp]		/* argc; argv and the environment lie above it */
	add	x1, sp, #8
	adrp	x2, native_attached
	add	x2, x2, :lo12:native_attached
	bl	native_main
native_trap:				/* native_main does not return */
	brk	#1

/* long native_call(number, a, b, c, d, e, f): the result or -errno */
native_call:
	mov	x8, x0
	mov	x0, x1
	mov	x1, x2
	mov	x2, x3
	mov	x3, x4
	mov	x4, x5
	mov	x5, x6
	svc	#0
	ret

/* What a compiled command carries: CompiledFile.cs finds the two marks, and writes the numbers behind them. */
	.section .rodata
	.balign 16
native_attached:
	.quad	0x4843415454414C4C, 0x9C5A0B1F63D2E784
	.quad	0, 0			/* where the plan begins in this file, and its size */
	.section .note.GNU-stack, "", @progbits
