using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Landlock.Abi;
using Landlock.Documents;
using Landlock.Documents.Reading;
using Landlock.Documents.Toml;
using Landlock.Policies;
using Landlock.Rulesets;

namespace Landlock.Profiles;

/// <summary>What the policy of a new profile allows.</summary>
public sealed record ProfilePolicy
{
    /// <summary>The ABI it is written for; 6 is the newest whose groups every reader of the format knows.</summary>
    public int Abi { get; init; } = 6;

    /// <summary>Presets whose rules are copied.</summary>
    public ImmutableArray<Preset> Presets { get; init; } = [];

    /// <summary>Rules for paths.</summary>
    public ImmutableArray<PathRule> Paths { get; init; } = [];

    /// <summary>Rules for ports.</summary>
    public ImmutableArray<NetRule> Ports { get; init; } = [];
}

/// <summary>Writes the files of profiles.</summary>
public static class ProfileWriter
{
    /// <summary>The name of the document that a new profile has.</summary>
    public const string PolicyName = "base.toml";

    /// <summary>The text of profile.toml.</summary>
    public static string WriteProfile(IEnumerable<string> beneath, IEnumerable<(string Name, string Literal)> environment, bool workspace)
    {
        ArgumentNullException.ThrowIfNull(beneath);
        ArgumentNullException.ThrowIfNull(environment);
        List<TomlEntry> entries = [];
        if (!workspace) entries.Add(new TomlEntry("workspace", new TomlBoolean(false)));
        TomlTable[] contexts = [.. beneath.Select(path => new TomlTable(("when_beneath", new TomlString(path))))];
        if (contexts.Length > 0) entries.Add(new TomlEntry("context", new TomlArray(contexts)));
        TomlTable[] variables = [.. environment.Select(variable => new TomlTable(("name", new TomlString(variable.Name)), ("literal", new TomlString(variable.Literal))))];
        if (variables.Length > 0) entries.Add(new TomlEntry("env", new TomlArray(variables)));
        return TomlWriter.Write(new TomlTable(entries));
    }

    /// <summary>The text of a policy that denies everything but what is given. What the ABI does not know is left out: it is not denied.</summary>
    public static string WritePolicy(ProfilePolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        AccessFs allFs = AbiTable.AllFs(policy.Abi);
        AccessNet allNet = AbiTable.AllNet(policy.Abi);
        List<TomlEntry> entries = [new("abi", new TomlInteger(policy.Abi))];
        string[] variables = [.. policy.Presets.SelectMany(preset => preset.Document.Variables).Select(variable => variable.Name).Distinct()];
        // Without a value in the document: each run puts in what holds for it.
        if (variables.Length > 0) entries.Add(new TomlEntry("variable", new TomlArray(variables.Select(name => new TomlTable(("name", new TomlString(name)))))));
        entries.Add(new TomlEntry("ruleset", new TomlArray([new TomlTable(
            ("handled_access_fs", Strings(["abi.all"])), ("handled_access_net", Strings(["abi.all"])), ("scoped", Strings(["abi.all"])))])));

        IEnumerable<(AccessFs Access, IEnumerable<string> Paths)> paths = policy.Presets.SelectMany(preset => preset.Document.PathBeneath)
            .Select(entry => ((AccessFs)entry.Allowed.Mask & allFs, entry.Parents.Select(parent => parent.Text)))
            .Concat(policy.Paths.Where(rule => rule.Except.IsEmpty).GroupBy(rule => rule.Access & allFs).Select(group => (group.Key, group.Select(rule => PolicyTemplate.Escape(rule.Path)))));
        TomlTable[] pathRules = [.. paths.Where(rule => rule.Access != 0)
            .Select(rule => new TomlTable(("allowed_access", Strings(AbiTable.Names(rule.Access))), ("parent", Strings(rule.Paths.Distinct()))))];
        if (pathRules.Length > 0) entries.Add(new TomlEntry("path_beneath", new TomlArray(pathRules)));

        IEnumerable<(AccessNet Access, IEnumerable<ulong> Ports)> ports = policy.Presets.SelectMany(preset => preset.Document.NetPort)
            .Select(entry => ((AccessNet)entry.Allowed.Mask & allNet, entry.Ports.SelectMany(port => Numbers(port.First, port.Last))))
            .Concat(policy.Ports.GroupBy(rule => rule.Access & allNet).Select(group => (group.Key, group.SelectMany(rule => Numbers(rule.Port.First, rule.Port.Last)))));
        TomlTable[] portRules = [.. ports.Where(rule => rule.Access != 0)
            .Select(rule => new TomlTable(("allowed_access", Strings(AbiTable.Names(rule.Access))), ("port", new TomlArray(rule.Ports.Distinct().Order().Select(port => new TomlInteger((long)port))))))];
        if (portRules.Length > 0) entries.Add(new TomlEntry("net_port", new TomlArray(portRules)));

        // The format has no words for exceptions.
        TomlTable[] excepting = [.. policy.Paths.Where(rule => !rule.Except.IsEmpty && (rule.Access & allFs) != 0)
            .GroupBy(rule => (Access: rule.Access & allFs, Except: string.Join('\0', rule.Except)))
            .Select(group => new TomlTable(
                ("allowed_access", Strings(AbiTable.Names(group.Key.Access))),
                ("parent", Strings(group.Select(rule => PolicyTemplate.Escape(rule.Path)).Distinct())),
                ("except", Strings(group.First().Except.Select(PolicyTemplate.Escape)))))];
        if (excepting.Length > 0) entries.Add(new TomlEntry(ExtensionReader.Key, new TomlTable(("path_beneath", new TomlArray(excepting)))));

        StringBuilder text = new("# Everything is denied but what stands here, and the directories of profile.toml with its workspace.\n");
        if (policy.Presets.Length > 0) text.Append(CultureInfo.InvariantCulture, $"# With the rules of: {string.Join(", ", policy.Presets)}.\n");
        if (excepting.Length > 0) text.Append(CultureInfo.InvariantCulture, $"{PolicyWriter.Mark}\n");
        return text.Append('\n').Append(TomlWriter.Write(new TomlTable(entries))).ToString();
    }

    private static TomlArray Strings(IEnumerable<string> values) => new(values.Select(value => new TomlString(value)));

    // The format has no ranges.
    private static IEnumerable<ulong> Numbers(ulong first, ulong last)
    {
        for (ulong port = first; port <= last; port++) yield return port;
    }
}
