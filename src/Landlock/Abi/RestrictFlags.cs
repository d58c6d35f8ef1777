namespace Landlock.Abi;

/// <summary>Flags of landlock_restrict_self(2) (LANDLOCK_RESTRICT_SELF_*).</summary>
[Flags]
public enum RestrictFlags : uint
{
    /// <summary>None: denials are logged until the next execve(2).</summary>
    None = 0,

    /// <summary>Do not log denials of the program that restricted itself (ABI 7).</summary>
    LogSameExecOff = 1 << 0,

    /// <summary>Log denials after execve(2) too (ABI 7).</summary>
    LogNewExecOn = 1 << 1,

    /// <summary>Do not log denials of nested domains (ABI 7).</summary>
    LogSubdomainsOff = 1 << 2,

    /// <summary>Restrict all threads of the process (ABI 8).</summary>
    Tsync = 1 << 3,

    /// <summary>Set no_new_privs when the restriction succeeds (ABI 11).</summary>
    NoNewPrivs = 1 << 4,
}
