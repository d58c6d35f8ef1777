using Landlock.Abi;
using Landlock.Documents;
using Landlock.Documents.Reading;
using Landlock.Rulesets;

namespace Landlock.Policies.Writing;

/// <summary>
/// Makes documents out of policies, with the table <c>landlockps</c> for what the format has no words for, and only for that.
/// </summary>
internal sealed class PolicyExporter(PolicyWriteOptions options)
{
    // A longer range is written as one, in our table, rather than port by port.
    private const int LongestList = 64;

    private readonly List<string> _notes = [];
    private readonly List<string> _refused = [];

    public PolicyExport Export(Policy policy)
    {
        if (policy.IsEmpty)
            throw PolicyException.At(default, "the ruleset handles no right and no scope; a document of it would restrict nothing");
        bool required = policy.PathRules.Any(rule => !rule.Optional);
        bool refuse = required && options.KeepRequired && !options.Strict;
        if (required && !refuse) _notes.Add("landlockconfig skips paths that do not exist; that they are required is not written");

        PolicyHandled handled = new(Words(RightKind.Fs, (ulong)policy.HandledFs, policy.Abi),
            Words(RightKind.Net, (ulong)policy.HandledNet, policy.Abi), Words(RightKind.Scope, (ulong)policy.Scopes, policy.Abi), default);
        (PolicyHandled plain, PolicyHandled own) = Split(handled);
        List<PolicyPathEntry> paths = Paths(policy, refuse);
        List<PolicyPortEntry> ports = Ports(policy);
        PolicyExtension extension = Traits(policy, refuse) with
        {
            Rulesets = IsEmpty(own) ? [] : [own],
            PathBeneath = [.. paths.Where(IsOwn)],
            NetPort = [.. ports.Where(IsOwn)],
        };
        PolicyDocument document = new()
        {
            Source = "",
            Abi = policy.Abi,
            Variables = policy.Variables,
            Rulesets = IsEmpty(plain) ? [] : [plain],
            PathBeneath = [.. paths.Where(entry => !IsOwn(entry))],
            NetPort = [.. ports.Where(entry => !IsOwn(entry))],
            Extension = IsEmpty(extension) ? null : extension,
        };
        Explain(policy, document, refuse);
        if (options.Strict && _refused.Count > 0)
            throw new PolicyException(
                _refused.Select(reason => new PolicyFinding(default, FindingSeverity.Error, $"landlockconfig cannot say this: {reason}")));
        return new PolicyExport(document,
            [.. _notes, .. _refused.Select(reason => $"the table '{ExtensionReader.Key}' is needed: {reason}")]);
    }

    /// <summary>The shortest words for rights: a group of the document's ABI if it is exactly that, the names otherwise.</summary>
    public static PolicyRights Words(RightKind kind, ulong mask, int? abi)
    {
        if (mask == 0) return PolicyRights.None;
        if (abi is { } own)
        {
            foreach (string group in (string[])[RightsReader.All, RightsReader.ReadExecute, RightsReader.ReadWrite])
                if (RightsReader.Group(kind, group, own) == mask) return new PolicyRights([group], mask);
        }

        return new PolicyRights([.. AbiTable.InMask(kind, mask).Select(right => right.Name)], mask);
    }

    /// <summary>Whether upstream knows the words.</summary>
    public static bool IsKnown(RightKind kind, PolicyRights rights) =>
        rights.Words.All(
            word => RightsReader.Group(kind, word, 1) is not null || AbiTable.Find(kind, word)?.Abi <= PolicyReadOptions.CompatibleAbi);

    /// <summary>Whether an entry can only stand in our table.</summary>
    public static bool IsOwn(PolicyPathEntry entry) =>
        entry.Optional is not null || entry.Except.Length > 0 || entry.Quiet || entry.Compatibility is not null
            || entry.Parents.Any(parent => parent.IsEscaped) || !IsKnown(RightKind.Fs, entry.Allowed);

    /// <summary>Whether an entry can only stand in our table.</summary>
    public static bool IsOwn(PolicyPortEntry entry) =>
        entry.Quiet || entry.Compatibility is not null || entry.Ports.Any(port => port.First != port.Last)
            || !IsKnown(RightKind.Net, entry.Allowed);

    /// <summary>One entry for each set of rights and modifiers, in the order of the rules.</summary>
    public static IEnumerable<PolicyPathEntry> Group(IEnumerable<PolicyPathRule> rules, int? abi, bool optionalByDefault) =>
        rules.GroupBy(rule => (rule.Access, rule.Optional, rule.Quiet, rule.Compatibility, rule.Template.IsEscaped,
            string.Join('\0', rule.ExceptKeys))).Select(group =>
            new PolicyPathEntry(Words(RightKind.Fs, (ulong)group.Key.Access, abi), [.. group.Select(rule => rule.Template)], default)
            {
                Except = group.First().Except,
                Optional = group.Key.Optional == optionalByDefault ? null : group.Key.Optional,
                Quiet = group.Key.Quiet,
                Compatibility = group.Key.Compatibility,
            });

    /// <summary>One entry for each set of rights and modifiers; ranges stand apart from lists of ports.</summary>
    public static IEnumerable<PolicyPortEntry> Group(IEnumerable<PolicyPortRule> rules, int? abi, bool expand) =>
        rules.SelectMany(rule => Expand(rule, expand ? int.MaxValue : LongestList))
            .GroupBy(rule => (rule.Access, rule.Quiet, rule.Compatibility, rule.Ports.First == rule.Ports.Last))
            .Select(group => new PolicyPortEntry(Words(RightKind.Net, (ulong)group.Key.Access, abi),
                [.. group.Select(rule => rule.Ports)], default)
            {
                Quiet = group.Key.Quiet,
                Compatibility = group.Key.Compatibility,
            });

    private static IEnumerable<PolicyPortRule> Expand(PolicyPortRule rule, int most)
    {
        if (rule.Ports.Last - rule.Ports.First >= (ulong)most || rule.Quiet || rule.Compatibility is not null) return [rule];
        return Enumerable.Range(0, (int)(rule.Ports.Last - rule.Ports.First) + 1)
            .Select(offset => rule.Ports.First + (ulong)offset)
            .Select(port => rule with { Ports = new PolicyPorts(port, port, rule.Ports.Location) });
    }

    private static List<PolicyPathEntry> Paths(Policy policy, bool refuse) =>
        [.. Group(policy.PathRules.Select(rule => refuse ? rule : rule with { Optional = true }), policy.Abi, !refuse)];

    private List<PolicyPortEntry> Ports(Policy policy)
    {
        List<PolicyPortEntry> entries = [.. Group(policy.PortRules, policy.Abi, options.Strict)];
        // In our own table it comes along, so it is written, and said.
        bool sends = entries.Any(entry => IsOwn(entry) && UdpSending.Sends((AccessNet)entry.Allowed.Mask));
        IEnumerable<PolicyPortRule> plain = policy.PortRules.Where(rule => rule is { Quiet: false, Compatibility: null });
        if (!UdpSending.LacksBind(policy.HandledNet, sends, plain.Select(rule => (rule.Ports.First, rule.Access)))) return entries;
        _notes.Add($"bind_udp on port 0 is added, {UdpSending.Reason}");
        return [.. Group(policy.PortRules.Prepend(RulesetPolicy.Of(UdpSending.Bind)), policy.Abi, options.Strict)];
    }

    // Rights that upstream has no words for are handled in our own table, the others where everybody looks.
    private static (PolicyHandled Plain, PolicyHandled Own) Split(PolicyHandled handled)
    {
        (PolicyRights fs, PolicyRights ownFs) = Split(RightKind.Fs, handled.Fs);
        (PolicyRights net, PolicyRights ownNet) = Split(RightKind.Net, handled.Net);
        return (new PolicyHandled(fs, net, handled.Scoped, default), new PolicyHandled(ownFs, ownNet, PolicyRights.None, default));
    }

    private static (PolicyRights Plain, PolicyRights Own) Split(RightKind kind, PolicyRights rights)
    {
        if (IsKnown(kind, rights)) return (rights, PolicyRights.None);
        ulong own = 0;
        foreach (Right right in AbiTable.InMask(kind, rights.Mask))
            if (right.Abi > PolicyReadOptions.CompatibleAbi) own |= right.Bit;
        return (Words(kind, rights.Mask & ~own, null), Words(kind, own, null));
    }

    private PolicyExtension Traits(Policy policy, bool refuse)
    {
        PolicyTraits traits = policy.Traits;
        string? name = traits.Names.Length == 0 ? null : string.Join(" + ", traits.Names);
        string? description = traits.Descriptions.Length == 0 ? null : string.Join(" ", traits.Descriptions);
        if (options.Strict && (name ?? description) is not null)
            _notes.Add("landlockconfig has no place for names and descriptions; they are not written");
        return new PolicyExtension
        {
            Name = options.Strict ? null : name,
            Description = options.Strict ? null : description,
            Compatibility = traits.Compatibility == Compatibility.BestEffort ? null : traits.Compatibility,
            RefuseMissing = refuse ? true : null,
            Promises = traits.Promises,
            ListInterfaces = traits.ListInterfaces ? true : null,
            ConnectHost = policy.HostRules,
            LogFlags = traits.LogFlags,
            QuietFs = Words(RightKind.Fs, (ulong)traits.QuietFs, policy.Abi),
            QuietNet = Words(RightKind.Net, (ulong)traits.QuietNet, policy.Abi),
            QuietScoped = Words(RightKind.Scope, (ulong)traits.QuietScopes, policy.Abi),
        };
    }

    private void Explain(Policy policy, PolicyDocument document, bool refuse)
    {
        if (document.Extension is { } extension)
        {
            if (extension.Name is not null) _refused.Add("the ruleset has a name");
            if (extension.Description is not null) _refused.Add("the ruleset has a description");
            if (extension.Compatibility is { } level) _refused.Add($"the compatibility level is {ExtensionReader.Levels[(int)level]}");
            if (extension.Promises != ProtectionPromises.None)
                _refused.Add("it says which protections are required, may be missing or are left out");
            if (refuse) _refused.Add("paths are required to exist");
            if (extension.ListInterfaces is not null) _refused.Add("it lets network interfaces be listed");
            if (extension.ConnectHost.Length > 0) _refused.Add("it names hosts");
            if (extension.LogFlags != 0) _refused.Add("it says what is logged");
            if (extension.QuietFs.Mask != 0 || extension.QuietNet.Mask != 0 || extension.QuietScoped.Mask != 0)
                _refused.Add("it says which denials are quiet");
            foreach (string reason
                in extension.PathBeneath.Select(entry => Reason(entry, refuse)).Concat(extension.NetPort.Select(Reason)).Distinct())
            {
                _refused.Add(reason);
            }
        }

        // Rights of groups that upstream may not know; those with names are in the table.
        ulong newerFs = (ulong)(policy.HandledFs & ~AbiTable.AllFs(PolicyReadOptions.CompatibleAbi));
        ulong newerNet = (ulong)(policy.HandledNet & ~AbiTable.AllNet(PolicyReadOptions.CompatibleAbi));
        if (newerFs == 0 && newerNet == 0) return;
        string names = string.Join(", ",
            AbiTable.InMask(RightKind.Fs, newerFs).Concat(AbiTable.InMask(RightKind.Net, newerNet)).Select(right => right.Name));
        bool named =
            document.Extension is { } own && (own.Rulesets.Length > 0 || own.PathBeneath.Any(entry => !IsKnown(RightKind.Fs, entry.Allowed))
                || own.NetPort.Any(entry => !IsKnown(RightKind.Net, entry.Allowed)));
        if (options.Strict || named) _refused.Add($"it handles {names}");
        else _notes.Add($"a landlockconfig that does not know ABI {policy.Abi} leaves out {names}");
    }

    private static string Reason(PolicyPathEntry entry, bool refuse)
    {
        if (entry.Except.Length > 0) return "rules have exceptions";
        if (entry.Quiet) return "rules are quiet";
        if (entry.Compatibility is not null) return "rules have their own compatibility level";
        if (entry.Optional is not null) return refuse ? "some paths are optional" : "some paths are required to exist";
        return entry.Parents.Any(parent => parent.IsEscaped) ? "paths hold bytes that are not UTF-8"
            : "rules allow rights that it has no names for";
    }

    private static string Reason(PolicyPortEntry entry)
    {
        if (entry.Quiet) return "rules are quiet";
        if (entry.Compatibility is not null) return "rules have their own compatibility level";
        return entry.Ports.Any(port => port.First != port.Last) ? "ports are given as ranges"
            : "rules allow rights that it has no names for";
    }

    private static bool IsEmpty(PolicyHandled handled) => handled.Fs.Mask == 0 && handled.Net.Mask == 0 && handled.Scoped.Mask == 0;

    private static bool IsEmpty(PolicyExtension extension) =>
        extension is
        {
            Name: null, Description: null, Compatibility: null, RefuseMissing: null, ListInterfaces: null, LogFlags: 0,
            QuietFs.Mask: 0, QuietNet.Mask: 0, QuietScoped.Mask: 0,
            Rulesets.Length: 0, PathBeneath.Length: 0, NetPort.Length: 0, ConnectHost.Length: 0,
        } && extension.Promises == ProtectionPromises.None;
}
