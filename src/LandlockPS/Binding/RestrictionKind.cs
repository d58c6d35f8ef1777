namespace LandlockPS.Binding;

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
