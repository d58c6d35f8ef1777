using System.ComponentModel;
using System.Globalization;
using System.Management.Automation;
using Landlock.Abi;
using LandlockPS.Engine;

namespace LandlockPS.Access;

/// <summary>Cells of the views of accesses. Public only because format files can reach nothing else.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class AccessCells
{
    private const string Red = "\u001b[31m", Green = "\u001b[32m", Yellow = "\u001b[33m", Cyan = "\u001b[36m", Reset = "\u001b[0m";
    private const AccessFs Changing = ~(AccessFs.Execute | AccessFs.ReadFile | AccessFs.ReadDir | AccessFs.IoctlDev | AccessFs.ResolveUnix);

    // Colours are plain escape sequences: the engine takes them out where $PSStyle.OutputRendering, NO_COLOR or a pipe says so.

    /// <summary>Yes or no, in colour.</summary>
    public static string Allowed(PSObject test) => IsAllowed(test) ? $"{Green}True{Reset}" : $"{Red}False{Reset}";

    /// <summary>The rules that grant it, or what would.</summary>
    public static string RuleOrFix(PSObject test)
    {
        ArgumentNullException.ThrowIfNull(test);
        if (IsAllowed(test)) return string.Join("\n", Arrived.Lines(test, nameof(AccessTest.Rule)).Distinct());
        return Arrived.Lines(test, nameof(AccessTest.Fix)) is { Length: > 0 } fixes ? string.Join("\n", fixes)
            : Arrived.Text(test, nameof(AccessTest.Note));
    }

    /// <summary>The rules that grant it, one on a line, with their layers.</summary>
    public static string[] Rules(PSObject test)
    {
        ArgumentNullException.ThrowIfNull(test);
        return test.BaseObject is not AccessTest typed ? Arrived.Lines(test, nameof(AccessTest.Rule))
            : [.. typed.Rule.Select(rule => string.Create(CultureInfo.InvariantCulture,
                $"{rule} (layer {rule.Layer}{(rule.LayerName is null ? "" : $" '{PosixText.Printable(rule.LayerName)}'")})"))];
    }

    /// <summary>What would allow it, one rule on a line, with the layers that need it.</summary>
    public static string[] Fixes(PSObject test)
    {
        ArgumentNullException.ThrowIfNull(test);
        return test.BaseObject is not AccessTest typed ? Arrived.Lines(test, nameof(AccessTest.Fix))
            : [.. typed.Fix.Select(fix => $"{PosixText.Printable(fix.Parameter)} (layer {string.Join(", ", fix.Layers)})")];
    }

    /// <summary>What is allowed at a place.</summary>
    public static string Access(PSObject entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return Painted(entry, Arrived.Text(entry, nameof(AccessTreeEntry.Access)));
    }

    /// <summary>The place, with the lines that lead to it; its path, where the lines were lost.</summary>
    public static string Place(PSObject entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        AccessTreeEntry? typed = entry.BaseObject as AccessTreeEntry;
        string name = Arrived.Text(entry, typed is null ? nameof(AccessTreeEntry.Path) : nameof(AccessTreeEntry.Name));
        string target = Arrived.Text(entry, nameof(AccessTreeEntry.LinkTarget));
        string link = target.Length == 0 ? "" : $" -> {PosixText.Printable(target)}";
        bool isDirectory = entry.Properties[nameof(AccessTreeEntry.IsDirectory)]?.Value is true && link.Length == 0 && name != "/";
        return $"{typed?.Indent}{Painted(entry, PosixText.Printable(name) + (isDirectory ? "/" : ""))}{link}";
    }

    private static bool IsAllowed(PSObject test) => test?.Properties[nameof(AccessTest.Allowed)]?.Value is true;

    // Red: nothing. Yellow: it can be changed. Green: it can be read, and no more. Cyan: something else, such as only executing or listing.
    private static string Painted(PSObject entry, string text)
    {
        AccessFs granted = Arrived.Mask<AccessFs>(entry, nameof(AccessTreeEntry.Granted));
        string colour = Arrived.Mask<AccessFs>(entry, nameof(AccessTreeEntry.Restricted)) == 0 || (granted & Changing) != 0 ? Yellow
            : granted == 0 ? Red
            : (granted & AccessFs.ReadFile) != 0 ? Green : Cyan;
        return $"{colour}{text}{Reset}";
    }
}
