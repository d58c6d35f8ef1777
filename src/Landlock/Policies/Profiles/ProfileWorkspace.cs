using System.Collections.Immutable;
using Landlock.Kernel;
using Landlock.Rulesets;

namespace Landlock.Policies.Profiles;

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

    /// <summary>The directory for temporary files, which landlock-exec makes; null if there is none.</summary>
    public string? Scratch { get; init; }

    /// <summary>Says which directories there will be, and makes none. The one for temporary files is left out: it has no name yet.</summary>
    public static ProfileWorkspace Plan(Profile profile, Func<string, string?> environment) => Build(profile, environment, make: false);

    /// <summary>Makes the directories, for this user alone.</summary>
    /// <exception cref="PolicyException">One cannot be made.</exception>
    public static ProfileWorkspace Create(Profile profile, Func<string, string?> environment)
    {
        ArgumentNullException.ThrowIfNull(profile);
        ProfileWorkspace workspace = Build(profile, environment, make: true);
        if (!profile.Workspace) return workspace;
        string scratch = ScratchDirectory.PathFor(environment, profile.Name);
        return workspace with
        {
            Scratch = scratch,
            Directories = workspace.Directories.Add(scratch),
            Variables = workspace.Variables.Add(("TMPDIR", scratch)),
        };
    }

    /// <summary>The rules for the directories: everything.</summary>
    internal IEnumerable<PathRule> Rules(AccessFs all) => Directories.Select(directory => new PathRule(directory, all) { Optional = true });

    private static ProfileWorkspace Build(Profile profile, Func<string, string?> environment, bool make)
    {
        ArgumentNullException.ThrowIfNull(profile);
        ArgumentNullException.ThrowIfNull(environment);
        if (!profile.Workspace) return None;
        ImmutableArray<(string, string)>.Builder variables = ImmutableArray.CreateBuilder<(string, string)>();
        ImmutableArray<string>.Builder directories = ImmutableArray.CreateBuilder<string>();
        foreach (XdgDirectory kind in XdgDirectory.All)
        {
            if (Place(profile, kind, environment) is not { } path) continue;
            if (make) Guarded(profile, path, () => ScratchDirectory.MakePrivate(path));
            directories.Add(path);
            variables.Add((kind.Variable, path));
        }

        int index = 0;
        foreach (string path in profile.Contexts.Select(context => context.RealPath).OfType<string>().Distinct().Order(StringComparer.Ordinal))
        {
            directories.Add(path);
            variables.Add(($"ISLAND_CONTEXT_BENEATH_{index++}", path));
        }

        return new ProfileWorkspace { Variables = variables.ToImmutable(), Directories = directories.ToImmutable() };
    }

    // A link workspace-config and so on, in the profile's folder, leads elsewhere.
    private static string? Place(Profile profile, XdgDirectory kind, Func<string, string?> environment)
    {
        string link = Path.Combine(profile.Directory, $"workspace-{kind.Word}");
        if (PosixFile.RealPath(link) is { } real && PosixFile.Inspect(real) == PathKind.Directory) return real;
        string owner = profile.Origin == ProfileOrigin.Island ? "island" : "landlockps";
        return kind.Base(environment) is { } parent ? Path.Combine(parent, $"{owner}-{kind.Word}-profiles", profile.Name) : null;
    }

    private static string Guarded(Profile profile, string path, Func<string> make)
    {
        try
        {
            return make();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw PolicyException.At(new PolicyLocation(profile.File, 0, 0), $"the workspace needs {PosixText.Printable(path)}, which cannot be made: {e.Message}");
        }
    }
}
