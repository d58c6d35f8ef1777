namespace Landlock.Sandboxes.Filters;

/// <summary>What a seccomp filter adds to Landlock's network rights, which know TCP, and from ABI 10 UDP, only.</summary>
public enum NetworkMode
{
    /// <summary>
    /// What the rules ask for, and nothing else: where a layer handles TCP, Internet sockets exist only if there are
    /// rules for TCP, or for UDP.
    /// </summary>
    Default,

    /// <summary>
    /// No socket but UNIX ones, which <see cref="Sandbox.NoUnixSocket"/> refuses, and those of <see cref="Sandbox.ListInterfaces"/>.
    /// </summary>
    None,

    /// <summary>UNIX sockets and TCP, as far as the rules allow it.</summary>
    Tcp,

    /// <summary>No filter: whatever Landlock does not restrict is open, such as UDP before ABI 10, and TCP before ABI 4.</summary>
    Unrestricted,
}
