using Landlock.Kernel;

namespace Landlock.Tracing.Auditing;

/// <summary>Denials as they happen.</summary>
public sealed class DenialStream : IDisposable
{
    private readonly AuditSocket _socket;
    private readonly DenialAssembler _assembler = new();

    private DenialStream(AuditSocket socket) => _socket = socket;

    /// <summary>Domains that have ended, until they are taken.</summary>
    public Queue<DomainEnd> Ended => _assembler.Ended;

    /// <summary>How often the kernel dropped records since they were not read fast enough.</summary>
    public int Overflows { get; private set; }

    /// <summary>Begins to read along.</summary>
    /// <exception cref="DenialLogException">It is not permitted, or no log is written.</exception>
    public static DenialStream Open()
    {
        AuditSocket socket;
        try
        {
            socket = AuditSocket.Listen();
        }
        catch (KernelException e)
        {
            throw new DenialLogException(DenialLogProblem.NotPermitted, $"Denials cannot be read as they happen: {e.Message}. That takes the capability CAP_AUDIT_READ, which root has.");
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
    public IEnumerable<LandlockDenial> Next(int milliseconds)
    {
        string? text = _socket.Receive(milliseconds, out int type);
        if (_socket.Overflowed) Overflows++;
        // Nothing more came, so what there is of an event is all of it.
        if (text is null) return _assembler.Flush();
        return AuditRecord.Parse(type, text) is { } record ? _assembler.Add(record) : [];
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
