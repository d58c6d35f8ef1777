using System.Text;
using Landlock.Documents;
using Landlock.Documents.Reading;

namespace Landlock.Policies.Converting;

/// <summary>Reads the settings of another tool, which are JSON. What they hold is asked for by name; everything else is an error.</summary>
internal sealed class SettingsText
{
    private readonly string _tool;

    private SettingsText(string tool, SourceNode root) => (_tool, Root) = (tool, root);

    /// <summary>The whole object.</summary>
    public SourceNode Root { get; }

    /// <exception cref="PolicyException">The text is not JSON, or no object.</exception>
    public static SettingsText Read(string text, string tool)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            SourceTree tree = JsonSource.Read(Encoding.UTF8.GetBytes(text));
            SettingsText settings = new(tool, new SourceNode(tree, SourceTree.Document));
            settings.Demand(settings.Root, SourceKind.Table, "the text");
            return settings;
        }
        catch (SourceException e)
        {
            throw PolicyException.At(new PolicyLocation(tool, e.Position.Line, e.Position.Column), e.Problem);
        }
    }

    public PolicyException Error(SourcePosition position, string message) =>
        PolicyException.At(new PolicyLocation(_tool, position.Line, position.Column), message);

    /// <summary>Fails on a key that is not among the known ones.</summary>
    public void DemandKnown(SourceNode table, string where, IReadOnlyCollection<string> known)
    {
        foreach (SourceNode entry in table.Items)
        {
            if (known.Contains(entry.Key)) continue;
            throw Error(entry.KeyPosition, $"{where} has no '{PosixText.Printable(entry.Key)}'{Suggestion.Question(entry.Key, known)}");
        }
    }

    /// <summary>The keys that a table has of some, in the order of the text.</summary>
    public static IEnumerable<string> Present(SourceNode? table, IReadOnlyCollection<string> some)
    {
        List<string> present = [];
        if (table is { } entries)
            foreach (SourceNode entry in entries.Items)
                if (some.Contains(entry.Key)) present.Add(entry.Key);
        return present;
    }

    public SourceNode? Table(SourceNode? parent, string key) => Find(parent, key, SourceKind.Table);

    public bool Flag(SourceNode? parent, string key) => Find(parent, key, SourceKind.Boolean)?.Boolean ?? false;

    public ushort? Port(SourceNode? parent, string key)
    {
        if (Find(parent, key, SourceKind.Integer) is not { } node) return null;
        return node.Integer >= 1 && node.Integer <= ushort.MaxValue ? (ushort)node.Integer
            : throw Error(node.Position, $"'{key}' is no port from 1 to 65535");
    }

    /// <summary>The texts of an array, which cannot be empty, with their places; none if there is no such key.</summary>
    public IEnumerable<SourceNode> Texts(SourceNode? parent, string key)
    {
        List<SourceNode> texts = [];
        if (Find(parent, key, SourceKind.Array) is not { } array) return texts;
        foreach (SourceNode item in array.Items) texts.Add(Text(item, $"each entry of '{key}'"));
        return texts;
    }

    /// <summary>The objects of an array.</summary>
    public IEnumerable<SourceNode> Tables(SourceNode? parent, string key)
    {
        List<SourceNode> tables = [];
        if (Find(parent, key, SourceKind.Array) is not { } array) return tables;
        foreach (SourceNode item in array.Items) tables.Add(Demand(item, SourceKind.Table, $"each entry of '{key}'"));
        return tables;
    }

    /// <summary>A text that has to be there.</summary>
    public SourceNode Text(SourceNode parent, string key, string where) =>
        Find(parent, key, SourceKind.String) is { } found ? Text(found, $"'{key}'")
            : throw Error(parent.Position, $"{where} needs '{key}'");

    private SourceNode Text(SourceNode node, string what)
    {
        Demand(node, SourceKind.String, what);
        if (node.Text.Length == 0) throw Error(node.Position, $"{what} holds at least one character");
        return node.Text.Contains('\0') ? throw Error(node.Position, $"{what} cannot hold a NUL character") : node;
    }

    private SourceNode? Find(SourceNode? parent, string key, SourceKind kind) =>
        parent?.Find(Encoding.UTF8.GetBytes(key)) is { } found ? Demand(found, kind, $"'{key}'") : null;

    private SourceNode Demand(SourceNode node, SourceKind kind, string what) => node.Kind == kind ? node
        : throw Error(node.Position, $"{what} must be {kind switch
        {
            SourceKind.Table => "an object",
            SourceKind.Array => "an array",
            SourceKind.Boolean => "a boolean",
            SourceKind.Integer => "an integer",
            _ => "a string",
        }}, not {node.Describe(PolicySyntax.Json)}");
}
