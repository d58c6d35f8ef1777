using System.Runtime.InteropServices;

namespace Landlock.Linux;

/// <summary>
/// Which process group the controlling terminal reads for (tcsetpgrp(3)). Its settings are nobody's business here. Where there is no
/// terminal nothing is done.
/// </summary>
internal static unsafe partial class ForegroundTerminal
{
    private const int Flags = 2 | 0x100 | 0x80000; // O_RDWR | O_NOCTTY | O_CLOEXEC
    private const int SignalSetSize = 128, ContinueSignal = 18;
    private const int BlockSignals = 0, SetSignals = 2; // SIG_BLOCK, SIG_SETMASK

    /// <summary>Whether the group of this process is the one in the foreground.</summary>
    public static bool IsOurs() => With(terminal => tcgetpgrp(terminal) == getpgid(0));

    /// <summary>
    /// Takes the terminal back for the group of this process, from one that no process of this session looks after: what has ended, or was
    /// left behind. What a shell has given it to keeps it.
    /// </summary>
    public static void TakeBack() => With(terminal =>
    {
        int holder = tcgetpgrp(terminal), own = getpgid(0);
        return holder > 0 && holder != own && IsOrphaned(holder) && Give(terminal, own);
    });

    /// <summary>
    /// Hands the terminal over to the group of a process, if it is ours and that one's is another, and lets that group go on.
    /// </summary>
    internal static void HandOver(int process)
    {
        int own = getpgid(0), group = getpgid(process);
        if (group <= 0 || group == own || getsid(process) != getsid(0)) return;
        _ = With(terminal => tcgetpgrp(terminal) == own && Give(terminal, group));
        _ = Syscalls.Kill(-group, ContinueSignal);
    }

    /// <summary>The group of a process; 0 if there is none.</summary>
    internal static int GroupOf(int process) => Math.Max(getpgid(process), 0);

    /// <summary>
    /// Leaves the session, and with it the terminal and the group that its signals are for. A group of its own would not do: the kernel
    /// would take this process for somebody who continues what is stopped in the group that it has left.
    /// </summary>
    internal static void Leave() => _ = setsid();

    // The kernel's own measure: no member has a parent in another group of the session.
    private static bool IsOrphaned(int group)
    {
        if (Syscalls.Kill(-group, 0) != 0 && Syscalls.LastError == Errno.ESRCH) return true;
        int session = getsid(0);
        return !ProcessTree.ParentsOfGroup(group).Any(parent => getpgid(parent) != group && getsid(parent) == session);
    }

    // A process in the background is stopped for it (SIGTTOU), unless its thread blocks that.
    private static bool Give(int terminal, int group)
    {
        byte* blocked = stackalloc byte[SignalSetSize], before = stackalloc byte[SignalSetSize];
        _ = sigemptyset(blocked);
        _ = sigaddset(blocked, 22); // SIGTTOU
        _ = pthread_sigmask(BlockSignals, blocked, before);
        bool given = tcsetpgrp(terminal, group) == 0;
        _ = pthread_sigmask(SetSignals, before, null);
        return given;
    }

    private static bool With(Func<int, bool> action)
    {
        int terminal;
        fixed (byte* path = "/dev/tty\0"u8) terminal = open(path, Flags, 0);
        if (terminal < 0) return false;
        try
        {
            return action(terminal);
        }
        finally
        {
            _ = Syscalls.Close(terminal);
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int open(byte* path, int flags, uint mode);

    [LibraryImport("libc")]
    private static partial int tcgetpgrp(int terminal);

    [LibraryImport("libc")]
    private static partial int tcsetpgrp(int terminal, int group);

    [LibraryImport("libc")]
    private static partial int getpgid(int process);

    [LibraryImport("libc")]
    private static partial int getsid(int process);

    [LibraryImport("libc")]
    private static partial int setsid();

    [LibraryImport("libc")]
    private static partial int sigemptyset(byte* set);

    [LibraryImport("libc")]
    private static partial int sigaddset(byte* set, int signal);

    [LibraryImport("libc")]
    private static partial int pthread_sigmask(int how, byte* set, byte* before);
}
