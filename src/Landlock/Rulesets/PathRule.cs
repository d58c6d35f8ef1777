using Landlock.Kernel;

namespace Landlock.Rulesets;

/// <summary>A path-beneath rule: rights on a file, or on a directory and everything beneath it.</summary>
public sealed record PathRule
{
    /// <summary>Creates a rule.</summary>
    /// <param name="path">The path; repeated slashes, "." components and a trailing slash are dropped, ".." is kept.</param>
    /// <param name="access">The rights.</param>
    /// <exception cref="RulesetException">The path is empty or holds a NUL.</exception>
    public PathRule(string path, AccessFs access)
    {
        Path = Normalize(path);
        Access = access;
    }

    /// <summary>The path, as in <see cref="Normalize"/>.</summary>
    public string Path { get; }

    /// <summary>The rights allowed.</summary>
    public AccessFs Access { get; init; }

    /// <summary>Skip the rule, and report it, if the path does not exist.</summary>
    public bool Optional { get; init; }

    /// <summary>Do not log denials beneath the path (ABI 10).</summary>
    public bool Quiet { get; init; }

    /// <summary>Overrides the ruleset's level for this rule.</summary>
    public Compatibility? Compatibility { get; init; }

    /// <summary>Drops repeated slashes, "." components (a leading one stays) and a trailing slash. Symbolic links and ".." are left to the kernel.</summary>
    /// <exception cref="RulesetException">The path is empty or holds a NUL.</exception>
    public static string Normalize(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (path.Length == 0) throw new RulesetException(RulesetProblem.InvalidPath, path, "A rule's path is empty; write '.' for the current directory.");
        if (path.Contains('\0')) throw new RulesetException(RulesetProblem.InvalidPath, path, $"The path '{PosixText.Printable(path)}' holds a NUL character, which no file name can.");
        if (IsNormal(path)) return path;

        List<string> parts = [];
        foreach (string part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
            if (part != "." || (parts.Count == 0 && path[0] != '/')) parts.Add(part);
        return (path[0] == '/' ? "/" : "") + string.Join('/', parts);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{AccessText.Brief(Access)} {PosixText.Printable(Path)}{(Optional ? " (optional)" : "")}{(Quiet ? " (quiet)" : "")}";

    private static bool IsNormal(string path) =>
        !path.Contains("//", StringComparison.Ordinal) && !path.Contains("/./", StringComparison.Ordinal)
        && !path.EndsWith("/.", StringComparison.Ordinal) && (path.Length == 1 || path[^1] != '/');
}
