using System.Text;
using Landlock.Linux;

namespace Landlock.Sandboxes.Needs;

/// <summary>
/// Finds what the loader of a dynamic ELF program loads with it, the way ld.so(8) does, by reading files only. Files that are not ELF files
/// of the program's architecture are never among the results, whatever names a program asks for.
/// </summary>
internal static class LibraryResolver
{
    /// <summary>
    /// Finds the loader, its configuration, the preloaded libraries and, transitively, all needed libraries of a program.
    /// </summary>
    /// <param name="program">The real path of the program.</param>
    /// <param name="elf">The program.</param>
    /// <param name="options">The environment in which it starts.</param>
    public static Closure Resolve(string program, ElfFile elf, ClosureOptions options)
    {
        ArgumentNullException.ThrowIfNull(program);
        ArgumentNullException.ThrowIfNull(elf);
        ArgumentNullException.ThrowIfNull(options);
        ClosureBuilder closure = new();
        Resolve(program, elf, options, closure);
        return closure.Build();
    }

    internal static void Resolve(string program, ElfFile elf, ClosureOptions options, ClosureBuilder closure)
    {
        if (elf.Interpreter is null) return;
        string loaderPath = options.Absolute(elf.Interpreter);
        closure.LookedAt.Add(loaderPath);
        ElfFile? loader = null;
        string? realLoader = PosixFile.RealPath(loaderPath);
        if (realLoader is not null) loader = ElfFile.Read(realLoader).File;
        if (realLoader is null || loader is null || !loader.IsCompatibleWith(elf) || !PosixFile.CanExecute(realLoader))
        {
            closure.Miss(elf.Interpreter, ClosureKind.Loader, program);
            return;
        }

        closure.Add(new ClosureEntry(realLoader, loaderPath, ClosureKind.Loader, program));
        if (!elf.IsDynamic) return;

        bool musl = IsMusl(loaderPath) || IsMusl(realLoader);
        string? muslPath = musl ? MuslPath(loaderPath, realLoader, closure) : null;
        closure.LookedAt.Add(options.CacheFile);
        closure.LookedAt.Add(options.PreloadFile);
        if (!musl && PosixFile.Stat(options.CacheFile) is { IsRegular: true }) AddConfiguration(options.CacheFile, realLoader, closure);
        LoadedObject start = new(program, Directory(program), elf, null);
        Walk walk = new(closure, new LibraryFinder(options, start, realLoader, musl, muslPath, closure.LookedAt));
        walk.Know(realLoader, loaderPath, loader);
        walk.Preload(options.Preload ?? "", start);
        if (!musl && SmallFile.Read(options.PreloadFile, 1 << 20) is { } list)
        {
            AddConfiguration(options.PreloadFile, realLoader, closure);
            walk.Preload(WithoutComments(PosixText.Decode(list)), start);
        }

        walk.Run(start);
    }

    private static void AddConfiguration(string path, string loader, ClosureBuilder closure)
    {
        if (PosixFile.RealPath(path) is { } real) closure.Add(new ClosureEntry(real, path, ClosureKind.LoaderConfiguration, loader));
    }

    private static bool IsMusl(string path) => path.AsSpan(path.LastIndexOf('/') + 1).StartsWith("ld-musl-", StringComparison.Ordinal);

    /// <summary>
    /// The path in PREFIX/etc/ld-musl-ARCH.path of the loader PREFIX/lib/ld-musl-ARCH.so.1 (musl, ldso/dynlink.c, load_library).
    /// </summary>
    private static string? MuslPath(string loaderPath, string realLoader, ClosureBuilder closure)
    {
        string library = Directory(loaderPath);
        string name = loaderPath[(loaderPath.LastIndexOf('/') + 1)..];
        int dot = name.IndexOf('.', StringComparison.Ordinal);
        string prefix = library[..Math.Max(library.LastIndexOf('/'), 0)];
        string path = prefix + "/etc/" + (dot < 0 ? name : name[..dot]) + ".path";
        closure.LookedAt.Add(path);
        if (SmallFile.Read(path, 1 << 20) is not { } bytes) return null;
        AddConfiguration(path, realLoader, closure);
        return PosixText.Decode(bytes).TrimEnd('\n');
    }

    private static string WithoutComments(string list)
    {
        if (!list.Contains('#', StringComparison.Ordinal)) return list;
        StringBuilder names = new(list.Length);
        bool comment = false;
        foreach (char c in list)
        {
            comment = c != '\n' && (comment || c == '#');
            if (!comment) names.Append(c);
        }

        return names.ToString();
    }

    private static string Directory(string path) => path[..Math.Max(path.LastIndexOf('/'), path.StartsWith('/') ? 1 : 0)];

    /// <summary>Goes through the libraries of one program, breadth first like ld.so.</summary>
    private sealed class Walk(ClosureBuilder closure, LibraryFinder finder)
    {
        /// <summary>Names that musl's loader is itself (ldso/dynlink.c, load_library).</summary>
        private static readonly string[] s_muslNames = ["libc.", "libpthread.", "librt.", "libm.", "libdl.", "libutil.", "libxnet."];

        private readonly Queue<LoadedObject> _queue = new();
        private readonly List<LoadedObject> _preloaded = [];
        private readonly HashSet<(ulong Device, ulong Inode)> _files = [];
        private readonly HashSet<string> _names = new(StringComparer.Ordinal);
        private readonly List<FoundLibrary> _found = [];

        internal void Know(string realLoader, string loaderPath, ElfFile loader)
        {
            if (PosixFile.Stat(realLoader) is { } status) _files.Add((status.Device, status.Inode));
            _names.Add(loaderPath);
            if (loader.SharedName is not null) _names.Add(loader.SharedName);
        }

        internal void Preload(string list, LoadedObject program)
        {
            foreach (string name in list.Split([':', ' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries))
            {
                Need(name, program, ClosureKind.Preload, null, _preloaded.Add);
            }
        }

        internal void Run(LoadedObject program)
        {
            _queue.Enqueue(program);
            foreach (LoadedObject preloaded in _preloaded) _queue.Enqueue(preloaded);
            while (_queue.TryDequeue(out LoadedObject? next))
            {
                foreach (string name in next.Elf.Needed) Need(name, next, ClosureKind.Library, next.RealPath, _queue.Enqueue);
                if (!finder.IsExhausted) continue;
                string message =
                    $"The search for the libraries of {PosixText.Printable(program.RealPath)} takes too long and was given up.";
                closure.Warn(ClosureWarningKind.SearchCutShort, program.RealPath, message);
                return;
            }
        }

        private void Need(string name, LoadedObject requirer, ClosureKind kind, string? requiredBy, Action<LoadedObject> load)
        {
            if (name.Length == 0 || finder.IsExhausted || _names.Contains(name) || IsBuiltIn(name)) return;
            _found.Clear();
            finder.Find(name, requirer, _found);
            if (_found.Count == 0)
            {
                closure.Miss(name, kind, requiredBy);
                return;
            }

            _names.Add(name);
            foreach (FoundLibrary library in _found)
            {
                _names.Add(library.FoundAs);
                if (library.Elf.SharedName is not null) _names.Add(library.Elf.SharedName);
                if (!_files.Add(library.Identity) || PosixFile.RealPath(library.FoundAs) is not { } real) continue;
                closure.Add(new ClosureEntry(real, library.FoundAs, kind, requiredBy));
                load(new LoadedObject(real, Directory(library.FoundAs), library.Elf, requirer));
            }
        }

        /// <summary>Whether a name stands for what is in memory anyway: the vDSO (vdso(7)), and musl's own library.</summary>
        private bool IsBuiltIn(string name)
        {
            if (name.StartsWith("linux-vdso", StringComparison.Ordinal) || name.StartsWith("linux-gate.so", StringComparison.Ordinal))
                return true;
            if (!finder.IsMusl) return false;
            foreach (string own in s_muslNames)
            {
                if (name.StartsWith(own, StringComparison.Ordinal)) return true;
            }

            return false;
        }
    }
}
