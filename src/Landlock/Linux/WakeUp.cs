using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Landlock.Linux;

/// <summary>Lets a thread wait for three things at once: that it is woken, that another process ends, that time is over.</summary>
internal sealed unsafe partial class WakeUp : IDisposable
{
    private const int CloseOnExecNonBlocking = 0x80000 | 0x800; // EFD_CLOEXEC | EFD_NONBLOCK

    private readonly SafeFileHandle _event;
    private SafeFileHandle? _process;

    /// <summary>Creates it.</summary>
    /// <exception cref="KernelException">No descriptor is left.</exception>
    public WakeUp()
    {
        int descriptor = eventfd(0, CloseOnExecNonBlocking);
        if (descriptor < 0) throw new KernelException("eventfd", Syscalls.LastError);
        _event = new SafeFileHandle(descriptor, ownsHandle: true);
    }

    /// <summary>
    /// Watches the parent of this process; it has ended when all of its threads have, whichever of them has started this one.
    /// </summary>
    /// <param name="parent">The number that the parent had when it started this process.</param>
    /// <returns>False if it is gone already.</returns>
    /// <exception cref="KernelException">It cannot be watched.</exception>
    public bool WatchParent(int parent)
    {
        int descriptor = Syscalls.OpenProcess(parent);
        Errno error = Syscalls.LastError;
        if (descriptor < 0 && error != Errno.ESRCH) throw new KernelException("pidfd_open", error, $"{parent}");
        if (descriptor >= 0) _process = new SafeFileHandle(descriptor, ownsHandle: true);
        // The number may have become another process's; but not while that process is the parent of this one.
        return descriptor >= 0 && Syscalls.GetParentId() == parent;
    }

    /// <summary>The eventfd: writing to it is to wake.</summary>
    public int Descriptor => (int)_event.DangerousGetHandle();

    /// <summary>Sends a signal to the process that is watched; false if none is, or it has ended.</summary>
    public bool Signal(int signal) => _process is { } process && Syscalls.SignalProcess((int)process.DangerousGetHandle(), signal) == 0;

    /// <summary>Wakes the waiting thread, or the next that waits; called on any thread.</summary>
    public void Wake()
    {
        ulong one = 1;
        _ = write((int)_event.DangerousGetHandle(), &one, sizeof(ulong));
    }

    /// <summary>Waits; true if the process that is watched has ended.</summary>
    /// <param name="most">For how long at most; null = for ever.</param>
    public bool Wait(TimeSpan? most)
    {
        Syscalls.PollEntry* entries = stackalloc Syscalls.PollEntry[2];
        entries[0] = new Syscalls.PollEntry { Descriptor = (int)_event.DangerousGetHandle(), Events = Syscalls.PollEntry.Readable };
        entries[1] = new Syscalls.PollEntry
        { Descriptor = _process is null ? -1 : (int)_process.DangerousGetHandle(), Events = Syscalls.PollEntry.Readable };
        // Rounded up: to be woken a moment too early would mean to ask again and again.
        int milliseconds = most is { } time ? (int)Math.Clamp(Math.Ceiling(time.TotalMilliseconds), 0, int.MaxValue) : -1;
        _ = Syscalls.Poll(entries, 2, milliseconds);
        ulong count;
        if (entries[0].Happened != 0) _ = Syscalls.Read((int)_event.DangerousGetHandle(), (byte*)&count, sizeof(ulong));
        return entries[1].Happened != 0;
    }

    /// <summary>Closes the descriptors.</summary>
    public void Dispose()
    {
        _event.Dispose();
        _process?.Dispose();
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int eventfd(uint count, int flags);

    [LibraryImport("libc")]
    private static partial nint write(int descriptor, ulong* bytes, nuint count);
}
