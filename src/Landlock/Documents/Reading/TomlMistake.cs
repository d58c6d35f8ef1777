namespace Landlock.Documents.Reading;

/// <summary>Explains what is wrong with a text that Tomlyn refuses.</summary>
internal static class TomlMistake
{
    private const int LongestProblem = 200;

    public static string UnclosedString(byte quote, int quotes) =>
        $"the string that begins here is not closed: expected {new string((char)quote, quotes)} before the end of "
            + $"the {(quotes == 1 ? "line" : "text")}";

    /// <summary>Tomlyn's words, as ours are.</summary>
    public static string Describe(string problem)
    {
        string text = problem.TrimEnd('.').Replace('`', '\'').Replace("'Eof'", "the end of the text", StringComparison.Ordinal);
        foreach (string end in (string[])["'␤'", "'␍␤'"]) text = text.Replace(end, "the end of the line", StringComparison.Ordinal);
        bool isWord = text.Length > 1 && char.IsAsciiLetterUpper(text[0]) && char.IsAsciiLetterLower(text[1]);
        return QuotedText.Visible(isWord ? char.ToLowerInvariant(text[0]) + text[1..] : text, LongestProblem);
    }

    /// <summary>The quotes of the first string between two offsets that is never closed.</summary>
    public static (int Start, int Length)? OpenString(ReadOnlySpan<byte> text, int start, int end)
    {
        for (int at = start; at < end;)
        {
            switch (text[at])
            {
                case (byte)'#':
                    int comment = text[at..].IndexOf((byte)'\n');
                    at = comment < 0 ? text.Length : at + comment;
                    break;
                case (byte)'"' or (byte)'\'':
                    int quotes = text[at..] is [var a, var b, var c, ..] && a == b && b == c ? 3 : 1;
                    int length = LengthOf(text[at..], quotes);
                    if (length < 0) return (at, quotes);
                    at += length;
                    break;
                default:
                    at++;
                    break;
            }
        }

        return null;
    }

    // With its quotes; -1 = it has no end.
    private static int LengthOf(ReadOnlySpan<byte> text, int quotes)
    {
        ReadOnlySpan<byte> mark = text[..quotes];
        for (int at = quotes; at < text.Length; at++)
        {
            if (quotes == 1 && text[at] == '\n') return -1;
            if (text[0] == '"' && text[at] == '\\') at++;
            else if (text[at..].StartsWith(mark)) return at + quotes;
        }

        return -1;
    }
}
