using Landlock.Linux;

namespace Landlock.Policies;

/// <summary>Finds the repository that the working directory is part of.</summary>
/// <remarks>
/// Whoever may write the working directory may take its .git away, and nothing may be opened further up by that. So a
/// repository above counts only if its index keeps files beneath the working directory, which nobody can arrange from there,
/// and if both have the same owner.
/// </remarks>
internal static class GitRoot
{
    private const int LargestIndex = 256 << 20;

    /// <summary>
    /// The repository's directory, and what is to be said of it: that it is above the working directory, or why none was taken.
    /// </summary>
    public static (string? Directory, string? Remark) Find(BuiltinSources sources, GuardedPlaces guarded)
    {
        string start = sources.RealPath(sources.WorkingDirectory) ?? sources.WorkingDirectory;
        for (string? directory = start; directory is not null; directory = directory.Length > 1 ? PosixText.Parent(directory) : null)
        {
            if (sources.Inspect(BuiltinVariables.Join(directory, ".git")) is not (PathKind.Directory or PathKind.File)) continue;
            string shown = PosixText.Printable(directory);
            if (guarded.Contains(directory))
                return (null, $"the repository of '{shown}' is not taken for git_root, since that directory is never opened as a whole");
            if (directory == start) return (directory, null);
            string inside = PosixText.Printable(start);
            if (sources.Owner(directory) != sources.Owner(start))
                return (null, $"the repository of '{shown}' is not taken for git_root, since '{inside}' belongs to another user");
            if (!Holds(sources, directory, start[(directory == "/" ? 1 : directory.Length + 1)..]))
                return (null, $"the repository of '{shown}' is not taken for git_root, since it keeps no file beneath '{inside}'");
            return (directory, $"git_root is '{shown}', above the working directory");
        }

        return (null, null);
    }

    private static bool Holds(BuiltinSources sources, string directory, string inside)
    {
        if (GitDirectories.Of(sources, directory)?.Own is not { } git) return false;
        return sources.Read(BuiltinVariables.Join(git, "index"), LargestIndex) is { } index
            && GitIndex.Holds(index, PosixText.Terminated(inside).AsSpan()[..^1]);
    }
}
