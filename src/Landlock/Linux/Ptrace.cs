using System.Runtime.InteropServices;

namespace Landlock.Linux;

/// <summary>
/// The calls of a tracer: ptrace(2), waitpid(2), process_vm_readv(2). ptrace knows its tracer by the thread, so one thread makes them all.
/// </summary>
internal static unsafe partial class Ptrace
{
    /// <summary>__WALL: children of every kind, threads too.</summary>
    private const int AllKinds = 0x4000_0000;

    private const int Continue = 7, SystemCallRequest = 24, GetEventMessageRequest = 0x4201, SeizeRequest = 0x4206, ListenRequest =
        0x4208, GetSystemCallInfo = 0x420e;

    private const int PokeUser = 6, GetRegisters = 0x4204, SetRegisters = 0x4205;
    private const int OriginalRax = 15 * 8, Rdi = 14 * 8, Rax = 10 * 8, Rbx = 5 * 8; // in struct user (sys/user.h)
    private const int GeneralCount = 34; // struct user_pt_regs of arm64: x0 to x30, sp, pc, pstate
    private const int GeneralSet = 1, CallNumberSet = 0x404; // NT_PRSTATUS, NT_ARM_SYSTEM_CALL

    // TRACESYSGOOD, TRACEFORK, TRACEVFORK, TRACECLONE, TRACEEXEC, TRACESECCOMP, EXITKILL.
    private const int Options = 0x1 | 0x2 | 0x4 | 0x8 | 0x10 | 0x80 | 0x10_0000;

    /// <summary>Takes hold of a process without stopping it; what it starts is traced too, and ends when the tracer ends.</summary>
    /// <returns>Why the kernel, a filter or a security module refuses it; None if nothing does.</returns>
    public static Errno Seize(int process) => ptrace(SeizeRequest, process, 0, Options) == 0 ? Errno.None : Syscalls.LastError;

    /// <summary>Lets a tracee run. It may have been killed meanwhile, which the next wait reports.</summary>
    public static void Resume(int thread, int signal) => _ = ptrace(Continue, thread, 0, signal);

    /// <summary>Lets a tracee run to the end of the system call that it is in.</summary>
    public static void FinishCall(int thread) => _ = ptrace(SystemCallRequest, thread, 0, 0);

    /// <summary>
    /// Makes the call that a filter has stopped a tracee in (<see cref="FilterProgram.Trace"/>) fail with an error, and lets it
    /// run; false if it is gone.
    /// </summary>
    /// <remarks>
    /// A number of -1 makes the kernel skip the call, and whatever is in the register for results is the result
    /// (seccomp(2), SECCOMP_RET_TRACE).
    /// </remarks>
    public static bool RefuseCall(int thread, Errno error)
    {
        bool refused = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? RefuseOnArm64(thread, error)
            : ptrace(PokeUser, thread, OriginalRax, -1) == 0 && ptrace(PokeUser, thread, Rax, -(nint)error) == 0;
        if (refused) Resume(thread, 0);
        return refused;
    }

    /// <summary>Gives the call that a tracee is stopped before another first argument.</summary>
    /// <param name="thread">The tracee.</param>
    /// <param name="argument">The argument.</param>
    /// <param name="isNarrow">Whether it is a call of a 32-bit program.</param>
    public static void SetFirst(int thread, ulong argument, bool isNarrow)
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.Arm64)
        {
            _ = ptrace(PokeUser, thread, isNarrow ? Rbx : Rdi, (nint)argument);
            return;
        }

        ulong* registers = stackalloc ulong[GeneralCount];
        Vector all = new() { Address = (nuint)registers, Length = GeneralCount * sizeof(ulong) };
        if (ptrace(GetRegisters, thread, GeneralSet, (nint)(&all)) != 0) return;
        registers[0] = argument;
        _ = ptrace(SetRegisters, thread, GeneralSet, (nint)(&all));
    }

    private static bool RefuseOnArm64(int thread, Errno error)
    {
        int skipped = -1;
        Vector number = new() { Address = (nuint)(&skipped), Length = sizeof(int) };
        ulong* registers = stackalloc ulong[GeneralCount];
        Vector all = new() { Address = (nuint)registers, Length = GeneralCount * sizeof(ulong) };
        if (ptrace(SetRegisters, thread, CallNumberSet, (nint)(&number)) != 0
            || ptrace(GetRegisters, thread, GeneralSet, (nint)(&all)) != 0)
        {
            return false;
        }
        registers[0] = (ulong)-(long)error;
        return ptrace(SetRegisters, thread, GeneralSet, (nint)(&all)) == 0;
    }

    /// <summary>Leaves a tracee in the stop that a signal put its whole process into, until SIGCONT.</summary>
    public static void Listen(int thread) => _ = ptrace(ListenRequest, thread, 0, 0);

    /// <summary>What an event is about, such as the thread that a process was before it executed a program.</summary>
    public static long EventMessage(int thread)
    {
        ulong message = 0;
        return ptrace(GetEventMessageRequest, thread, 0, (nint)(&message)) == 0 ? (long)message : 0;
    }

    /// <summary>The system call that a tracee is stopped in (Linux 5.3); false if it is gone.</summary>
    public static bool GetCall(int thread, out SystemCallStop stop)
    {
        fixed (SystemCallStop* buffer = &stop) return ptrace(GetSystemCallInfo, thread, sizeof(SystemCallStop), (nint)buffer) > 0;
    }

    /// <summary>Waits until something happens to a tracee; its number, or 0 when none is left.</summary>
    public static int Wait(out int status)
    {
        while (true)
        {
            int thread;
            fixed (int* result = &status) thread = waitpid(-1, result, AllKinds);
            if (thread > 0) return thread;
            if (Syscalls.LastError != Errno.EINTR) return 0;
        }
    }

    /// <summary>Reads another process's memory; the number of bytes, 0 if there is none at the address.</summary>
    public static int Read(int thread, ulong address, Span<byte> buffer)
    {
        fixed (byte* bytes = buffer)
        {
            Vector local = new() { Address = (nuint)bytes, Length = (nuint)buffer.Length };
            Vector remote = new() { Address = (nuint)address, Length = (nuint)buffer.Length };
            nint read = process_vm_readv(thread, &local, 1, &remote, 1, 0);
            if (read < 0 && Syscalls.LastError is Errno.EPERM or Errno.ENOSYS)
                read = ReadFile(thread, address, bytes, (nuint)buffer.Length);
            return (int)Math.Max(0, read);
        }
    }

    // Filters of containers refuse process_vm_readv(2) by its number; a tracer may read the file.
    private static nint ReadFile(int thread, ulong address, byte* bytes, nuint length)
    {
        using Microsoft.Win32.SafeHandles.SafeFileHandle? memory = PosixFile.OpenRead($"/proc/{thread}/mem");
        return memory is null ? -1 : pread((int)memory.DangerousGetHandle(), bytes, length, (long)address);
    }

    // Variadic in the libc, which passes whatever comes in the fourth place.
    [LibraryImport("libc", SetLastError = true)]
    private static partial long ptrace(long request, int thread, nint address, nint data);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint pread(int descriptor, byte* bytes, nuint length, long offset);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int waitpid(int process, int* status, int options);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint process_vm_readv(int process, Vector* local, nuint localCount, Vector* remote, nuint remoteCount,
        nuint flags);

    private struct Vector
    {
        public nuint Address;
        public nuint Length;
    }
}

/// <summary>struct ptrace_syscall_info of a stop at a system call; for its end, <see cref="Number"/> is the result.</summary>
[StructLayout(LayoutKind.Explicit, Size = 96)]
internal struct SystemCallStop
{
    /// <summary>The call has ended (PTRACE_SYSCALL_INFO_EXIT).</summary>
    public const byte End = 2;

    /// <summary>The filter asked for the stop, before the call (PTRACE_SYSCALL_INFO_SECCOMP).</summary>
    public const byte Begin = 3;

    /// <summary><see cref="Begin"/> or <see cref="End"/>.</summary>
    [FieldOffset(0)] public byte Kind;

    /// <summary>AUDIT_ARCH_* of the call.</summary>
    [FieldOffset(4)] public uint Architecture;

    /// <summary>Number of the call.</summary>
    [FieldOffset(24)] public ulong Number;

    /// <summary>Result of the call, negative errno if it failed.</summary>
    [FieldOffset(24)] public long Result;

    [FieldOffset(32)] private readonly ulong _a;
    [FieldOffset(40)] private readonly ulong _b;
    [FieldOffset(48)] private readonly ulong _c;
    [FieldOffset(56)] private readonly ulong _d;
    [FieldOffset(64)] private readonly ulong _e;
    [FieldOffset(72)] private readonly ulong _f;

    /// <summary>The arguments.</summary>
    public readonly CallArguments Arguments => new(_a, _b, _c, _d, _e, _f);
}

/// <summary>The six arguments of a system call.</summary>
internal readonly record struct CallArguments(ulong A, ulong B, ulong C, ulong D, ulong E, ulong F);
