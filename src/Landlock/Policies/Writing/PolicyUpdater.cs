using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Documents;
using Landlock.Documents.Reading;
using Landlock.Documents.Writing;
using Landlock.Rulesets;

namespace Landlock.Policies.Writing;

/// <summary>Adds rules to the text of a document.</summary>
internal static class PolicyUpdater
{
    public static PolicyUpdate Update(ReadOnlySpan<byte> text, PolicyDocument document, Ruleset ruleset, PolicyVariables variables,
        PolicyWriteOptions options)
    {
        Ruleset old = Policy.From(document).Resolve(variables).Ruleset;
        bool optional = document.Extension?.RefuseMissing != true;
        (List<PathRule> paths, List<NetRule> ports) = Missing(old, ruleset);
        HostRule[] hosts = [.. ruleset.HostRules.Except(old.HostRules)];
        string? reason;
        if (!IsSame(Bare(old), Bare(ruleset)) || (ports.Any(rule => rule.HasUdp) && old.HostRules.Length > 0)
            || !IsSame(old.WithExactly(paths, ports).WithHosts(hosts), ruleset))
        {
            reason = "it is not only rules that are added";
        }
        else if (hosts.Length > 0 && document.Extension is not null)
        {
            reason = $"hosts are added, and the table '{ExtensionReader.Key}' is there already";
        }
        else
        {
            List<PolicyPathEntry> pathEntries = [.. PolicyExporter.Group(
                paths.Select(rule => RulesetPolicy.Of(rule with { Optional = rule.Optional || optional })), document.Abi, optional)];
            List<PolicyPortEntry> portEntries = [.. PolicyExporter.Group(ports.Select(RulesetPolicy.Of), document.Abi, options.Strict)];
            List<string> notes = [];
            if (optional && paths.Any(rule => !rule.Optional))
                notes.Add("as the others of the document, the added rules are skipped where their path does not exist");
            bool own = pathEntries.Any(PolicyExporter.IsOwn) || portEntries.Any(PolicyExporter.IsOwn) || hosts.Length > 0;
            string why = hosts.Length > 0 ? "they name hosts" : "they have modifiers, or rights or bytes that it has no names for";
            if (own && options.Strict)
                throw PolicyException.At(new PolicyLocation(document.Source, 0, 0),
                    $"landlockconfig cannot say what the added rules do: {why}");
            if (own && document.Extension is null)
                notes.Add($"the table '{ExtensionReader.Key}' is needed for the added rules, which landlockconfig cannot say: {why}");
            try
            {
                return new PolicyUpdate(Append(text, pathEntries, portEntries, hosts), Appended: true, [.. notes]);
            }
            catch (SourceException e)
            {
                reason = e.Problem;
            }
        }

        PolicyExport export = PolicyWriter.Export(ruleset, options);
        return new PolicyUpdate(PolicyWriter.Write(export.Document, PolicySyntax.Toml), Appended: false,
            [.. export.Notes, $"the document is written anew, without its comments and variables: {reason}"]);
    }

    private static byte[] Append(ReadOnlySpan<byte> text, List<PolicyPathEntry> paths, List<PolicyPortEntry> ports, HostRule[] hosts)
    {
        PolicyPathEntry[] ownPaths = [.. paths.Where(PolicyExporter.IsOwn)];
        PolicyPortEntry[] ownPorts = [.. ports.Where(PolicyExporter.IsOwn)];
        return TomlAppend.To(text, output =>
        {
            output.Tables("path_beneath", paths.Where(entry => !PolicyExporter.IsOwn(entry)),
                entry => DocumentContent.WritePath(entry, output));
            output.Tables("net_port", ports.Where(entry => !PolicyExporter.IsOwn(entry)),
                entry => DocumentContent.WritePorts(entry, output));
            if (ownPaths.Length + ownPorts.Length + hosts.Length == 0) return;
            output.Table(ExtensionReader.Key, () =>
            {
                output.Texts(HostsReader.Key, [.. hosts.Select(rule => rule.ToString())]);
                output.Tables("path_beneath", ownPaths, entry => DocumentContent.WritePath(entry, output));
                output.Tables("net_port", ownPorts, entry => DocumentContent.WritePorts(entry, output));
            });
        });
    }

    /// <summary>What the new ruleset has and the old one has not.</summary>
    private static (List<PathRule> Paths, List<NetRule> Ports) Missing(Ruleset old, Ruleset ruleset)
    {
        // A rule that grows is one more rule with what it gains; whether it is optional follows the document.
        Dictionary<(string, bool, Compatibility?, string), AccessFs> known = [];
        foreach (PathRule rule in old.PathRules) known[Key(rule)] = known.GetValueOrDefault(Key(rule)) | rule.Access;
        List<PathRule> paths = [];
        foreach (PathRule rule in ruleset.PathRules)
        {
            AccessFs before = known.GetValueOrDefault(Key(rule));
            bool isNew = !known.ContainsKey(Key(rule));
            if (isNew || (rule.Access & ~before) != 0) paths.Add(rule with { Access = rule.Access & ~before });
        }

        HashSet<NetRule> ports = [.. old.NetRules];
        return (paths, [.. ruleset.NetRules.Where(rule => !ports.Contains(rule))]);
    }

    private static (string, bool, Compatibility?, string) Key(PathRule rule) =>
        (rule.Path, rule.Quiet, rule.Compatibility, string.Join('\0', rule.Except));

    // The same but for which rules are optional.
    private static bool IsSame(Ruleset a, Ruleset b) => WithoutOptional(a).Equals(WithoutOptional(b));

    private static Ruleset WithoutOptional(Ruleset ruleset) =>
        Bare(ruleset).WithExactly(ruleset.PathRules.Select(rule => rule with { Optional = false }), ruleset.NetRules)
            .WithHosts(ruleset.HostRules);

    private static Ruleset Bare(Ruleset ruleset) =>
        Ruleset.Handling(ruleset.Abi, ruleset.HandledFs, ruleset.HandledNet, ruleset.Scopes)
            .WithLogging(ruleset.LogFlags)
            .WithQuiet(ruleset.QuietFs, ruleset.QuietNet, ruleset.QuietScopes)
            .WithPromises(ruleset.Promises)
            with
        { Name = ruleset.Name, Compatibility = ruleset.Compatibility, ListInterfaces = ruleset.ListInterfaces };
}
