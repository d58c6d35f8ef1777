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
        return directory == "/" ? path.StartsWith('/')
            : path.Length > directory.Length && path[directory.Length] == '/' && path.StartsWith(directory, StringComparison.Ordinal);
    }

    /// <summary>
    /// Gives each rule the exceptions that are beneath its directory, symbolic links followed. A text is a path; a pattern
    /// (<c>**/.env</c>, <c>*.pem</c>, <c>/srv/*/keys</c>), which means what there is now; or <c>Secrets</c>, the named set of places that
    /// hold secrets.
    /// </summary>
    /// <param name="rules">The rules.</param>
    /// <param name="exceptions">What to except; <see cref="ExceptionOf"/> makes a text of a path with any characters.</param>
    /// <param name="baseDirectory">Absolute directory that relative paths start from; null to compare relative paths as texts.</param>
    /// <exception cref="RulesetException">
    /// An exception is beneath none of the paths, a pattern says what none can, or there is too much to look at.
    /// </exception>
    public static IEnumerable<PathRule> Excepting(IEnumerable<PathRule> rules, IEnumerable<string> exceptions, string? baseDirectory = null)
    {
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentNullException.ThrowIfNull(exceptions);
        return RuleExceptions.Of(rules, exceptions, baseDirectory).Rules;
    }

    /// <summary>The text of an exception that means a path and nothing else: <c>[*]</c> is the character.</summary>
    /// <param name="path">The path.</param>
    public static string ExceptionOf(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return ExceptionText.Of(path);
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
