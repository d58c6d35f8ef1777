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

    /// <inheritdoc/>
    public ulong Take() => Interlocked.Exchange(ref Noted->Signals, 0);

    [LibraryImport("start-state", EntryPoint = "landlocked_signal_state")]
    private static partial State* Address();

    [LibraryImport("start-state", EntryPoint = "landlocked_signal_handler")]
    private static partial nint Handler();

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint SetSignal(int signal, nint handler);

    // The layout is that of start-*.S.
    private struct State
    {
        public ulong Signals;
        public int EventDescriptor;
    }
}
