namespace Landlock.Linux;

/// <summary>One of the XDG base directories.</summary>
/// <param name="Variable">The environment variable.</param>
/// <param name="BeneathHome">Where it is beneath $HOME without the variable; null = nowhere.</param>
/// <param name="Word">Island's word for it.</param>
internal sealed record XdgDirectory(string Variable, string? BeneathHome, string Word)
{
    public static XdgDirectory Configuration { get; } = new("XDG_CONFIG_HOME", ".config", "config");

    public static XdgDirectory State { get; } = new("XDG_STATE_HOME", ".local/state", "state");

    public static XdgDirectory[] All { get; } =
    [
        Configuration,
        new("XDG_DATA_HOME", ".local/share", "data"),
        State,
        new("XDG_CACHE_HOME", ".cache", "cache"),
        new("XDG_RUNTIME_DIR", null, "run"),
    ];

    /// <summary>The directory; null if the environment has none. Relative paths do not count, says the specification.</summary>
    public string? Base(Func<string, string?> environment)
    {
        if (environment(Variable) is { } path && path.StartsWith('/')) return path;
        return BeneathHome is not null && environment("HOME") is { } home && home.StartsWith('/') ? Path.Combine(home, BeneathHome) : null;
    }
}
