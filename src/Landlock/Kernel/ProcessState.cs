namespace Landlock.Kernel;

/// <summary>What the kernel says of this process.</summary>
public static class ProcessState
{
    /// <summary>Whether no_new_privs is set (prctl(2), PR_GET_NO_NEW_PRIVS), as it is in every sandbox.</summary>
    public static bool HasNoNewPrivileges() => Syscalls.Prctl(39, 0, 0, 0, 0) == 1;
}
