using Landlock.Linux;

namespace Landlock.Sandboxes.Hosts;

/// <summary>Connects sockets of the command in its place. Callers wait; this process never does.</summary>
/// <param name="watch">Who waits for them.</param>
/// <param name="interruptions">Ends a call that waits all the same.</param>
/// <param name="most">How many may be under way.</param>
internal sealed class Connections(Watch watch, Interruptions interruptions, int most)
{
    private const int MostOwed = 1024;

    private readonly HashSet<Pending> _pending = [];

    // Sockets that were connected when a signal had withdrawn the call. Who makes it again is to hear that it worked.
    private readonly HashSet<long> _owed = [];

    /// <summary>Whether somebody waits.</summary>
    public bool IsWaiting => _pending.Count > 0;

    /// <summary>Connects a duplicate of the caller's socket, and answers when that is done.</summary>
    /// <param name="caller">Who waits.</param>
    /// <param name="descriptor">The duplicate; closed here.</param>
    /// <param name="address">Where to.</param>
    public void Connect(Caller caller, int descriptor, in SocketAddress address)
    {
        Errno error = Try(descriptor, address, out bool waits);
        if (!waits || _pending.Count >= most)
        {
            if (error == Errno.EISCONN && _owed.Remove(Cookie(descriptor))) error = Errno.None;
            Tell(caller, descriptor, waits ? Errno.ENOBUFS : error);
            _ = Syscalls.Close(descriptor);
            return;
        }

        long deadline = KernelSocket.Time(descriptor, KernelSocket.SendTimeOption) is { } time
            ? Environment.TickCount64 + (long)time.TotalMilliseconds : long.MaxValue;
        _ = _pending.Add(new Pending(this, caller, descriptor, address, deadline));
    }

    /// <summary>Lets go of callers who were killed, got a signal, or wanted to wait no longer.</summary>
    public void OnTime(long now)
    {
        foreach (Pending pending in _pending.Where(pending => pending.Deadline <= now || !pending.Caller.IsWaiting).ToArray())
            // What connect(2) says after SO_SNDTIMEO.
            pending.End(Errno.EINPROGRESS);
    }

    private void Tell(Caller caller, int descriptor, Errno error)
    {
        if (!caller.Refuse(error) && error == Errno.None && _owed.Count < MostOwed) _ = _owed.Add(Cookie(descriptor));
    }

    private static long Cookie(int descriptor) => KernelSocket.Option(descriptor, KernelSocket.CookieOption);

    // connect(2) has no flag not to wait: it is the socket's, so it is set for the moment. Another thread of the command can clear it in
    // that moment and make this process wait; the interruptions end that.
    private Errno Try(int descriptor, in SocketAddress address, out bool waits)
    {
        int flags = KernelSocket.Flags(descriptor);
        bool blocks = (flags & KernelSocket.NonBlocking) == 0;
        if (blocks) KernelSocket.SetFlags(descriptor, flags | KernelSocket.NonBlocking);
        interruptions.Start();
        Errno error = KernelSocket.Connect(descriptor, address);
        // On this machine it is connected by now.
        if (blocks && error == Errno.EINPROGRESS) error = KernelSocket.Connect(descriptor, address);
        interruptions.Stop();
        if (blocks) KernelSocket.SetFlags(descriptor, flags);
        if (error == Errno.EINTR) error = Errno.EINPROGRESS;
        waits = blocks && error is Errno.EINPROGRESS or Errno.EALREADY;
        return error;
    }

    private sealed class Pending : IWatched
    {
        private readonly Connections _all;
        private readonly int _descriptor;
        private readonly SocketAddress _address;
        private readonly ulong _key;

        public Pending(Connections all, Caller caller, int descriptor, in SocketAddress address, long deadline)
        {
            (_all, Caller, _descriptor, _address, Deadline) = (all, caller, descriptor, address, deadline);
            _key = all.Watch.Add(descriptor, this, EventPoll.Writable);
        }

        public Caller Caller { get; }

        public long Deadline { get; }

        // Asks for the result, which only that tells, and lets the socket know that it was asked. A caller who has got a signal asks again.
        public void Happened(uint events)
        {
            if (!Caller.IsWaiting)
            {
                End(Errno.EINTR);
                return;
            }

            Errno error = _all.Try(_descriptor, _address, out bool waits);
            if (!waits) End(error == Errno.EISCONN ? Errno.None : error);
        }

        public void End(Errno error)
        {
            _all.Tell(Caller, _descriptor, error);
            _all.Watch.Remove(_key, _descriptor);
            _ = Syscalls.Close(_descriptor);
            _ = _all._pending.Remove(this);
        }
    }

    private Watch Watch => watch;
}
