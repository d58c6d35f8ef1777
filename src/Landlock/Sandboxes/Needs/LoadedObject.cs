namespace Landlock.Sandboxes.Needs;

/// <summary>A program or library in the order in which ld.so loads them.</summary>
internal sealed class LoadedObject(string realPath, string origin, ElfFile elf, LoadedObject? parent)
{
    private List<List<SearchDirectory>>? _rpath;
    private List<List<SearchDirectory>>? _runPath;

    internal string RealPath { get; } = realPath;

    /// <summary>What $ORIGIN stands for: the directory of the file as it was found; of the program, by its real path (ld.so(8)).</summary>
    internal string Origin { get; } = origin;

    internal ElfFile Elf { get; } = elf;

    /// <summary>The object that needed this one first.</summary>
    internal LoadedObject? Parent { get; } = parent;

    /// <summary>The directories of DT_RPATH, which counts only without DT_RUNPATH.</summary>
    internal List<List<SearchDirectory>> RPath(SearchDirectories directories) =>
        _rpath ??= Elf.RPath is { Length: > 0 } path && Elf.RunPath is null ? directories.Split(path, ":", Origin) : [];

    /// <summary>The directories of DT_RUNPATH.</summary>
    internal List<List<SearchDirectory>> RunPath(SearchDirectories directories) =>
        _runPath ??= Elf.RunPath is { Length: > 0 } path ? directories.Split(path, ":", Origin) : [];
}

/// <summary>A library file that was found and fits.</summary>
internal sealed record FoundLibrary(string FoundAs, ElfFile Elf, (ulong Device, ulong Inode) Identity);
