using Microsoft.Win32.SafeHandles;

namespace Landlock.Linux;

/// <summary>One process and no other, whatever becomes of its number (pidfd_open(2)).</summary>
internal sealed unsafe class ProcessHandle : IDisposable
{
    private readonly SafeFileHandle _handle;

    private ProcessHandle(SafeFileHandle handle) => _handle = handle;

    /// <summary>Takes hold of the process that has a number now; null if there is none.</summary>
    public static ProcessHandle? Open(int process)
    {
        int descriptor = Syscalls.OpenProcess(process);
        return descriptor < 0 ? null : new ProcessHandle(new SafeFileHandle(descriptor, ownsHandle: true));
    }

    /// <summary>Sends a signal; false if that was refused. One that has ended needs none.</summary>
    public bool Signal(int signal) => Syscalls.SignalProcess(Number, signal) == 0 || Syscalls.LastError == Errno.ESRCH;

    /// <summary>Waits until it has ended, but not longer than said.</summary>
    public void WaitForEnd(TimeSpan limit)
    {
        Syscalls.PollEntry entry = new() { Descriptor = Number, Events = Syscalls.PollEntry.Readable };
        _ = Syscalls.Poll(&entry, 1, (int)Math.Min(limit.TotalMilliseconds + 1, int.MaxValue));
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private int Number => (int)_handle.DangerousGetHandle();
}
