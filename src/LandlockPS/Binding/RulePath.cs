using System.Management.Automation;
using Landlock.Rulesets;
using LandlockPS.Engine;
using Microsoft.PowerShell.Commands;

namespace LandlockPS.Binding;

/// <summary>
/// Turns what a user wrote as a path (drives, "~", wildcards) into paths of the filesystem. A name that exists is
/// that entry, and no pattern.
/// </summary>
internal static class RulePath
{
    // What the engine puts before the path of an entry (PSPath): never a pattern.
    private const string EntryPrefix = @"Microsoft.PowerShell.Core\FileSystem::/";

    private static readonly char[] Special = ['*', '?', '[', '`'];

    /// <summary>The text for an object that stands for an entry of the filesystem; null if it stands for none.</summary>
    public static string? OfEntry(object? value) => value switch
    {
        PathInfo location when location.Provider.ImplementingType == typeof(FileSystemProvider) =>
            EntryPrefix + location.ProviderPath.TrimStart('/'),
        FileSystemInfo entry => EntryPrefix + entry.FullName.TrimStart('/'),
        _ => null,
    };

    /// <summary>One path as it stands; it need not exist.</summary>
    /// <exception cref="RulesetException">The path is not one of the filesystem.</exception>
    public static string Literal(PSCmdlet cmdlet, string path)
    {
        // Wherever the session is, "/" is the root of the filesystem. The engine would make a backslash in a name a slash, so that the rule
        // would be for another file, and would take ".." for the directory above a symbolic link rather than above what it points to.
        if (path.StartsWith('/')) return path;
        Demand(path);
        if (path.StartsWith(EntryPrefix, StringComparison.OrdinalIgnoreCase)) return path[(EntryPrefix.Length - 1)..];
        PathIntrinsics paths = cmdlet.SessionState.Path;
        if (path is "~" || path.StartsWith("~/", StringComparison.Ordinal))
        {
            if (paths.CurrentFileSystemLocation.Provider.Home is { Length: > 0 } home) return Below(home, path[1..]);
        }
        else if (!path.Contains("::", StringComparison.Ordinal) && !paths.IsPSAbsolute(path, out _)
            && paths.CurrentLocation.Provider.ImplementingType == typeof(FileSystemProvider))
        {
            return Below(CurrentDirectory.Of(paths), path);
        }

        string resolved = paths.GetUnresolvedProviderPathFromPSPath(path, out ProviderInfo provider, out _);
        return provider.ImplementingType == typeof(FileSystemProvider)
            ? resolved
            : throw new RulesetException(RulesetProblem.InvalidPath, path,
                $"'{path}' is a path of the provider {provider.Name}; Landlock knows paths of the filesystem only.");
    }

    /// <summary>
    /// The entries that are meant: the one that exists by that very name, or else those that match. Without a wildcard, the path
    /// itself, existing or not.
    /// </summary>
    /// <param name="cmdlet">The cmdlet.</param>
    /// <param name="path">The path.</param>
    /// <exception cref="RulesetException">Nothing matches, or the path is not one of the filesystem.</exception>
    public static IEnumerable<string> Matching(PSCmdlet cmdlet, string path)
    {
        Demand(path);
        string literal = Literal(cmdlet, path);
        int special = path.IndexOfAny(Special);
        if (special < 0 || path.StartsWith(EntryPrefix, StringComparison.OrdinalIgnoreCase) || Exists(literal)) return [literal];

        int start = path.LastIndexOfAny(['/', ':'], special) + 1;
        IEnumerable<string> found = [start == 0 ? CurrentDirectory.Of(cmdlet.SessionState.Path) : Literal(cmdlet, path[..start])];
        foreach (string name in path[start..].Split('/', StringSplitOptions.RemoveEmptyEntries))
            found = found.SelectMany(directory => Entries(directory, name));
        string[] all = [.. found.Order(StringComparer.Ordinal)];
        if (all.Length > 0) return all;
        return WildcardPattern.ContainsWildcardCharacters(path)
            ? throw new RulesetException(RulesetProblem.PathNotFound, path, $"Nothing matches the pattern '{path}'.")
            : [Literal(cmdlet, WildcardPattern.Unescape(path))];
    }

    /// <summary>
    /// What the library is told to leave out: a path as for a rule; a pattern or a word as it stands, but that it begins where PowerShell
    /// is, and that a backtick takes a character for itself. A name that exists is meant beside what matches it.
    /// </summary>
    /// <param name="cmdlet">The cmdlet.</param>
    /// <param name="text">What was written.</param>
    /// <exception cref="RulesetException">The path is not one of the filesystem.</exception>
    public static IEnumerable<string> Exceptions(PSCmdlet cmdlet, string text)
    {
        Demand(text);
        if (text.StartsWith(EntryPrefix, StringComparison.OrdinalIgnoreCase)) return [PathRule.ExceptionOf(Literal(cmdlet, text))];
        if (ExceptionSet.IsWord(text)) return [text];
        string literal = Literal(cmdlet, text);
        int special = text.IndexOfAny(Special);
        if (special < 0) return [literal];
        int start = text.LastIndexOfAny(['/', ':'], special) + 1;
        string pattern = Unquoted(text[start..]);
        if (start > 0)
            pattern = PathRule.ExceptionOf(Literal(cmdlet, text[..start])).TrimEnd('/') + "/" + pattern;
        else if (!ExceptionText.Parse(pattern).IsAnywhere)
            pattern = PathRule.ExceptionOf(CurrentDirectory.Of(cmdlet.SessionState.Path)).TrimEnd('/') + "/" + pattern;
        return Exists(literal) ? [pattern, PathRule.ExceptionOf(literal)] : [pattern];
    }

    private static string Unquoted(string pattern)
    {
        System.Text.StringBuilder result = new(pattern.Length);
        for (int i = 0; i < pattern.Length; i++)
            result.Append(pattern[i] == '`' && i + 1 < pattern.Length && (Special.Contains(pattern[i + 1]) || pattern[i + 1] == ']')
                ? PathRule.ExceptionOf(pattern[++i].ToString()) : pattern[i].ToString());
        return result.ToString();
    }

    // The entries of a directory that one part of a path means.
    private static IEnumerable<string> Entries(string directory, string name)
    {
        string exact = Join(directory, name);
        if (name.IndexOfAny(Special) < 0 || Exists(exact)) return Exists(exact) ? [exact] : [];
        if (!WildcardPattern.ContainsWildcardCharacters(name))
        {
            string escaped = Join(directory, WildcardPattern.Unescape(name));
            return Exists(escaped) ? [escaped] : [];
        }

        WildcardPattern pattern = new(name, WildcardOptions.IgnoreCase);
        try
        {
            return Directory.GetFileSystemEntries(directory).Where(entry =>
                Path.GetFileName(entry) is { Length: > 0 } each && (each[0] != '.' || name[0] == '.') && pattern.IsMatch(each))
                .Select(entry => Join(directory, Path.GetFileName(entry)));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Not a directory, or not to be listed: nothing is known to match.
            return [];
        }
    }

    // Links that lead nowhere exist, too.
    private static bool Exists(string path) => Path.Exists(path) || new FileInfo(path).LinkTarget is not null;

    private static string Join(string directory, string name) => directory.EndsWith('/') ? directory + name : $"{directory}/{name}";

    // ".." is above what a link points to, as for the kernel.
    private static string Below(string directory, string path)
    {
        string result = directory.TrimEnd('/');
        foreach (string part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == ".") continue;
            bool goesUp = part == ".." && !result.EndsWith("/..", StringComparison.Ordinal)
                && (result.Length == 0 || new FileInfo(result).LinkTarget is null);
            result = goesUp ? result[..Math.Max(result.LastIndexOf('/'), 0)] : $"{result}/{part}";
        }

        return result.Length == 0 ? "/" : result;
    }

    // The engine takes an empty path for the current directory. A variable that is not set would grant that.
    private static void Demand(string? path)
    {
        if (string.IsNullOrEmpty(path))
            throw new RulesetException(RulesetProblem.InvalidPath, path,
                "A path is empty, as of a variable that is not set; write '.' for the current directory.");
    }
}
