using System.Collections.Immutable;
using System.ComponentModel;
using Landlock.Kernel;
using Landlock.Policies.Profiles;
using Landlock.Rulesets;
using Landlock.Tracing;

namespace LandlockPS.Internal;

/// <summary>Cells of the views in LandlockPS.Format.ps1xml. Public only because format files can reach nothing else.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class ViewCells
{
    /// <summary>Rights in the fewest words.</summary>
    public static string Access(AccessFs access, AccessFs handled) => AccessText.Show(access, handled);

    /// <summary>Rights in the fewest words, whatever ruleset they belong to.</summary>
    public static string Access(AccessFs access) => AccessText.Brief(access);

    /// <summary>The rights of an access; its operation where it needs none.</summary>
    public static string Access(AccessRecord record) => TraceText.Names(record).Replace(',', ' ');

    /// <summary>The rights of a learned rule.</summary>
    public static string Access(LearnedRule rule) => string.Join(' ', Abi.Names(rule.Access).Concat(Abi.Names(rule.Net)));

    /// <summary>Kernel names, separated by blanks.</summary>
    public static string Names(object mask) => mask switch
    {
        AccessFs fs => Joined(Abi.Names(fs)),
        AccessNet net => Joined(Abi.Names(net)),
        Scope scopes => Joined(Abi.Names(scopes)),
        RestrictFlags flags => Joined(Abi.InMask(RightKind.Flag, (ulong)flags).Select(right => right.Name)),
        _ => "",
    };

    /// <summary>What a ruleset handles, in a few words.</summary>
    public static string Handles(Ruleset ruleset)
    {
        ArgumentNullException.ThrowIfNull(ruleset);
        string[] parts =
        [
            Part("fs", ruleset.HandledFs == Abi.AllFs(ruleset.Abi), (ulong)ruleset.HandledFs),
            Part("net", ruleset.HandledNet == Abi.AllNet(ruleset.Abi), (ulong)ruleset.HandledNet),
            Part("scope", ruleset.Scopes == Abi.AllScopes(ruleset.Abi), (ulong)ruleset.Scopes),
        ];
        return string.Join(' ', parts.Where(part => part.Length > 0));

        static string Part(string name, bool all, ulong mask) => mask == 0 ? "" : all ? name : $"{name}({ulong.PopCount(mask)})";
    }

    /// <summary>One path rule of a ruleset on a line.</summary>
    public static string[] PathRules(Ruleset ruleset)
    {
        ArgumentNullException.ThrowIfNull(ruleset);
        int width = ruleset.PathRules.Select(rule => Access(rule.Access, ruleset.HandledFs).Length).DefaultIfEmpty().Max();
        return [.. ruleset.PathRules.Select(rule => $"{Access(rule.Access, ruleset.HandledFs).PadRight(Math.Min(width, 40))}  {Path(rule)}{Modifiers(rule.Optional, rule.Quiet, rule.Compatibility)}")];
    }

    /// <summary>The path of a rule, and what is excepted.</summary>
    public static string Path(PathRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        return PosixText.Printable(rule.Path) + (rule.Except.IsEmpty ? "" : $"  except {string.Join(", ", rule.Except.Select(PosixText.Printable))}");
    }

    /// <summary>One port rule of a ruleset on a line.</summary>
    public static string[] NetRules(Ruleset ruleset)
    {
        ArgumentNullException.ThrowIfNull(ruleset);
        return [.. ruleset.NetRules.Select(rule => $"{string.Join(',', Abi.Names(rule.Access))}  {rule.Port}{Modifiers(false, rule.Quiet, rule.Compatibility)}")];
    }

    /// <summary>Paths and other hostile text, fit for one line.</summary>
    public static string Printable(string? text) => text is null ? "" : PosixText.Printable(text);

    /// <summary>The file that a preset ships as.</summary>
    public static string PresetPath(string name) => System.IO.Path.Combine(ChildPowerShell.ModuleFolder, "policies", $"{name}.toml");

    /// <summary>What a merge loosened, one thing on a line.</summary>
    public static string[] Loosened(MergedPolicy merged)
    {
        ArgumentNullException.ThrowIfNull(merged);
        return [.. merged.Loosened.Select(right => right.ToString())];
    }

    /// <summary>Rules that a merge took rights from, one on a line.</summary>
    public static string[] Reduced(MergedPolicy merged)
    {
        ArgumentNullException.ThrowIfNull(merged);
        return [.. merged.Reduced.Select(rule => $"{rule.Location}: {rule}")];
    }

    /// <summary>Variables that a merge united, one on a line.</summary>
    public static string[] Shared(MergedPolicy merged)
    {
        ArgumentNullException.ThrowIfNull(merged);
        return [.. merged.Shared.Select(variable => variable.ToString())];
    }

    /// <summary>The directories of a profile, one on a line.</summary>
    public static string[] Contexts(Profile profile)
    {
        ArgumentNullException.ThrowIfNull(profile);
        return [.. profile.Contexts.Select(context => PosixText.Printable(context.WhenBeneath))];
    }

    /// <summary>The names of a profile's variables, one on a line; values may be secret.</summary>
    public static string[] Variables(Profile profile)
    {
        ArgumentNullException.ThrowIfNull(profile);
        return [.. profile.Environment.Select(variable => PosixText.Printable(variable.Name))];
    }

    /// <summary>Errata, one on a line.</summary>
    public static string[] Errata(ImmutableArray<Erratum> errata) => [.. errata.Select(erratum => $"{erratum.Number}: {erratum.Fixes}")];

    /// <summary>What stays open, one hole on a line.</summary>
    public static string[] Holes(ImmutableArray<ResidualHole> holes) =>
        [.. holes.Select(hole => $"{hole.Name}: {hole.Description}{(hole.ClosedByAbi is { } abi ? $" (closed by ABI {abi}, Linux {Abi.Release(abi)})" : "")}")];

    private static string Modifiers(bool optional, bool quiet, Compatibility? level) =>
        (optional ? "  optional" : "") + (quiet ? "  quiet" : "") + (level is null ? "" : $"  {level}");

    private static string Joined(IEnumerable<string> names) => string.Join(' ', names) is { Length: > 0 } text ? text : "none";
}
