using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Linux;

namespace Landlock.Rulesets;

/// <summary>A path-beneath rule: rights on a file, or on a directory and everything beneath it.</summary>
public sealed record PathRule
{
    private ImmutableArray<string> _except = [];

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

    /// <summary>
    /// Paths beneath <see cref="Path"/> that the rule is not for, normalized and ordered. Landlock has no such rule: when a sandbox is
    /// planned, everything beside them gets a rule of its own (<see cref="RulesetResolver"/>).
    /// </summary>
    /// <exception cref="RulesetException">A path is empty or holds a NUL.</exception>
    public ImmutableArray<string> Except
    {
        get => _except;
        init => _except = value.IsDefaultOrEmpty ? []
            : [.. value.Select(Normalize).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    /// <summary>
    /// The exceptions keep what nobody asked for narrow, and another rule may allow them; otherwise such a rule is
    /// refused. For what presets grant.
    /// </summary>
    internal bool KeepsNarrow { get; init; }

    /// <summary>
    /// What the path led to when somebody looked whose decision hangs on it: the rule is for that and for nothing that comes there later.
    /// </summary>
    internal FoundPath? Found { get; init; }

    /// <summary>Whether, as texts, a path is a directory or beneath it.</summary>
    public static bool IsBeneath(string path, string directory)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(directory);
        if (path == directory) return true;
        if (directory == ".") return !path.StartsWith('/') && path != ".." && !path.StartsWith("../", StringComparison.Ordinal);
        return directory == "/" ? path.StartsWith('/') : path.StartsWith(directory + "/", StringComparison.Ordinal);
    }

    /// <summary>Gives each rule the exceptions that are beneath its directory, symbolic links followed.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="exceptions">The paths to except.</param>
    /// <param name="baseDirectory">Absolute directory that relative paths start from; null to compare relative paths as texts.</param>
    /// <exception cref="RulesetException">An exception is beneath none of the paths.</exception>
    public static IEnumerable<PathRule> Excepting(IEnumerable<PathRule> rules, IEnumerable<string> exceptions, string? baseDirectory = null)
    {
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentNullException.ThrowIfNull(exceptions);
        PathRule[] all = [.. rules];
        string[] paths = [.. exceptions.Select(Normalize)];
        ExceptionPlace places = new(baseDirectory);
        foreach (string path in paths)
        {
            if (all.Any(rule => places.IsInside(path, rule.Path, rule.Access))) continue;
            throw new RulesetException(RulesetProblem.InvalidException, path, all.Length == 0
                ? $"{places.Show(path)} is excepted, but no path is allowed that it could be excepted from. Allow the directory around it "
                    + "as well, with -ReadOnly (--read-only) or another access, or leave the exception out."
                : $"The exception {places.Show(path)} is beneath none of the allowed paths "
                    + $"({string.Join(", ", all.Select(rule => PosixText.Printable(rule.Path)).Distinct())}). Correct it, or leave it out: "
                    + "what no rule allows is denied anyway.");
        }

        return all.Select(rule => paths.Where(path => places.IsInside(path, rule.Path, rule.Access)).ToArray() is { Length: > 0 } inside
            ? rule with { Except = [.. rule.Except, .. inside] }
            : rule);
    }

    /// <summary>Whether the rule, as text, is for a path: not for what is excepted, nor for the directories on the way there.</summary>
    public bool IsFor(string path) =>
        IsBeneath(path, Path) && !Except.Any(exception => IsBeneath(path, exception) || IsBeneath(exception, path));

    /// <inheritdoc/>
    public bool Equals(PathRule? other) =>
        other is not null && Path == other.Path && Access == other.Access && Optional == other.Optional && Quiet == other.Quiet
            && Compatibility == other.Compatibility
        && KeepsNarrow == other.KeepsNarrow && Found == other.Found && Except.SequenceEqual(other.Except);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Path, Access, Optional, Quiet, Compatibility, Except.Length);

    /// <summary>
    /// Drops repeated slashes, "." components (a leading one stays) and a trailing slash. Symbolic links and ".." are left to the kernel.
    /// </summary>
    /// <exception cref="RulesetException">The path is empty or holds a NUL.</exception>
    public static string Normalize(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (path.Length == 0)
            throw new RulesetException(RulesetProblem.InvalidPath, path, "A rule's path is empty; write '.' for the current directory.");
        if (path.Contains('\0'))
            throw new RulesetException(RulesetProblem.InvalidPath, path,
                $"The path '{PosixText.Printable(path)}' holds a NUL character, which no file name can.");
        if (IsNormal(path)) return path;

        List<string> parts = [];
        foreach (string part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
            if (part != "." || (parts.Count == 0 && path[0] != '/')) parts.Add(part);
        return (path[0] == '/' ? "/" : "") + string.Join('/', parts);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{AccessText.Brief(Access)} {PosixText.Printable(Path)}"
        + $"{(Except.Length == 0 ? "" : $" except {string.Join(", ", Except.Select(PosixText.Printable))}")}"
        + $"{(Optional ? " (optional)" : "")}{(Quiet ? " (quiet)" : "")}";

    private static bool IsNormal(string path) =>
        !path.Contains("//", StringComparison.Ordinal) && !path.Contains("/./", StringComparison.Ordinal)
        && !path.EndsWith("/.", StringComparison.Ordinal) && (path.Length == 1 || path[^1] != '/');
}
