namespace Landlock.Policies;

/// <summary>What a <see cref="PolicyDifference"/> is about.</summary>
public enum PolicyDifferenceKind
{
    /// <summary>Files beneath a path.</summary>
    Path,

    /// <summary>TCP or UDP ports.</summary>
    Port,

    /// <summary>What reaches outside the sandbox: signals, abstract UNIX sockets.</summary>
    Scope,

    /// <summary>Listing network interfaces.</summary>
    Interfaces,

    /// <summary>Sockets other than TCP, UDP and UNIX.</summary>
    OtherSockets,

    /// <summary>Hosts that may be connected to by TCP.</summary>
    Host,
}
