using System.Runtime.InteropServices;

namespace Landlock.Linux;

/// <summary>
/// Lists directories whose entries have any byte strings as names; the file APIs of .NET mangle names that are not UTF-8.
/// </summary>
internal static unsafe partial class PosixDirectory
{
    private const int NameOffset = 19; // offsetof(struct dirent, d_name) on every 64-bit Linux, glibc and musl alike

    private const byte UnknownKind = 0; // DT_UNKNOWN of d_type, the byte before the name
    private const byte DirectoryKind = 4; // DT_DIR

    /// <summary>The names in a directory, without "." and "..", in no order (readdir(3)).</summary>
    /// <exception cref="KernelException">The directory cannot be read, or not to its end.</exception>
    internal static List<string> List(string path) => List(path, static (name, _) => name);

    /// <summary>Likewise, with whether it is a directory; null where the filesystem does not say.</summary>
    /// <exception cref="KernelException">The directory cannot be read, or not to its end.</exception>
    internal static List<(string Name, bool? IsDirectory)> ListKinds(string path) =>
        List<(string, bool?)>(path, static (name, kind) => (name, kind == UnknownKind ? null : kind == DirectoryKind));

    private static List<T> List<T>(string path, Func<string, byte, T> entry)
    {
        nint directory;
        fixed (byte* bytes = PosixText.Terminated(path)) directory = opendir(bytes);
        if (directory == 0) throw new KernelException("opendir", Syscalls.LastError, path);
        try
        {
            List<T> entries = [];
            while (true)
            {
                // The end and a failure both are NULL; only a failure sets errno, which is cleared before the call.
                byte* read = readdir(directory);
                if (read is null)
                {
                    Errno error = Syscalls.LastError;
                    return error == Errno.None ? entries : throw new KernelException("readdir", error, path);
                }

                string found = PosixText.Decode(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(read + NameOffset));
                if (found is not ("." or "..")) entries.Add(entry(found, read[NameOffset - 1]));
            }
        }
        finally
        {
            _ = closedir(directory);
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint opendir(byte* path);

    [LibraryImport("libc", SetLastError = true)]
    private static partial byte* readdir(nint directory);

    [LibraryImport("libc")]
    private static partial int closedir(nint directory);
}
