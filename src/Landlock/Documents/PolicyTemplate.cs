using System.Collections.Immutable;
using System.Text;

namespace Landlock.Documents;

/// <summary>
/// A path of a document, with variables: <c>${name}</c> stands for the values of a variable, <c>$$</c> for a dollar sign, and any other
/// dollar sign for itself.
/// </summary>
public sealed record PolicyTemplate
{
    // Default for a text that stands for itself, as most do.
    private readonly ImmutableArray<TemplatePart> _parts;

    private PolicyTemplate(string text, bool escaped, PolicyLocation location, ImmutableArray<TemplatePart> parts)
    {
        (Text, IsEscaped, Location, _parts) = (text, escaped, location, parts);
    }

    /// <summary>The text as the document has it.</summary>
    public string Text { get; }

    /// <summary>Whether <c>%XX</c> in the text stands for a byte, as in <c>parent_escaped</c> of the table <c>landlockps</c>.</summary>
    public bool IsEscaped { get; }

    /// <summary>
    /// Whether the text is a pattern for names, as in <c>except_matching</c> of the table <c>landlockps</c>; values of variables stand for
    /// themselves.
    /// </summary>
    public bool IsPattern { get; internal init; }

    /// <summary>Where the text stands.</summary>
    public PolicyLocation Location { get; }

    /// <summary>The names of the variables, each as often as it occurs.</summary>
    public IEnumerable<string> Variables => IsPlain ? [] : _parts.Where(part => part.IsVariable).Select(part => part.Text);

    /// <summary>Whether the text stands for itself.</summary>
    internal bool IsPlain => _parts.IsDefault;

    /// <summary>What the text stands for, if it has no variables; null if it has some.</summary>
    internal string? Literal => IsPlain ? Text
        : _parts.Any(part => part.IsVariable) ? null : string.Concat(_parts.Select(part => part.Text));

    internal ImmutableArray<TemplatePart> Parts => !IsPlain ? _parts : Text.Length == 0 ? [] : [new TemplatePart(Text, false)];

    internal bool HoldsNul => IsPlain ? Text.Contains('\0') : _parts.Any(part => part.Text.Contains('\0'));

    /// <summary>Whether the name can be that of a variable: an ASCII letter, then ASCII letters, digits and underscores.</summary>
    public static bool IsName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return NameProblem(name) is null;
    }

    /// <summary>Writes a text so that it stands for itself in a template.</summary>
    public static string Escape(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Replace("$", "$$", StringComparison.Ordinal);
    }

    /// <summary>Reads a template.</summary>
    /// <exception cref="PolicyException">
    /// A reference is not closed, or its name is none; positions in the message are byte offsets from 0.
    /// </exception>
    public static PolicyTemplate Parse(string text, PolicyLocation location = default) =>
        TryParse(text, escaped: false, location, out string? problem) ?? throw PolicyException.At(location, problem!);

    internal static PolicyTemplate? TryParse(string text, bool escaped, PolicyLocation location, out string? problem)
    {
        problem = null;
        if (!escaped && !text.Contains('$')) return new PolicyTemplate(text, escaped, location, default);
        ImmutableArray<TemplatePart>.Builder parts = ImmutableArray.CreateBuilder<TemplatePart>();
        StringBuilder literal = new();
        for (int i = 0; i < text.Length; i++)
        {
            char next = text[i] == '$' && i + 1 < text.Length ? text[i + 1] : '\0';
            if (next is not ('$' or '{'))
            {
                literal.Append(text[i]);
                continue;
            }

            if (next == '$')
            {
                literal.Append('$');
                i++;
                continue;
            }

            int end = text.IndexOf('}', i);
            int position = Encoding.UTF8.GetByteCount(text.AsSpan(0, i));
            if (end < 0)
            {
                problem = $"unclosed variable reference starting at position {position}";
                return null;
            }

            string name = text[(i + 2)..end];
            problem = NameProblem(name);
            if (problem is not null)
            {
                problem += $" (variable reference starting at position {position})";
                return null;
            }

            problem = Flush(literal, parts, escaped);
            if (problem is not null) return null;
            parts.Add(new TemplatePart(name, true));
            i = end;
        }

        problem = Flush(literal, parts, escaped);
        return problem is null ? new PolicyTemplate(text, escaped, location, parts.DrainToImmutable()) : null;
    }

    /// <summary>What keeps a text from being the name of a variable; null if nothing does.</summary>
    internal static string? NameProblem(string name)
    {
        string shown = QuotedText.Of(name);
        if (name.Length == 0) return "a variable name is empty";
        if (!char.IsAsciiLetter(name[0])) return $"the variable name {shown} does not begin with an ASCII letter";
        return name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') ? null
            : $"the variable name {shown} may hold ASCII letters, digits and '_' only";
    }

    private static string? Flush(StringBuilder literal, ImmutableArray<TemplatePart>.Builder parts, bool escaped)
    {
        if (literal.Length == 0) return null;
        string text = literal.ToString();
        literal.Clear();
        if (escaped)
        {
            if (PercentText.Decode(text) is not { } decoded)
                return $"{QuotedText.Of(text)} has a '%' without two hexadecimal digits after it; write '%25' for a percent sign";
            text = decoded;
        }

        parts.Add(new TemplatePart(text, false));
        return null;
    }
}

/// <summary>A piece of a template: literal text, or the name of a variable.</summary>
internal readonly record struct TemplatePart(string Text, bool IsVariable);
