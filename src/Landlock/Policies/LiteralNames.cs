using Landlock.Documents;
using Landlock.Linux;

namespace Landlock.Policies;

/// <summary>Paths of a document that look as if a shell would read them, and are names as they stand.</summary>
internal static class LiteralNames
{
    /// <summary>A warning for each, unless something of that name is there.</summary>
    public static IEnumerable<PolicyFinding> Of(PolicyDocument document) =>
        from entry in document.PathBeneath.Concat(document.Extension?.PathBeneath ?? [])
        from path in entry.Parents
        let problem = Problem(path.Text)
        where problem is not null && !(path.Text.StartsWith('/') && PosixFile.Inspect(path.Text) is PathKind.File or PathKind.Directory)
        select new PolicyFinding(path.Location, FindingSeverity.Warning, problem);

    private static string? Problem(string text)
    {
        string shown = PosixText.Printable(text);
        if (text == "~" || text.StartsWith("~/", StringComparison.Ordinal))
            return $"'{shown}' is a name that begins with '~', and not the home directory; write ${{home}}{PosixText.Printable(text[1..])}";
        int dollar = text.IndexOf('$');
        if (dollar >= 0 && dollar + 1 < text.Length && (char.IsAsciiLetter(text[dollar + 1]) || text[dollar + 1] == '_'))
            return $"'{shown}' holds a dollar sign that stands for itself, and no variable of the environment; write ${{name}}, and give "
                + "the variable a value";
        return text.AsSpan().IndexOfAny("*?[") >= 0
            ? $"'{shown}' is a name as it stands, and no pattern; name each path, or the directory that holds them"
            : null;
    }
}
