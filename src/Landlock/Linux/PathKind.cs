namespace Landlock.Linux;

/// <summary>What a path is, as far as a rule cares.</summary>
internal enum PathKind
{
    /// <summary>A directory: every right applies.</summary>
    Directory,

    /// <summary>Anything else: only some rights apply.</summary>
    File,

    /// <summary>Nothing is there.</summary>
    Missing,

    /// <summary>It cannot be looked at: a directory on the way may not be searched.</summary>
    Unreachable,
}
