using System.ComponentModel;
using System.Management.Automation;
using Landlock.Abi;
using Landlock.Rulesets;
using LandlockPS.Engine;

namespace LandlockPS.Output;

/// <summary>Cells of views of protections. Public only because format files can reach nothing else.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class ProtectionCells
{
    private const string Green = "\u001b[32m", Yellow = "\u001b[33m", Reset = "\u001b[0m";

    /// <summary>Names, separated by commas.</summary>
    public static string Names(Protection mask) => ProtectionPart.Names(mask);

    /// <summary>A state, green where the protection holds and yellow where it was asked for and does not.</summary>
    public static string State(PSObject status)
    {
        ArgumentNullException.ThrowIfNull(status);
        string state = Arrived.Text(status, nameof(ProtectionStatus.State));
        string colour = state switch { nameof(ProtectionState.Active) => Green, nameof(ProtectionState.Degraded) => Yellow, _ => "" };
        return colour.Length == 0 ? state : $"{colour}{state}{Reset}";
    }

    /// <summary>Which half of a protection is whose, each on a line.</summary>
    public static string[] Means(PSObject part)
    {
        ArgumentNullException.ThrowIfNull(part);
        return [.. ((string[])[nameof(ProtectionSupport.Landlock), nameof(ProtectionSupport.Seccomp)])
            .Select(means => (Means: means, Text: Arrived.Text(part, means))).Where(half => half.Text.Length > 0)
            .Select(half => $"{half.Means}: {half.Text}")];
    }

    /// <summary>Which half of each protection is whose, one protection on a line.</summary>
    public static string[] Halves(PSObject support)
    {
        ArgumentNullException.ThrowIfNull(support);
        if (support.BaseObject is not LandlockSupport typed) return Arrived.Lines(support, nameof(LandlockSupport.Protections));
        int width = typed.Protections.Max(part => part.Name.Length);
        return [.. typed.Protections.Select(part => $"{part.Name.PadRight(width)}{part.ToString()[part.Name.Length..]}")];
    }
}
