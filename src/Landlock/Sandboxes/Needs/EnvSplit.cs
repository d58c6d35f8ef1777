using System.Text;

namespace Landlock.Sandboxes.Needs;

/// <summary>
/// Splits the text of env -S into arguments (env(1), "-S/--split-string usage in scripts"; GNU coreutils, src/env.c, build_argv).
/// </summary>
internal static class EnvSplit
{
    /// <summary>
    /// The arguments, or null with the reason when the text is not valid or refers to a variable that <paramref name="variable"/> lacks.
    /// </summary>
    internal static List<string>? Split(string text, Func<string, string?> variable, out string? problem)
    {
        List<string> arguments = [];
        StringBuilder current = new();
        bool started = false;
        char quote = '\0';
        problem = null;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if ((c is '\'' or '"') && (quote == '\0' || quote == c))
            {
                quote = quote == '\0' ? c : '\0';
                started = true;
            }
            else if (quote == '\0' && IsSpace(c))
            {
                Finish();
            }
            else if (c == '#' && quote == '\0' && !started)
            {
                break; // a comment
            }
            else if (c == '\\' && !(quote == '\'' && i + 1 < text.Length && text[i + 1] is not ('\\' or '\'')))
            {
                if (++i == text.Length) return Fail("it ends in a backslash", out problem);
                if (text[i] == 'c' && quote == '\0') break; // the rest is ignored
                if (text[i] == '_' && quote == '\0') Finish();
                else if (Escaped(text[i], quote) is { } escaped) Append(escaped.ToString());
                else return Fail("it has an unknown escape", out problem);
            }
            else if (c == '$' && quote != '\'')
            {
                int close = text.IndexOf('}', i);
                if (i + 1 >= text.Length || text[i + 1] != '{' || close < 0) return Fail("only ${NAME} can be expanded", out problem);
                string name = text[(i + 2)..close];
                if (variable(name) is not { } value) return Fail($"the value of ${{{name}}} is not known", out problem);
                Append(value);
                i = close;
            }
            else
            {
                Append(c.ToString());
            }
        }

        if (quote != '\0') return Fail("a quote is not closed", out problem);
        Finish();
        return arguments;

        void Append(string part)
        {
            current.Append(part);
            started = true;
        }

        void Finish()
        {
            if (started) arguments.Add(current.ToString());
            current.Clear();
            started = false;
        }
    }

    private static char? Escaped(char c, char quote) => c switch
    {
        '"' or '#' or '$' or '\'' or '\\' => c,
        '_' when quote == '"' => ' ',
        'f' => '\f',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\v',
        _ => null,
    };

    private static bool IsSpace(char c) => c is ' ' or '\t' or '\n' or '\v' or '\f' or '\r';

    private static List<string>? Fail(string reason, out string problem)
    {
        problem = reason;
        return null;
    }
}
