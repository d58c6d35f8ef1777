namespace Landlock.Text;

/// <summary>Breaks text between words. A word that is quoted for a shell stays whole, blanks and all.</summary>
internal static class WrappedText
{
    private const int Deeper = 4;

    /// <summary>The lines of a text, each broken between words where it is longer than a width. A longer word stays whole.</summary>
    /// <param name="text">The text.</param>
    /// <param name="width">The most characters of a line.</param>
    /// <param name="indent">What every line but the first begins with; it counts.</param>
    public static IEnumerable<string> Lines(string text, int width, string indent = "")
    {
        ArgumentNullException.ThrowIfNull(text);
        string before = "";
        foreach (string line in text.Split('\n'))
        {
            string rest = line;
            while (End(rest, width - before.Length) is > 0 and var end)
            {
                yield return before + rest[..end];
                rest = rest[end..].TrimStart(' ');
                before = indent;
            }

            yield return before + rest;
            before = indent;
        }
    }

    /// <summary>
    /// A line of a list, broken where it is longer than a width: before its last column if that is enough, between words otherwise. What
    /// is broken off stands further to the right.
    /// </summary>
    public static IEnumerable<string> Hanging(string line, int width)
    {
        ArgumentNullException.ThrowIfNull(line);
        string indent = new(' ', Behind(line, 0) + Deeper);
        int column = line.Length > width ? LastColumn(line) : 0;
        return column > 0 && line[..column].TrimEnd(' ').Length <= width && indent.Length + line.Length - column <= width
            ? [line[..column].TrimEnd(' '), indent + line[column..]]
            : Lines(line, width, indent);
    }

    // Where the last word that fits ends, or else the first; 0 if all of it stays together.
    private static int End(string line, int room)
    {
        if (line.Length <= room) return 0;
        int end = 0, at = Behind(line, 0);
        while (at < line.Length && end <= room)
        {
            int word = Word(line, at);
            if (word > room && end > 0) return end;
            end = word;
            at = Behind(line, word);
        }

        return at < line.Length ? end : 0;
    }

    // Two blanks and more are between columns.
    private static int LastColumn(string line)
    {
        int column = 0;
        for (int at = Behind(line, 0); at < line.Length;)
        {
            int word = Word(line, at);
            at = Behind(line, word);
            if (at - word > 1 && at < line.Length) column = at;
        }

        return column;
    }

    // The end of a word: at a blank that is not quoted. A quote that nothing ends is an apostrophe.
    private static int Word(string line, int at)
    {
        bool isQuoted = line[at] == '\'' || line.AsSpan(at).StartsWith("$'", StringComparison.Ordinal);
        for (int i = at; i < line.Length; i++)
        {
            if (line[i] == ' ') return i;
            if (!isQuoted) continue;
            if (line[i] == '\\') i++;
            else if (line[i] == '\'' && Closing(line, i + 1, escapes: line[at] == '$') is > 0 and var end) i = end;
        }

        return line.Length;
    }

    // The end of a quotation; -1 if there is none.
    private static int Closing(string line, int at, bool escapes)
    {
        for (int i = at; i < line.Length; i++)
        {
            if (line[i] == '\'') return i;
            if (escapes && line[i] == '\\') i++;
        }

        return -1;
    }

    private static int Behind(string line, int at)
    {
        while (at < line.Length && line[at] == ' ') at++;
        return at;
    }
}
