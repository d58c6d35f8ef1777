using System.Runtime.InteropServices;

namespace Landlock.Linux;

/// <summary>
/// Ends calls of one thread that wait, although they should not (timer_create(2), SIGEV_THREAD_ID): a signal comes to it again and again
/// until it is over. The signal has to be caught by somebody, without SA_RESTART.
/// </summary>
internal sealed unsafe partial class Interruptions : IDisposable
{
    private const int Monotonic = 1, ToThread = 4; // CLOCK_MONOTONIC, SIGEV_THREAD_ID
    private const long Pause = 5_000_000; // nanoseconds

    private readonly int _timer;

    /// <summary>Prepares it, for the thread that calls.</summary>
    /// <exception cref="KernelException">No timer is left.</exception>
    public Interruptions(int signal)
    {
        // struct sigevent: a value, the signal, the way, the thread.
        int* wanted = stackalloc int[16];
        new Span<int>(wanted, 16).Clear();
        wanted[2] = signal;
        wanted[3] = ToThread;
        wanted[4] = (int)syscall(RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 178 : 186, 0, 0, 0, 0);
        int timer;
        if (syscall(Create, Monotonic, (nint)wanted, (nint)(&timer), 0) != 0) throw new KernelException("timer_create", Syscalls.LastError);
        _timer = timer;
    }

    /// <summary>From now on, until <see cref="Stop"/>, a call that waits is ended a few milliseconds later.</summary>
    public void Start() => Set(Pause);

    /// <summary>Calls wait as long as they like.</summary>
    public void Stop() => Set(0);

    /// <summary>Deletes the timer.</summary>
    public void Dispose() => _ = syscall(Delete, _timer, 0, 0, 0);

    private void Set(long nanoseconds)
    {
        // struct itimerspec. The first signal may come too early.
        long* times = stackalloc long[4] { 0, nanoseconds, 0, nanoseconds };
        _ = syscall(SetTime, _timer, 0, (nint)times, 0);
    }

    private static int Create => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 107 : 222;

    private static int SetTime => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 110 : 223;

    private static int Delete => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 111 : 226;

    [LibraryImport("libc", SetLastError = true)]
    private static partial long syscall(long number, nint a, nint b, nint c, nint d);
}
