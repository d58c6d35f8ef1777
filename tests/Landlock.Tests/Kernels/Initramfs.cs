using System.Text;
using Landlock.Linux;
using Landlock.Sandboxes.Needs;

namespace Landlock.Tests.Kernels;

/// <summary>The files of a small machine, in the archive format that the kernel unpacks at its start ("newc" of cpio(5)).</summary>
internal sealed class Initramfs : IDisposable
{
    private const int Folder = 0x41ED, Program = 0x81ED, Link = 0xA1FF;

    private readonly MemoryStream _archive = new();
    private readonly HashSet<string> _names = [];

    public Initramfs()
    {
        foreach (string name in (string[])["/dev", "/proc", "/sys", "/tmp", "/usr/bin", "/etc"]) AddDirectory(name);
        // As on the machine whose programs are copied.
        foreach (string name in (string[])["/bin", "/sbin", "/lib", "/lib64"])
            if (File.ResolveLinkTarget(name, returnFinalTarget: false) is { } target)
                AddLink(name, Path.GetRelativePath("/", target.FullName));
    }

    public void Dispose() => _archive.Dispose();

    /// <summary>Adds a file under a name of its own.</summary>
    public void Add(string name, ReadOnlySpan<byte> content)
    {
        AddDirectory(Path.GetDirectoryName(name)!);
        if (_names.Add(name)) Entry(name, Program, content);
    }

    /// <summary>Adds a program of this machine with all that it needs to start.</summary>
    public void AddProgram(string path, string? name = null)
    {
        foreach (ClosureEntry entry in ExecutableClosure.Find(path, new ClosureOptions()).Entries)
        {
            if (entry.Kind == ClosureKind.LoaderConfiguration) continue;
            Add(entry.RealPath == path && name is not null ? name : entry.RealPath, File.ReadAllBytes(entry.RealPath));
            // Found through a directory that is a link itself, or by a name that is one.
            string found = Path.Combine(PosixFile.RealPath(Path.GetDirectoryName(entry.FoundAs)!)!, Path.GetFileName(entry.FoundAs));
            if (found != entry.RealPath) AddLink(found, entry.RealPath);
        }
    }

    /// <summary>Adds a library of this machine.</summary>
    public void AddLibrary(string path)
    {
        string real = PosixFile.RealPath(path)!;
        Add(real, File.ReadAllBytes(real));
        string found = Path.Combine(PosixFile.RealPath(Path.GetDirectoryName(path)!)!, Path.GetFileName(path));
        if (found != real) AddLink(found, real);
    }

    /// <summary>Adds a symbolic link.</summary>
    public void AddLink(string name, string target)
    {
        AddDirectory(Path.GetDirectoryName(name)!);
        if (_names.Add(name)) Entry(name, Link, Encoding.UTF8.GetBytes(target));
    }

    /// <summary>Adds what is in a folder, all of it.</summary>
    /// <param name="folder">The folder here.</param>
    /// <param name="name">Its name there.</param>
    /// <param name="wanted">Which of its files are wanted, by their path in it.</param>
    public void AddFolder(string folder, string name, Func<string, bool> wanted)
    {
        foreach (string path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            string inside = Path.GetRelativePath(folder, path);
            if (wanted(inside)) Add($"{name}/{inside}", File.ReadAllBytes(path));
        }
    }

    /// <summary>Writes the archive.</summary>
    /// <returns>Its size in bytes.</returns>
    public long Write(string path)
    {
        Entry("/TRAILER!!!", 0, []);
        using FileStream file = File.Create(path);
        _archive.WriteTo(file);
        return _archive.Length;
    }

    private void AddDirectory(string name)
    {
        if (name.Length <= 1 || !_names.Add(name)) return;
        AddDirectory(Path.GetDirectoryName(name)!);
        Entry(name, Folder, []);
    }

    private void Entry(string name, int mode, ReadOnlySpan<byte> content)
    {
        byte[] text = Encoding.UTF8.GetBytes(name[1..] + '\0');
        int[] fields = [_names.Count, mode, 0, 0, 1, 0, content.Length, 0, 0, 0, 0, text.Length, 0];
        _archive.Write(Encoding.ASCII.GetBytes("070701" + string.Concat(fields.Select(field => $"{field:X8}"))));
        _archive.Write(text);
        Pad();
        _archive.Write(content);
        Pad();
    }

    private void Pad()
    {
        while (_archive.Length % 4 != 0) _archive.WriteByte(0);
    }
}
