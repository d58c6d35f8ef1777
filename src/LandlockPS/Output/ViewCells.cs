using System.ComponentModel;
using System.Globalization;
using System.Management.Automation;
using Landlock.Abi;
using Landlock.Denials;
using Landlock.Learning;
using Landlock.Linux;
using Landlock.Profiles;
using Landlock.Rulesets;
using Landlock.Sandboxes.Running;
using Landlock.Tracing;
using LandlockPS.Engine;
using LandlockPS.Running;

namespace LandlockPS.Output;

/// <summary>Cells of the views in LandlockPS.Format.ps1xml. Public only because format files can reach nothing else.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class ViewCells
{
    // Where there is no terminal.
    private const int Default = 119;

    // As long as names of rights may be without a blank.
    private const int Few = 40;

    /// <summary>Rights in the fewest words.</summary>
    public static string Access(AccessFs access, AccessFs handled) => AccessText.Show(access, handled);

    /// <summary>
    /// Text of a list, broken between words: the engine does that for a few languages only, and breaks words for all others.
    /// </summary>
    /// <param name="text">The text; null = none.</param>
    /// <param name="label">Width of the list's labels.</param>
    public static string Words(string? text, int label)
    {
        int width = Width(label);
        return text is null || text.Length <= width ? text ?? "" : string.Join('\n', WrappedText.Lines(text, width));
    }

    /// <summary>Text that begins with names of rights, broken between words, and between names where there are many.</summary>
    /// <param name="text">The text; null = none.</param>
    /// <param name="label">Width of the list's labels.</param>
    public static string Rights(string? text, int label) => text?.IndexOf(' ', StringComparison.Ordinal) is > Few and var end
        ? Words(text[..end].Replace(",", ", ", StringComparison.Ordinal) + text[end..], label) : Words(text, label);

    /// <summary>Lines of a list, broken between words; what is broken off stands further to the right.</summary>
    /// <param name="lines">The lines.</param>
    /// <param name="label">Width of the list's labels.</param>
    /// <param name="indent">How far.</param>
    public static string Hanging(PSObject? lines, int label, int indent)
    {
        IEnumerable<object> all = LanguagePrimitives.GetEnumerable(lines)?.Cast<object>() ?? (lines is null ? [] : [lines]);
        string before = new(' ', indent);
        return string.Join('\n', all.SelectMany(line => WrappedText.Lines(line.ToString() ?? "", Width(label), before)));
    }

    /// <summary>A path and, on a line below, what is to be said of it, so that no narrow terminal lacks it.</summary>
    public static string Two(string? path, string? note) =>
        string.Join("\n  ", ((string?[])[path, note]).Where(text => !string.IsNullOrEmpty(text)).Select(Printable));

    /// <summary>Rights in the fewest words, whatever ruleset they belong to.</summary>
    public static string Access(AccessFs access) => AccessText.Brief(access);

    /// <summary>The rights of an access or of a learned rule; of an access that needs none, its operation.</summary>
    public static string Accessed(PSObject record)
    {
        ArgumentNullException.ThrowIfNull(record);
        if (record.BaseObject is AccessRecord access) return TraceText.Names(access).Replace(',', ' ');
        string names = string.Join(' ', AbiTable.Names(Arrived.Mask<AccessFs>(record, nameof(LearnedRule.Access)))
            .Concat(AbiTable.Names(Arrived.Mask<AccessNet>(record, nameof(LearnedRule.Net)))));
        return names.Length > 0 ? names : Arrived.Text(record, nameof(AccessRecord.Operation));
    }

    /// <summary>The name of an error; nothing for none.</summary>
    public static string Error(PSObject? error) => error?.BaseObject is Errno known ? known == Errno.None ? "" : ErrnoText.Name(known)
        : error?.ToString() is { } text && text != nameof(Errno.None) ? text : "";

    /// <summary>When something was denied or started, by the clock here.</summary>
    public static string Time(PSObject value, string format)
    {
        ArgumentNullException.ThrowIfNull(value);
        DateTimeOffset? time = value.BaseObject is LandlockDenial denial ? denial.Time
            : value.BaseObject is RunningSandbox running ? running.Started
            : DateTimeOffset.TryParse(Arrived.Text(value, nameof(LandlockDenial.Time)) is { Length: > 0 } text ? text
                : Arrived.Text(value, nameof(RunningSandbox.Started)), CultureInfo.InvariantCulture,
                out DateTimeOffset read) ? read : null;
        return time?.LocalDateTime.ToString(format, CultureInfo.InvariantCulture) ?? "";
    }

    /// <summary>Kernel names, separated by blanks.</summary>
    public static string Names(PSObject? mask) => mask?.BaseObject switch
    {
        null => "",
        AccessFs fs => Joined(AbiTable.Names(fs)),
        AccessNet net => Joined(AbiTable.Names(net)),
        Scope scopes => Joined(AbiTable.Names(scopes)),
        RestrictFlags flags => Joined(AbiTable.InMask(RightKind.Flag, (ulong)flags).Select(right => right.Name)),
        _ => Arrived.AnyMask(mask.ToString()) is { } known ? Names(PSObject.AsPSObject(known)) : mask.ToString(),
    };

    /// <summary>What a ruleset handles, in a few words.</summary>
    public static string Handles(PSObject? value)
    {
        if (Arrived.Ruleset(value) is not { } ruleset) return value?.ToString() ?? "";
        string[] parts =
        [
            Part("fs", ruleset.HandledFs == AbiTable.AllFs(ruleset.Abi), (ulong)ruleset.HandledFs),
            Part("net", ruleset.HandledNet == AbiTable.AllNet(ruleset.Abi), (ulong)ruleset.HandledNet),
            Part("scope", ruleset.Scopes == AbiTable.AllScopes(ruleset.Abi), (ulong)ruleset.Scopes),
        ];
        return string.Join(' ', parts.Where(part => part.Length > 0));

        static string Part(string name, bool all, ulong mask) => mask == 0 ? "" : all ? name : $"{name}({ulong.PopCount(mask)})";
    }

    /// <summary>One path rule of a ruleset on a line.</summary>
    public static string[] PathRules(PSObject? value)
    {
        if (Arrived.Ruleset(value) is not { } ruleset) return [];
        int width = ruleset.PathRules.Select(rule => Access(rule.Access, ruleset.HandledFs).Length).DefaultIfEmpty().Max();
        return [.. ruleset.PathRules.Select(rule => $"{Access(rule.Access, ruleset.HandledFs).PadRight(Math.Min(width, 40))}  "
            + $"{Path(PSObject.AsPSObject(rule))}{Modifiers(rule.Optional, rule.Quiet, rule.Compatibility)}")];
    }

    /// <summary>The path of a rule, and what is excepted.</summary>
    public static string Path(PSObject rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        string[] except = Arrived.Lines(rule, nameof(PathRule.Except));
        return PosixText.Printable(Arrived.Text(rule, nameof(PathRule.Path)))
            + (except.Length == 0 ? "" : $"  except {string.Join(", ", except)}");
    }

    /// <summary>One port rule of a ruleset on a line.</summary>
    public static string[] NetRules(PSObject? value) => Arrived.Ruleset(value) is not { } ruleset ? []
        : [.. ruleset.NetRules.Select(
            rule => $"{string.Join(',', AbiTable.Names(rule.Access))}  {rule.Port}{Modifiers(false, rule.Quiet, rule.Compatibility)}")];

    /// <summary>One port rule or host of a ruleset on a line.</summary>
    public static string[] Network(PSObject? value) => [.. NetRules(value), .. Hosts(value).Select(host => $"connect_tcp  {host}")];

    /// <summary>One host of a ruleset on a line.</summary>
    public static string[] Hosts(PSObject? value) =>
        Arrived.Ruleset(value) is not { } ruleset ? [] : [.. ruleset.HostRules.Select(rule => rule.ToString())];

    /// <summary>Paths and other hostile text, fit for one line.</summary>
    public static string Printable(string? text) => text is null ? "" : PosixText.Printable(text);

    /// <summary>The file that a preset ships as.</summary>
    public static string PresetPath(string name) => System.IO.Path.Combine(ChildPowerShell.ModuleFolder, "policies", $"{name}.toml");

    /// <summary>Rules that a merge took rights from, one on a line.</summary>
    public static string[] Reduced(PSObject merged)
    {
        ArgumentNullException.ThrowIfNull(merged);
        return merged.BaseObject is MergedPolicy policy ? [.. policy.Reduced.Select(rule => $"{rule.Location}: {rule}")]
            : Arrived.Lines(merged, nameof(MergedPolicy.Reduced));
    }

    /// <summary>The directories of a profile, one on a line.</summary>
    public static string[] Contexts(PSObject profile)
    {
        ArgumentNullException.ThrowIfNull(profile);
        return profile.BaseObject is Profile typed ? [.. typed.Contexts.Select(context => PosixText.Printable(context.WhenBeneath))]
            : Arrived.Lines(profile, nameof(Profile.Contexts), "WhenBeneath");
    }

    /// <summary>The names of a profile's variables, one on a line; values may be secret.</summary>
    public static string[] Variables(PSObject profile)
    {
        ArgumentNullException.ThrowIfNull(profile);
        return profile.BaseObject is Profile typed ? [.. typed.Environment.Select(variable => PosixText.Printable(variable.Name))]
            : Arrived.Lines(profile, nameof(Profile.Environment), "Name");
    }

    /// <summary>The options of a profile, one on a line.</summary>
    public static string[] Settings(PSObject profile)
    {
        ArgumentNullException.ThrowIfNull(profile);
        return profile.BaseObject is Profile { Settings: { } settings }
            ? [.. settings.Written.Select(entry => $"{entry.Key}: {entry.Value}")] : [];
    }

    private static int Width(int label) => Math.Max(20, (ConsoleWidth.Usable ?? Default) - label - " : ".Length);

    private static string Modifiers(bool optional, bool quiet, Compatibility? level) =>
        (optional ? "  optional" : "") + (quiet ? "  quiet" : "") + (level is null ? "" : $"  {level}");

    private static string Joined(IEnumerable<string> names) => string.Join(' ', names) is { Length: > 0 } text ? text : "none";
}
