using System.Globalization;
using System.Text;
using Landlock.Linux;
using Landlock.Sandboxes.Needs;

namespace Landlock.Tracing;

/// <summary>
/// Finds paths as the kernel finds them for a traced thread. What directories are really called is remembered until a traced process moves
/// or links one.
/// </summary>
internal sealed class PathFinder
{
    private const int WorkingDirectory = -100, MostLinks = 40, MostDevices = 10_000;

    // Paths that never end must not fill the memory: what was remembered is found again.
    private const long MostCharacters = 4 << 20;

    private readonly Dictionary<string, string> _directories = new(StringComparer.Ordinal);
    private readonly Dictionary<string, EntryKind> _kinds = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string[]> _interpreters = new(StringComparer.Ordinal);
    private readonly HashSet<string> _devices = new(StringComparer.Ordinal);
    private long _characters;
    private readonly string _self = $"/proc/{Environment.ProcessId}";

    /// <summary>Whether the kinds of sockets could not be had.</summary>
    public bool HidesSockets { get; set; }

    /// <summary>What could not be had, as sentences.</summary>
    public IEnumerable<string> Hidden()
    {
        if (HidesSockets)
            yield return "pidfd_getfd(2) is refused here, by the kernel (before Linux 5.6) or a container's filter, so that it is not "
                + "known which sockets are TCP's and which UDP's: what connects and binds is taken for TCP, what sends for UDP";
    }

    /// <summary>Whether a device was opened.</summary>
    public bool HasOpenedDevices => _devices.Count > 0;

    /// <summary>The path of a thread's descriptor; null if it has none.</summary>
    public static string? PathOf(Tracee tracee, int descriptor)
    {
        string? path = ProcessFiles.ReadLink(string.Create(CultureInfo.InvariantCulture, $"/proc/{tracee.Thread}/fd/{descriptor}"));
        return path is null || !path.StartsWith('/') || path.StartsWith("/memfd:", StringComparison.Ordinal)
            || path.EndsWith(" (deleted)", StringComparison.Ordinal)
            ? null : path;
    }

    /// <summary>The path that a name leads to.</summary>
    public string? Resolve(Tracee tracee, int directory, string name, bool follow)
    {
        if (name.Length == 0) return null;
        string? absolute = Absolute(tracee, directory, name);
        for (int links = 0; absolute is not null && links < MostLinks; links++)
        {
            string trimmed = absolute.TrimEnd('/');
            int slash = trimmed.LastIndexOf('/');
            string last = trimmed[(slash + 1)..];
            if (last is "" or "." or "..") return Directory(tracee, trimmed.Length == 0 ? "/" : trimmed, out _);
            string parent = Directory(tracee, slash <= 0 ? "/" : trimmed[..slash], out bool exists);
            string path = Join(parent, last)!;
            if (!exists || !(follow || trimmed.Length < absolute.Length) || Kind(path) != EntryKind.SymbolicLink) return path;
            if (ProcessFiles.ReadLink(path) is not { } target) return path;
            // These say who asks.
            if (path is "/proc/self" or "/proc/thread-self") return Own(path, tracee);
            if (parent.StartsWith("/proc/", StringComparison.Ordinal) && !target.StartsWith('/')) return null;
            absolute = target.StartsWith('/') ? target : Join(parent, target);
        }

        return absolute;
    }

    /// <summary>A name as an absolute path, with whatever links are on its way.</summary>
    public static string? Absolute(Tracee tracee, int directory, string name) =>
        name.StartsWith('/') ? name : Join(Base(tracee, directory), name);

    /// <summary>What is at a path that was resolved.</summary>
    public EntryKind Kind(string path)
    {
        if (_kinds.TryGetValue(path, out EntryKind known)) return known;
        EntryKind kind = ProcessFiles.Kind(path);
        if (kind != EntryKind.Missing && !path.StartsWith("/proc/", StringComparison.Ordinal)) Remember(_kinds, path, kind);
        return kind;
    }

    /// <summary>Notes that a file was opened.</summary>
    public void Opened(string path)
    {
        if (path.StartsWith("/dev/", StringComparison.Ordinal) && _devices.Count < MostDevices
            && Kind(path) is EntryKind.CharacterDevice or EntryKind.BlockDevice)
        {
            _devices.Add(path);
        }
    }

    /// <summary>Whether a device was opened by this path.</summary>
    public bool IsOpenedDevice(string path) => _devices.Contains(path);

    /// <summary>Notes that an entry was made, removed or replaced.</summary>
    public void Changed(PendingCall call)
    {
        if (call.ChangesLookup)
        {
            _directories.Clear();
            _kinds.Clear();
        }

        if (call.Changed is { } path) _kinds.Remove(path);
        if (call.AlsoChanged is { } other) _kinds.Remove(other);
    }

    /// <summary>The loader of a program, or the interpreters of a script and the last one's loader.</summary>
    public IEnumerable<string> Interpreters(Tracee tracee, string path)
    {
        if (_interpreters.TryGetValue(path, out string[]? known)) return known;
        List<string> found = [];
        string current = path;
        for (int depth = 0; depth <= Shebang.MaxDepth; depth++)
        {
            string? next = InterpreterOf(current, out bool isScript);
            if (next is null || Resolve(tracee, WorkingDirectory, next, true) is not { } resolved) break;
            found.Add(resolved);
            if (!isScript) break;
            current = resolved;
        }

        return Remember<string[]>(_interpreters, path, [.. found]);
    }

    private static string? InterpreterOf(string path, out bool isScript)
    {
        isScript = false;
        using Microsoft.Win32.SafeHandles.SafeFileHandle? file = PosixFile.OpenRead(path);
        if (file is null) return null;
        Span<byte> start = stackalloc byte[Shebang.BufferSize];
        start = start[..RandomAccess.Read(file, start, 0)];
        if (Shebang.Parse(start) is { } line)
        {
            isScript = true;
            return line.Interpreter;
        }

        return start.StartsWith("\u007fELF"u8) ? ElfFile.Read(file).File?.Interpreter : null;
    }

    private static string? Base(Tracee tracee, int directory) => directory == WorkingDirectory
        ? ProcessFiles.ReadLink($"/proc/{tracee.Thread}/cwd")
        : PathOf(tracee, directory);

    private static string? Join(string? directory, string name) =>
        directory is null ? null : directory.EndsWith('/') ? directory + name : $"{directory}/{name}";

    // The real path of a directory; where it does not exist, that of what does, and the rest as it is written.
    private string Directory(Tracee tracee, string text, out bool exists)
    {
        exists = true;
        if (tracee.HasOwnRoot) return ProcessFiles.CanonicalIn($"/proc/{tracee.Thread}/root", text) ?? text;
        if (text.StartsWith("/proc/", StringComparison.Ordinal)) text = Own(text, tracee);
        if (Existing(tracee, text) is { } whole) return whole;
        exists = false;
        // From the root down. Only what exists is remembered: there is no end of names that do not.
        string place = "/";
        int start = 1;
        while (start < text.Length)
        {
            int end = text.IndexOf('/', start);
            if (end < 0 || Existing(tracee, text[..end]) is not { } next) break;
            (place, start) = (next, end + 1);
        }

        return Written(place, text, start);
    }

    private string? Existing(Tracee tracee, string text)
    {
        if (_directories.TryGetValue(text, out string? known)) return known;
        string? found = ProcessFiles.Canonical(text);
        if (found is null) return null;
        // A link such as /dev/fd leads to this process instead of the other one.
        if (found.StartsWith(_self, StringComparison.Ordinal) && (found.Length == _self.Length || found[_self.Length] == '/'))
            return $"/proc/{tracee.Process}{found[_self.Length..]}";
        return Remember(_directories, text, found);
    }

    // What follows a place that exists, by its words alone.
    private static string Written(string place, string text, int start)
    {
        StringBuilder path = new(place == "/" ? "" : place, place.Length + text.Length - start + 1);
        while (start < text.Length)
        {
            int slash = text.IndexOf('/', start), end = slash < 0 ? text.Length : slash;
            ReadOnlySpan<char> name = text.AsSpan(start, end - start);
            start = end + 1;
            if (name is "..")
            {
                while (path.Length > 0 && path[^1] != '/') path.Length--;
                if (path.Length > 0) path.Length--;
            }
            else if (name is not ("" or ".")) path.Append('/').Append(name);
        }

        return path.Length == 0 ? "/" : path.ToString();
    }

    private T Remember<T>(Dictionary<string, T> known, string path, T value)
    {
        _characters += path.Length;
        if (_characters > MostCharacters)
        {
            _directories.Clear();
            _kinds.Clear();
            _interpreters.Clear();
            _characters = path.Length;
        }

        return known[path] = value;
    }

    private static string Own(string path, Tracee tracee)
    {
        const string self = "/proc/self", thread = "/proc/thread-self";
        if (path == self || path.StartsWith(self + "/", StringComparison.Ordinal)) return $"/proc/{tracee.Process}{path[self.Length..]}";
        if (path == thread || path.StartsWith(thread + "/", StringComparison.Ordinal))
            return $"/proc/{tracee.Process}/task/{tracee.Thread}{path[thread.Length..]}";
        return path;
    }
}
