using Landlock.Sandboxes;

namespace LandlockPS;

/// <summary>The parts of a sandbox that can be left alone.</summary>
public enum RestrictionKind
{
    /// <summary>Files and directories.</summary>
    Fs,

    /// <summary>Ports.</summary>
    Net,

    /// <summary>Signals and abstract UNIX sockets.</summary>
    Scope,
}

/// <summary>What those words mean.</summary>
internal static class RestrictionKinds
{
    /// <summary>All of them together.</summary>
    public static Unrestricted Parts(IEnumerable<RestrictionKind> kinds) =>
        kinds.Aggregate(Unrestricted.None, (parts, kind) => parts | kind switch
        {
            RestrictionKind.Fs => Unrestricted.Fs,
            RestrictionKind.Net => Unrestricted.Net,
            _ => Unrestricted.Scope,
        });
}
