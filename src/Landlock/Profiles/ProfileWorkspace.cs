using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Documents;
using Landlock.Linux;
using Landlock.Rulesets;
using Landlock.Sandboxes;

namespace Landlock.Profiles;

/// <summary>
/// The directories of a profile's own: XDG directories that stay, and a fresh one for temporary files. With them come, as Island has it,
/// the directories the profile is for: a command may do everything in all of these.
/// </summary>
public sealed record ProfileWorkspace
{
    /// <summary>No workspace.</summary>
    public static ProfileWorkspace None { get; } = new();

    /// <summary>Environment variables that lead to the directories.</summary>
    public ImmutableArray<(string Name, string Value)> Variables { get; init; } = [];

    /// <summary>The directories.</summary>
    public ImmutableArray<string> Directories { get; init; } = [];

    /// <summary>What those of them are that were made or found as this user's own.</summary>
    internal ImmutableDictionary<string, FoundPath> Own { get; init; } = ImmutableDictionary<string, FoundPath>.Empty;

    /// <summary>The directory for temporary files, which landlock-exec makes; null if there is none.</summary>
    public string? Scratch { get; init; }

    /// <summary>
    /// Says which directories there will be, and makes none. The one for temporary files is left out: it has no name yet.
    /// </summary>
    public static ProfileWorkspace Plan(Profile profile, Func<string, string?> environment) => Build(profile, environment, make: false);

    /// <summary>Makes the directories, for this user alone.</summary>
    /// <exception cref="PolicyException">One cannot be made.</exception>
    /// <param name="profile">The profile.</param>
    /// <param name="environment">Environment variables by name; null = not set.</param>
    /// <param name="scratch">Whether there is one for temporary files, which landlock-exec makes.</param>
    public static ProfileWorkspace Create(Profile profile, Func<string, string?> environment, bool scratch = true)
    {
        ArgumentNullException.ThrowIfNull(profile);
        ProfileWorkspace workspace = Build(profile, environment, make: true);
        if (!profile.Workspace || !scratch) return workspace;
        string path = ScratchDirectory.PathFor(environment);
        return workspace with
        {
            Scratch = path,
            Directories = workspace.Directories.Add(path),
            Variables = workspace.Variables.Add(("TMPDIR", path)),
        };
    }

    /// <summary>The rules for the directories: everything.</summary>
    internal IEnumerable<PathRule> Rules(AccessFs all) =>
        Directories.Select(directory => new PathRule(directory, all) { Optional = true, Found = Own.GetValueOrDefault(directory) });

    /// <summary>The rules for those directories that are no context's: what <c>${workspace_cache}</c> and so on stand for.</summary>
    internal IEnumerable<PathRule> OwnRules(AccessFs all) => Rules(all).Where(rule => Variables.Any(variable =>
        variable.Value == rule.Path && XdgDirectory.All.Any(kind => kind.Variable == variable.Name)));

    private static ProfileWorkspace Build(Profile profile, Func<string, string?> environment, bool make)
    {
        ArgumentNullException.ThrowIfNull(profile);
        ArgumentNullException.ThrowIfNull(environment);
        if (!profile.HasDirectories) return None;
        ImmutableArray<(string, string)>.Builder variables = ImmutableArray.CreateBuilder<(string, string)>();
        ImmutableArray<string>.Builder directories = ImmutableArray.CreateBuilder<string>();
        ImmutableDictionary<string, FoundPath>.Builder own = ImmutableDictionary.CreateBuilder<string, FoundPath>();
        foreach (XdgDirectory kind in XdgDirectory.All)
        {
            if (!profile.Workspace && profile.Settings?.Workspace.Contains(kind.Word) != true) continue;
            if (Place(profile, kind, environment) is not { } place) continue;
            string path = Path.Combine([place.Parent, .. place.Names]);
            if (make && place.Names.Length > 0)
                own[path] = Guarded(profile, kind, path, () => PrivateDirectory.Make(place.Parent, place.Names));
            directories.Add(path);
            variables.Add((kind.Variable, path));
        }

        int index = 0;
        IEnumerable<ProfileContext> contexts = profile.Workspace ? profile.Contexts : [];
        foreach (string path
            in contexts.Select(context => context.RealPath).OfType<string>().Distinct().Order(StringComparer.Ordinal))
        {
            directories.Add(path);
            variables.Add(($"ISLAND_CONTEXT_BENEATH_{index++}", path));
        }

        return new ProfileWorkspace
        { Variables = variables.ToImmutable(), Directories = directories.ToImmutable(), Own = own.ToImmutable() };
    }

    // Where it is, and the names beneath that are this project's own. A link workspace-config and so on, in the profile's
    // folder, leads elsewhere.
    private static (string Parent, string[] Names)? Place(Profile profile, XdgDirectory kind, Func<string, string?> environment)
    {
        if (profile.Origin != ProfileOrigin.Shipped
            && PosixFile.Find(Link(profile, kind)) is { Kind: PathKind.Directory, RealPath: { } real })
        {
            return (real, []);
        }

        string owner = profile.Origin == ProfileOrigin.Island ? "island" : "landlockps";
        return kind.Base(environment) is { } parent ? (parent, [$"{owner}-{kind.Word}-profiles", profile.Name]) : null;
    }

    private static string Link(Profile profile, XdgDirectory kind) => Path.Combine(profile.Directory, $"workspace-{kind.Word}");

    private static FoundPath Guarded(Profile profile, XdgDirectory kind, string path, Func<FoundPath> make)
    {
        try
        {
            return make();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or KernelException)
        {
            throw PolicyException.At(new PolicyLocation(profile.File, 0, 0),
                $"the workspace needs {PosixText.Printable(path)}, which cannot be made: {e.Message.TrimEnd('.')}. If it is to be "
                + $"elsewhere, make a link to there: {PosixText.Printable(Link(profile, kind))}");
        }
    }
}
