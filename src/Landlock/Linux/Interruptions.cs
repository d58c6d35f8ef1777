using System.Runtime.InteropServices;

namespace Landlock.Linux;

/// <summary>
/// Ends calls of one thread that wait, although they should not: a second thread looks at it and sends it a signal (tgkill(2)) until the
/// call is over. The signal has to be caught by somebody, without SA_RESTART. No timer is set for a call, which would cost more than it.
/// </summary>
internal sealed partial class Interruptions : IDisposable
{
    private const int Pause = 5; // milliseconds
    private const int QuietRounds = 200;

    private readonly AutoResetEvent _wake = new(initialState: false);
    private readonly int _signal;
    private readonly int _thread;
    private long _last;
    private long _call;
    private volatile bool _isAsleep;
    private volatile bool _isOver;

    /// <summary>Prepares it, for the thread that calls.</summary>
    /// <param name="signal">The signal.</param>
    public Interruptions(int signal)
    {
        _signal = signal;
        _thread = (int)syscall(OwnNumber, 0, 0, 0);
        new Thread(Look) { IsBackground = true, Name = "interruptions" }.Start();
    }

    /// <summary>From now on, until <see cref="Stop"/>, a call that waits is ended a few milliseconds later.</summary>
    public void Start()
    {
        _ = Interlocked.Exchange(ref _call, ++_last);
        if (_isAsleep) _ = _wake.Set();
    }

    /// <summary>Calls wait as long as they like.</summary>
    public void Stop() => Volatile.Write(ref _call, 0);

    /// <summary>Nobody is looked at any longer.</summary>
    public void Dispose()
    {
        _isOver = true;
        _ = _wake.Set();
    }

    // Where nothing happens for a while it sleeps until something does.
    private void Look()
    {
        long before = 0;
        for (int quiet = 0; !_isOver;)
        {
            long call = Interlocked.Read(ref _call);
            if (call != 0 && call == before) _ = syscall(Send, Environment.ProcessId, _thread, _signal);
            quiet = call == 0 && before == 0 ? quiet + 1 : 0;
            before = call;
            if (quiet < QuietRounds)
            {
                Thread.Sleep(Pause);
                continue;
            }

            _isAsleep = true;
            // Whoever has begun before it could be seen that nobody looks.
            if (Interlocked.Read(ref _call) == 0) _ = _wake.WaitOne();
            _isAsleep = false;
            quiet = 0;
        }
    }

    // gettid(2), tgkill(2).
    private static int OwnNumber => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 178 : 186;

    private static int Send => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 131 : 234;

    [LibraryImport("libc", SetLastError = true)]
    private static partial long syscall(long number, nint a, nint b, nint c);
}
