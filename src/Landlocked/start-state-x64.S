/*
 * What the process was given, saved before any runtime changes it: the .NET runtime ignores SIGPIPE and raises RLIMIT_NOFILE before Main.
 * glibc passes (argc, argv, envp) to the functions of .init_array.
 *
 * struct { char **argv; char **envp; u64 nofile_soft, nofile_hard; u64 blocked; u64 ignored; }: see StartRecord.cs.
 */
	.globl	landlocked_start_state
	.text
capture:
	push	%rbx
	push	%rbp
	sub	$72, %rsp			/* the largest struct sigaction of the kernel; keeps the stack aligned */
	lea	state(%rip), %rbx
	mov	%rsi, 0(%rbx)
	mov	%rdx, 8(%rbx)

	mov	$302, %eax			/* prlimit64(0, RLIMIT_NOFILE, NULL, &nofile) */
	xor	%edi, %edi
	mov	$7, %esi
	xor	%edx, %edx
	lea	16(%rbx), %r10
	syscall

	mov	$14, %eax			/* rt_sigprocmask(SIG_BLOCK, NULL, &blocked, 8) */
	xor	%edi, %edi
	xor	%esi, %esi
	lea	32(%rbx), %rdx
	mov	$8, %r10d
	syscall

	mov	$1, %ebp
next:	mov	$13, %eax			/* rt_sigaction(signal, NULL, &action, 8) */
	mov	%ebp, %edi
	xor	%esi, %esi
	mov	%rsp, %rdx
	mov	$8, %r10d
	syscall
	test	%rax, %rax
	jnz	skip
	cmpq	$1, (%rsp)			/* SIG_IGN */
	jne	skip
	lea	-1(%rbp), %eax
	bts	%rax, 40(%rbx)
skip:	inc	%ebp
	cmp	$64, %ebp
	jle	next

	add	$72, %rsp
	pop	%rbp
	pop	%rbx
	ret

landlocked_start_state:
	lea	state(%rip), %rax
	ret

	.section .init_array, "aw", @init_array
	.balign	8
	.quad	capture

	.bss
	.balign	8
state:	.skip	48
	.section .note.GNU-stack, "", @progbits
