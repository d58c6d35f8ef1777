namespace Landlock.Linux;

/// <summary>The object that a path led to when it was looked at, symbolic links followed (<see cref="PosixFile.Find"/>).</summary>
/// <param name="Path">What it was called: an absolute path.</param>
/// <param name="Kind">What is there.</param>
internal sealed record FoundPath(string Path, PathKind Kind)
{
    /// <summary>
    /// The path without links, "." and ".."; null if nothing was found, or if no path leads to the object, as with a pipe or a deleted
    /// file. What is in the directory that each process has for itself begins with /proc/self or /proc/thread-self, and means the
    /// command's once that runs.
    /// </summary>
    public string? RealPath { get; init; }

    /// <summary>Why an unreachable path cannot be looked at.</summary>
    public Errno Error { get; init; }

    /// <summary>Which object it is; meaningless if nothing was found.</summary>
    public FileIdentity Identity { get; init; }

    /// <summary>
    /// Whether only the device is the same next time, since the filesystem numbers its files anew (proc(5)). Nobody can put a
    /// link or another file there.
    /// </summary>
    public bool IsRenumbered { get; init; }

    /// <summary>Whether it is a pipe or a socket without a name. Landlock restricts none, and takes no rule for one.</summary>
    public bool IsPipe { get; init; }

    /// <summary>Whether it is in the directory that each process has for itself.</summary>
    public bool IsOwn { get; init; }

    /// <summary>Why an unreachable path cannot be looked at, in words.</summary>
    public string WhyUnreachable => Error is Errno.EACCES or Errno.None
        ? $"a directory on the way may not be searched ({ErrnoText.Describe(Errno.EACCES)})"
        : ErrnoText.Describe(Error);

    /// <summary>Whether something was found.</summary>
    public bool Exists => Kind is PathKind.Directory or PathKind.File;
}
