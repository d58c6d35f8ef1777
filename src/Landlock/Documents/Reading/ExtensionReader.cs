using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Rulesets;

namespace Landlock.Documents.Reading;

/// <summary>Reads the table <c>landlockps</c>.</summary>
internal static class ExtensionReader
{
    public const string Key = "landlockps";

    private static readonly TableShape Table = new(
        $"the table '{Key}'",
        "name", "description", "compatibility", "missing_paths", "require", "allow_degraded", "disabled", "list_interfaces",
        HostsReader.Key, "log", "quiet_access_fs", "quiet_access_net", "quiet_scoped", "ruleset", "path_beneath", "net_port");

    private static readonly TableShape PathRule = new("a path_beneath rule", "allowed_access", "parent", "parent_escaped", "except",
        "except_escaped", "except_matching", "optional", "quiet", "compatibility");
    private static readonly TableShape PortRule = new("a net_port rule", "allowed_access", "port", "quiet", "compatibility");

    /// <summary>The names of compatibility levels, in the order of the enumeration.</summary>
    public static ImmutableArray<string> Levels { get; } = ["best_effort", "soft_requirement", "hard_requirement"];

    public static PolicyExtension? Read(ReadContext context, Fields document)
    {
        if (document.Find(Key) is not { } node) return null;
        if (context.Options.StrictCompatibility)
        {
            context.Error(node.Position, $"the table '{Key}' is LandlockPS's own; landlockconfig refuses documents that have it");
            return null;
        }

        if (Fields.Of(context, node, Table) is not { } fields) return null;
        if (Table.Keys.All(key => fields.Find(key) is null)) context.Error(node.Position, $"the table '{Key}' is empty; leave it out");
        return new PolicyExtension
        {
            Name = fields.Optional("name", SourceKind.String, "a string")?.Text,
            Description = fields.Optional("description", SourceKind.String, "a string")?.Text,
            Compatibility = ReadLevel(context, fields),
            RefuseMissing = ReadWord(context, fields, "missing_paths", ["skip", "refuse"]) switch { 0 => false, 1 => true, _ => null },
            Promises = ReadPromises(context, fields, node),
            ListInterfaces = ReadFlag(fields, "list_interfaces"),
            ConnectHost = HostsReader.Read(context, fields),
            LogFlags = ReadLog(context, fields),
            QuietFs = RightsReader.Read(context, fields, "quiet_access_fs", RightKind.Fs),
            QuietNet = RightsReader.Read(context, fields, "quiet_access_net", RightKind.Net),
            QuietScoped = RightsReader.Read(context, fields, "quiet_scoped", RightKind.Scope),
            Rulesets = DocumentReader.ReadRulesets(context, fields),
            PathBeneath = DocumentReader.ReadAll(fields, "path_beneath", item => ReadPaths(context, item)),
            NetPort = DocumentReader.ReadAll(fields, "net_port", item => ReadPorts(context, item)),
            Location = context.At(node.Position),
        };
    }

    /// <summary>Reads a rule for paths.</summary>
    public static PolicyPathEntry? ReadPaths(ReadContext context, SourceNode node)
    {
        if (Fields.Of(context, node, PathRule) is not { } fields) return null;
        bool quiet = ReadFlag(fields, "quiet") ?? false;
        PolicyRights allowed = DocumentReader.ReadAllowed(context, fields, RightKind.Fs, required: !quiet);
        bool escaped = fields.Find("parent_escaped") is not null;
        return new PolicyPathEntry(
            allowed,
            [
                .. DocumentReader.ReadParents(context, fields, "parent", escaped: false, required: !escaped),
                .. DocumentReader.ReadParents(context, fields, "parent_escaped", escaped: true, required: false),
            ],
            context.At(fields.Position))
        {
            Except =
            [
                .. DocumentReader.ReadParents(context, fields, "except", escaped: false, required: false),
                .. DocumentReader.ReadParents(context, fields, "except_escaped", escaped: true, required: false),
                .. DocumentReader.ReadParents(context, fields, "except_matching", escaped: false, required: false)
                    .Where(template => IsPattern(context, template)).Select(template => template with { IsPattern = true }),
            ],
            Optional = ReadFlag(fields, "optional"),
            Quiet = quiet,
            Compatibility = ReadLevel(context, fields),
        };
    }

    // What a pattern says beside variables; with their values, it is looked at again.
    private static bool IsPattern(ReadContext context, PolicyTemplate template)
    {
        string text = string.Concat(template.Parts.Select(part => part.IsVariable ? "v" : part.Text));
        SourcePosition position = new(template.Location.Line, template.Location.Column);
        try
        {
            if (!ExceptionSet.IsWord(text) && ExceptionText.Parse(text).Path is null) return true;
            context.Error(position, $"{QuotedText.Of(template.Text)} is no pattern; write it in {context.Name("except")}");
        }
        catch (RulesetException e)
        {
            context.Error(position, e.Message.TrimEnd('.'));
        }

        return false;
    }

    private static PolicyPortEntry? ReadPorts(ReadContext context, SourceNode node)
    {
        if (Fields.Of(context, node, PortRule) is not { } fields) return null;
        bool quiet = ReadFlag(fields, "quiet") ?? false;
        PolicyRights allowed = DocumentReader.ReadAllowed(context, fields, RightKind.Net, required: !quiet);
        ImmutableArray<PolicyPorts>.Builder ports = ImmutableArray.CreateBuilder<PolicyPorts>();
        foreach (SourceNode port in fields.Array("port", required: true)?.Items ?? default)
        {
            if (ReadPortOrRange(context, port, "port") is { } read) ports.Add(read);
        }

        return new PolicyPortEntry(allowed, ports.DrainToImmutable(),
            context.At(fields.Position))
        { Quiet = quiet, Compatibility = ReadLevel(context, fields) };
    }

    /// <summary>Reads a port, or a range of ports as a string.</summary>
    public static PolicyPorts? ReadPortOrRange(ReadContext context, SourceNode node, string key)
    {
        if (node.Kind == SourceKind.Integer) return DocumentReader.ReadPort(context, node);
        if (node.Kind != SourceKind.String)
        {
            context.Error(node.Position,
                $"{context.Name(key)} must hold integers, or ranges as strings (\"8000-8010\"), not {node.Describe(context.Syntax)}");
            return null;
        }

        try
        {
            PortRange range = PortRange.Parse(node.Text);
            return new PolicyPorts(range.First, range.Last, context.At(node.Position));
        }
        catch (RulesetException e)
        {
            context.Error(node.Position, e.Message.TrimEnd('.'));
            return null;
        }
    }

    private static bool? ReadFlag(Fields fields, string key) => fields.Optional(key, SourceKind.Boolean, "true or false")?.Boolean;

    private static Compatibility? ReadLevel(ReadContext context, Fields fields) =>
        (Compatibility?)ReadWord(context, fields, "compatibility", Levels);

    private static int? ReadWord(ReadContext context, Fields fields, string key, ImmutableArray<string> words)
    {
        if (fields.Optional(key, SourceKind.String, "a string") is not { } node) return null;
        int index = words.IndexOf(node.Text);
        if (index >= 0) return index;
        context.Error(node.Position, $"{context.Name(key)} cannot be {QuotedText.Of(node.Text)}"
            + $"{Suggestion.Question(node.Text, words, otherwise: $"; it can be {string.Join(", ", words)}")}");
        return null;
    }

    private static ProtectionPromises ReadPromises(ReadContext context, Fields fields, SourceNode table)
    {
        ProtectionPromises promises = new()
        {
            Required = ReadProtections(context, fields, "require"),
            AllowDegraded = ReadProtections(context, fields, "allow_degraded"),
            Disabled = ReadProtections(context, fields, "disabled"),
        };
        try
        {
            promises.Demand();
            if (promises == promises.OfRuleset()) return promises;
            context.Error(table.Position, "the seccomp filter belongs to the command and not to a policy, which can only require it");
        }
        catch (RulesetException e)
        {
            context.Error(table.Position, e.Message.TrimEnd('.'));
        }

        return ProtectionPromises.None;
    }

    private static Protection ReadProtections(ReadContext context, Fields fields, string key)
    {
        Protection mask = Protection.None;
        string[] words = [.. ProtectionPromises.Words];
        foreach (SourceNode node in fields.Array(key)?.Items ?? default)
        {
            if (node.Kind == SourceKind.String && words.Contains(node.Text, StringComparer.Ordinal))
                mask |= ProtectionPromises.Parse(node.Text);
            else if (node.Kind != SourceKind.String)
                context.Error(node.Position, $"{context.Name(key)} must hold strings, not {node.Describe(context.Syntax)}");
            else
                context.Error(node.Position, $"{context.Name(key)} cannot hold {QuotedText.Of(node.Text)}"
                    + $"{Suggestion.Question(node.Text, words, otherwise: $"; it can hold {string.Join(", ", words)}")}");
        }

        return mask;
    }

    private static RestrictFlags ReadLog(ReadContext context, Fields fields)
    {
        Right[] known =
            [.. AbiTable.Rights.Where(right => right.Kind == RightKind.Flag && right.Name.StartsWith("log_", StringComparison.Ordinal))];
        RestrictFlags flags = RestrictFlags.None;
        foreach (SourceNode node in fields.Array("log")?.Items ?? default)
        {
            if (!fields.IsString("log", node)) continue;
            Right? flag = Array.Find(known, right => right.Name == node.Text);
            if (flag is not null) flags |= (RestrictFlags)flag.Bit;
            else
                context.Error(node.Position,
                    $"{QuotedText.Of(node.Text)} is no log flag; there are {string.Join(", ", known.Select(right => right.Name))}");
        }

        return flags;
    }
}
