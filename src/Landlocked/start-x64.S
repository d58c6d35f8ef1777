/*
 * What happens before and around the .NET runtime.
 *
 * capture: what the process was given, saved before the runtime changes it (it ignores SIGPIPE and raises RLIMIT_NOFILE before Main);
 * and the numbers of closed standard streams are taken.
 * glibc passes (argc, argv, envp) to the functions of .init_array. The layout of the record is in StartRecord.cs:
 * struct { char **argv; char **envp; u64 nofile_soft, nofile_hard; u64 blocked; u64 ignored; }
 *
 * __wrap_main: main gives -1, silently, if the runtime cannot start (no thread, no memory); Main itself never does. That becomes a line
 * and exit code 125.
 *
 * on_signal: takes note of a signal, and wakes whoever reads the eventfd. The layout of that state is in CaughtSignals.cs:
 * struct { u64 noted; s32 eventfd; }. It makes one call, and nothing of the runtime is in it: it may interrupt anything.
 */
	.globl	landlocked_start_state, landlocked_signal_state, landlocked_signal_handler, __wrap_main
	.text
capture:
	push	%rbx
	push	%rbp
	sub	$72, %rsp			/* the largest struct sigaction of the kernel; keeps the stack aligned */

	lea	state(%rip), %rbx
	mov	%rsi, 0(%rbx)
	mov	%rdx, 8(%rbx)

	/*
	 * A standard stream that is closed stays so for the command, but must not become a descriptor of the runtime, which this program would
	 * then read policies from and write messages to. Its number is taken by one that nothing can be read from or written to.
	 */
	xor	%ebp, %ebp
stream:	mov	$72, %eax			/* fcntl(stream, F_GETFD) */
	mov	%ebp, %edi
	mov	$1, %esi
	syscall
	cmp	$-9, %rax			/* EBADF */
	jne	isopen
	mov	$257, %eax			/* openat(AT_FDCWD, "/", O_PATH | O_CLOEXEC): the lowest free number, which is this one */
	mov	$-100, %rdi
	lea	root(%rip), %rsi
	mov	$0x280000, %edx
	syscall
isopen:	inc	%ebp
	cmp	$3, %ebp
	jne	stream

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

landlocked_signal_state:
	lea	signals(%rip), %rax
	ret

landlocked_signal_handler:
	lea	on_signal(%rip), %rax
	ret

on_signal:
	dec	%edi				/* bit n-1 is signal n */
	lock bts %rdi, signals(%rip)
	mov	$1, %eax			/* write(eventfd, &one, 8) */
	mov	signals+8(%rip), %edi
	lea	one(%rip), %rsi
	mov	$8, %edx
	syscall
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
	.balign	8
one:	.quad	1
root:	.asciz	"/"
failure:
	.ascii	"landlocked: the .NET runtime cannot start, as if no thread or memory were left; nothing was run\n"
failure_end:

	.section .init_array, "aw", @init_array
	.balign	8
	.quad	capture

	.bss
	.balign	8
state:	.skip	48
signals:
	.skip	16
	.section .note.GNU-stack, "", @progbits
