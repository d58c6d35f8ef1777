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

    private readonly HashSet<Entry> _entries = new(Entry.SameAccess);

    // In the order of the first time.
    private readonly List<Entry> _ordered = [];

    // What each process was denied last; forgotten when it ends.
    private readonly Dictionary<int, Entry> _lastDenied = [];
    private long _number;
    private Kept _denied, _others;

    /// <summary>Notes one access.</summary>
    /// <returns>What was denied for the first time; null if it was not, or not denied.</returns>
    public AccessRecord? Add(in PendingAccess access, Errno error, string program, int process)
    {
        Entry entry = new(access, error, program, process);
        bool isDenial = AccessRecord.IsDenial(access.Operation, error, access.Access);
        if (_entries.TryGetValue(entry, out Entry? known))
        {
            entry = known;
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
            _entries.Add(entry);
            _ordered.Add(entry);
        }

        entry.Last = ++_number;
        if (!isDenial) return null;
        _lastDenied[process] = entry;
        return entry.Count == 1 ? entry.ToRecord() : null;
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
        _ordered.Clear();
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
    public IEnumerable<AccessRecord> Records() => _ordered.Select(entry => entry.ToRecord());

    private struct Kept
    {
        public long Characters;
        public long LeftOut;
    }

    // There may be very many: one object for each, and only what differs is compared.
    private sealed class Entry(in PendingAccess access, Errno error, string program, int process)
    {
        private readonly PendingAccess _access = access;
        private readonly Errno _error = error;
        private readonly string _program = program;

        public static IEqualityComparer<Entry> SameAccess { get; } = new Comparer();

        public long Count { get; set; } = 1;

        public long Last { get; set; }

        public bool BeforeFailure { get; set; }

        public AccessRecord ToRecord() => new()
        {
            Operation = _access.Operation,
            Path = _access.Path,
            Other = _access.Other,
            Access = _access.Access,
            Net = _access.Net,
            Scope = _access.Scope,
            Port = _access.Port,
            Error = _error,
            MayCreate = _access.MayCreate,
            IsOutside = _access.IsOutside,
            Program = _program,
            Count = Count,
            Last = Last,
            BeforeFailure = BeforeFailure,
            ProcessId = process,
        };

        private sealed class Comparer : IEqualityComparer<Entry>
        {
            public bool Equals(Entry? a, Entry? b) => a is not null && b is not null && a._error == b._error
                && a._access == b._access && a._program == b._program;

            public int GetHashCode(Entry entry) => HashCode.Combine(entry._access.Operation, entry._access.Path, entry._access.Other,
                entry._access.Access, entry._error, entry._program);
        }
    }
}
