using System.Collections.Immutable;
using System.IO.Enumeration;

namespace Landlock.Sandboxes;

/// <summary>A variable of the environment that is set, removed or kept.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">The value; null = it is removed, or with <paramref name="Keeps"/> inherited, whatever else is said.</param>
/// <param name="Keeps">Whether it is inherited as it is, if there is one.</param>
public sealed record EnvironmentChange(string Name, string? Value, bool Keeps = false);

/// <summary>What a command finds in its environment. Names are matched by their case, "*" and "?" as in file names.</summary>
public sealed record EnvironmentSelection
{
    // Words that names of secrets hold, in any case. Not SSH_AUTH_SOCK and the like: those are places, which rules guard.
    private static readonly string[] SecretNames =
    [
        "*PASSWORD*", "*PASSWD*", "*PASSPHRASE*", "*SECRET*", "*TOKEN*", "*CREDENTIAL*", "*APIKEY*", "*API_KEY*", "*ACCESS_KEY*",
        "*PRIVATE_KEY*",
        "*CONNECTION_STRING*", "*CONNECTIONSTRING*", "*_KEY", "*_PWD", "*_AUTH", "*_AUTH_CONFIG", "*_DSN", "DATABASE_URL", "*_DATABASE_URL",
    ];

    /// <summary>Whether only what <see cref="CleanEnvironment"/> keeps is inherited.</summary>
    public bool Clean { get; init; }

    /// <summary>Patterns of names that are inherited although <see cref="Clean"/> or <see cref="RemoveSecrets"/> would not.</summary>
    public ImmutableArray<string> Pass { get; init; } = [];

    /// <summary>Patterns of names that are not inherited, whatever else is said.</summary>
    public ImmutableArray<string> Remove { get; init; } = [];

    /// <summary>
    /// Whether names that look like those of secrets are not inherited. It is a guess by the name; values are not looked at.
    /// </summary>
    public bool RemoveSecrets { get; init; }

    /// <summary>Single variables, in the order given; they count above all else.</summary>
    public ImmutableArray<EnvironmentChange> Changes { get; init; } = [];

    /// <summary>The patterns of names that look like those of secrets, as help texts show them.</summary>
    public static string Secrets { get; } = string.Join(' ', SecretNames);

    /// <summary>The same, one by one.</summary>
    internal static IEnumerable<string> SecretPatterns => SecretNames;

    /// <summary>Whether everything is inherited.</summary>
    public bool IsEverything => !Clean && !RemoveSecrets && Remove.Length == 0;

    /// <summary>The whole environment of the command; null = exactly the one received.</summary>
    /// <param name="received">
    /// The entries ("NAME=VALUE") that it inherits from; in their order, and without changing a byte of what is kept.
    /// </param>
    /// <exception cref="LaunchException">A pattern or a name cannot be meant.</exception>
    public ImmutableArray<string>? Compose(ImmutableArray<string> received)
    {
        Demand();
        if (IsEverything && Changes.IsEmpty) return null;
        List<string> entries = [.. received.Where(entry => Keeps(NameOf(entry)))];
        if (Clean && Value(entries, "PATH") is null) entries.Add($"PATH={CleanEnvironment.DefaultPath}");
        foreach (EnvironmentChange change in Changes)
        {
            int index = entries.FindIndex(entry => NameOf(entry) == change.Name);
            string? entry = change.Value is { } value ? $"{change.Name}={value}"
                : change.Keeps ? received.FirstOrDefault(entry => entry.Length > change.Name.Length && NameOf(entry) == change.Name)
                    ?? (index < 0 ? null : entries[index])
                : null;
            if (index >= 0 && entry is null) entries.RemoveAt(index);
            else if (index >= 0) entries[index] = entry!;
            else if (entry is not null) entries.Add(entry);
        }

        return [.. entries];
    }

    /// <summary>Whether somebody has said what a variable is, or that there is none.</summary>
    internal bool Sets(string name) => Changes.Any(change => change.Name == name && !change.Keeps);

    /// <summary>The value of a variable; null if it is not set.</summary>
    internal static string? Value(IEnumerable<string> entries, string name) =>
        entries.FirstOrDefault(entry => entry.Length > name.Length && NameOf(entry) == name)?[(name.Length + 1)..];

    /// <summary>Entries with some variables set on top: in the place of those of the same name, or behind the others.</summary>
    internal static ImmutableArray<string> With(IEnumerable<string> entries, params IEnumerable<(string Name, string Value)> variables)
    {
        List<string> changed = [.. entries];
        foreach ((string name, string value) in variables)
        {
            int index = changed.FindIndex(entry => NameOf(entry) == name);
            if (index >= 0) changed[index] = $"{name}={value}";
            else changed.Add($"{name}={value}");
        }

        return [.. changed];
    }

    /// <summary>The name in an entry of an environment.</summary>
    internal static string NameOf(string entry)
    {
        int equals = entry.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? entry : entry[..equals];
    }

    /// <summary>Fails where patterns or names cannot be meant.</summary>
    /// <exception cref="LaunchException">A pattern cannot match a name, or there is nothing to pass it in spite of.</exception>
    public void Demand()
    {
        foreach (string pattern in Pass.Concat(Remove))
        {
            if (pattern.Length == 0 || pattern.Contains('=') || pattern.Contains('\0'))
                throw new LaunchException(LaunchProblem.SetupFailed, pattern,
                    $"'{PosixText.Printable(pattern)}' matches no name of an environment variable; nothing was run.");
        }

        foreach (EnvironmentChange change in Changes)
        {
            if (change.Name.Length == 0 || change.Name.Contains('=') || change.Name.Contains('\0'))
                throw new LaunchException(LaunchProblem.SetupFailed, change.Name,
                    $"'{PosixText.Printable(change.Name)}' cannot be the name of an environment variable; nothing was run.");
        }

        if (Pass.Length > 0 && !Clean && !RemoveSecrets)
            throw new LaunchException(LaunchProblem.SetupFailed, Pass[0],
                $"The whole environment is passed on anyway, with '{PosixText.Printable(Pass[0])}'. Ask for a clean environment, or for "
                + "one without secrets, and variables to keep; nothing was run.");
    }

    /// <summary>Whether a variable is inherited.</summary>
    public bool Keeps(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (Matches(Remove, name, ignoreCase: false)) return false;
        if (Matches(Pass, name, ignoreCase: false)) return true;
        if (RemoveSecrets && Matches(SecretNames, name, ignoreCase: true)) return false;
        return !Clean || CleanEnvironment.Keeps(name);
    }

    private static bool Matches(IEnumerable<string> patterns, string name, bool ignoreCase)
    {
        foreach (string pattern in patterns)
            if (FileSystemName.MatchesSimpleExpression(pattern.Replace("\\", "\\\\", StringComparison.Ordinal), name, ignoreCase))
                return true;
        return false;
    }
}
