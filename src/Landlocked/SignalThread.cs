using Landlock.Linux;

namespace Landlocked;

/// <summary>A thread that is told of signals, while another one waits for something else.</summary>
internal sealed class SignalThread : IDisposable
{
    private readonly WakeUp _wake = new();
    private readonly CaughtSignals _signals = new();
    private readonly Action<int> _told;
    private readonly Thread _thread;
    private volatile bool _isOver;

    /// <summary>Begins to catch signals.</summary>
    /// <param name="signals">Which.</param>
    /// <param name="told">Called on the thread for each.</param>
    public SignalThread(ReadOnlySpan<int> signals, Action<int> told)
    {
        _told = told;
        _signals.Catch(_wake.Descriptor, signals);
        _thread = new Thread(Listen) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>No signal is told of any longer. The descriptor stays, since signals are still caught.</summary>
    public void Dispose()
    {
        _isOver = true;
        _wake.Wake();
        _thread.Join();
    }

    private void Listen()
    {
        while (!_isOver)
        {
            _ = _wake.Wait(null);
            ulong noted = _signals.Take();
            for (int signal = 1; noted != 0; signal++, noted >>= 1)
                if ((noted & 1) != 0 && !_isOver) _told(signal);
        }
    }
}
