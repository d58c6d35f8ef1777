using System.Text;
using Landlock.Documents;

namespace Landlock.Policies.Converting;

/// <summary>Splits a command line as a POSIX shell does, but expands nothing: what would have to be expanded is refused.</summary>
internal static class ShellWords
{
    private const string Special = "$`;&|<>()";

    /// <summary>The words.</summary>
    /// <exception cref="PolicyException">A quote is not closed, or a shell would do more than split.</exception>
    public static IReadOnlyList<string> Split(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        List<string> words = [];
        StringBuilder? word = null;
        char quote = '\0';
        for (int i = 0; i < line.Length; i++)
        {
            char c = line[i];
            if (quote == '\'')
            {
                if (c == quote) quote = '\0';
                else word!.Append(c);
            }
            else if (c == '\\' && i + 1 < line.Length)
            {
                char next = line[++i];
                if (next == '\n') continue;
                word ??= new StringBuilder();
                // Within double quotes a backslash is special before a few characters only.
                if (quote == '"' && !"$`\"\\".Contains(next, StringComparison.Ordinal)) word.Append(c);
                word.Append(next);
            }
            else if (c == '"' || (c == '\'' && quote == '\0'))
            {
                word ??= new StringBuilder();
                quote = quote == c ? '\0' : c;
            }
            else if (Special.Contains(c, StringComparison.Ordinal) && (quote == '\0' || c is '$' or '`'))
            {
                throw Error($"'{c}' means something to a shell, which is not asked here; write what it stands for, or quote it ('{c}')");
            }
            else if (quote == '\0' && char.IsWhiteSpace(c))
            {
                if (word is not null) words.Add(word.ToString());
                word = null;
            }
            else
            {
                (word ??= new StringBuilder()).Append(c);
            }
        }

        if (quote != '\0') throw Error($"the quote {quote} is not closed: {PosixText.Printable(line)}");
        if (word is not null) words.Add(word.ToString());
        return words;
    }

    private static PolicyException Error(string message) => PolicyException.At(new PolicyLocation("command line", 0, 0), message);
}
