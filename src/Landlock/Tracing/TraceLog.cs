using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Linux;

namespace Landlock.Tracing;

/// <summary>Counts accesses that are the same. Of different ones it keeps as many as fit, and counts the rest.</summary>
internal sealed class TraceLog
{
    /// <summary>
    /// Characters that paths may take, of what was denied and of everything else: whoever floods the one does not hide the other.
    /// </summary>
    internal const long MostCharacters = 16 << 20;

    // Of an access that is kept, besides its paths.
    private const int Overhead = 64;

    private readonly Dictionary<Key, Entry> _entries = [];

    // What each process was denied last; forgotten when it ends.
    private readonly Dictionary<int, Entry> _lastDenied = [];
    private long _number;
    private Kept _denied, _others;

    /// <summary>Notes one access.</summary>
    /// <returns>What was denied for the first time; null if it was not, or not denied.</returns>
    public AccessRecord? Add(in PendingAccess access, Errno error, string program, int process)
    {
        Key key = new(access.Operation, access.Path, access.Other, access.Access, access.Net, access.Scope, access.Port, error,
            access.MayCreate, access.IsOutside, program);
        bool isDenial = AccessRecord.IsDenial(access.Operation, error, access.Access);
        if (_entries.TryGetValue(key, out Entry? entry))
        {
            entry.Count++;
        }
        else
        {
            ref Kept kept = ref isDenial ? ref _denied : ref _others;
            int length = access.Path.Length + (access.Other?.Length ?? 0) + Overhead;
            if (kept.Characters + length > MostCharacters)
            {
                kept.LeftOut++;
                // Of what was denied last nothing is said then.
                if (isDenial) _lastDenied.Remove(process);
                return null;
            }

            kept.Characters += length;
            _entries[key] = entry = new Entry { Process = process, Order = _entries.Count };
        }

        entry.Last = ++_number;
        if (!isDenial) return null;
        _lastDenied[process] = entry;
        return entry.Count == 1 ? Record(key, entry) : null;
    }

    /// <summary>Notes that a process has ended.</summary>
    public void Ended(int process, bool failed)
    {
        if (_lastDenied.Remove(process, out Entry? entry) && failed) entry.BeforeFailure = true;
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _entries.Clear();
        _lastDenied.Clear();
        _denied = _others = default;
    }

    /// <summary>What was left out, as sentences.</summary>
    public IEnumerable<string> LeftOut()
    {
        if (_denied.LeftOut > 0)
            yield return $"{_denied.LeftOut} more denied accesses are not listed: the names of all would take too much memory";
        if (_others.LeftOut > 0)
            yield return $"{_others.LeftOut} more accesses that were not denied are not listed: the names of all would "
                + "take too much memory";
    }

    /// <summary>What was noted, in the order of the first time.</summary>
    public ImmutableArray<AccessRecord> ToRecords() =>
    [
        .. _entries.OrderBy(pair => pair.Value.Order).Select(pair => Record(pair.Key, pair.Value)),
    ];

    private static AccessRecord Record(in Key key, Entry entry) => new()
    {
        Operation = key.Operation,
        Path = key.Path,
        Other = key.Other,
        Access = key.Access,
        Net = key.Net,
        Scope = key.Scope,
        Port = key.Port,
        Error = key.Error,
        MayCreate = key.MayCreate,
        IsOutside = key.IsOutside,
        Program = key.Program,
        Count = entry.Count,
        Last = entry.Last,
        BeforeFailure = entry.BeforeFailure,
        ProcessId = entry.Process,
    };

    private readonly record struct Key(string Operation, string Path, string? Other, AccessFs Access, AccessNet Net, Scope Scope, int? Port,
        Errno Error, bool MayCreate, bool IsOutside, string Program);

    private struct Kept
    {
        public long Characters;
        public long LeftOut;
    }

    private sealed class Entry
    {
        public long Count { get; set; } = 1;

        public long Last { get; set; }

        public bool BeforeFailure { get; set; }

        public required int Process { get; init; }

        public required int Order { get; init; }
    }
}
