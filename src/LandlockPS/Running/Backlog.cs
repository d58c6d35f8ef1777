namespace LandlockPS.Running;

/// <summary>
/// What has arrived from a sandboxed PowerShell and was not taken yet. Where that is much, nothing more is read of its output, so that it
/// waits as a program does whose pipe is full.
/// </summary>
internal sealed class Backlog
{
    private const int Most = 1000, Least = 200, Patience = 20;

    private readonly object _gate = new();
    private int _count;
    private bool _isOver;

    /// <summary>
    /// What the engine has read and not delivered: while the host is slow, its calls wait there. Null where that is not known.
    /// </summary>
    public Func<int>? Undelivered { get; set; }

    /// <summary>Waits until something more may arrive.</summary>
    public void Admit()
    {
        lock (_gate)
        {
            if (!Exceeds(Most - 1)) return;
            while (Exceeds(Least) && !_isOver) Monitor.Wait(_gate, Patience);
        }
    }

    /// <summary>Something has arrived.</summary>
    public void Added()
    {
        lock (_gate) _count++;
    }

    /// <summary>Something was taken.</summary>
    public void Taken()
    {
        lock (_gate)
            if (--_count == Least) Monitor.PulseAll(_gate);
    }

    /// <summary>From now on everything may arrive: what is to come is the end.</summary>
    public void Release()
    {
        lock (_gate)
        {
            _isOver = true;
            Monitor.PulseAll(_gate);
        }
    }

    private bool Exceeds(int limit) => _count > limit || Undelivered?.Invoke() > limit;
}
