using System.Text;
using Landlock.Kernel;
using Landlock.Launching.Closures;

namespace Landlock.Tests.Kernels;

/// <summary>The files of a small machine, in the archive format that the kernel unpacks at its start ("newc" of cpio(5)).</summary>
internal sealed class Initramfs
{
    private const int Directory = 0x41ED, Program = 0x81ED, Link = 0xA1FF;

    private readonly List<byte> _archive = [];
    private readonly HashSet<string> _names = [];

    public Initramfs()
    {
        foreach (string name in (string[])["/dev", "/proc", "/sys", "/tmp", "/usr/bin", "/etc"]) AddDirectory(name);
        // As on the machine whose programs are copied.
        foreach (string name in (string[])["/bin", "/sbin", "/lib", "/lib64"])
            if (File.ResolveLinkTarget(name, returnFinalTarget: false) is { } target) AddLink(name, Path.GetRelativePath("/", target.FullName));
    }

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

    /// <summary>Adds a symbolic link.</summary>
    public void AddLink(string name, string target)
    {
        AddDirectory(Path.GetDirectoryName(name)!);
        if (_names.Add(name)) Entry(name, Link, Encoding.UTF8.GetBytes(target));
    }

    /// <summary>The archive.</summary>
    public byte[] Build()
    {
        Entry("/TRAILER!!!", 0, []);
        return [.. _archive];
    }

    private void AddDirectory(string name)
    {
        if (name.Length <= 1 || !_names.Add(name)) return;
        AddDirectory(Path.GetDirectoryName(name)!);
        Entry(name, Directory, []);
    }

    private void Entry(string name, int mode, ReadOnlySpan<byte> content)
    {
        byte[] text = Encoding.UTF8.GetBytes(name[1..] + '\0');
        int[] fields = [_names.Count, mode, 0, 0, 1, 0, content.Length, 0, 0, 0, 0, text.Length, 0];
        _archive.AddRange(Encoding.ASCII.GetBytes("070701" + string.Concat(fields.Select(field => $"{field:X8}"))));
        _archive.AddRange(text);
        Pad();
        _archive.AddRange(content);
        Pad();
    }

    private void Pad()
    {
        while (_archive.Count % 4 != 0) _archive.Add(0);
    }
}
