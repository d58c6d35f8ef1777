namespace Landlock.Linux;

/// <summary>Whether hosts can be kept on this machine.</summary>
internal static class HostSupport
{
    private const string TracingPath = "/proc/sys/kernel/yama/ptrace_scope";
    private const int PrivilegedOnly = 2, Nobody = 3;

    /// <summary>Why they cannot, and what to change, as sentences; null if they can.</summary>
    /// <param name="kernel">Release of the running kernel.</param>
    public static string? Obstacle(string kernel)
    {
        if (kernel.Split('.', '-') is [var major, var minor, ..] && Version.TryParse($"{major}.{minor}", out Version? version)
            && version < new Version(5, 14)) return $"it takes Linux 5.14, and this is {PosixText.Printable(kernel)}.";
        if (!CallListener.IsAvailable())
            return "the kernel lets nobody answer the calls of a command (SECCOMP_RET_USER_NOTIF), or a container's filter forbids it. "
                + "Run it outside of the container, or with a profile that allows seccomp(2).";
        return Scope() switch
        {
            PrivilegedOnly when CurrentUser.Id != 0 => "Yama lets only root look into other processes (kernel.yama.ptrace_scope is 2), and "
                + "who answers for a command has to. Set it to 1: sysctl kernel.yama.ptrace_scope=1",
            Nobody => "Yama lets nobody look into other processes (kernel.yama.ptrace_scope is 3, until the machine starts again), and who "
                + "answers for a command has to. Set it to 1 from then on.",
            _ => null,
        };
    }

    private static int Scope()
    {
        byte[]? text = SmallFile.Read(TracingPath, 16);
        return text is { Length: > 0 } ? text[0] - '0' : 0;
    }
}
