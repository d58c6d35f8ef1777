using System.Collections.Immutable;

namespace Landlock.Abi;

/// <summary>One kernel bug that landlock_create_ruleset(2) reports as fixed (LANDLOCK_CREATE_RULESET_ERRATA).</summary>
/// <param name="Number">The kernel's number; bit Number-1 of the mask.</param>
/// <param name="Abi">First ABI that the bug can affect.</param>
/// <param name="Fixes">What the fix changes.</param>
public sealed record Erratum(int Number, int Abi, string Fixes)
{
    /// <summary>Every erratum that this table knows. Source: security/landlock/errata/abi-*.h.</summary>
    public static ImmutableArray<Erratum> All { get; } =
    [
        new(1, 4, "TCP rights no longer apply to stream sockets that are not TCP (SMC, MPTCP, SCTP)"),
        new(2, 6, "signals between threads of one process are always allowed"),
        new(3, 1, "renames and links are checked correctly in directories that a bind mount disconnected"),
        new(4, 1, "creating a whiteout needs make_reg, not make_char"),
    ];

    /// <summary>The errata fixed according to a mask.</summary>
    public static IEnumerable<Erratum> InMask(ulong mask) => All.Where(erratum => (mask & (1UL << (erratum.Number - 1))) != 0);

    /// <inheritdoc/>
    public override string ToString() => $"{Number}: {Fixes}";
}
