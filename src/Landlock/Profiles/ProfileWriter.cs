using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Landlock.Abi;
using Landlock.Documents;
using Landlock.Documents.Reading;
using Landlock.Documents.Writing;
using Landlock.Policies;
using Landlock.Rulesets;
using Landlock.Sandboxes.Hosts;

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

    /// <summary>
    /// Hosts that may be connected to by TCP, besides those of presets. Where there are some, presets open no port to connect to.
    /// </summary>
    public ImmutableArray<HostRule> Hosts { get; init; } = [];
}

/// <summary>Writes the files of profiles.</summary>
internal static class ProfileWriter
{
    /// <summary>The name of the document that a new profile has.</summary>
    public const string PolicyName = "base.toml";

    /// <summary>The text of profile.toml.</summary>
    public static string WriteProfile(IEnumerable<string> beneath, IEnumerable<(string Name, string Literal)> environment, bool workspace)
    {
        ArgumentNullException.ThrowIfNull(beneath);
        ArgumentNullException.ThrowIfNull(environment);
        TomlOutput output = new();
        if (!workspace) output.Flag("workspace", false);
        output.Tables("context", beneath, path => output.Text("when_beneath", path));
        output.Tables("env", environment, variable =>
        {
            output.Text("name", variable.Name);
            output.Text("literal", variable.Literal);
        });
        return output.ToString();
    }

    /// <summary>
    /// The text of a policy that denies everything but what is given. What the ABI does not know is left out: it is not denied.
    /// </summary>
    /// <exception cref="RulesetException">There are hosts, and rules for UDP, which contradict them.</exception>
    public static string WritePolicy(ProfilePolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        Ruleset.DemandNoUdp(policy.Ports, policy.Hosts);
        AccessFs allFs = AbiTable.AllFs(policy.Abi);
        AccessNet allNet = AbiTable.AllNet(policy.Abi);
        // The format has no words for exceptions.
        PathRule[] excepting = [.. policy.Paths.Where(rule => !rule.Except.IsEmpty && (rule.Access & allFs) != 0)];
        string[] hosts = [.. policy.Presets.SelectMany(preset => preset.Hosts).Concat(policy.Hosts).Distinct().Order()
            .Select(rule => rule.ToString())];
        StringBuilder text = new("# Everything is denied but what stands here, and the directories of profile.toml with its workspace.\n");
        if (policy.Presets.Length > 0)
            text.Append(CultureInfo.InvariantCulture, $"# With the rules of: {string.Join(", ", policy.Presets)}.\n");
        bool hasTable = excepting.Length + hosts.Length > 0;
        if (hasTable) text.Append(CultureInfo.InvariantCulture, $"# {DocumentContent.Mark}\n");

        TomlOutput output = new();
        output.Number("abi", policy.Abi);
        // Without a value in the document: each run puts in what holds for it.
        IEnumerable<PolicyVariable> variables = policy.Presets.SelectMany(preset => preset.Document.Variables);
        output.Tables("variable", variables.Select(variable => variable.Name).Distinct(), name => output.Text("name", name));
        output.Tables("ruleset", ["abi.all"], all =>
        {
            output.Texts("handled_access_fs", [all]);
            output.Texts("handled_access_net", [all]);
            output.Texts("scoped", [all]);
        });

        IEnumerable<(AccessFs Access, IEnumerable<string> Paths)> paths = policy.Presets.SelectMany(preset => preset.Document.PathBeneath)
            .Select(entry => ((AccessFs)entry.Allowed.Mask & allFs, entry.Parents.Select(parent => parent.Text)))
            .Concat(policy.Paths.Where(rule => rule.Except.IsEmpty).GroupBy(rule => rule.Access & allFs)
                .Select(group => (group.Key, Paths(group))));
        output.Tables("path_beneath", paths.Where(rule => rule.Access != 0), rule =>
        {
            output.Texts("allowed_access", [.. AbiTable.Names(rule.Access)]);
            output.Texts("parent", [.. rule.Paths.Distinct()]);
        });

        AccessNet ofPresets = allNet & ~(hosts.Length > 0 ? HostNeeds.Leaving : AccessNet.None);
        IEnumerable<(AccessNet Access, IEnumerable<PolicyPorts> Ports)> ports = policy.Presets.SelectMany(preset => preset.Document.NetPort)
            .Select(entry => ((AccessNet)entry.Allowed.Mask & ofPresets, entry.Ports.SelectMany(port => Numbers(port.First, port.Last))))
            .Concat(policy.Ports.GroupBy(rule => rule.Access & allNet)
                .Select(group => (group.Key, group.SelectMany(rule => Numbers(rule.Port.First, rule.Port.Last)))));
        output.Tables("net_port", ports.Where(rule => rule.Access != 0), rule =>
        {
            output.Texts("allowed_access", [.. AbiTable.Names(rule.Access)]);
            output.Ports("port", rule.Ports.Distinct().OrderBy(port => port.First));
        });

        if (hasTable) output.Table(ExtensionReader.Key, () =>
        {
            output.Texts(HostsReader.Key, hosts);
            output.Tables(
                "path_beneath",
                excepting.GroupBy(rule => (Access: rule.Access & allFs, Except: string.Join('\0', rule.Except))),
                group =>
                {
                    output.Texts("allowed_access", [.. AbiTable.Names(group.Key.Access)]);
                    output.Texts("parent", [.. Paths(group).Distinct()]);
                    output.Texts("except", [.. group.First().Except.Select(PolicyTemplate.Escape)]);
                });
        });
        return text.Append('\n').Append(output).ToString();
    }

    private static IEnumerable<string> Paths(IEnumerable<PathRule> rules) => rules.Select(rule => PolicyTemplate.Escape(rule.Path));

    // The format has no ranges.
    private static IEnumerable<PolicyPorts> Numbers(ulong first, ulong last)
    {
        for (ulong port = first; port <= last; port++) yield return new PolicyPorts(port, port, default);
    }
}
