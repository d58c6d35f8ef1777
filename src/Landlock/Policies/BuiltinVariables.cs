using System.Collections.Immutable;
using System.Globalization;
using Landlock.Documents;
using Landlock.Linux;
using Landlock.Rulesets;

namespace Landlock.Policies;

/// <summary>What the built-in variables are computed from; everything is handed in, so that the result depends on nothing else.</summary>
internal sealed record BuiltinSources
{
    /// <summary>Absolute working directory.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>Environment variables by name; null = not set.</summary>
    public required Func<string, string?> Environment { get; init; }

    /// <summary>The user's number; null = that of this process (geteuid(2)).</summary>
    public uint? UserId { get; init; }

    /// <summary>The command to run, without links: its program, and the assembly that a dotnet is given; none where unknown.</summary>
    public ImmutableArray<string> Program { get; init; } = [];

    /// <summary>PowerShell's own directory ($PSHOME), where one is known.</summary>
    public string? PowerShellHome { get; init; }

    /// <summary>What a path is, symbolic links followed.</summary>
    public Func<string, PathKind> Inspect { get; init; } = PosixFile.Inspect;

    /// <summary>A path without symbolic links; null if there is no such file.</summary>
    public Func<string, string?> RealPath { get; init; } = PosixFile.RealPath;

    /// <summary>The user whom a path belongs to; null where that cannot be seen.</summary>
    public Func<string, uint?> Owner { get; init; } = PosixFile.Owner;

    /// <summary>The content of a regular file of at most so many bytes; null where it cannot be read.</summary>
    public Func<string, int, byte[]?> Read { get; init; } = SmallFile.Read;
}

/// <summary>
/// The built-in variables: names and values that a caller's environment gives. Values are computed when they are asked for.
/// </summary>
internal sealed class BuiltinVariables
{
    /// <summary>The name of the variable for the working directory where that may be opened as a whole.</summary>
    public const string Workplace = "workplace";

    private static readonly ImmutableArray<(string Name, string Description, Func<BuiltinSources, string?> Compute)> Table =
    [
        ("home", "the home directory ($HOME)", sources => Absolute(sources, "HOME")),
        ("cwd", "the working directory", sources => sources.WorkingDirectory),
        ("pwd", "the same", sources => sources.WorkingDirectory),
        ("tmp", "the directory for temporary files ($TMPDIR, or /tmp)", sources => Absolute(sources, "TMPDIR") ?? "/tmp"),
        ("uid", "the user's number", sources => (sources.UserId ?? CurrentUser.Id).ToString(CultureInfo.InvariantCulture)),
        ("user", "the user's name ($USER, or $LOGNAME)",
            sources => (sources.Environment("USER") ?? sources.Environment("LOGNAME")) is { } name && IsUserName(name) ? name : null),
        ("xdg_config_home", "configuration ($XDG_CONFIG_HOME, or ~/.config)", sources => Xdg(sources, "XDG_CONFIG_HOME", ".config")),
        ("xdg_data_home", "data ($XDG_DATA_HOME, or ~/.local/share)", sources => Xdg(sources, "XDG_DATA_HOME", ".local/share")),
        ("xdg_cache_home", "caches ($XDG_CACHE_HOME, or ~/.cache)", sources => Xdg(sources, "XDG_CACHE_HOME", ".cache")),
        ("xdg_state_home", "state ($XDG_STATE_HOME, or ~/.local/state)", sources => Xdg(sources, "XDG_STATE_HOME", ".local/state")),
        ("xdg_runtime_dir", "sockets of the session ($XDG_RUNTIME_DIR; no value without it)",
            sources => Absolute(sources, "XDG_RUNTIME_DIR")),
        ("git_root", "the directory of the repository that the working directory is part of (no value without one)", sources => null),
        ("git_dir", "the directory of that repository's own files: .git, or where a linked worktree or submodule has them",
            sources => null),
        ("git_common_dir", "what of them all of its worktrees share: objects, refs, configuration", sources => null),
        (Workplace, "the working directory, unless that is a home directory or such (an error there)", sources => null),
        ("project", "the directory of that repository, or without one the workplace", sources => null),
        ("agent_home", "where a coding agent keeps its own files ($AGENT_HOME, $CLAUDE_CONFIG_DIR or $CODEX_HOME; no value without one)",
            sources => Absolute(sources, "AGENT_HOME") ?? Absolute(sources, "CLAUDE_CONFIG_DIR")
                ?? Absolute(sources, "CODEX_HOME")),
        ("pwsh_home", "PowerShell's own directory (the command's, $PSHOME, or that of pwsh in PATH; of the .NET tool all that its command "
            + "needs)",
            sources => (CommandHome(sources) ?? sources.PowerShellHome ?? DirectoryOf(sources, "pwsh")) is { } home
                ? WholePowerShell(sources, home) : null),
        ("dotnet_root", "the .NET installation (the command's, $DOTNET_ROOT, that of dotnet in PATH, or where installers put it)",
            sources => CommandRuntime(sources) ?? Absolute(sources, "DOTNET_ROOT") ?? DirectoryOf(sources, "dotnet", holding: Host)
                ?? InstalledRuntime(sources)),
    ];

    // Where the .NET tool keeps PowerShell, beside its command.
    private const string Store = ".store/powershell";

    // Beside dotnet in every installation.
    private const string Host = "host/fxr";

    // What the environment says is opened as a whole by whoever names these; the author of a policy does not see it.
    private static readonly ImmutableArray<string> s_places = ["tmp", "agent_home", "pwsh_home", "dotnet_root"];

    // What several people, or several programs, have their own directories in.
    private static readonly ImmutableArray<string> Shared = ["/opt", "/srv", "/mnt", "/media"];

    private readonly BuiltinSources _sources;
    private readonly Dictionary<string, (ImmutableArray<string> Value, PolicyFinding? Remark)> _known = [];
    private readonly object _lock = new();

    /// <summary>Creates the variables of an environment.</summary>
    public BuiltinVariables(BuiltinSources sources)
    {
        ArgumentNullException.ThrowIfNull(sources);
        _sources = sources;
    }

    /// <summary>The same for a command that is to run: where that is a PowerShell or a dotnet, it is the one that is meant.</summary>
    /// <param name="program">The files that it is, without links.</param>
    public BuiltinVariables For(ImmutableArray<string> program) => new(_sources with { Program = program });

    /// <summary>The names of all built-in variables.</summary>
    public static ImmutableArray<string> Names { get; } = [.. Table.Select(row => row.Name)];

    /// <summary>What a built-in variable is; null if there is none of the name.</summary>
    public static string? Describe(string name) => Table.FirstOrDefault(row => row.Name == name).Description;

    /// <summary>The value of a variable: one, or none where the environment has none. Null if there is no such variable.</summary>
    public ImmutableArray<string>? Find(string name) => Look(name)?.Value;

    /// <summary>
    /// What has to be said where the value of a variable is used: an error where the environment's is a place that is never opened as a
    /// whole, a note about git_root. Null where there is nothing to say.
    /// </summary>
    public PolicyFinding? Remark(string name) => Look(name)?.Remark;

    private (ImmutableArray<string> Value, PolicyFinding? Remark)? Look(string name)
    {
        lock (_lock)
        {
            if (_known.TryGetValue(name, out (ImmutableArray<string>, PolicyFinding?) known)) return known;
            if (Table.FirstOrDefault(row => row.Name == name) is not { Compute: not null } row) return null;
            (string? text, PolicyFinding? remark) = name switch
            {
                "project" => Project(),
                Workplace => Place(""),
                _ when name.StartsWith("git_", StringComparison.Ordinal) => Repository(name),
                _ => (row.Compute(_sources), null),
            };
            if (text is not null && s_places.Contains(name) && !IsForTemporaryFiles(text)
                && Guarded.Contains(text.Length > 1 ? text.TrimEnd('/') : text))
            {
                remark = new PolicyFinding(new PolicyLocation(name, 0, 0), FindingSeverity.Error,
                    $"the built-in value is '{PosixText.Printable(text)}', {row.Description}, and that place is never opened as a whole; "
                        + $"give another with --var {name}=DIRECTORY (-Variable @{{ {name} = 'DIRECTORY' }})");
                text = null;
            }

            ImmutableArray<string> value = text is not null && !text.Contains('\0') ? [text] : [];
            _known.Add(name, (value, remark));
            return (value, remark);
        }
    }

    // Also where the home directory is in there, as in containers.
    private static bool IsForTemporaryFiles(string path) =>
        PosixFile.RealPlace(PathRule.Normalize(path)) is "/tmp" or "/var/tmp" or "/dev/shm";

    private static bool IsShared(string path) => IsForTemporaryFiles(path) || Shared.Contains(PosixFile.RealPlace(path));

    private GuardedPlaces Guarded => new(Absolute(_sources, "HOME"), []);

    private (string? Text, PolicyFinding? Remark) Repository(string name)
    {
        if (name != "git_root") return (OwnFiles(name), null);
        (string? directory, string? remark) = GitRoot.Find(_sources, Guarded);
        if (directory is { } found && IsShared(found))
            (directory, remark) = (null, $"the repository of '{PosixText.Printable(found)}' is not taken for git_root, since that "
                + "directory is never opened as a whole");
        return (directory, remark is null ? null : new PolicyFinding(new PolicyLocation(name, 0, 0), FindingSeverity.Note, remark));
    }

    private (string? Text, PolicyFinding? Remark) Project()
    {
        PolicyFinding? remark = Remark("git_root");
        if (Find("git_root")?.SingleOrDefault() is { } root) return (root, remark);
        (string? place, PolicyFinding? problem) = Place(remark is null ? "" : $"; {remark.Message}");
        return (place, problem ?? remark);
    }

    // What a command may change there must have something to do with it, and be nobody else's.
    private (string? Text, PolicyFinding? Remark) Place(string why)
    {
        string here = _sources.RealPath(_sources.WorkingDirectory) ?? _sources.WorkingDirectory;
        return !Guarded.Contains(here) && !IsShared(here) ? (here, null)
            : (null, new PolicyFinding(new PolicyLocation(Workplace, 0, 0), FindingSeverity.Error,
                $"'{PosixText.Printable(here)}' is never opened as a whole{why}; go to the directory of a project"));
    }

    // The repository is looked for once: that may mean reading its index.
    private string? OwnFiles(string name)
    {
        if (Find("git_root")?.SingleOrDefault() is not { } root || GitDirectories.Of(_sources, root) is not { } own) return null;
        string found = name == "git_dir" ? own.Own : own.Common;
        return Guarded.Contains(found) ? null : found;
    }

    // As useradd(8) has them: such a name leads nowhere else in a path.
    private static bool IsUserName(string name) =>
        name is not ("" or "." or "..") && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-' or '.' or '$');

    // A relative path in such a variable is to be ignored, says the XDG base directory specification; it would mean another
    // place in every directory.
    private static string? Absolute(BuiltinSources sources, string variable) =>
        sources.Environment(variable) is { } path && path.StartsWith('/') ? path : null;

    private static string? Xdg(BuiltinSources sources, string variable, string beneathHome) =>
        Absolute(sources, variable) ?? (Absolute(sources, "HOME") is { } home ? $"{home.TrimEnd('/')}/{beneathHome}" : null);

    /// <summary>
    /// The folder of all files of a PowerShell: $PSHOME, and for the .NET tool the one above, where what its command loads lies.
    /// </summary>
    internal static string PowerShellFolder(string home) =>
        home.EndsWith("/any/unix", StringComparison.Ordinal) && home.Contains("/tools/", StringComparison.Ordinal)
            ? home[..^"/unix".Length]
            : home;

    // The command of the .NET tool lies beside its store, and what the command itself loads, above $PSHOME.
    private static string WholePowerShell(BuiltinSources sources, string home)
    {
        string store = Join(home, Store);
        return sources.Inspect(store) == PathKind.Directory ? store : PowerShellFolder(home);
    }

    private static string? CommandHome(BuiltinSources sources) => sources.Program
        .Where(file => Path.GetFileName(file) is "pwsh" or "pwsh.dll").Select(PosixText.Parent)
        .FirstOrDefault(directory => sources.Inspect(Join(directory, "pwsh.dll")) == PathKind.File
            || sources.Inspect(Join(directory, Store)) == PathKind.Directory);

    private static string? CommandRuntime(BuiltinSources sources) => sources.Program
        .Where(file => Path.GetFileName(file) == "dotnet").Select(PosixText.Parent)
        .FirstOrDefault(directory => sources.Inspect(Join(directory, Host)) == PathKind.Directory);

    // As the host of an application looks for it (DOTNET_ROOT, "install locations").
    private static string? InstalledRuntime(BuiltinSources sources)
    {
        string? told =
            sources.Read("/etc/dotnet/install_location", 4096) is { } bytes ? PosixText.Decode(bytes).Split('\n')[0].Trim() : null;
        return ((string?[])[told, "/usr/share/dotnet", "/usr/lib/dotnet", "/usr/lib64/dotnet"]).FirstOrDefault(directory =>
            directory?.StartsWith('/') == true && sources.Inspect(Join(directory, Host)) == PathKind.Directory);
    }

    // A program of the name that is no installation, without what has to lie beside it, starts one that is: a wrapper.
    private static string? DirectoryOf(BuiltinSources sources, string program, string holding = "")
    {
        foreach (string directory in (sources.Environment("PATH") ?? "").Split(':'))
        {
            if (!directory.StartsWith('/') || sources.Inspect(Join(directory, program)) != PathKind.File) continue;
            if (sources.RealPath(Join(directory, program)) is not { } real) return null;
            string found = PosixText.Parent(real);
            if (holding.Length == 0 || sources.Inspect(Join(found, holding)) == PathKind.Directory) return found;
        }

        return null;
    }

    internal static string Join(string directory, string name) => directory.EndsWith('/') ? directory + name : $"{directory}/{name}";
}
