using System.ComponentModel;
using System.Globalization;
using Landlock.Kernel;

namespace LandlockPS.Internal;

/// <summary>Cells of the views of accesses. Public only because format files can reach nothing else.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class AccessCells
{
    private const string Red = "\u001b[31m", Green = "\u001b[32m", Yellow = "\u001b[33m", Cyan = "\u001b[36m", Reset = "\u001b[0m";
    private const AccessFs Changing = ~(AccessFs.Execute | AccessFs.ReadFile | AccessFs.ReadDir | AccessFs.IoctlDev | AccessFs.ResolveUnix);

    // Colours are plain escape sequences: the engine takes them out where $PSStyle.OutputRendering, NO_COLOR or a pipe says so.

    /// <summary>Yes or no, in colour.</summary>
    public static string Allowed(AccessTest test)
    {
        ArgumentNullException.ThrowIfNull(test);
        return test.Allowed ? $"{Green}True{Reset}" : $"{Red}False{Reset}";
    }

    /// <summary>The rules that grant it, or what would.</summary>
    public static string RuleOrFix(AccessTest test)
    {
        ArgumentNullException.ThrowIfNull(test);
        if (test.Allowed) return string.Join("\n", test.Rule.Select(rule => rule.ToString()).Distinct());
        return test.Fix.IsEmpty ? test.Note ?? "" : string.Join("\n", test.Fix.Select(fix => PosixText.Printable(fix.Parameter)));
    }

    /// <summary>The rules that grant it, one on a line, with their layers.</summary>
    public static string[] Rules(AccessTest test)
    {
        ArgumentNullException.ThrowIfNull(test);
        return [.. test.Rule.Select(rule => string.Create(CultureInfo.InvariantCulture, $"{rule} (layer {rule.Layer}{(rule.LayerName is null ? "" : $" '{PosixText.Printable(rule.LayerName)}'")})"))];
    }

    /// <summary>What would allow it, one rule on a line, with the layers that need it.</summary>
    public static string[] Fixes(AccessTest test)
    {
        ArgumentNullException.ThrowIfNull(test);
        return [.. test.Fix.Select(fix => $"{PosixText.Printable(fix.Parameter)} (layer {string.Join(", ", fix.Layers)})")];
    }

    /// <summary>What is allowed at a place.</summary>
    public static string Access(AccessTreeEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return Painted(entry, entry.Access);
    }

    /// <summary>The place, with the lines that lead to it.</summary>
    public static string Place(AccessTreeEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        string link = entry.LinkTarget is null ? "" : $" -> {PosixText.Printable(entry.LinkTarget)}";
        return $"{entry.Indent}{Painted(entry, PosixText.Printable(entry.Name) + (entry.IsDirectory && entry.LinkTarget is null && entry.Name != "/" ? "/" : ""))}{link}";
    }

    // Red: nothing. Yellow: it can be changed. Green: it can be read, and no more. Cyan: something else, such as only executing or listing.
    private static string Painted(AccessTreeEntry entry, string text)
    {
        string colour = entry.Restricted == 0 || (entry.Granted & Changing) != 0 ? Yellow
            : entry.Granted == 0 ? Red
            : (entry.Granted & AccessFs.ReadFile) != 0 ? Green : Cyan;
        return $"{colour}{text}{Reset}";
    }
}
