using System.Collections.Immutable;
using Landlock.Abi;

namespace Landlock.Documents.Reading;

/// <summary>
/// Reads documents: the rules of the format, applied to values of either syntax. All problems are collected, not only the first.
/// </summary>
internal sealed class DocumentReader
{
    private const int LargestAbi = int.MaxValue;
    private static readonly TableShape Document =
        new("a document", "abi", "variable", "ruleset", "path_beneath", "net_port", ExtensionReader.Key);
    private static readonly TableShape Variable = new("a variable", "name", "literal");
    private static readonly TableShape Handled = new("a ruleset", "handled_access_fs", "handled_access_net", "scoped");
    private static readonly TableShape PathRule = new("a path_beneath rule", "allowed_access", "parent");
    private static readonly TableShape PortRule = new("a net_port rule", "allowed_access", "port");

    private readonly ReadContext _context;

    private DocumentReader(ReadContext context) => _context = context;

    public static PolicyReading Read(ReadOnlySpan<byte> utf8, PolicySyntax syntax, string source, PolicyReadOptions options)
    {
        ReadContext context = new(source, syntax, options);
        PolicyDocument? document = null;
        try
        {
            SourceTree tree = syntax == PolicySyntax.Toml ? TomlSource.Read(utf8) : JsonSource.Read(utf8);
            foreach ((int at, string what) in tree.Newer) context.NoteNewer(tree.Places[at], what);
            document = new DocumentReader(context).Read(new SourceNode(tree, SourceTree.Document), source);
        }
        catch (SourceException e)
        {
            context.Fail(e);
        }

        ImmutableArray<PolicyFinding> findings = context.Findings.Count == 0 ? []
            : [.. context.Findings.OrderBy(finding => finding.Location.Line).ThenBy(finding => finding.Location.Column)];
        if (findings.Any(finding => finding.Severity == FindingSeverity.Error)) return new PolicyReading(null, findings);
        return new PolicyReading(document! with { Findings = findings }, findings);
    }

    private PolicyDocument? Read(SourceNode root, string source)
    {
        if (Fields.Of(_context, root, Document) is not { } fields) return null;
        // First of all, wherever it stands: groups need it.
        int? abi = ReadAbi(fields);
        PolicyDocument document = new()
        {
            Source = source,
            Syntax = _context.Syntax,
            Abi = abi,
            Variables = ReadAll(fields, "variable", ReadVariable),
            Rulesets = ReadRulesets(_context, fields),
            PathBeneath = ReadAll(fields, "path_beneath", ReadPaths),
            NetPort = ReadAll(fields, "net_port", ReadPorts),
            Extension = ExtensionReader.Read(_context, fields),
        };
        bool empty = fields.Find("variable") is null && fields.Find("ruleset") is null && fields.Find("path_beneath") is null
            && fields.Find("net_port") is null;
        if (empty && fields.Find(ExtensionReader.Key) is null)
            _context.Error(root.Position,
                $"the document is empty: it needs one of {string.Join(", ", Document.Keys[1..^1].Select(_context.Name))}");
        return document;
    }

    /// <summary>Reads the elements of an array of tables.</summary>
    public static ImmutableArray<T> ReadAll<T>(Fields fields, string key, Func<SourceNode, T?> read)
        where T : class
    {
        if (fields.Array(key) is not { } array) return [];
        ImmutableArray<T>.Builder all = ImmutableArray.CreateBuilder<T>(array.Count);
        foreach (SourceNode item in array.Items)
        {
            if (read(item) is { } element) all.Add(element);
        }

        return all.DrainToImmutable();
    }

    /// <summary>Reads <c>ruleset</c>.</summary>
    public static ImmutableArray<PolicyHandled> ReadRulesets(ReadContext context, Fields fields) => ReadAll(fields, "ruleset", node =>
    {
        if (Fields.Of(context, node, Handled) is not { } ruleset) return null;
        string[] keys = Handled.Keys;
        if (keys.All(key => ruleset.Find(key) is null))
            context.Error(ruleset.Position, $"a ruleset is empty: it needs one of {string.Join(", ", keys.Select(context.Name))}");
        return new PolicyHandled(
            RightsReader.Read(context, ruleset, keys[0], RightKind.Fs),
            RightsReader.Read(context, ruleset, keys[1], RightKind.Net),
            RightsReader.Read(context, ruleset, keys[2], RightKind.Scope),
            context.At(ruleset.Position));
    });

    /// <summary>Reads a port number.</summary>
    public static PolicyPorts? ReadPort(ReadContext context, SourceNode node)
    {
        if (node.Integer < 0 || node.Integer > ulong.MaxValue)
        {
            context.Error(node.Position,
                $"a port must be 0 or more{(node.Integer > 0 ? ", and less than 2^64" : $", not {node.Integer}")}");
            return null;
        }

        ulong port = (ulong)node.Integer;
        if (port > ushort.MaxValue)
            context.Warn(node.Position,
                $"there is no port {port}: ports go up to {ushort.MaxValue}, and no ruleset can be built with this one");
        return new PolicyPorts(port, port, context.At(node.Position));
    }

    private int? ReadAbi(Fields fields)
    {
        if (fields.Find("abi") is not { } node) return null;
        if (node.Kind != SourceKind.Integer || node.Integer < 1 || node.Integer > LargestAbi)
        {
            string found = node.Kind != SourceKind.Integer ? node.Describe(_context.Syntax) : node.Integer > LargestAbi ? "a larger number"
                : $"{node.Integer}";
            _context.Error(node.Position, $"'abi' must be an integer from 1 to {LargestAbi}, not {found}");
            _context.Abi = null;
            return null;
        }

        if (node.Integer > AbiTable.Newest)
            _context.Note(node.Position,
                $"ABI {node.Integer} is newer than ABI {AbiTable.Newest}, the newest that this version knows; it is read as that");
        return _context.Abi = (int)Int128.Min(node.Integer, AbiTable.Newest);
    }

    private PolicyVariable? ReadVariable(SourceNode node)
    {
        if (Fields.Of(_context, node, Variable) is not { } fields) return null;
        SourceNode? name = fields.Require("name", SourceKind.String, "a string");
        if (name is { } named && PolicyTemplate.NameProblem(named.Text) is { } problem) _context.Error(named.Position, problem);
        ImmutableArray<string>.Builder literals = ImmutableArray.CreateBuilder<string>();
        foreach (SourceNode literal in fields.Array("literal")?.Items ?? default)
        {
            if (!fields.IsString("literal", literal)) continue;
            string text = literal.Text;
            if (text.Contains('\0')) _context.Error(literal.Position, "a path cannot hold a NUL character");
            literals.Add(text);
        }

        return name is null ? null : new PolicyVariable(name.Value.Text, literals.DrainToImmutable(), _context.At(fields.Position));
    }

    private PolicyPathEntry? ReadPaths(SourceNode node)
    {
        if (Fields.Of(_context, node, PathRule) is not { } fields) return null;
        PolicyRights allowed = ReadAllowed(_context, fields, RightKind.Fs, required: true);
        return new PolicyPathEntry(allowed, ReadParents(_context, fields, "parent", escaped: false, required: true),
            _context.At(fields.Position));
    }

    /// <summary>Reads the rights of a rule, and notes a rule that is left with none.</summary>
    public static PolicyRights ReadAllowed(ReadContext context, Fields fields, RightKind kind, bool required)
    {
        PolicyRights allowed = RightsReader.Read(context, fields, "allowed_access", kind, required);
        if (allowed is { Mask: 0, Words.Length: > 0 } && context.Abi is > 0 and { } abi)
            context.Note(fields.Position, "the rule allows nothing, "
                + $"since {string.Join(", ", allowed.Words.Select(word => $"'{word}'"))} is empty in ABI {abi}; it is left out");
        return allowed;
    }

    /// <summary>Reads the paths of a rule.</summary>
    public static ImmutableArray<PolicyTemplate> ReadParents(ReadContext context, Fields fields, string key, bool escaped, bool required)
    {
        if (fields.Array(key, required) is not { } array) return [];
        ImmutableArray<PolicyTemplate>.Builder parents = ImmutableArray.CreateBuilder<PolicyTemplate>(array.Count);
        foreach (SourceNode node in array.Items)
        {
            if (!fields.IsString(key, node)) continue;
            SourcePosition position = node.Position;
            PolicyTemplate? template = PolicyTemplate.TryParse(node.Text, escaped, context.At(position), out string? problem);
            if (template is { HoldsNul: true }) problem = "a path cannot hold a NUL character";
            if (problem is not null) context.Error(position, problem);
            else parents.Add(template!);
        }

        return parents.DrainToImmutable();
    }

    private PolicyPortEntry? ReadPorts(SourceNode node)
    {
        if (Fields.Of(_context, node, PortRule) is not { } fields) return null;
        PolicyRights allowed = ReadAllowed(_context, fields, RightKind.Net, required: true);
        ImmutableArray<PolicyPorts>.Builder ports = ImmutableArray.CreateBuilder<PolicyPorts>();
        foreach (SourceNode port in fields.Array("port", required: true)?.Items ?? default)
        {
            if (port.Kind != SourceKind.Integer)
                _context.Error(port.Position, $"'port' must hold integers, not {port.Describe(_context.Syntax)}");
            else if (ReadPort(_context, port) is { } read) ports.Add(read);
        }

        return new PolicyPortEntry(allowed, ports.DrainToImmutable(), _context.At(fields.Position));
    }
}
