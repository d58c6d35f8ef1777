using System.Collections.Immutable;
using Landlock.Documents;
using Landlock.Linux;
using Landlock.Policies;
using Landlock.Rulesets;
using Landlock.Sandboxes;

namespace Landlock.Profiles;

/// <summary>Whose folder a profile is kept in.</summary>
public enum ProfileOrigin
{
    /// <summary>$XDG_CONFIG_HOME/landlockps/profiles.</summary>
    LandlockPS,

    /// <summary>$XDG_CONFIG_HOME/island/profiles, Island's own.</summary>
    Island,

    /// <summary>None: it ships with LandlockPS.</summary>
    Shipped,
}

/// <summary>A folder that holds profiles.</summary>
/// <param name="Directory">The folder.</param>
/// <param name="Origin">Whose it is.</param>
public sealed record ProfileRoot(string Directory, ProfileOrigin Origin);

/// <summary>A directory that a profile is for (<c>[[context]] when_beneath</c>).</summary>
/// <param name="WhenBeneath">The directory as it is written.</param>
/// <param name="Location">Where it is written.</param>
public sealed record ProfileContext(string WhenBeneath, PolicyLocation Location)
{
    /// <summary>The directory without symbolic links, as it is now; null while there is none.</summary>
    public string? RealPath => PosixFile.RealPath(WhenBeneath);
}

/// <summary>An environment variable that a profile sets (<c>[[env]]</c>).</summary>
/// <param name="Name">The name.</param>
/// <param name="Literal">The value, as it is.</param>
/// <param name="Location">Where it is written.</param>
public sealed record ProfileVariable(string Name, string Literal, PolicyLocation Location);

/// <summary>
/// A policy bound to directories, environment and a workspace, in Island's format: a folder with <c>profile.toml</c> and
/// <c>landlock/*.toml</c>.
/// </summary>
public sealed record Profile
{
    /// <summary>The name: that of the folder.</summary>
    public required string Name { get; init; }

    /// <summary>The folder; empty of one that ships with LandlockPS.</summary>
    public required string Directory { get; init; }

    /// <summary>Whose folder it is kept in.</summary>
    public ProfileOrigin Origin { get; init; }

    /// <summary>The directories it is for; a profile without any never applies by itself.</summary>
    public ImmutableArray<ProfileContext> Contexts { get; init; } = [];

    /// <summary>The variables it sets.</summary>
    public ImmutableArray<ProfileVariable> Environment { get; init; } = [];

    /// <summary>Whether it has directories of its own for configuration, data, state, caches and temporary files.</summary>
    public bool Workspace { get; init; } = true;

    /// <summary>Whether it has any directory for itself.</summary>
    internal bool HasDirectories => Workspace || Settings is { Workspace.IsEmpty: false };

    /// <summary>The files and directories that say what it is; none of one that ships with LandlockPS.</summary>
    internal IEnumerable<string> Files => Origin == ProfileOrigin.Shipped ? []
        : [Directory, File, .. PosixFile.Inspect(PolicyDirectory) == PathKind.Directory
            ? (string[])[PolicyDirectory, .. PolicyFile.List(PolicyDirectory, PolicySyntax.Toml)] : []];

    /// <summary>What it says about itself in one line; null if nothing.</summary>
    public string? Description => Settings?.Description;

    /// <summary>Its table <c>landlockps</c>: what Island's format cannot say; null if there is none.</summary>
    internal ProfileSettings? Settings { get; init; }

    /// <summary>What is wrong with profile.toml, or worth knowing.</summary>
    public ImmutableArray<PolicyFinding> Findings { get; init; } = [];

    /// <summary>Whether it could be read. One that could not stops commands wherever it may apply.</summary>
    public bool IsValid => Findings.All(finding => finding.Severity != FindingSeverity.Error);

    /// <summary>Whether all directories it is for are known; if not, it may be for any.</summary>
    public bool AreContextsKnown { get; init; } = true;

    /// <summary>The file profile.toml; of one that ships with LandlockPS what messages call it.</summary>
    public string File => ProfileReader.SourceOf(this);

    /// <summary>The folder of the policy documents, which one that ships with LandlockPS has not.</summary>
    public string PolicyDirectory => Path.Combine(Directory, ProfileReader.PolicyFolder);

    /// <summary>The sandbox of profiles for commands of this process, in its working directory.</summary>
    /// <param name="names">Names of profiles, the outermost first: the user's own, Island's, and those that ship with LandlockPS.</param>
    /// <exception cref="PolicyException">There is no such profile, or one cannot be used.</exception>
    /// <exception cref="RulesetException">A rule cannot be one.</exception>
    public static Sandbox Load(params string[] names) => Load(PolicyVariables.None, names);

    /// <inheritdoc cref="Load(string[])"/>
    /// <param name="variables">Values for variables that the profiles declare.</param>
    /// <param name="names">Names of profiles, the outermost first.</param>
    public static Sandbox Load(PolicyVariables variables, params string[] names)
    {
        ArgumentNullException.ThrowIfNull(variables);
        ArgumentNullException.ThrowIfNull(names);
        ProfileStore store = ProfileStore.All(System.Environment.GetEnvironmentVariable);
        ProfileSources sources = new()
        {
            Support = RunningKernel.Support,
            WorkingDirectory = System.Environment.CurrentDirectory,
            Environment = System.Environment.GetEnvironmentVariable,
            Given = variables.Given,
        };
        return ProfileSandbox.Prepare([.. names.Select(store.Find)], store, sources).Changed(sandbox => sandbox, sources, hasLayers: false);
    }

    /// <summary>Whether a name can be that of a profile, by Island's rules.</summary>
    public static bool IsName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Length is > 0 and < 256 && name[0] is not ('.' or '-' or '~') && !char.IsWhiteSpace(name[0])
            && !char.IsWhiteSpace(name[^1])
            && !name.Any(c => char.IsControl(c) || "/$&*:;<>`|".Contains(c, StringComparison.Ordinal));
    }

    /// <summary>The narrowest of the profile's directories that a directory is in; null if it is in none.</summary>
    /// <param name="realDirectory">The directory, without symbolic links.</param>
    public string? Matching(string realDirectory) =>
        Contexts.Select(context => context.RealPath).OfType<string>().Where(path => IsBeneath(realDirectory, path))
            .MaxBy(path => path.Length);

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>Whether a path is a directory or something in it; both without symbolic links.</summary>
    internal static bool IsBeneath(string path, string directory) =>
        directory == "/"
            || (path.StartsWith(directory, StringComparison.Ordinal) && (path.Length == directory.Length || path[directory.Length] == '/'));
}
