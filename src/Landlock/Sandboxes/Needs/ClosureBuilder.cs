using System.Runtime.InteropServices;

namespace Landlock.Sandboxes.Needs;

/// <summary>Collects the parts of a closure, each file once with the strongest need for it.</summary>
internal sealed class ClosureBuilder
{
    private readonly List<ClosureEntry> _entries = [];
    private readonly Dictionary<string, int> _positions = new(StringComparer.Ordinal);
    private readonly List<MissingFile> _missing = [];
    private readonly List<ClosureWarning> _warnings = [];
    private readonly HashSet<object> _known = [];

    /// <summary>Every path that was looked at: while nothing about these changes, the closure is the same.</summary>
    internal HashSet<string> LookedAt { get; } = new(StringComparer.Ordinal);

    internal void Add(ClosureEntry entry)
    {
        ref int position = ref CollectionsMarshal.GetValueRefOrAddDefault(_positions, entry.RealPath, out bool exists);
        if (!exists)
        {
            position = _entries.Count;
            _entries.Add(entry);
        }
        else if (entry.Kind < _entries[position].Kind)
        {
            _entries[position] = entry;
        }
    }

    internal void Miss(string name, ClosureKind kind, string? requiredBy)
    {
        MissingFile missing = new(name, kind, requiredBy);
        if (_known.Add(missing)) _missing.Add(missing);
    }

    internal void Warn(ClosureWarningKind kind, string path, string message)
    {
        ClosureWarning warning = new(kind, path, message);
        if (_known.Add(warning)) _warnings.Add(warning);
    }

    internal Closure Build() => new(_entries, _missing, _warnings);
}
