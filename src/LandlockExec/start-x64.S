/* Process entry and the system call instruction: all that C# cannot say. */
	.globl	_start, native_call, native_trap
	.text
_start:
	xor	%ebp, %ebp
	mov	(%rsp), %edi		/* argc; argv and the environment lie above it */
	lea	8(%rsp), %rsi
	lea	native_attached(%rip), %rdx
	and	$-16, %rsp
	call	native_main
native_trap:				/* native_main does not return */
	ud2

/* long native_call(number, a, b, c, d, e, f): the result or -errno */
native_call:
	mov	%rdi, %rax
	mov	%rsi, %rdi
	mov	%rdx, %rsi
	mov	%rcx, %rdx
	mov	%r8, %r10
	mov	%r9, %r8
	mov	8(%rsp), %r9
	syscall
	ret

/* What a compiled command carries: CompiledFile.cs finds the two marks, and writes the numbers behind them. */
	.section .rodata
	.balign 16
native_attached:
	.quad	0x4843415454414C4C, 0x9C5A0B1F63D2E784
	.quad	0, 0			/* where the plan begins in this file, and its size */
	.section .note.GNU-stack, "", @progbits
