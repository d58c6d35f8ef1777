using System.Collections.Immutable;
using System.ComponentModel;
using Landlock.Kernel;
using Landlock.Rulesets;

namespace LandlockPS.Internal;

/// <summary>Cells of views of protections. Public only because format files can reach nothing else.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class ProtectionCells
{
    private const string Green = "\u001b[32m", Yellow = "\u001b[33m", Reset = "\u001b[0m";

    /// <summary>Names, separated by commas.</summary>
    public static string Names(Protection mask) => ProtectionPart.Names(mask);

    /// <summary>A state, green where the protection holds and yellow where it was asked for and does not.</summary>
    public static string State(ProtectionStatus status)
    {
        ArgumentNullException.ThrowIfNull(status);
        string colour = status.State switch { ProtectionState.Active => Green, ProtectionState.Degraded => Yellow, _ => "" };
        return colour.Length == 0 ? $"{status.State}" : $"{colour}{status.State}{Reset}";
    }

    /// <summary>Which half of each protection is whose, one protection on a line.</summary>
    public static string[] Halves(ImmutableArray<ProtectionSupport> all)
    {
        int width = all.Max(part => part.Name.Length);
        return [.. all.Select(part => $"{part.Name.PadRight(width)}  {string.Join("; ", new[] { ("Landlock", part.Landlock), ("seccomp", part.Seccomp) }.Where(half => half.Item2.Length > 0).Select(half => $"{half.Item1}: {half.Item2}"))}")];
    }
}
