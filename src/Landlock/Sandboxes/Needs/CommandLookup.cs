using Landlock.Linux;

namespace Landlock.Sandboxes.Needs;

/// <summary>How the look-up of a command ended.</summary>
internal enum CommandStatus
{
    /// <summary>There is an executable file of the name.</summary>
    Found,

    /// <summary>There is a file of the name, but this user may not execute it (execve(2): EACCES).</summary>
    NotExecutable,

    /// <summary>The name is that of a directory.</summary>
    IsDirectory,

    /// <summary>There is nothing of the name (execve(2): ENOENT).</summary>
    NotFound,
}

/// <summary>Finds a command by its name as execvp(3) and shells do, without any state of the process.</summary>
/// <param name="Status">How the look-up ended.</param>
/// <param name="Path">The absolute path of what was found, whatever it is, or null.</param>
internal sealed record CommandLookup(CommandStatus Status, string? Path)
{
    /// <summary>Where execvp(3) looks when PATH is unset (confstr(3), _CS_PATH).</summary>
    public const string DefaultPath = "/bin:/usr/bin";

    /// <summary>
    /// Finds a command. A name with a slash is a path, relative to the working directory; any other name is looked
    /// for in the directories of
    /// <paramref name="searchPath"/>, of which an empty one is the working directory (environ(7), PATH).
    /// </summary>
    /// <param name="name">The name or path.</param>
    /// <param name="searchPath">PATH, or null when it is unset.</param>
    /// <param name="workingDirectory">The absolute working directory.</param>
    public static CommandLookup Find(string name, string? searchPath, string workingDirectory) =>
        Find(name, searchPath, workingDirectory, null);

    /// <param name="name">The name or path.</param>
    /// <param name="searchPath">PATH, or null when it is unset.</param>
    /// <param name="workingDirectory">The absolute working directory.</param>
    /// <param name="lookedAt">Takes every path that is looked at.</param>
    internal static CommandLookup Find(string name, string? searchPath, string workingDirectory, HashSet<string>? lookedAt)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(workingDirectory);
        CommandLookup best = new(CommandStatus.NotFound, null);
        if (name.Length == 0) return best;

        ClosureOptions options = new() { WorkingDirectory = workingDirectory };
        if (name.Contains('/', StringComparison.Ordinal)) return At(options.Absolute(name), lookedAt);

        ReadOnlySpan<char> rest = searchPath ?? DefaultPath;
        while (true)
        {
            int end = rest.IndexOf(':');
            string directory = options.Absolute((end < 0 ? rest : rest[..end]).ToString());
            CommandLookup here = At(directory.EndsWith('/') ? directory + name : directory + "/" + name, lookedAt);
            if (here.Status == CommandStatus.Found) return here;
            if (here.Status < best.Status) best = here;
            if (end < 0) return best;
            rest = rest[(end + 1)..];
        }
    }

    private static CommandLookup At(string path, HashSet<string>? lookedAt)
    {
        lookedAt?.Add(path);
        if (PosixFile.Stat(path) is not { } status) return new CommandLookup(CommandStatus.NotFound, null);
        if (status.IsDirectory) return new CommandLookup(CommandStatus.IsDirectory, path);
        return new CommandLookup(status.IsRegular && PosixFile.CanExecute(path) ? CommandStatus.Found : CommandStatus.NotExecutable, path);
    }
}
