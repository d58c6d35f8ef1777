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

    // O_NOFOLLOW and O_DIRECTORY differ between architectures.
    private static readonly int Plain =
        CloseOnExec | (RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x8000 | 0x4000 : 0x20000 | 0x10000);

    private readonly SafeFileHandle _handle;

    private DirectoryHandle(SafeFileHandle handle) => _handle = handle;

    /// <summary>The number of the user whom it belongs to; null if that cannot be seen.</summary>
    public uint? Owner => PosixFile.Owner(Path);

    private int Number => (int)_handle.DangerousGetHandle();

    private string Path => $"/proc/self/fd/{Number}";

    /// <summary>Opens a directory; a link to one is none. Its mode is changed first if it may not be read.</summary>
    /// <returns>Null if it cannot be opened.</returns>
    public static DirectoryHandle? Open(string path) => Open(AtFdCwd, PosixText.Terminated(path));

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

    /// <summary>Closes it.</summary>
    public void Dispose() => _handle.Dispose();

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

    [LibraryImport("libc")]
    private static partial int chmod(byte* path, uint mode);

    [LibraryImport("libc")]
    private static partial int renameat(int from, byte* old, int to, byte* name);

    [LibraryImport("libc")]
    private static partial int unlinkat(int directory, byte* path, int flags);
}
