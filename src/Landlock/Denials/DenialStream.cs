using Landlock.Linux;

namespace Landlock.Denials;

/// <summary>
/// Denials as they happen: from the kernel itself, or, where that is not permitted, from a log that is read again and again.
/// </summary>
internal sealed class DenialStream : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    // A log gets the records of an event one by one.
    private static readonly TimeSpan Settled = TimeSpan.FromMilliseconds(500);

    private readonly AuditSocket? _socket;
    private readonly Func<DateTimeOffset, DenialHistory>? _read;
    private readonly DenialAssembler _assembler = new();
    private readonly HashSet<string> _ended = [];
    private HashSet<LandlockDenial> _seen = [];
    // Records are stamped with whole milliseconds.
    private DateTimeOffset _since = DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
    private DateTimeOffset _next = DateTimeOffset.UtcNow;

    private DenialStream(AuditSocket socket) => _socket = socket;

    /// <summary>A stream that reads a log.</summary>
    internal DenialStream(Func<DateTimeOffset, DenialHistory> read)
    {
        _read = read;
        Log = read(_since).Source;
    }

    /// <summary>The log that is read; null where the kernel tells by itself.</summary>
    public string? Log { get; }

    /// <summary>Domains that have ended, until they are taken.</summary>
    public Queue<DomainEnd> Ended => _assembler.Ended;

    /// <summary>How often the kernel dropped records since they were not read fast enough.</summary>
    public int Overflows { get; private set; }

    /// <summary>Begins to read along.</summary>
    /// <exception cref="DenialLogException">It is not permitted, and no log may be read, or none is written.</exception>
    public static DenialStream Open()
    {
        AuditSocket socket;
        try
        {
            socket = AuditSocket.Listen();
        }
        catch (KernelException e)
        {
            try
            {
                return new DenialStream(since => DenialHistory.Read(since));
            }
            catch (DenialLogException log) when (log.Problem == DenialLogProblem.NotPermitted)
            {
                throw new DenialLogException(DenialLogProblem.NotPermitted, $"Denials cannot be read as they happen: {e.Message}. That "
                    + $"takes the capability CAP_AUDIT_READ, which root has. {log.Message}");
            }
        }

        try
        {
            DenialHistory.DemandEnabled();
            return new DenialStream(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Waits for denials.</summary>
    /// <param name="milliseconds">How long at most until something comes.</param>
    /// <returns>Those that are complete; empty if there were none in time.</returns>
    /// <exception cref="KernelException">Reading failed.</exception>
    /// <exception cref="DenialLogException">The log cannot be read any more.</exception>
    public IEnumerable<LandlockDenial> Next(int milliseconds)
    {
        if (_socket is null) return Poll(milliseconds);
        string? text = _socket.Receive(milliseconds, out int type);
        if (_socket.Overflowed) Overflows++;
        // Nothing more came, so what there is of an event is all of it.
        if (text is null) return _assembler.Flush();
        return AuditRecord.Parse(type, text) is { } record ? _assembler.Add(record) : [];
    }

    private LandlockDenial[] Poll(int milliseconds)
    {
        if (DateTimeOffset.UtcNow < _next)
        {
            Thread.Sleep(milliseconds);
            return [];
        }

        _next = DateTimeOffset.UtcNow + Period;
        DateTimeOffset settled = DateTimeOffset.UtcNow - Settled;
        DenialHistory history = _read!(_since);
        LandlockDenial[] all = [.. history.Denials.Where(denial => denial.Time <= settled)];
        foreach (DomainEnd end in history.Ended)
            if (_ended.Add(end.Domain)) Ended.Enqueue(end);
        LandlockDenial[] fresh = [.. all.Where(denial => !_seen.Contains(denial))];
        if (all.Length == 0) return fresh;
        _since = all[^1].Time;
        _seen = [.. all.Where(denial => denial.Time >= _since)];
        return fresh;
    }

    /// <inheritdoc/>
    public void Dispose() => _socket?.Dispose();
}
