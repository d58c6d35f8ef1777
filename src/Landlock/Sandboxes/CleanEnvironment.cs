namespace Landlock.Sandboxes;

/// <summary>
/// What a clean environment keeps: who and where the user is, and how to talk to the terminal. Nothing that steers a
/// loader or holds a secret.
/// </summary>
internal static class CleanEnvironment
{
    /// <summary>Where commands are looked for when the environment has no PATH.</summary>
    public const string DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private static readonly string[] Kept = ["PATH", "HOME", "USER", "LOGNAME", "SHELL", "TERM", "COLORTERM", "LANG", "TZ", "TMPDIR"];

    /// <summary>The names that are kept, as help texts show them.</summary>
    public static string Names { get; } = string.Join(' ', Kept) + " LC_*";

    /// <summary>The same as patterns.</summary>
    public static IEnumerable<string> Patterns => [.. Kept, "LC_*"];

    /// <summary>Whether a variable is kept.</summary>
    public static bool Keeps(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Kept.Contains(name) || name.StartsWith("LC_", StringComparison.Ordinal);
    }
}
