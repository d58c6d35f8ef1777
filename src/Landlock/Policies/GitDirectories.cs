using Landlock.Linux;

namespace Landlock.Policies;

/// <summary>
/// Where a repository keeps its own files: .git, or for a linked worktree (git-worktree(1)) and a submodule the directory
/// that the file .git names.
/// </summary>
/// <remarks>
/// A sandboxed program can write that file. So it is followed only if the other end points back: a worktree's directory names the file in
/// "gitdir", and lies in "worktrees" of the common directory; a submodule's names the work tree in its configuration. Nobody can arrange
/// either for files of others.
/// </remarks>
/// <param name="Own">The directory of this work tree (index, HEAD).</param>
/// <param name="Common">The directory that all work trees share (objects, refs, configuration).</param>
internal sealed record GitDirectories(string Own, string Common)
{
    private const string Mark = "gitdir: ";
    private const int LargestLink = 4096, LargestConfiguration = 1 << 20;

    /// <summary>
    /// The directories of the repository whose work tree begins in a directory; null if the file .git is not to be followed.
    /// </summary>
    public static GitDirectories? Of(BuiltinSources sources, string root)
    {
        string git = BuiltinVariables.Join(root, ".git");
        if (sources.Inspect(git) == PathKind.Directory) return sources.RealPath(git) is { } real ? new GitDirectories(real, real) : null;
        if (Line(sources, git) is not { } link || !link.StartsWith(Mark, StringComparison.Ordinal)) return null;
        if (sources.RealPath(Beneath(root, link[Mark.Length..])) is not { } own || sources.Owner(own) != sources.Owner(root)) return null;
        if (Worktree(sources, git, own) is { } common) return new GitDirectories(own, common);
        return IsSubmodule(sources, root, own) ? new GitDirectories(own, own) : null;
    }

    private static string? Worktree(BuiltinSources sources, string git, string own)
    {
        if (Line(sources, BuiltinVariables.Join(own, "gitdir")) is not { } back || !Same(sources, Beneath(own, back), git)) return null;
        string worktrees = PosixText.Parent(own);
        if (!worktrees.EndsWith("/worktrees", StringComparison.Ordinal)) return null;
        string common = PosixText.Parent(worktrees);
        return Line(sources, BuiltinVariables.Join(own, "commondir")) is { } named && Same(sources, Beneath(own, named), common)
            ? common
            : null;
    }

    private static bool IsSubmodule(BuiltinSources sources, string root, string own)
    {
        if (sources.Read(BuiltinVariables.Join(own, "config"), LargestConfiguration) is not { } configuration) return false;
        bool isCore = false;
        foreach (string line in PosixText.Decode(configuration).Split('\n', StringSplitOptions.TrimEntries))
        {
            if (line.StartsWith('[')) isCore = line.Equals("[core]", StringComparison.OrdinalIgnoreCase);
            else if (isCore && line.Split('=', 2, StringSplitOptions.TrimEntries) is [var key, var value]
                && key.Equals("worktree", StringComparison.OrdinalIgnoreCase))
                return Same(sources, Beneath(own, value), root);
        }

        return false;
    }

    private static bool Same(BuiltinSources sources, string path, string other) =>
        sources.RealPath(path) is { } real && real == sources.RealPath(other);

    private static string Beneath(string directory, string path) => path.StartsWith('/') ? path : BuiltinVariables.Join(directory, path);

    private static string? Line(BuiltinSources sources, string path) =>
        sources.Inspect(path) == PathKind.File && sources.Read(path, LargestLink) is { } text ? PosixText.Decode(text).TrimEnd('\n') : null;
}
