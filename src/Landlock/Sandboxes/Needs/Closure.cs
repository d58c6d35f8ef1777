
namespace Landlock.Sandboxes.Needs;

/// <summary>What a command needs a file for. Smaller values are the stronger needs.</summary>
internal enum ClosureKind
{
    /// <summary>The command itself, a program or a script.</summary>
    Program,

    /// <summary>An interpreter of a script: the one in its "#!" line (execve(2)), or the program that env(1) there starts.</summary>
    Interpreter,

    /// <summary>The program loader of a dynamic ELF program (PT_INTERP), commonly ld.so.</summary>
    Loader,

    /// <summary>A library that is loaded before all others (LD_PRELOAD or /etc/ld.so.preload; ld.so(8)).</summary>
    Preload,

    /// <summary>A library that the program or another library needs (DT_NEEDED).</summary>
    Library,

    /// <summary>A file that the program loader reads to find libraries, such as /etc/ld.so.cache.</summary>
    LoaderConfiguration,
}

/// <summary>A file that a command needs.</summary>
/// <param name="RealPath">The path without symbolic links.</param>
/// <param name="FoundAs">The absolute path by which the file was found.</param>
/// <param name="Kind">What it is needed for.</param>
/// <param name="RequiredBy">
/// The real path of the file that needs it, or null for the command itself and what the environment asks for.
/// </param>
internal sealed record ClosureEntry(string RealPath, string FoundAs, ClosureKind Kind, string? RequiredBy)
{
    /// <summary>
    /// Whether the kernel opens the file to execute it, which Landlock grants apart from reading (landlock(7), LANDLOCK_ACCESS_FS_EXECUTE).
    /// Reading is needed always: the kernel opens what it executes for reading too, and libraries are mapped without any right to execute.
    /// </summary>
    public bool NeedsExecute => Kind is ClosureKind.Program or ClosureKind.Interpreter or ClosureKind.Loader;
}

/// <summary>A file that a command needs and that was not found.</summary>
/// <param name="Name">The name or path as it was asked for.</param>
/// <param name="Kind">What it is needed for.</param>
/// <param name="RequiredBy">
/// The real path of the file that needs it, or null for the command itself and what the environment asks for.
/// </param>
internal sealed record MissingFile(string Name, ClosureKind Kind, string? RequiredBy);

/// <summary>What a warning of a closure is about.</summary>
internal enum ClosureWarningKind
{
    /// <summary>The program is statically linked, so its libraries, if it loads any while it runs, are not known.</summary>
    StaticallyLinked,

    /// <summary>The set-user-ID or set-group-ID bit is set, which has no effect in a sandbox (PR_SET_NO_NEW_PRIVS).</summary>
    SetUserId,

    /// <summary>The file is neither ELF nor a "#!" script; only a handler of binfmt_misc can execute it.</summary>
    UnknownFormat,

    /// <summary>The file is an ELF program for another architecture; only a handler of binfmt_misc can execute it.</summary>
    ForeignArchitecture,

    /// <summary>The file looks like text but has no "#!" line: execve(2) gives ENOEXEC, and shells run it with /bin/sh.</summary>
    NoShebang,

    /// <summary>The file may not be executed, so execve(2) gives EACCES.</summary>
    NotExecutable,

    /// <summary>The file cannot be read, so what it needs is not known.</summary>
    Unreadable,

    /// <summary>The ELF file is damaged or of a kind that cannot be executed.</summary>
    DamagedElf,

    /// <summary>Scripts interpret scripts more than five deep: execve(2) gives ELOOP.</summary>
    TooManyInterpreters,

    /// <summary>What env(1) in a "#!" line starts could not be worked out.</summary>
    UnknownEnvCommand,

    /// <summary>The search for libraries was given up because the files ask for an absurd number of look-ups.</summary>
    SearchCutShort,
}

/// <summary>Something about a command that its closure cannot express.</summary>
/// <param name="Kind">What it is about.</param>
/// <param name="Path">The file it is about.</param>
/// <param name="Message">A sentence for people.</param>
internal sealed record ClosureWarning(ClosureWarningKind Kind, string Path, string Message);

/// <summary>
/// The files that a command needs to start. Libraries that a program opens while it runs (dlopen(3), name services, plug-ins) are not among
/// them.
/// </summary>
/// <param name="Entries">The files, each once by its real path, in the order in which they are needed.</param>
/// <param name="Missing">The files that were not found.</param>
/// <param name="Warnings">What the closure cannot express.</param>
internal sealed record Closure(IReadOnlyList<ClosureEntry> Entries, IReadOnlyList<MissingFile> Missing,
    IReadOnlyList<ClosureWarning> Warnings);
