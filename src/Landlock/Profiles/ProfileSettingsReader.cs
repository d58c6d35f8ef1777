using System.Collections.Immutable;
using Landlock.Documents;
using Landlock.Documents.Reading;
using Landlock.Linux;
using Landlock.Policies;
using Landlock.Rulesets;
using Landlock.Sandboxes;
using Landlock.Sandboxes.Options;

namespace Landlock.Profiles;

/// <summary>Reads the table <c>landlockps</c> of profile.toml: the options of a sandbox, each under its name.</summary>
internal static class ProfileSettingsReader
{
    /// <summary>The key of the table.</summary>
    public const string Key = "landlockps";

    /// <summary>The key of the line for people.</summary>
    public const string Description = "description";

    /// <summary>The key of the presets.</summary>
    public const string Presets = "preset";

    /// <summary>The key of rules for single rights.</summary>
    public const string Rules = "path_beneath";

    /// <summary>The key of the directories that the profile has for itself.</summary>
    public const string Workspace = "workspace";

    /// <summary>The key of variables whose values hold variables.</summary>
    public const string Environment = "environment";

    /// <summary>The key of variables for values of whoever uses the profile.</summary>
    public const string Variable = "variable";

    private static readonly TableShape Table =
        new($"the table '{Key}'",
            [Description, Presets, Variable, Rules, Workspace, Environment, .. SandboxOptions.All.Select(option => option.Key)]);

    private static readonly TableShape VariableTable = new("a variable", "name", "literal", "optional");

    /// <summary>Reads the table; null if there is none, or if it cannot be read.</summary>
    public static ProfileSettings? Read(ReadContext context, Fields document)
    {
        if (document.Find(Key) is not { } node || Fields.Of(context, node, Table) is not { } fields) return null;
        ImmutableArray<Func<Sandbox, Sandbox>>.Builder changes = ImmutableArray.CreateBuilder<Func<Sandbox, Sandbox>>();
        ImmutableArray<PolicyPathEntry>.Builder paths = ImmutableArray.CreateBuilder<PolicyPathEntry>();
        ImmutableArray<(PolicyTemplate, PlaceOption)>.Builder places = ImmutableArray.CreateBuilder<(PolicyTemplate, PlaceOption)>();
        foreach (SandboxOption option in SandboxOptions.All)
        {
            if (fields.Find(option.Key) is not { } value) continue;
            switch (option)
            {
                case PathsOption allowed:
                    paths.Add(new PolicyPathEntry(new PolicyRights([], (ulong)allowed.Access.Rights),
                        DocumentReader.ReadParents(context, fields, option.Key, escaped: false, required: false),
                        context.At(value.Position))
                    { Optional = false });
                    break;
                case HostsOption:
                    break;
                case PlaceOption { IsList: true } list:
                    foreach (PolicyTemplate template in DocumentReader.ReadParents(context, fields, option.Key, false, false))
                        places.Add((template, list));
                    break;
                case PlaceOption place:
                    if (ReadPlace(context, fields, option.Key) is { } one) places.Add((one, place));
                    break;
                default:
                    Guarded(context, value, () => changes.AddRange(Changes(context, fields, option, value)));
                    break;
            }
        }

        paths.AddRange(DocumentReader.ReadAll(fields, Rules, item => ExtensionReader.ReadPaths(context, item)));
        return new ProfileSettings
        {
            Description = fields.Optional(Description, SourceKind.String, "a string")?.Text,
            Changes = changes.ToImmutable(),
            Presets = [.. Texts(fields, Presets).Select(name => ReadPreset(context, name)).OfType<string>()],
            Workspace = ReadWorkspace(context, fields),
            Environment = ReadEnvironment(context, fields),
            Paths = paths.ToImmutable(),
            Places = places.ToImmutable(),
            Hosts = HostsReader.Read(context, fields),
            Declared = ReadVariables(context, fields),
            Written = [.. Table.Keys.Where(key => key != Description).Select(key => (key, fields.Find(key)))
                .Where(entry => entry.Item2 is not null).Select(entry => (entry.key, Show(entry.Item2!.Value)))],
        };
    }

    private static IEnumerable<Func<Sandbox, Sandbox>> Changes(ReadContext context, Fields fields, SandboxOption option, SourceNode value)
    {
        switch (option)
        {
            case FlagOption flag:
                if (fields.Optional(option.Key, SourceKind.Boolean, "true or false")?.Boolean is { } on)
                    yield return sandbox => flag.Set(sandbox, on);
                break;
            case WordOption word:
                ImmutableArray<string> written = [.. word.Words.Select(known => known.Replace('-', '_'))];
                if (fields.Optional(option.Key, SourceKind.String, "a string") is { } text
                    && DemandWord(context, option.Key, text, written) is { } chosen)
                {
                    yield return sandbox => word.Set(sandbox, chosen);
                }

                break;
            case WordsOption words:
                foreach (SourceNode item in Texts(fields, option.Key))
                    if (DemandWord(context, option.Key, item, words.Words) is { } index)
                        yield return sandbox => words.Add(sandbox, words.Words[index]);
                break;
            case NumberOption number:
                if (ReadNumber(context, option.Key, value, number.IsSize) is { } most) yield return sandbox => number.Set(sandbox, most);
                break;
            case TimeOption time:
                if (ReadTime(context, option.Key, value, time.Least) is { } span) yield return sandbox => time.Set(sandbox, span);
                break;
            case PortsOption ports:
                foreach (SourceNode item in fields.Array(option.Key)?.Items ?? default)
                {
                    if (ExtensionReader.ReadPortOrRange(context, item, option.Key) is { } read
                        && ReadRange(context, item, read) is { } range)
                        yield return sandbox => ports.Add(sandbox, range);
                }

                break;
            case PatternsOption patterns:
                foreach (SourceNode item in Texts(fields, option.Key))
                {
                    string pattern = item.Text;
                    if (pattern.Length == 0 || pattern.AsSpan().IndexOfAny("=\0") >= 0)
                        context.Error(item.Position, $"{QuotedText.Of(pattern)} matches no name of an environment variable");
                    yield return sandbox => patterns.Add(sandbox, pattern);
                }

                break;
            default:
                throw new InvalidOperationException(option.Name);
        }
    }

    // What no option takes is told with its place.
    private static void Guarded(ReadContext context, SourceNode value, Action read)
    {
        try
        {
            read();
        }
        catch (RulesetException e)
        {
            context.Error(value.Position, e.Message.TrimEnd('.'));
        }
    }

    private static List<SourceNode> Texts(Fields fields, string key)
    {
        List<SourceNode> texts = [];
        foreach (SourceNode item in fields.Array(key)?.Items ?? default)
            if (fields.IsString(key, item)) texts.Add(item);
        return texts;
    }

    private static ImmutableArray<string> ReadWorkspace(ReadContext context, Fields fields)
    {
        ImmutableArray<string> words = [.. XdgDirectory.All.Select(directory => directory.Word)];
        return [.. Texts(fields, Workspace).Where(item => DemandWord(context, Workspace, item, words) is not null)
            .Select(item => item.Text).Distinct()];
    }

    private static ImmutableArray<(string, PolicyTemplate)> ReadEnvironment(ReadContext context, Fields fields)
    {
        ImmutableArray<(string, PolicyTemplate)>.Builder variables = ImmutableArray.CreateBuilder<(string, PolicyTemplate)>();
        if (fields.Optional(Environment, SourceKind.Table, "a table") is not { } table) return [];
        foreach (SourceNode item in table.Items)
        {
            string? problem = null;
            if (item.Kind != SourceKind.String)
                context.Error(item.Position, $"{context.Name(Environment)} must hold strings, not {item.Describe(context.Syntax)}");
            else if (item.Key.Length == 0 || item.Key.AsSpan().IndexOfAny("=\0") >= 0)
                context.Error(item.KeyPosition, $"{QuotedText.Of(item.Key)} cannot be the name of an environment variable");
            else if (item.Text.Contains('\0'))
                context.Error(item.Position, "the value of an environment variable cannot hold a NUL character");
            else if (PolicyTemplate.TryParse(item.Text, escaped: false, context.At(item.Position), out problem) is { } value)
                variables.Add((item.Key, value));
            if (problem is not null) context.Error(item.Position, problem);
        }

        return variables.ToImmutable();
    }

    private static ImmutableArray<ProfileDeclaration> ReadVariables(ReadContext context, Fields fields)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        return DocumentReader.ReadAll(fields, Variable, node =>
        {
            if (Fields.Of(context, node, VariableTable) is not { } table) return null;
            SourceNode? name = table.Require("name", SourceKind.String, "a string");
            ImmutableArray<string> literals = [.. Texts(table, "literal").Select(item => item.Text)];
            bool optional = table.Optional("optional", SourceKind.Boolean, "true or false")?.Boolean ?? false;
            if (literals.FirstOrDefault(text => text.Contains('\0')) is not null)
                context.Error(table.Position, "the value of a variable cannot hold a NUL character");
            if (name is not { } named) return null;
            if (PolicyTemplate.NameProblem(named.Text) is { } problem) context.Error(named.Position, problem);
            else if (!names.Add(named.Text)) context.Error(named.Position, $"the variable '{named.Text}' is declared already");
            return new ProfileDeclaration(named.Text, literals, optional, context.At(table.Position));
        });
    }

    private static string? ReadPreset(ReadContext context, SourceNode node)
    {
        if (Preset.Names.FirstOrDefault(name => name.Equals(node.Text, StringComparison.OrdinalIgnoreCase)) is { } known) return known;
        context.Error(node.Position, $"there is no preset {QuotedText.Of(node.Text)}"
            + Suggestion.Question(node.Text, Preset.Names, otherwise: $"; there are {string.Join(", ", Preset.Names)}"));
        return null;
    }

    private static int? DemandWord(ReadContext context, string key, SourceNode node, ImmutableArray<string> words)
    {
        int index = words.IndexOf(node.Text);
        if (index >= 0) return index;
        context.Error(node.Position, $"{context.Name(key)} cannot be {QuotedText.Of(node.Text)}"
            + Suggestion.Question(node.Text, words, otherwise: $"; it can be {string.Join(", ", words)}"));
        return null;
    }

    private static long? ReadNumber(ReadContext context, string key, SourceNode node, bool isSize)
    {
        if (node.Kind == SourceKind.Integer && node.Integer >= 0 && node.Integer <= long.MaxValue) return (long)node.Integer;
        if (isSize && node.Kind == SourceKind.String && SizeText.Parse(node.Text) is { } size) return size;
        context.Error(node.Position, isSize
            ? $"{context.Name(key)} must be a number of bytes, or a size such as \"512M\" or \"2G\""
            : $"{context.Name(key)} must be a number, 0 or more");
        return null;
    }

    private static TimeSpan? ReadTime(ReadContext context, string key, SourceNode node, double least)
    {
        TimeSpan? time = node.Kind switch
        {
            SourceKind.Integer when node.Integer >= 0 && node.Integer <= int.MaxValue => TimeSpan.FromSeconds((int)node.Integer),
            SourceKind.String => DurationText.Parse(node.Text, isSeconds: true),
            _ => null,
        };
        if (time is { TotalSeconds: var seconds } && seconds >= least && seconds <= int.MaxValue) return time;
        string number = least > 0 ? "a positive number" : "a number";
        context.Error(node.Position, $"{context.Name(key)} must be {number} of seconds, or a time such as \"90s\" or \"10m\"");
        return null;
    }

    private static PortRange? ReadRange(ReadContext context, SourceNode node, PolicyPorts ports)
    {
        if (ports.Last <= ushort.MaxValue) return new PortRange((ushort)ports.First, (ushort)ports.Last);
        context.Error(node.Position, $"there is no port {ports.Last}: ports go up to {ushort.MaxValue}");
        return null;
    }

    private static PolicyTemplate? ReadPlace(ReadContext context, Fields fields, string key)
    {
        if (fields.Optional(key, SourceKind.String, "a string") is not { } node) return null;
        PolicyTemplate? template = PolicyTemplate.TryParse(node.Text, escaped: false, context.At(node.Position), out string? problem);
        if (node.Text.Length == 0) problem = $"{context.Name(key)} is empty; leave the key out";
        if (template is { HoldsNul: true }) problem = "a path cannot hold a NUL character";
        if (problem is null) return template;
        context.Error(node.Position, problem);
        return null;
    }

    private static string Show(SourceNode node) => node.Kind switch
    {
        SourceKind.String => PosixText.Printable(node.Text),
        SourceKind.Boolean => node.Boolean ? "yes" : "no",
        SourceKind.Integer => node.Integer.ToString(System.Globalization.CultureInfo.InvariantCulture),
        SourceKind.Array => string.Join(", ", Items(node).Select(Show)),
        SourceKind.Table => string.Join("; ", Items(node).Select(item => $"{PosixText.Printable(item.Key)}: {Show(item)}")),
        _ => node.Describe(PolicySyntax.Toml),
    };

    private static List<SourceNode> Items(SourceNode node)
    {
        List<SourceNode> items = [];
        foreach (SourceNode item in node.Items) items.Add(item);
        return items;
    }
}
