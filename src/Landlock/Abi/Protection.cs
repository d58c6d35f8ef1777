namespace Landlock.Abi;

/// <summary>
/// The parts of a sandbox that not every kernel has, one bit each. What ABI 1 brought is no part: without it nothing runs.
/// </summary>
[Flags]
public enum Protection
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Links and moves between directories need a rule (ABI 2; before, they are denied whatever the rules say).</summary>
    Refer = 1 << 0,

    /// <summary>Truncating a file needs a rule (ABI 3).</summary>
    Truncate = 1 << 1,

    /// <summary>ioctl(2) on a device needs a rule (ABI 5).</summary>
    IoctlDev = 1 << 2,

    /// <summary>Binding and connecting TCP ports needs a rule (ABI 4), or there is no TCP at all (seccomp).</summary>
    NetTcp = 1 << 3,

    /// <summary>Binding UDP ports, and sending to them, needs a rule (ABI 10), or there is no UDP at all (seccomp).</summary>
    NetUdp = 1 << 4,

    /// <summary>
    /// Connecting to a UNIX socket in the filesystem needs a rule (ABI 9), or there are no UNIX sockets at all (seccomp).
    /// </summary>
    ResolveUnix = 1 << 5,

    /// <summary>No signal to a process outside (ABI 6).</summary>
    ScopeSignal = 1 << 6,

    /// <summary>No connection to an abstract UNIX socket of a process outside (ABI 6), or no UNIX sockets at all (seccomp).</summary>
    ScopeAbstractUnixSocket = 1 << 7,

    /// <summary>Both scopes.</summary>
    Scopes = ScopeSignal | ScopeAbstractUnixSocket,

    /// <summary>The kernel logs what the command is denied (ABI 7).</summary>
    Logging = 1 << 8,

    /// <summary>
    /// The filter that refuses kinds of sockets, typing into the terminal, the keyrings, and the limits and scheduling of other processes.
    /// </summary>
    Seccomp = 1 << 9,
}
