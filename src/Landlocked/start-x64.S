/*
 * What happens before and around the .NET runtime.
 *
 * capture: what the process was given, saved before the runtime changes it (it ignores SIGPIPE and raises RLIMIT_NOFILE before Main).
 * glibc passes (argc, argv, envp) to the functions of .init_array. The layout of the record is in StartRecord.cs:
 * struct { char **argv; char **envp; u64 nofile_soft, nofile_hard; u64 blocked; u64 ignored; }
 *
 * Of the descriptors 0, 1 and 2, what is closed gets a place holder (O_PATH, closed by execve): the runtime would take the numbers for
 * what it needs itself, and be written to, or lose it, as standard output.
 *
 * __wrap_main: main gives -1, silently, if the runtime cannot start (no thread, no memory); Main itself never does. That becomes a line
 * and exit code 125.
 */
	.globl	landlocked_start_state, __wrap_main
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

hold:	mov	$257, %eax			/* openat(AT_FDCWD, "/", O_PATH | O_CLOEXEC) */
	mov	$-100, %edi
	lea	root(%rip), %rsi
	mov	$0x280000, %edx
	xor	%r10d, %r10d
	syscall
	cmp	$2, %rax			/* an error is above, too */
	jbe	hold
	mov	%eax, %edi			/* close(descriptor) */
	mov	$3, %eax
	syscall

	add	$72, %rsp
	pop	%rbp
	pop	%rbx
	ret

landlocked_start_state:
	lea	state(%rip), %rax
	ret

__wrap_main:
	sub	$8, %rsp
	call	__real_main
	cmp	$-1, %eax
	jne	done
	mov	$1, %eax			/* write(2, failure, size) */
	mov	$2, %edi
	lea	failure(%rip), %rsi
	mov	$failure_end - failure, %edx
	syscall
	mov	$125, %eax
done:	add	$8, %rsp
	ret

	.section .rodata
failure:
	.ascii	"landlocked: the .NET runtime cannot start, as if no thread or memory were left; nothing was run\n"
failure_end:
root:	.asciz	"/"

	.section .init_array, "aw", @init_array
	.balign	8
	.quad	capture

	.bss
	.balign	8
state:	.skip	48
	.section .note.GNU-stack, "", @progbits
