using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Landlock.Linux;

/// <summary>
/// An open directory, whose entries are reached by their names alone: whatever others do with links and renames
/// meanwhile, it stays the same one.
/// </summary>
internal sealed unsafe partial class DirectoryHandle : IDisposable
{
    private const int AtFdCwd = -100;
    private const int OwnerOnly = 0x1C0; // 0700
    private const int RemoveEmpty = 0x200; // AT_REMOVEDIR
    private const int PathOnly = 0x200000; // O_PATH
    private const int CloseOnExec = 0x80000; // O_RDONLY | O_CLOEXEC
    private const int NonBlocking = 0x800; // O_NONBLOCK
    private const int NewFile = 0x1 | 0x40 | 0x80; // O_WRONLY | O_CREAT | O_EXCL
    private const uint Permissions = 0xFFF;

    // O_NOFOLLOW and O_DIRECTORY differ between architectures.
    private static readonly int Plain =
        CloseOnExec | (RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x8000 | 0x4000 : 0x20000 | 0x10000);

    private static readonly int NoFollow = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x8000 : 0x20000;

    private readonly SafeFileHandle _handle;

    private DirectoryHandle(SafeFileHandle handle) => _handle = handle;

    /// <summary>What it is; the same as long as it is open, wherever it is moved.</summary>
    public FileIdentity Identity => PosixEntry.Look(Path + "/.", follow: true).Identity;

    /// <summary>The number of the user whom it belongs to; null if that cannot be seen.</summary>
    public uint? Owner => PosixFile.Owner(Path);

    private int Number => (int)_handle.DangerousGetHandle();

    private string Path => $"/proc/self/fd/{Number}";

    /// <summary>Opens a directory; a link to one is none. Its mode is changed first if it may not be read.</summary>
    /// <returns>Null if it cannot be opened.</returns>
    public static DirectoryHandle? Open(string path) => Open(AtFdCwd, PosixText.Terminated(path));

    /// <summary>Opens a directory as it is, links on the way to it followed; a link to one is none.</summary>
    /// <returns>Null if it cannot be opened, or may not be read.</returns>
    public static DirectoryHandle? OpenUnchanged(string path) => OpenUnchanged(AtFdCwd, path);

    /// <summary>Removes a path: whatever is no directory, or an empty directory; false if it cannot be removed.</summary>
    public static bool Remove(string path) => Remove(AtFdCwd, PosixText.Terminated(path));

    /// <summary>Opens a directory in it.</summary>
    public DirectoryHandle? OpenInside(string name) => Open(Number, PosixText.Terminated(name));

    /// <summary>The names in it; none if it cannot be read.</summary>
    public List<string> List()
    {
        try
        {
            return PosixDirectory.List(Path);
        }
        catch (KernelException)
        {
            return [];
        }
    }

    /// <summary>Removes an entry: whatever is no directory, or an empty directory; false if it cannot be removed.</summary>
    public bool RemoveInside(string name) => Remove(Number, PosixText.Terminated(name));

    /// <summary>Moves an entry into another directory; false if that cannot be done (renameat(2)).</summary>
    public bool MoveInside(string name, DirectoryHandle to, string newName)
    {
        fixed (byte* old = PosixText.Terminated(name), here = PosixText.Terminated(newName))
            return renameat(Number, old, to.Number, here) == 0;
    }

    /// <summary>Opens a directory in it as it is.</summary>
    public DirectoryHandle? EnterInside(string name) => OpenUnchanged(Number, name);

    /// <summary>What an entry is; links are not followed.</summary>
    public EntryStatus LookInside(string name) => PosixEntry.Look($"{Path}/{name}", follow: false);

    /// <summary>The text of a symbolic link in it; null if it is none.</summary>
    public string? ReadLinkInside(string name) => PosixEntry.ReadLink($"{Path}/{name}");

    /// <summary>The content of a regular file in it; null if it cannot be read, or has more bytes.</summary>
    public byte[]? ReadInside(string name, int limit)
    {
        fixed (byte* text = PosixText.Terminated(name))
        {
            // What has taken the place of a file since, a pipe for one, must not make anybody wait.
            using SafeFileHandle file = new(openat(Number, text, CloseOnExec | NoFollow | NonBlocking, 0), ownsHandle: true);
            return file.IsInvalid ? null : SmallFile.Read(file, limit);
        }
    }

    /// <summary>Makes a file in it that is not there yet; false if that cannot be done.</summary>
    public bool WriteInside(string name, byte[] content, ushort mode)
    {
        ArgumentNullException.ThrowIfNull(content);
        fixed (byte* text = PosixText.Terminated(name))
        {
            using SafeFileHandle file = new(openat(Number, text, CloseOnExec | NoFollow | NewFile, OwnerOnly), ownsHandle: true);
            if (file.IsInvalid) return false;
            try
            {
                RandomAccess.Write(file, content, 0);
                return fchmod((int)file.DangerousGetHandle(), (uint)mode & Permissions) == 0;
            }
            catch (IOException)
            {
                return false;
            }
        }
    }

    /// <summary>Makes a directory in it that is not there yet; false if that cannot be done.</summary>
    public bool MakeInside(string name) => MakeDirectory(name) == Errno.None;

    /// <summary>Makes a symbolic link in it that is not there yet; false if that cannot be done.</summary>
    public bool LinkInside(string name, string target) => MakeLink(name, target) == Errno.None;

    /// <summary>Sets its own permissions.</summary>
    public bool SetMode(ushort mode) => fchmod(Number, (uint)mode & Permissions) == 0;

    /// <summary>Closes it.</summary>
    public void Dispose() => _handle.Dispose();

    private static DirectoryHandle? OpenUnchanged(int parent, string name)
    {
        fixed (byte* text = PosixText.Terminated(name))
        {
            SafeFileHandle handle = new(openat(parent, text, Plain, 0), ownsHandle: true);
            if (!handle.IsInvalid) return new DirectoryHandle(handle);
            handle.Dispose();
            return null;
        }
    }

    private static DirectoryHandle? Open(int parent, byte[] name)
    {
        fixed (byte* text = name)
        {
            // The owner may change the mode of a directory that nobody may read. Where it is another user's, this
            // fails, and so will the rest.
            using (SafeFileHandle found = new(openat(parent, text, PathOnly | Plain, 0), ownsHandle: true))
            {
                if (!found.IsInvalid && CurrentUser.Id != 0)
                    fixed (byte* path = PosixText.Terminated($"/proc/self/fd/{(int)found.DangerousGetHandle()}"))
                        _ = chmod(path, OwnerOnly);
            }

            SafeFileHandle handle = new(openat(parent, text, Plain, 0), ownsHandle: true);
            return handle.IsInvalid ? null : new DirectoryHandle(handle);
        }
    }

    private static bool Remove(int parent, byte[] name)
    {
        fixed (byte* text = name) return unlinkat(parent, text, 0) == 0 || unlinkat(parent, text, RemoveEmpty) == 0;
    }

    // The libc declares a fourth, variadic argument; no mode is needed without O_CREAT.
    [LibraryImport("libc", SetLastError = true)]
    private static partial int openat(int directory, byte* path, int flags, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fchmod(int file, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int mkdirat(int directory, byte* name, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int symlinkat(byte* target, int directory, byte* name);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int chmod(byte* path, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int renameat(int from, byte* old, int to, byte* name);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int unlinkat(int directory, byte* path, int flags);
}
