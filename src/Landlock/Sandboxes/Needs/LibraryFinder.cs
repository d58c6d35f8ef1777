using Landlock.Linux;
using Microsoft.Win32.SafeHandles;

namespace Landlock.Sandboxes.Needs;

/// <summary>
/// Finds the file of a needed library in the places and the order of ld.so(8) (glibc) or of musl's ldso/dynlink.c. Files that only some
/// processors would choose are given too, and do not end the search.
/// </summary>
internal sealed class LibraryFinder
{
    /// <summary>Far more look-ups than any real program causes.</summary>
    private const int MaxProbes = 100_000;

    private readonly ClosureOptions _options;
    private readonly LoadedObject _program;
    private readonly ElfPlatform _platform;
    private readonly SearchDirectories _directories;
    private readonly Dictionary<string, FoundLibrary?> _probed = new(StringComparer.Ordinal);
    private readonly List<List<SearchDirectory>> _libraryPath = [];
    private readonly HashSet<string> _lookedAt;
    private readonly string? _loader;
    private readonly string? _muslPath;
    private List<List<SearchDirectory>>? _defaults;
    private LdSoCache? _cache;

    /// <param name="options">The environment.</param>
    /// <param name="program">The program, as the object at the start of everything.</param>
    /// <param name="loader">The real path of its loader, or null when it has none.</param>
    /// <param name="musl">Whether the loader is the one of musl.</param>
    /// <param name="muslPath">The library path in its configuration, or null for the built-in one.</param>
    /// <param name="lookedAt">Takes every path that is looked at.</param>
    internal LibraryFinder(ClosureOptions options, LoadedObject program, string? loader, bool musl, string? muslPath,
        HashSet<string> lookedAt)
    {
        _options = options;
        _program = program;
        _loader = loader;
        IsMusl = musl;
        _muslPath = muslPath;
        _platform = ElfPlatform.Of(program.Elf);
        _lookedAt = lookedAt;
        _directories = new SearchDirectories(options, _platform, musl, lookedAt);
        if (!string.IsNullOrEmpty(options.LibraryPath))
            _libraryPath = _directories.Split(options.LibraryPath, musl ? ":\n" : ":;", program.Origin);
    }

    internal bool IsMusl { get; }

    internal bool IsExhausted => _probed.Count >= MaxProbes || _directories.IsExhausted;

    /// <summary>Adds every file that may be loaded for <paramref name="name"/> to <paramref name="found"/>.</summary>
    internal void Find(string name, LoadedObject requirer, List<FoundLibrary> found)
    {
        if (name.Contains('/', StringComparison.Ordinal))
        {
            foreach (string path in DynamicTokens.Expand(name, requirer.Origin, _platform)) Probe(_options.Absolute(path), found);
        }
        else if (IsMusl)
        {
            FindMusl(name, requirer, found);
        }
        else
        {
            FindGlibc(name, requirer, found);
        }
    }

    private void FindGlibc(string name, LoadedObject requirer, List<FoundLibrary> found)
    {
        if (requirer.Elf.RunPath is null)
        {
            bool passedProgram = false;
            for (LoadedObject? loaded = requirer; loaded is not null; loaded = loaded.Parent)
            {
                if (Search(loaded.RPath(_directories), name, found)) return;
                passedProgram |= loaded == _program;
            }

            if (!passedProgram && Search(_program.RPath(_directories), name, found)) return;
        }

        if (Search(_libraryPath, name, found) || Search(requirer.RunPath(_directories), name, found)) return;
        if (SearchCache(name, requirer, found) || requirer.Elf.NoDefaultLibraries) return;
        Search(_defaults ??= Existing(_directories.Defaults(_loader)), name, found);
    }

    private void FindMusl(string name, LoadedObject requirer, List<FoundLibrary> found)
    {
        if (Search(_libraryPath, name, found)) return;
        for (LoadedObject? loaded = requirer; loaded is not null; loaded = loaded.Parent)
        {
            if (Search(loaded.Elf.RunPath is null ? loaded.RPath(_directories) : loaded.RunPath(_directories), name, found)) return;
        }

        Search(_defaults ??= _directories.Split(_muslPath ?? "/lib:/usr/local/lib:/usr/lib", ":\n", "/"), name, found);
    }

    private bool SearchCache(string name, LoadedObject requirer, List<FoundLibrary> found)
    {
        _cache ??= LdSoCache.Read(_options.CacheFile);
        foreach (LdSoCacheEntry entry in _cache.Find(name))
        {
            if (_platform.CacheFlags.Length > 0 && !_platform.CacheFlags.Contains(entry.Flags)) continue;
            if (requirer.Elf.NoDefaultLibraries && IsDefault(entry.Path)) continue;
            if (Probe(_options.Absolute(entry.Path), found) && entry.HwCaps == 0) return true;
        }

        return false;
    }

    private bool IsDefault(string path)
    {
        foreach (string directory in _directories.Defaults(_loader))
        {
            if (path.Length > directory.Length && path.StartsWith(directory, StringComparison.Ordinal) && path[directory.Length] == '/')
                return true;
        }

        return false;
    }

    private bool Search(List<List<SearchDirectory>> groups, string name, List<FoundLibrary> found)
    {
        foreach (List<SearchDirectory> group in groups)
        {
            if (IsExhausted) return false;
            bool certain = false;
            foreach (SearchDirectory directory in group)
            {
                foreach (string better in directory.Better) Probe(better + name, found);
                certain |= Probe(directory.Prefix + name, found);
            }

            if (certain) return true;
        }

        return false;
    }

    private List<List<SearchDirectory>> Existing(IEnumerable<string> paths)
    {
        List<List<SearchDirectory>> groups = [];
        foreach (string path in paths)
        {
            if (_directories.Find(path) is { } directory) groups.Add([directory]);
        }

        return groups;
    }

    private bool Probe(string path, List<FoundLibrary> found)
    {
        if (!_probed.TryGetValue(path, out FoundLibrary? library))
        {
            if (IsExhausted) return false;
            _lookedAt.Add(path);
            library = Open(path, _program.Elf);
            _probed.Add(path, library);
        }

        if (library is not null) found.Add(library);
        return library is not null;
    }

    /// <summary>The library at a path, or null when there is none that ld.so would load into the process of the program.</summary>
    private static FoundLibrary? Open(string path, ElfFile program)
    {
        if (PosixFile.Stat(path) is not { IsRegular: true } status) return null;
        using SafeFileHandle? file = PosixFile.OpenRead(path);
        if (file is null || ElfFile.Read(file).File is not { Type: ElfFile.TypeShared } elf || !elf.IsCompatibleWith(program)) return null;
        return new FoundLibrary(path, elf, (status.Device, status.Inode));
    }
}
