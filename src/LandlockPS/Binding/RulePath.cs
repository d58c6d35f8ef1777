using System.Management.Automation;
using Landlock.Rulesets;
using Microsoft.PowerShell.Commands;

namespace LandlockPS;

/// <summary>Turns what a user wrote as a path (drives, "~", wildcards) into paths of the filesystem.</summary>
internal static class RulePath
{
    /// <summary>One path as it stands; it need not exist.</summary>
    /// <exception cref="RulesetException">The path is not one of the filesystem.</exception>
    public static string Literal(PSCmdlet cmdlet, string path)
    {
        // Wherever the session is, "/" is the root of the filesystem. The engine would make a backslash in a name a slash, so that the rule
        // would be for another file, and would take ".." for the directory above a symbolic link rather than above what it points to.
        if (path.StartsWith('/')) return path;
        Demand(path);
        string resolved = cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out ProviderInfo provider, out _);
        return InFileSystem(provider, path, resolved);
    }

    /// <summary>The paths that match; without a wildcard, the path itself, existing or not.</summary>
    /// <exception cref="RulesetException">Nothing matches, or the path is not one of the filesystem.</exception>
    public static IEnumerable<string> Matching(PSCmdlet cmdlet, string path)
    {
        Demand(path);
        if (!WildcardPattern.ContainsWildcardCharacters(path)) return [Literal(cmdlet, path)];
        string[] found;
        ProviderInfo provider;
        try
        {
            found = [.. cmdlet.SessionState.Path.GetResolvedProviderPathFromPSPath(path, out provider)];
        }
        catch (ItemNotFoundException)
        {
            found = [];
            provider = cmdlet.SessionState.Path.CurrentFileSystemLocation.Provider;
        }

        // A name may really hold a "[": what exists under exactly that name is meant.
        if (found.Length == 0 && Path.Exists(Literal(cmdlet, path))) return [Literal(cmdlet, path)];
        if (found.Length == 0) throw new RulesetException(RulesetProblem.PathNotFound, path, $"Nothing matches the pattern '{path}'.");
        return found.Select(item => InFileSystem(provider, path, item));
    }

    // The engine takes an empty path for the current directory. A variable that is not set would grant that.
    private static void Demand(string? path)
    {
        if (string.IsNullOrEmpty(path)) throw new RulesetException(RulesetProblem.InvalidPath, path, "A path is empty, as of a variable that is not set; write '.' for the current directory.");
    }

    private static string InFileSystem(ProviderInfo provider, string path, string resolved) =>
        provider.ImplementingType == typeof(FileSystemProvider)
            ? resolved
            : throw new RulesetException(RulesetProblem.InvalidPath, path, $"'{path}' is a path of the provider {provider.Name}; Landlock knows paths of the filesystem only.");
}
