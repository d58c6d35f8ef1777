using Landlock.Linux;

namespace Landlock.Tracing;

/// <summary>What the decoder asks about the thread that makes a system call. The thread stands still meanwhile.</summary>
internal interface ITracee
{
    /// <summary>A string in its memory that ends in NUL; null if there is none.</summary>
    string? Text(ulong address);

    /// <summary>Bytes of its memory; how many could be read.</summary>
    int Bytes(ulong address, Span<byte> buffer);

    /// <summary>The path that the kernel finds for a name: absolute, without symbolic links on the way.</summary>
    /// <param name="directory">Descriptor that a relative name starts from; -100 (AT_FDCWD) = the working directory.</param>
    /// <param name="name">The name.</param>
    /// <param name="follow">Whether a symbolic link at the end is followed.</param>
    string? Resolve(int directory, string name, bool follow);

    /// <summary>The path of an open descriptor; null if it has none, as pipes, sockets and memory files have.</summary>
    string? PathOf(int descriptor);

    /// <summary>What a resolved path is.</summary>
    EntryKind Kind(string path);

    /// <summary>Type and protocol of a socket; null if it is none, or they are hidden.</summary>
    (int Type, int Protocol)? Socket(int descriptor, out bool isHidden);

    /// <summary>The files that executing a file opens: the loader, and for a script its interpreters.</summary>
    IEnumerable<string> Interpreters(string path);

    /// <summary>The process that a descriptor (pidfd_open(2)) stands for; null if it stands for none.</summary>
    int? ProcessOf(int descriptor);

    /// <summary>" (name)" of a process; empty if it has none.</summary>
    string ProcessName(int process);

    /// <summary>Whether a process is traced, too.</summary>
    bool IsTraced(int process);

    /// <summary>The number of the pseudo-terminal whose multiplexer a descriptor is; null if it is none.</summary>
    int? TerminalOf(int descriptor);

    /// <summary>Whether a process is not traced, and the tracer may look into it.</summary>
    bool IsOutside(int process);

    /// <summary>
    /// The path, where a name leads to or through what a process outside keeps for those who may look into it (<see cref="IsOutside"/>).
    /// </summary>
    /// <param name="directory">Descriptor that a relative name starts from; -100 (AT_FDCWD) = the working directory.</param>
    /// <param name="name">The name.</param>
    string? LookedInto(int directory, string name);

    /// <summary>Whether a device at a path was opened during the trace.</summary>
    bool HasOpenedDevice(int descriptor, out string path);
}
