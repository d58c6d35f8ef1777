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
	sub	sp, sp, #64			/* the largest struct sigaction of the kernel */
	adrp	x9, state
	add	x9, x9, :lo12:state
	stp	x1, x2, [x9]

	/*
	 * A standard stream that is closed stays so for the command, but must not become a descriptor of the runtime, which this program would
	 * then read policies from and write messages to. Its number is taken by one that nothing can be read from or written to.
	 */
	mov	x10, #0
stream:	mov	x0, x10				/* fcntl(stream, F_GETFD) */
	mov	x1, #1
	mov	x8, #25
	svc	#0
	cmn	x0, #9				/* EBADF */
	b.ne	isopen
	mov	x0, #-100			/* openat(AT_FDCWD, "/", O_PATH | O_CLOEXEC): the lowest free number, which is this one */
	adrp	x1, root
	add	x1, x1, :lo12:root
	mov	x2, #0x280000
	mov	x8, #56
	svc	#0
isopen:	add	x10, x10, #1
	cmp	x10, #3
	b.ne	stream

	mov	x0, #0				/* prlimit64(0, RLIMIT_NOFILE, NULL, &nofile) */
	mov	x1, #7
	mov	x2, #0
	add	x3, x9, #16
	mov	x8, #261
	svc	#0

	mov	x0, #0				/* rt_sigprocmask(SIG_BLOCK, NULL, &blocked, 8) */
	mov	x1, #0
	add	x2, x9, #32
	mov	x3, #8
	mov	x8, #135
	svc	#0

	mov	x10, #1				/* signal */
	mov	x11, #0				/* ignored */
	mov	x12, #1				/* its bit */
next:	mov	x0, x10				/* rt_sigaction(signal, NULL, &action, 8) */
	mov	x1, #0
	mov	x2, sp
	mov	x3, #8
	mov	x8, #134
	svc	#0
	cbnz	x0, skip
	ldr	x0, [sp]
	cmp	x0, #1				/* SIG_IGN */
	b.ne	skip
	orr	x11, x11, x12
skip:	lsl	x12, x12, #1
	add	x10, x10, #1
	cmp	x10, #64
	b.le	next
	str	x11, [x9, #40]

	add	sp, sp, #64
	ret

landlocked_start_state:
	adrp	x0, state
	add	x0, x0, :lo12:state
	ret

landlocked_signal_state:
	adrp	x0, signals
	add	x0, x0, :lo12:signals
	ret

landlocked_signal_handler:
	adrp	x0, on_signal
	add	x0, x0, :lo12:on_signal
	ret

on_signal:
	adrp	x9, signals
	add	x9, x9, :lo12:signals
	sub	w0, w0, #1			/* bit n-1 is signal n */
	mov	x10, #1
	lsl	x10, x10, x0
again:	ldaxr	x11, [x9]
	orr	x11, x11, x10
	stlxr	w12, x11, [x9]
	cbnz	w12, again
	ldr	w0, [x9, #8]			/* write(eventfd, &one, 8) */
	adrp	x1, one
	add	x1, x1, :lo12:one
	mov	x2, #8
	mov	x8, #64
	svc	#0
	ret

__wrap_main:
	stp	x29, x30, [sp, #-16]!
	mov	x29, sp
	bl	__real_main
	cmn	w0, #1
	b.ne	done
	mov	x0, #2				/* write(2, failure, size) */
	adrp	x1, failure
	add	x1, x1, :lo12:failure
	mov	x2, #(failure_end - failure)
	mov	x8, #64
	svc	#0
	mov	w0, #125
done:	ldp	x29, x30, [sp], #16
	ret

	.section .rodata
	.balign	8
one:	.xword	1
root:	.asciz	"/"
failure:
	.ascii	"landlocked: the .NET runtime cannot start, as if no thread or memory were left; nothing was run\n"
failure_end:

	.section .init_array, "aw", @init_array
	.balign	8
	.xword	capture

	.bss
	.balign	8
state:	.skip	48
signals:
	.skip	16
	.section .note.GNU-stack, "", @progbits
