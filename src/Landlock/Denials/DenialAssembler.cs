using System.Collections.Immutable;

namespace Landlock.Denials;

/// <summary>
/// Puts the records of events together: a denial, the system call that it happened in, and the domain, which is described only once, at its
/// first denial. Records may come in any order, or not at all.
/// </summary>
internal sealed class DenialAssembler
{
    private const int MostPending = 256;
    private const int MostDomains = 100_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly SortedDictionary<(DateTimeOffset Time, ulong Serial), Event> _pending = [];
    private readonly Dictionary<string, Maker> _domains = new(StringComparer.Ordinal);

    /// <summary>Domains that have ended, until they are taken.</summary>
    public Queue<DomainEnd> Ended { get; } = [];

    /// <summary>Takes a record, and gives the denials that are complete by it.</summary>
    public IEnumerable<LandlockDenial> Add(AuditRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        (DateTimeOffset Time, ulong Serial) key = (record.Time, record.Serial);
        List<LandlockDenial> done = [];
        switch (record.Type)
        {
            case AuditRecord.Access when record.Raw("domain") is not null && record.Raw("blockers") is { Length: > 0 }:
                At(key).Denials.Add(record);
                break;
            case AuditRecord.Domain when record.Raw("domain") is { } domain:
                TakeDomain(record, domain, done);
                break;
            case AuditRecord.Syscall when _pending.TryGetValue(key, out Event? known):
                known.Call = record;
                break;
            case AuditRecord.EndOfEvent:
                Complete(key, done);
                break;
        }

        // Events of processes that were there before audit was enabled have no system call and no end.
        while (_pending.Count > 0 && _pending.First().Key is var oldest
            && (_pending.Count > MostPending || record.Time - oldest.Time > Patience))
        {
            Complete(oldest, done);
        }
        return done;
    }

    /// <summary>Gives the denials that wait for more records.</summary>
    public IEnumerable<LandlockDenial> Flush()
    {
        List<LandlockDenial> done = [];
        while (_pending.Count > 0) Complete(_pending.First().Key, done);
        return done;
    }

    /// <summary>Counts equal denials as one, in the order of the first of each.</summary>
    public static IEnumerable<LandlockDenial> Count(IEnumerable<LandlockDenial> denials)
    {
        ArgumentNullException.ThrowIfNull(denials);
        return denials.GroupBy(denial => denial.Key).Select(group => group.First() with { Count = group.Sum(denial => denial.Count) });
    }

    private Event At((DateTimeOffset Time, ulong Serial) key)
    {
        if (!_pending.TryGetValue(key, out Event? known)) _pending[key] = known = new Event();
        return known;
    }

    private void TakeDomain(AuditRecord record, string domain, List<LandlockDenial> done)
    {
        if (record.Raw("status") == "allocated")
        {
            if (_domains.Count < MostDomains) _domains.TryAdd(domain, new Maker(record.Text("comm")));
        }
        else if (record.Raw("status") == "deallocated")
        {
            // Its denials are all in front of this; they are to be counted first.
            done.AddRange(Flush());
            if (!_domains.Remove(domain, out Maker? maker) || record.Decimal("denials") is not { } total) return;
            Ended.Enqueue(new DomainEnd(record.Time, domain, maker.Name, total, total > maker.Seen ? total - maker.Seen : 0));
        }
    }

    private void Complete((DateTimeOffset Time, ulong Serial) key, List<LandlockDenial> done)
    {
        if (!_pending.Remove(key, out Event? complete)) return;
        foreach (AuditRecord denial in complete.Denials)
        {
            string domain = denial.Raw("domain")!;
            if (_domains.TryGetValue(domain, out Maker? maker)) maker.Seen++;
            done.Add(Make(denial, domain, maker, complete.Call));
        }
    }

    private static LandlockDenial Make(AuditRecord record, string domain, Maker? maker, AuditRecord? call)
    {
        ImmutableArray<string> blockers = [.. record.Raw("blockers")!.Split(',', StringSplitOptions.RemoveEmptyEntries)];
        string? path = record.Text("path");
        return new LandlockDenial
        {
            Time = record.Time,
            Domain = domain,
            Sandbox = maker?.Name,
            Blockers = blockers,
            ProcessId = (int?)call?.Decimal("pid"),
            Program = call?.Text("exe") ?? call?.Text("comm"),
            Path = path is ['\0', ..] ? "@" + path[1..] : path,
            Device = record.Raw("dev"),
            Inode = record.Decimal("ino"),
            Address = record.Raw("daddr") ?? record.Raw("saddr"),
            Port = (record.Decimal("dest") ?? record.Decimal("src")) is { } port and <= ushort.MaxValue ? (int)port : null,
            OtherProcessId = (int?)record.Decimal("opid"),
            OtherProgram = record.Text("ocomm"),
        };
    }

    private sealed class Event
    {
        public List<AuditRecord> Denials { get; } = [];

        public AuditRecord? Call { get; set; }
    }

    private sealed class Maker(string? name)
    {
        public string? Name { get; } = name;

        public ulong Seen { get; set; }
    }
}
