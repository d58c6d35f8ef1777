using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Landlock.Linux;

/// <summary>
/// Makes directories that belong to this user alone, one name after the other, so that no link that somebody planted is followed.
/// </summary>
internal static unsafe partial class PrivateDirectory
{
    private const uint OwnerOnly = 0x1C0; // 0700
    private const uint OwnerReadsAndWrites = 0x180; // 0600
    private const int NewFile = 0x1 | 0x40 | 0x80; // O_WRONLY | O_CREAT | O_EXCL
    private const int PathOnly = 0x200000; // O_PATH
    private const int CloseOnExec = 0x80000; // O_CLOEXEC
    private static readonly int NoFollow = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x8000 : 0x20000;

    /// <summary>Makes a directory, or takes one that is there and is this user's.</summary>
    /// <param name="parent">
    /// The absolute path of what it is in, which may be a link: where that is, is the user's choice. It is made if need be.
    /// </param>
    /// <param name="names">The names beneath.</param>
    /// <exception cref="KernelException">One cannot be made.</exception>
    /// <exception cref="IOException">Something else is there, or the parent cannot be made.</exception>
    public static FoundPath Make(string parent, params string[] names)
    {
        using SafeFileHandle place = Enter(parent, names, out string path);
        return PosixFile.Found(place, path) ?? throw new KernelException("statx", Syscalls.LastError, path);
    }

    /// <summary>Writes a new file for this user alone into such a directory.</summary>
    /// <param name="parent">What the directory is in.</param>
    /// <param name="folder">The name of the directory.</param>
    /// <param name="name">The name of the file.</param>
    /// <param name="content">What is in it.</param>
    /// <exception cref="KernelException">It cannot be written; nothing is left of it.</exception>
    /// <exception cref="IOException">Something else is there, or the parent cannot be made.</exception>
    public static FoundPath WriteNew(string parent, string folder, string name, byte[] content)
    {
        using SafeFileHandle place = Enter(parent, [folder], out string path);
        path = Path.Combine(path, name);
        int directory = (int)place.DangerousGetHandle();
        fixed (byte* text = PosixText.Terminated(name))
        {
            int descriptor = openat(directory, text, NewFile | NoFollow | CloseOnExec, OwnerReadsAndWrites);
            using SafeFileHandle file = new(descriptor, ownsHandle: true);
            if (file.IsInvalid) throw new KernelException("open", Syscalls.LastError, path);
            try
            {
                nint written;
                fixed (byte* bytes = content) written = Syscalls.Pwrite(descriptor, bytes, (nuint)content.Length, 0);
                // A limit or a full disk, which may as well cut it short.
                if (written != content.Length) throw new KernelException("write", written < 0 ? Syscalls.LastError : Errno.ENOSPC, path);
                return PosixFile.Found(file, path) ?? throw new KernelException("statx", Syscalls.LastError, path);
            }
            catch
            {
                _ = DirectoryHandle.Remove(path);
                throw;
            }
        }
    }

    private static SafeFileHandle Enter(string parent, string[] names, out string path)
    {
        if (PosixFile.OpenPath(parent, out Errno error) is not { } place)
        {
            _ = Directory.CreateDirectory(parent);
            place = PosixFile.OpenPath(parent, out error) ?? throw new KernelException("open", error, parent);
        }

        path = parent;
        try
        {
            foreach (string name in names)
            {
                path = Path.Combine(path, name);
                SafeFileHandle inner = Open(place, name, path);
                place.Dispose();
                place = inner;
            }

            return place;
        }
        catch
        {
            place.Dispose();
            throw;
        }
    }

    private static SafeFileHandle Open(SafeFileHandle parent, string name, string path)
    {
        int directory = (int)parent.DangerousGetHandle();
        fixed (byte* text = PosixText.Terminated(name))
        {
            int found = openat(directory, text, PathOnly | NoFollow | CloseOnExec, 0);
            if (found < 0)
            {
                if (mkdirat(directory, text, OwnerOnly) != 0 && Syscalls.LastError is not Errno.EEXIST and var error)
                    throw new KernelException("mkdir", error, path);
                found = openat(directory, text, PathOnly | NoFollow | CloseOnExec, 0);
            }

            SafeFileHandle opened = new(found, ownsHandle: true);
            if (opened.IsInvalid) throw new KernelException("open", Syscalls.LastError, path);
            if (PosixFile.IsOwnDirectory(opened)) return opened;
            opened.Dispose();
            throw new IOException($"'{PosixText.Printable(path)}' is no directory of this user's alone, but a symbolic link, or another "
                + "user's, or others may write to it. Remove it");
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int mkdirat(int directory, byte* name, uint mode);

    // The libc declares a fourth, variadic argument, which is passed as any other.
    [LibraryImport("libc", SetLastError = true)]
    private static partial int openat(int directory, byte* path, int flags, uint mode);
}
