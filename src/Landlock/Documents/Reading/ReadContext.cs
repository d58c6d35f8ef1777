using Landlock.Abi;

namespace Landlock.Documents.Reading;

/// <summary>What all parts of the reader share: the document's name, syntax and options, and the list of findings.</summary>
internal sealed class ReadContext(string source, PolicySyntax syntax, PolicyReadOptions options)
{
    private const int MostFindings = 1000;
    private const int MostKnown = 64;
    private const int LongestKnown = 1024;

    private readonly List<(RightKind Kind, byte[] Written, PolicyRights Rights)> _known = [];

    public PolicySyntax Syntax => syntax;

    public PolicyReadOptions Options => options;

    /// <summary>
    /// The document's own ABI, once it is known; 0 = it has none; null = it has one that is not valid, and groups are not looked at.
    /// </summary>
    public int? Abi { get; set; } = 0;

    public List<PolicyFinding> Findings { get; } = [];

    /// <summary>What a list of rights was read as, if one that is written the same was read before.</summary>
    public PolicyRights? KnownRights(RightKind kind, ReadOnlySpan<byte> written)
    {
        foreach ((RightKind Kind, byte[] Written, PolicyRights Rights) known in _known)
        {
            if (known.Kind == kind && written.SequenceEqual(known.Written)) return known.Rights;
        }

        return null;
    }

    /// <summary>Notes what a list of rights was read as.</summary>
    public void Remember(RightKind kind, ReadOnlySpan<byte> written, PolicyRights rights)
    {
        if (written.Length is > 0 and <= LongestKnown && _known.Count < MostKnown) _known.Add((kind, written.ToArray(), rights));
    }

    public PolicyLocation At(SourcePosition position) => new(source, position.Line, position.Column);

    public void Error(SourcePosition position, string message) => Add(position, FindingSeverity.Error, message);

    public void Warn(SourcePosition position, string message) => Add(position, FindingSeverity.Warning, message);

    public void Note(SourcePosition position, string message) => Add(position, FindingSeverity.Note, message);

    /// <summary>Says that the text has what only TOML 1.1 allows.</summary>
    public void NoteNewer(SourcePosition position, string what)
    {
        if (options.StrictCompatibility) Error(position, $"landlockconfig reads TOML 1.0, which has not {what}");
        else Note(position, $"TOML 1.0, which landlockconfig reads, has not {what}; it refuses the document");
    }

    /// <summary>A key as the syntax spells it, in quotes.</summary>
    public string Name(string key) => $"'{Spell(key)}'";

    /// <summary>A key as the syntax spells it.</summary>
    public string Spell(string key) => Spell(key, syntax);

    /// <summary>A key in the spelling of a syntax; keys are known by their TOML spelling.</summary>
    public static string Spell(string key, PolicySyntax syntax)
    {
        if (syntax == PolicySyntax.Toml || !key.Contains('_')) return key;
        string[] words = key.Split('_');
        return words[0] + string.Concat(words.Skip(1).Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
    }

    /// <summary>Adds what ended the reading.</summary>
    public void Fail(SourceException end) => Findings.Add(new PolicyFinding(At(end.Position), FindingSeverity.Error, end.Problem));

    // Who has a thousand is told enough, and a hostile document could have millions.
    private void Add(SourcePosition position, FindingSeverity severity, string message)
    {
        if (Findings.Count < MostFindings) Findings.Add(new PolicyFinding(At(position), severity, message));
        else if (severity == FindingSeverity.Error)
            throw new SourceException(position, $"there are more than {MostFindings} findings; what else is wrong is not told");
    }
}
