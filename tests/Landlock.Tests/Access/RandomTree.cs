using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Landlock.Linux;
using Landlock.Tests.Cli;
using Microsoft.Win32.SafeHandles;

namespace Landlock.Tests.Access;

/// <summary>What the generator knows of an entry.</summary>
/// <param name="Path">A way to it; there may be others.</param>
/// <param name="Kind">
/// "dir", "reg", "exec", "fifo", "sock", "char", "block" or "sym"; "stream" or "datagram" for a socket that somebody listens on.
/// </param>
/// <param name="IsMount">Whether something is mounted there.</param>
internal sealed record TreeEntry(string Path, string Kind, bool IsMount);

/// <summary>
/// A small random tree with every kind of file, hard and symbolic links, and, for root, bind mounts of directories and files. To be used on
/// a thread of its own, whose mount namespace it leaves.
/// </summary>
internal sealed partial class RandomTree : IDisposable
{
    private const int NewNamespace = 0x20000; // CLONE_NEWNS
    private const ulong Bind = 0x1000, Recursive = 0x4000, Private = 0x40000;
    private static readonly string[] Names = ["a", "b", "c", "d", "e"];
    private readonly Random _random;
    private readonly List<string> _directories;
    private readonly List<string> _files = [];
    private readonly HashSet<string> _mounts = [];
    private readonly List<Socket> _listening = [];

    public RandomTree(Random random, string executable, Who owner)
    {
        _random = random;
        Root = Directory.CreateTempSubdirectory("landlock-tree-").FullName;
        Check(chmod(Root, 0x1FF));
        _directories = [Root];
        // Linked and not copied, since what was just written can be busy; and before the mount, since links do not cross mounts.
        for (int i = 0; i < 2; i++) _files.Add(Make(name => Check(link(executable, name))));
        HasMounts = geteuid() == 0 && unshare(NewNamespace) == 0 && mount(null, "/", null, Recursive | Private, null) == 0
            && mount(Root, Root, null, Bind, null) == 0;
        for (int i = 0; i < 9; i++) _directories.Add(Make(name => Check(mkdir(name, 0x1FF))));
        for (int i = 0; i < 8; i++) _files.Add(Make(name => File.WriteAllText(name, "text")));
        _files.Add(Make(name => Check(mknod(name, 0x1000 | 0x1FF, 0))));
        _files.Add(Make(name => Check(mknod(name, 0xC000 | 0x1FF, 0))));
        if (geteuid() == 0)
        {
            for (int i = 0; i < 2; i++) _files.Add(Make(name => Check(mknod(name, 0x2000 | 0x1FF, 0x103))));
            _files.Add(Make(name => Check(mknod(name, 0x6000 | 0x1FF, 0x763))));
        }

        // No other name of theirs, and nothing mounted over them: their names tell what they are.
        for (int i = 0; i < 4; i++) Make(name => Listen(name, i % 2 == 0 ? SocketType.Stream : SocketType.Dgram), i % 2 == 0 ? "s" : "g");
        for (int i = 0; i < 3; i++) _files.Add(Make(name => Check(link(Pick(_files), name))));
        for (int i = 0; i < 4; i++) Make(name => Check(symlink(Relative(name, Pick(_directories)), name)));
        for (int i = 0; i < 3; i++) Make(name => Check(symlink(Relative(name, Pick(_files)), name)));
        if (geteuid() == 0 && owner == Who.Ordinary)
        {
            using Process change = Process.Start("chown", ["-Rh", "65534:65534", Root]);
            change.WaitForExit();
            Assert.Equal(0, change.ExitCode);
        }

        if (HasMounts) MountSome();
        List(Root);
    }

    public string Root { get; }

    public bool HasMounts { get; }

    /// <summary>Every entry, also by ways through symbolic links and mounts.</summary>
    public List<TreeEntry> Entries { get; } = [];

    public IEnumerable<TreeEntry> Of(params string[] kinds) => Entries.Where(entry => kinds.Contains(entry.Kind));

    public void Dispose()
    {
        foreach (Socket socket in _listening) socket.Dispose();
        if (HasMounts) Check(umount2(Root, 2));
        Directory.Delete(Root, recursive: true);
    }

    public T Pick<T>(IReadOnlyList<T> list) => list[_random.Next(list.Count)];

    private string Make(Action<string> make, string? named = null)
    {
        string directory = Pick(_directories);
        for (int depth = directory.Split('/').Length - Root.Split('/').Length; depth > 3;) (directory, depth) = (Root, 0);
        string name;
        do name = $"{directory}/{named ?? Pick(Names)}{_random.Next(100)}";
        while (Path.Exists(name));
        make(name);
        return name;
    }

    private void Listen(string path, SocketType type)
    {
        Socket socket = new(AddressFamily.Unix, type, ProtocolType.Unspecified);
        _listening.Add(socket);
        // By a short name, since an address has room for little.
        using SafeFileHandle folder = PosixFile.OpenPath(Path.GetDirectoryName(path)!, out _)!;
        socket.Bind(new UnixDomainSocketEndPoint($"/proc/self/fd/{folder.DangerousGetHandle()}/{Path.GetFileName(path)}"));
        if (type == SocketType.Stream) socket.Listen(100);
    }

    private string Relative(string from, string to) => _random.Next(2) == 0 ? to : Path.GetRelativePath(Path.GetDirectoryName(from)!, to);

    private void MountSome()
    {
        for (int i = 0; i < 3; i++)
        {
            bool file = i == 2;
            string source = Pick(file ? _files : _directories), target = Pick(file ? _files : _directories);
            if (target == Root || source == target || (source + "/").StartsWith(target + "/", StringComparison.Ordinal)) continue;
            if (mount(source, target, null, Bind, null) == 0) _mounts.Add(target);
        }
    }

    private void List(string directory, int depth = 0)
    {
        string[] found = Directory.GetFileSystemEntries(directory);
        foreach (string path in found)
        {
            ushort mode = PosixEntry.Look(path, follow: false).Mode;
            string kind = (mode & 0xF000) switch
            {
                0x4000 => "dir",
                0x8000 => (mode & 0x49) != 0 && new FileInfo(path).Length > 100 ? "exec" : "reg",
                0x1000 => "fifo",
                0xC000 => Path.GetFileName(path)[0] switch { 's' => "stream", 'g' => "datagram", _ => "sock" },
                0x2000 => "char",
                0x6000 => "block",
                _ => "sym",
            };
            Entries.Add(new TreeEntry(path, kind, _mounts.Contains(path)));
            // Links may lead in circles, mounts deep down, and a link that is seen through a mount out of the tree.
            bool enters = kind == "dir" || (kind == "sym" && Directory.Exists(path)
                && ($"{PosixFile.RealPath(path)}/").StartsWith(Root + "/", StringComparison.Ordinal));
            if (enters && depth < 5 && Entries.Count < 150) List(path, depth + 1);
        }
    }

    private static void Check(int value) => Assert.True(value == 0, $"errno {Marshal.GetLastPInvokeError()}");

    [LibraryImport("libc", SetLastError = true)] private static partial uint geteuid();

    [LibraryImport("libc", SetLastError = true)] private static partial int unshare(int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mount(string? source, string target, string? type, ulong flags, string? data);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int umount2(string target, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int chmod(string path, uint mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mkdir(string path, uint mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mknod(string path, uint mode, ulong device);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int link(string source, string target);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int symlink(string source, string target);
}
