using Landlock.Linux;

namespace Landlock.Tracing;

/// <summary>One traced thread: who it is, and the call that it is in.</summary>
internal sealed class Tracee(int thread, PathFinder finder, Func<int, bool> isTraced) : ITracee
{
    private const int PageSize = 4096, PathMax = 4096;

    /// <summary>Its number.</summary>
    public int Thread { get; set; } = thread;

    /// <summary>The process that it belongs to.</summary>
    public int Process { get; set; } = thread;

    /// <summary>The program that its process runs.</summary>
    public string Program { get; set; } = "";

    /// <summary>Whether its process may have another root directory or other mounts.</summary>
    public bool HasOwnRoot { get; set; }

    /// <summary>Whether it is known who has made it.</summary>
    public bool HasParent { get; private set; }

    /// <summary>The call that it is in.</summary>
    public PendingCall? Pending { get; set; }

    /// <summary>Begins as its parent is; once only, since it may have changed meanwhile.</summary>
    public void InheritFrom(Tracee parent)
    {
        if (HasParent) return;
        HasParent = true;
        Program = parent.Program;
        HasOwnRoot |= parent.HasOwnRoot;
    }

    /// <inheritdoc/>
    public string? Text(ulong address)
    {
        if (address == 0) return null;
        Span<byte> buffer = stackalloc byte[PathMax];
        int length = 0;
        while (length < PathMax)
        {
            // A string may end just before a page that is not there.
            int chunk = (int)Math.Min((ulong)(PathMax - length), PageSize - ((address + (ulong)length) % PageSize));
            if (length == 0) chunk = Math.Min(chunk, 512);
            int read = Bytes(address + (ulong)length, buffer.Slice(length, chunk));
            if (read <= 0) return null;
            int end = buffer.Slice(length, read).IndexOf((byte)0);
            if (end >= 0) return PosixText.Decode(buffer[..(length + end)]);
            length += read;
        }

        return null;
    }

    /// <inheritdoc/>
    public int Bytes(ulong address, Span<byte> buffer) => Ptrace.Read(Thread, address, buffer);

    /// <inheritdoc/>
    public string? Resolve(int directory, string name, bool follow) => finder.Resolve(this, directory, name, follow);

    /// <inheritdoc/>
    public string? PathOf(int descriptor) => PathFinder.PathOf(this, descriptor);

    /// <inheritdoc/>
    public EntryKind Kind(string path) => finder.Kind(path);

    /// <inheritdoc/>
    public (int Type, int Protocol)? Socket(int descriptor, out bool isHidden)
    {
        (int, int)? socket = ProcessFiles.Socket(Process, descriptor, out isHidden);
        finder.HidesSockets |= isHidden;
        return socket;
    }

    /// <inheritdoc/>
    public IEnumerable<string> Interpreters(string path) => finder.Interpreters(this, path);

    /// <inheritdoc/>
    public int? ProcessOf(int descriptor) => ProcessFiles.Number($"/proc/{Process}/fdinfo/{descriptor}", "Pid:");

    /// <inheritdoc/>
    public int? TerminalOf(int descriptor) => ProcessFiles.Number($"/proc/{Process}/fdinfo/{descriptor}", "tty-index:");

    /// <inheritdoc/>
    public string ProcessName(int process) => ProcessFiles.Name(process) is { } name ? $" ({name})" : "";

    /// <inheritdoc/>
    public bool IsTraced(int process) => isTraced(process);

    /// <inheritdoc/>
    public bool IsOutside(int process) => !isTraced(process) && ProcessFiles.ReadLink($"/proc/{process}/exe") is not null;

    /// <inheritdoc/>
    public string? LookedInto(int directory, string name) =>
        PathFinder.Absolute(this, directory, name) is { } path && InsideFiles.ProcessOf(path) is { } process && IsOutside(process) ? path
            : null;

    /// <inheritdoc/>
    public bool HasOpenedDevice(int descriptor, out string path)
    {
        path = finder.HasOpenedDevices ? PathOf(descriptor) ?? "" : "";
        return path.Length > 0 && finder.IsOpenedDevice(path);
    }
}
