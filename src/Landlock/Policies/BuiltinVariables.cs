using System.Collections.Immutable;
using System.Globalization;
using Landlock.Kernel;

namespace Landlock.Policies;

/// <summary>What the built-in variables are computed from; everything is handed in, so that the result depends on nothing else.</summary>
public sealed record BuiltinSources
{
    /// <summary>Absolute working directory.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>Environment variables by name; null = not set.</summary>
    public required Func<string, string?> Environment { get; init; }

    /// <summary>The user's number; null = that of this process (geteuid(2)).</summary>
    public uint? UserId { get; init; }

    /// <summary>PowerShell's own directory ($PSHOME), where one is known.</summary>
    public string? PowerShellHome { get; init; }

    /// <summary>What a path is, symbolic links followed.</summary>
    public Func<string, PathKind> Inspect { get; init; } = PosixFile.Inspect;

    /// <summary>A path without symbolic links; null if there is no such file.</summary>
    public Func<string, string?> RealPath { get; init; } = PosixFile.RealPath;
}

/// <summary>The built-in variables: names and values that a caller's environment gives. Values are computed when they are asked for.</summary>
public sealed class BuiltinVariables
{
    private static readonly ImmutableArray<(string Name, string Description, Func<BuiltinSources, string?> Compute)> Table =
    [
        ("home", "the home directory ($HOME)", sources => Absolute(sources, "HOME")),
        ("cwd", "the working directory", sources => sources.WorkingDirectory),
        ("tmp", "the directory for temporary files ($TMPDIR, or /tmp)", sources => Absolute(sources, "TMPDIR") ?? "/tmp"),
        ("uid", "the user's number", sources => (sources.UserId ?? CurrentUser.Id).ToString(CultureInfo.InvariantCulture)),
        ("xdg_config_home", "configuration ($XDG_CONFIG_HOME, or ~/.config)", sources => Xdg(sources, "XDG_CONFIG_HOME", ".config")),
        ("xdg_data_home", "data ($XDG_DATA_HOME, or ~/.local/share)", sources => Xdg(sources, "XDG_DATA_HOME", ".local/share")),
        ("xdg_cache_home", "caches ($XDG_CACHE_HOME, or ~/.cache)", sources => Xdg(sources, "XDG_CACHE_HOME", ".cache")),
        ("xdg_state_home", "state ($XDG_STATE_HOME, or ~/.local/state)", sources => Xdg(sources, "XDG_STATE_HOME", ".local/state")),
        ("xdg_runtime_dir", "sockets of the session ($XDG_RUNTIME_DIR; no value without it)", sources => Absolute(sources, "XDG_RUNTIME_DIR")),
        ("git_root", "the directory around the working directory that holds .git (no value without one)", GitRoot),
        ("pwsh_home", "PowerShell's own directory ($PSHOME, or that of pwsh in PATH)", sources => sources.PowerShellHome ?? DirectoryOf(sources, "pwsh")),
        ("dotnet_root", "the .NET installation ($DOTNET_ROOT, or that of dotnet in PATH)", sources => Absolute(sources, "DOTNET_ROOT") ?? DirectoryOf(sources, "dotnet")),
    ];

    private readonly BuiltinSources _sources;
    private readonly Dictionary<string, ImmutableArray<string>> _known = [];
    private readonly object _lock = new();

    /// <summary>Creates the variables of an environment.</summary>
    public BuiltinVariables(BuiltinSources sources)
    {
        ArgumentNullException.ThrowIfNull(sources);
        _sources = sources;
    }

    /// <summary>The names of all built-in variables.</summary>
    public static ImmutableArray<string> Names { get; } = [.. Table.Select(row => row.Name)];

    /// <summary>What a built-in variable is; null if there is none of the name.</summary>
    public static string? Describe(string name) => Table.FirstOrDefault(row => row.Name == name).Description;

    /// <summary>The value of a variable: one, or none where the environment has none. Null if there is no such variable.</summary>
    public ImmutableArray<string>? Find(string name)
    {
        lock (_lock)
        {
            if (_known.TryGetValue(name, out ImmutableArray<string> known)) return known;
            if (Table.FirstOrDefault(row => row.Name == name).Compute is not { } compute) return null;
            ImmutableArray<string> value = compute(_sources) is { } text && !text.Contains('\0') ? [text] : [];
            _known.Add(name, value);
            return value;
        }
    }

    // A relative path in such a variable is to be ignored, says the XDG base directory specification; it would mean another place in every directory.
    private static string? Absolute(BuiltinSources sources, string variable) =>
        sources.Environment(variable) is { } path && path.StartsWith('/') ? path : null;

    private static string? Xdg(BuiltinSources sources, string variable, string beneathHome) =>
        Absolute(sources, variable) ?? (Absolute(sources, "HOME") is { } home ? $"{home.TrimEnd('/')}/{beneathHome}" : null);

    private static string? GitRoot(BuiltinSources sources)
    {
        for (string? directory = sources.WorkingDirectory; directory is not null; directory = Parent(directory))
            if (sources.Inspect(Join(directory, ".git")) is PathKind.Directory or PathKind.File) return directory;
        return null;
    }

    private static string? DirectoryOf(BuiltinSources sources, string program)
    {
        foreach (string directory in (sources.Environment("PATH") ?? "").Split(':'))
        {
            if (!directory.StartsWith('/') || sources.Inspect(Join(directory, program)) != PathKind.File) continue;
            return sources.RealPath(Join(directory, program)) is { } real ? Parent(real) : null;
        }

        return null;
    }

    private static string Join(string directory, string name) => directory.EndsWith('/') ? directory + name : $"{directory}/{name}";

    private static string? Parent(string path)
    {
        int slash = path.TrimEnd('/').LastIndexOf('/');
        return slash < 0 ? null : slash == 0 ? (path.Length > 1 ? "/" : null) : path[..slash];
    }
}
