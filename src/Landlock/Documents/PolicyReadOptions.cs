using Landlock.Abi;

namespace Landlock.Documents;

/// <summary>How to read a document.</summary>
public sealed record PolicyReadOptions
{
    /// <summary>The default: everything that upstream accepts, with its meaning, and what LandlockPS adds to it.</summary>
    public static PolicyReadOptions Default { get; } = new();

    /// <summary>
    /// Exactly what landlockconfig knows: rights of ABI 6 and before, groups of a larger <c>abi</c> as those of 6, no table
    /// <c>landlockps</c>.
    /// </summary>
    public bool StrictCompatibility { get; init; }

    /// <summary>The largest ABI whose table groups are resolved by.</summary>
    internal int NewestAbi => StrictCompatibility ? CompatibleAbi : AbiTable.Newest;

    /// <summary>The newest ABI with rights that landlockconfig has names for; 7 and 8 brought none.</summary>
    internal const int CompatibleAbi = 6;
}
