namespace Landlock.Abi;

/// <summary>
/// Scopes, as in <c>struct landlock_ruleset_attr.scoped</c> (LANDLOCK_SCOPE_*, ABI 6): a domain cannot reach outside itself.
/// </summary>
[Flags]
public enum Scope : ulong
{
    /// <summary>No scope.</summary>
    None = 0,

    /// <summary>No connection to an abstract UNIX socket made outside the domain.</summary>
    AbstractUnixSocket = 1 << 0,

    /// <summary>No signal to a process outside the domain.</summary>
    Signal = 1 << 1,
}
