using System.Text;

namespace Landlock.Rulesets;

/// <summary>
/// What somebody wrote to be left out: a path, a pattern, or the word of a named set. A text is a pattern where it holds <c>*</c>, <c>?</c>
/// or a pair of brackets. <c>**/</c> at its start, or no slash at all, has it mean anything beneath each allowed directory; other
/// patterns begin where a path would.
/// </summary>
internal sealed class ExceptionText
{
    private const string Anywhere = "**";

    private ExceptionText(string text, string? path, string[] parts)
    {
        Text = text;
        Path = path;
        Parts = parts;
    }

    /// <summary>As it was written.</summary>
    public string Text { get; }

    /// <summary>The one path that is meant; null for a pattern.</summary>
    public string? Path { get; }

    /// <summary>Where a pattern begins: an absolute or relative path; null for every allowed directory.</summary>
    public string? Start { get; private init; }

    /// <summary>Whether it is a pattern for what is anywhere beneath an allowed directory.</summary>
    public bool IsAnywhere => Path is null && Start is null;

    /// <summary>The parts of a pattern behind its start, one for each name; <c>**</c> stands for any number of names.</summary>
    public string[] Parts { get; }

    /// <summary>Reads a text that is no set's word.</summary>
    /// <exception cref="RulesetException">The path is empty or holds a NUL, or the pattern says what no pattern can.</exception>
    public static ExceptionText Parse(string text)
    {
        string normal = PathRule.Normalize(text);
        if (Unescaped(normal) is { } path) return new ExceptionText(text, path, []);
        if (normal[0] == '!')
            throw Wrong(text, "a pattern cannot take back what another one leaves out. Leave it out, or write **/! for names that "
                + "begin with an exclamation mark");
        string[] parts = normal.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Any(part => part.Length > 2 && part.Contains(Anywhere, StringComparison.Ordinal)))
            throw Wrong(text, "** stands for directories, and must stand between slashes, as in **/.env");
        if (parts.All(part => part == Anywhere))
            throw Wrong(text, "it leaves out everything. Leave out the rule instead");
        if (!normal.Contains('/')) parts = [Anywhere, normal];
        if (normal[0] != '/' && parts[0] == Anywhere) return new ExceptionText(text, null, parts);
        int plain = Array.FindIndex(parts, part => Unescaped(part) is null);
        if (parts.AsSpan(plain).Contains(".."))
            throw Wrong(text, "'..' can only stand before what is a pattern");
        string start = (normal[0] == '/' ? "/" : "") + string.Join('/', parts[..plain].Select(part => Unescaped(part)!));
        return new ExceptionText(text, null, parts[plain..]) { Start = start.Length == 0 ? "." : start };
    }

    /// <summary>The text that means a path and nothing else, whatever characters it holds.</summary>
    public static string Of(string path)
    {
        string result = Escaped(path);
        return ExceptionSet.IsWord(result) ? "./" + result : result;
    }

    /// <summary>A part of a text that stands for itself.</summary>
    public static string Escaped(string part)
    {
        StringBuilder text = new(part.Length);
        foreach (char c in part) text.Append(c is '*' or '?' or '[' ? $"[{c}]" : c);
        return text.ToString();
    }

    /// <summary>Whether a name is meant by a part of a pattern, whatever the case of its letters, or is called exactly like it.</summary>
    public static bool Matches(ReadOnlySpan<char> part, ReadOnlySpan<char> name)
    {
        if (part.SequenceEqual(name)) return true;
        int p = 0, n = 0, star = -1, from = 0;
        while (n < name.Length)
        {
            if (p < part.Length && part[p] == '*')
            {
                star = p++;
                from = n;
            }
            else if (p < part.Length && One(part[p..], name[n..], out int taken, out int length))
            {
                p += taken;
                n += length;
            }
            else if (star >= 0)
            {
                p = star + 1;
                n = ++from;
            }
            else
            {
                return false;
            }
        }

        return part[p..].TrimStart('*').IsEmpty;
    }

    // One character of the name: how much of the part stands for it.
    private static bool One(ReadOnlySpan<char> part, ReadOnlySpan<char> name, out int taken, out int length)
    {
        length = name.Length > 1 && char.IsSurrogatePair(name[0], name[1]) ? 2 : 1;
        taken = 1;
        if (part[0] == '?') return true;
        if (part[0] == '[' && End(part) is > 0 and var end)
        {
            taken = end + 1;
            return length == 1 && InBrackets(part[1..end], name[0]);
        }

        length = 1;
        return Same(part[0], name[0]);
    }

    // The bracket that closes; one that comes first is an ordinary character.
    private static int End(ReadOnlySpan<char> part)
    {
        int first = part.Length > 1 && part[1] is '!' or '^' ? 3 : 2;
        return first < part.Length && part[first..].IndexOf(']') is >= 0 and var end ? first + end : 0;
    }

    private static bool InBrackets(ReadOnlySpan<char> inside, char c)
    {
        bool isNot = inside.Length > 1 && inside[0] is '!' or '^' && inside.Length > 1;
        if (isNot) inside = inside[1..];
        bool found = false;
        for (int i = 0; i < inside.Length; i++)
        {
            if (i + 2 < inside.Length && inside[i + 1] == '-')
            {
                found |= IsBetween(inside[i], inside[i + 2], c) || IsBetween(inside[i], inside[i + 2], char.ToUpperInvariant(c))
                    || IsBetween(inside[i], inside[i + 2], char.ToLowerInvariant(c));
                i += 2;
            }
            else
            {
                found |= Same(inside[i], c);
            }
        }

        return found != isNot;
    }

    private static bool IsBetween(char first, char last, char c) => c >= first && c <= last;

    private static bool Same(char a, char b) => a == b || char.ToUpperInvariant(a) == char.ToUpperInvariant(b);

    // The text without its escapes ([*]); null if it is a pattern.
    private static string? Unescaped(string text)
    {
        StringBuilder result = new(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] is '*' or '?') return null;
            if (text[i] != '[' || End(text.AsSpan(i)) is not (> 0 and var end) || text.AsSpan(i, end).Contains('/'))
            {
                result.Append(text[i]);
            }
            else if (end == 2 && text[i + 1] is ('*' or '?' or '[' or ']'))
            {
                result.Append(text[i + 1]);
                i += 2;
            }
            else
            {
                return null;
            }
        }

        return result.ToString();
    }

    private static RulesetException Wrong(string text, string why) =>
        new(RulesetProblem.InvalidException, text, $"The exception '{PosixText.Printable(text)}' is no pattern: {why}.");
}
