namespace Landlock.Rulesets;

/// <summary>What a seccomp filter does for the protections.</summary>
/// <param name="Installed">Whether there is one.</param>
/// <param name="Sockets">Whether it refuses kinds of sockets other than UNIX ones.</param>
/// <param name="Tcp">Whether TCP sockets can be made.</param>
/// <param name="Udp">Whether UDP sockets can be made.</param>
public sealed record FilterEffect(bool Installed, bool Sockets, bool Tcp, bool Udp)
{
    /// <summary>Whether UNIX sockets can be made.</summary>
    public bool Unix { get; init; } = true;

    /// <summary>Whether TCP connects by a supervisor only, to hosts that are named.</summary>
    public bool Hosts { get; init; }
}
