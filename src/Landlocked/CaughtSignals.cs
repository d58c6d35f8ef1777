using System.Runtime.InteropServices;
using Landlock.Sandboxes.Supervision;

namespace Landlocked;

/// <summary>
/// Signals that this process takes note of (start-*.S). The runtime has a way of its own, but that one looks after the terminal, too: it
/// brings back settings that it saw before, and a process in the background is stopped for it, with all of its group.
/// </summary>
internal sealed unsafe partial class CaughtSignals : ISignals
{
    private static readonly State* Noted = Address();

    /// <inheritdoc/>
    public void Catch(int eventDescriptor, ReadOnlySpan<int> signals)
    {
        Volatile.Write(ref Noted->EventDescriptor, eventDescriptor);
        foreach (int signal in signals) _ = SetSignal(signal, Handler());
    }

    /// <summary>From now on a signal is caught, and ends calls that wait (siginterrupt(3)).</summary>
    public static void Interrupt(int signal)
    {
        _ = SetSignal(signal, Handler());
        _ = EndCalls(signal, 1);
    }

    /// <inheritdoc/>
    public ulong Take() => Interlocked.Exchange(ref Noted->Signals, 0);

    [LibraryImport("start-state", EntryPoint = "landlocked_signal_state")]
    private static partial State* Address();

    [LibraryImport("start-state", EntryPoint = "landlocked_signal_handler")]
    private static partial nint Handler();

    [LibraryImport("libc", EntryPoint = "siginterrupt")]
    private static partial int EndCalls(int signal, int on);

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint SetSignal(int signal, nint handler);

    // The layout is that of start-*.S.
    private struct State
    {
        public ulong Signals;
        public int EventDescriptor;
    }
}
