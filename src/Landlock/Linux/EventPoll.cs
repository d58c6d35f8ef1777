using System.Runtime.InteropServices;

namespace Landlock.Linux;

/// <summary>Waits for many descriptors at once (epoll(7)). What is watched is known by a number of the caller's.</summary>
internal sealed unsafe partial class EventPoll : IDisposable
{
    /// <summary>EPOLLIN, EPOLLOUT, EPOLLHUP.</summary>
    public const uint Readable = 1, Writable = 4, HungUp = 0x10;

    private const int Most = 64;
    private const int CloseOnExec = 0x8_0000, Add = 1, Remove = 2, Modify = 3; // EPOLL_CLOEXEC, EPOLL_CTL_*

    // struct epoll_event is packed on x86-64, and aligned everywhere else.
    private static readonly int s_keyAt = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int s_size = s_keyAt + sizeof(ulong);

    private readonly int _descriptor;
    private readonly byte[] _events = new byte[Most * s_size];

    /// <summary>Creates it.</summary>
    /// <exception cref="KernelException">No descriptor is left.</exception>
    public EventPoll()
    {
        _descriptor = epoll_create1(CloseOnExec);
        if (_descriptor < 0) throw new KernelException("epoll_create1", Syscalls.LastError);
    }

    /// <summary>Watches a descriptor, or watches it for something else.</summary>
    public void Watch(int descriptor, ulong key, uint events)
    {
        byte* wanted = stackalloc byte[16];
        *(uint*)wanted = events;
        *(ulong*)(wanted + s_keyAt) = key;
        if (epoll_ctl(_descriptor, Add, descriptor, wanted) != 0 && Syscalls.LastError == Errno.EEXIST)
            _ = epoll_ctl(_descriptor, Modify, descriptor, wanted);
    }

    /// <summary>Watches it no longer. To close it is not enough where somebody else has the same file open.</summary>
    public void Forget(int descriptor) => _ = epoll_ctl(_descriptor, Remove, descriptor, null);

    /// <summary>Waits; what has happened is read with <see cref="At"/>.</summary>
    /// <param name="milliseconds">At most; negative = for ever.</param>
    /// <returns>How much has happened.</returns>
    public int Wait(int milliseconds)
    {
        fixed (byte* events = _events) return Math.Max(0, epoll_wait(_descriptor, events, Most, milliseconds));
    }

    /// <summary>What has happened, and to whom.</summary>
    public (ulong Key, uint Events) At(int index)
    {
        fixed (byte* events = _events) return (*(ulong*)(events + (index * s_size) + s_keyAt), *(uint*)(events + (index * s_size)));
    }

    /// <summary>Closes it.</summary>
    public void Dispose() => _ = Syscalls.Close(_descriptor);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_ctl(int poll, int operation, int descriptor, byte* wanted);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_wait(int poll, byte* events, int most, int milliseconds);
}
