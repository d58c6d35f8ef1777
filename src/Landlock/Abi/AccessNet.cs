namespace Landlock.Abi;

/// <summary>Network rights, as in <c>struct landlock_ruleset_attr.handled_access_net</c> (LANDLOCK_ACCESS_NET_*).</summary>
[Flags]
public enum AccessNet : ulong
{
    /// <summary>No right.</summary>
    None = 0,

    /// <summary>Bind a TCP socket to a local port (ABI 4).</summary>
    BindTcp = 1 << 0,

    /// <summary>Connect a TCP socket to a remote port (ABI 4).</summary>
    ConnectTcp = 1 << 1,

    /// <summary>Bind a UDP socket to a local port (ABI 10).</summary>
    BindUdp = 1 << 2,

    /// <summary>Connect a UDP socket, or send to, a remote port (ABI 10).</summary>
    ConnectSendUdp = 1 << 3,
}
