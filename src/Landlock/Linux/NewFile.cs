using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Landlock.Linux;

/// <summary>
/// A file that appears at its path as a whole, or not at all: it is written beside it, and takes the name when it is finished.
/// </summary>
internal sealed unsafe partial class NewFile : IDisposable
{
    private const int NewFlags = 0x1 | 0x40 | 0x80 | 0x80000; // O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC
    private const uint OwnerOnly = 0x180; // 0600

    private readonly string _path;
    private readonly string _draft;
    private readonly SafeFileHandle _file;
    private bool _isFinished;

    private NewFile(string path, string draft, SafeFileHandle file, FoundPath found)
    {
        _path = path;
        _draft = draft;
        _file = file;
        Found = found;
    }

    /// <summary>The object that will be at the path.</summary>
    public FoundPath Found { get; }

    /// <summary>Begins a file.</summary>
    /// <param name="path">Its absolute path, without links on the way.</param>
    /// <exception cref="KernelException">It cannot be made.</exception>
    public static NewFile Begin(string path)
    {
        string draft = $"{path}.{Guid.NewGuid().ToString("N")[..8]}";
        int descriptor;
        fixed (byte* name = PosixText.Terminated(draft)) descriptor = open(name, NewFlags, OwnerOnly);
        if (descriptor < 0) throw new KernelException("open", Syscalls.LastError, path);
        SafeFileHandle file = new(descriptor, ownsHandle: true);
        FoundPath found = PosixFile.Found(file, draft) ?? throw new KernelException("statx", Syscalls.LastError, path);
        return new NewFile(path, draft, file, found with { Path = path, RealPath = path });
    }

    /// <summary>Writes it, and puts it at its path, in the place of what is there.</summary>
    /// <param name="content">What is in it.</param>
    /// <param name="mode">Its permissions.</param>
    /// <exception cref="KernelException">It cannot be written; what was there is as it was.</exception>
    public void Finish(ReadOnlySpan<byte> content, uint mode)
    {
        int descriptor = (int)_file.DangerousGetHandle();
        for (int done = 0; done < content.Length;)
        {
            nint written;
            fixed (byte* bytes = content[done..]) written = Syscalls.Pwrite(descriptor, bytes, (nuint)(content.Length - done), done);
            Errno error = Syscalls.LastError;
            if (written < 0 && error == Errno.EINTR) continue;
            if (written <= 0) throw new KernelException("write", written < 0 ? error : Errno.ENOSPC, _path);
            done += (int)written;
        }

        if (fchmod(descriptor, mode) != 0) throw new KernelException("fchmod", Syscalls.LastError, _path);
        // A file that is still open for writing cannot be executed.
        _file.Dispose();
        fixed (byte* from = PosixText.Terminated(_draft), to = PosixText.Terminated(_path))
            if (rename(from, to) != 0) throw new KernelException("rename", Syscalls.LastError, _path);
        _isFinished = true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file.Dispose();
        if (!_isFinished) _ = DirectoryHandle.Remove(_draft);
    }

    // The libc declares a third, variadic argument, which is passed as any other.
    [LibraryImport("libc", SetLastError = true)]
    private static partial int open(byte* path, int flags, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fchmod(int fd, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int rename(byte* from, byte* to);
}
