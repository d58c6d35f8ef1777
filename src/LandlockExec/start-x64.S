/* Process entry and the system call instruction: all that C# cannot say. */
	.globl	_start, native_call, native_trap
	.text
_start:
	xor	%ebp, %ebp
	mov	(%rsp), %edi		/* argc; argv and the environment lie above it */
	lea	8(%rsp), %rsi
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
	.section .note.GNU-stack, "", @progbits
