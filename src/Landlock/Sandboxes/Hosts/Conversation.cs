using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Landlock.Linux;

namespace Landlock.Sandboxes.Hosts;

/// <summary>
/// What the command holds as a UDP socket: one end of a pair, whose other end is here. What it sends is read as a question to a name
/// server, and as nothing else. SOCK_SEQPACKET, since that ignores addresses in messages, keeps messages apart, and has an end.
/// </summary>
internal sealed class Conversation : IWatched, IAsker
{
    private const int MostWaiting = 4, Remembered = 16, MostParts = 16;
    private const int LargestAnswer = 65536;

    private readonly Conversations _all;
    private readonly int _descriptor;
    private readonly ulong _key;
    private readonly int _family;
    private readonly List<(Caller Caller, int Descriptor, bool IsMessage, long Deadline)> _waiting = [];
    private readonly (ushort Id, SocketAddress Server)[] _servers = new (ushort, SocketAddress)[Remembered];
    private int _next;
    private SocketAddress? _peer;
    private SocketAddress _local;
    private bool _isClosed;

    /// <summary>Begins it.</summary>
    public Conversation(Conversations all, Watch watch, int descriptor, int family)
    {
        (_all, _descriptor, _family, _local) = (all, descriptor, family, SocketAddress.Any(family));
        _key = watch.Add(descriptor, this, EventPoll.Readable);
    }

    /// <inheritdoc/>
    public bool TakesAll => false;

    /// <inheritdoc/>
    public int Thread { get; init; }

    /// <summary>Whether somebody waits for an answer.</summary>
    public bool HasWaiting => _waiting.Count > 0;

    /// <inheritdoc/>
    public void Happened(uint events)
    {
        Span<byte> message = stackalloc byte[DnsMessage.LongestQuestion];
        // There is no room for descriptors that are sent along: the kernel drops them.
        int size = KernelSocket.Receive(_descriptor, message, KernelSocket.DontWait);
        if (size == -(int)Errno.EAGAIN) return;
        // A message may be empty, and no question.
        if (size == 0 && (events & EventPoll.HungUp) == 0) return;
        if (size <= 0) Close();
        // Where a message was to go nobody has seen. It reaches a name server, or nobody.
        else Ask(message[..size], _peer ?? _all.Desk.Servers.Servers[0]);
    }

    /// <inheritdoc/>
    public void Answer(ReadOnlySpan<byte> answer, in SocketAddress server)
    {
        if (_isClosed) return;
        // Who does not read loses answers, as with UDP.
        _ = KernelSocket.Send(_descriptor, answer, KernelSocket.DontWait | KernelSocket.NoSignal);
        for (int i = 0; i < _waiting.Count;)
        {
            (Caller caller, int descriptor, bool isMessage, _) = _waiting[i];
            if (Deliver(caller, descriptor, isMessage)) RemoveWaiting(i);
            else i++;
        }
    }

    /// <summary>sendto(2) with an address.</summary>
    public void SendTo(Caller caller)
    {
        CallArguments a = caller.Call.Arguments;
        Errno error = caller.Read(a.E, a.F, out SocketAddress to);
        if (error == Errno.None && !_all.Desk.Servers.Contains(to)) error = _all.Deny(to, caller.Call.Thread);
        if (error == Errno.None && a.C > DnsMessage.LongestQuestion) error = Errno.EMSGSIZE;
        if (error != Errno.None)
        {
            caller.Refuse(error);
            return;
        }

        byte[] message = new byte[a.C];
        error = caller.Read(a.B, message);
        if (error != Errno.None)
        {
            caller.Refuse(error);
            return;
        }

        Ask(message, to);
        caller.Answer((long)a.C);
    }

    /// <summary>
    /// connect(2). Nothing can be sent to another address than a name server's, but C libraries connect to each address of a name only to
    /// see their own, which decides the order in which they try them (RFC 6724). The kernel tells, and sends nothing for it.
    /// </summary>
    public Errno Connect(in SocketAddress address)
    {
        if (address.Family == SocketAddress.Unspecified)
        {
            _peer = null;
            return Errno.None;
        }

        if (address.Family != _family) return Errno.EAFNOSUPPORT;
        if (address.Host.IsEmpty) return Errno.EINVAL;
        int probe = KernelSocket.Create(_family, KernelSocket.Datagram);
        if (probe < 0) return (Errno)(-probe);
        Errno error = KernelSocket.Connect(probe, address);
        if (error == Errno.None) error = KernelSocket.Name(probe, out _local);
        _ = Syscalls.Close(probe);
        if (error == Errno.None) _peer = address;
        return error;
    }

    /// <summary>bind(2): to a port that the kernel chooses, since nothing would ever arrive at another.</summary>
    public static void Bind(Caller caller)
    {
        CallArguments a = caller.Call.Arguments;
        Errno error = caller.Read(a.B, a.C, out SocketAddress address);
        caller.Refuse(error == Errno.None && address.Port != 0 ? Errno.EACCES : error);
    }

    /// <summary>getsockname(2), or getpeername(2).</summary>
    public void Name(Caller caller, bool ofPeer)
    {
        CallArguments a = caller.Call.Arguments;
        caller.Refuse(ofPeer && _peer is null ? Errno.ENOTCONN : caller.Write(a.B, a.C, ofPeer ? _peer!.Value : _local));
    }

    /// <summary>recvfrom(2) with an address, or recvmsg(2): resolvers compare the sender with the server that they asked.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="descriptor">A duplicate of what it holds; closed here.</param>
    /// <param name="isMessage">Whether it is recvmsg(2).</param>
    public void Receive(Caller caller, int descriptor, bool isMessage)
    {
        if (Deliver(caller, descriptor, isMessage))
        {
            _ = Syscalls.Close(descriptor);
        }
        else if (_waiting.Count == MostWaiting)
        {
            caller.Refuse(Errno.EAGAIN);
            _ = Syscalls.Close(descriptor);
        }
        else
        {
            long deadline = KernelSocket.Time(descriptor, KernelSocket.ReceiveTimeOption) is { } time
                ? Environment.TickCount64 + (long)time.TotalMilliseconds : long.MaxValue;
            _waiting.Add((caller, descriptor, isMessage, deadline));
        }
    }

    /// <summary>Lets go of those who have waited long enough, or wait no longer.</summary>
    public void OnTime(long now)
    {
        for (int i = 0; i < _waiting.Count;)
        {
            if (_waiting[i].Deadline > now && _waiting[i].Caller.IsWaiting)
            {
                i++;
                continue;
            }

            _waiting[i].Caller.Refuse(Errno.EAGAIN);
            RemoveWaiting(i);
        }
    }

    /// <summary>Ends it.</summary>
    public void Close()
    {
        if (_isClosed) return;
        _isClosed = true;
        while (_waiting.Count > 0)
        {
            _waiting[0].Caller.Refuse(Errno.EIO);
            RemoveWaiting(0);
        }

        _all.Remove(this, _key, _descriptor);
    }

    private void Ask(ReadOnlySpan<byte> message, in SocketAddress server)
    {
        if (!_all.Desk.Servers.Contains(server)) return;
        if (message.Length >= 2) _servers[_next++ % Remembered] = (BinaryPrimitives.ReadUInt16BigEndian(message), server);
        _all.Desk.Ask(this, message, server);
    }

    private void RemoveWaiting(int index)
    {
        _ = Syscalls.Close(_waiting[index].Descriptor);
        _waiting.RemoveAt(index);
    }

    // False if there is nothing yet, and the caller waits.
    private bool Deliver(Caller caller, int descriptor, bool isMessage)
    {
        CallArguments a = caller.Call.Arguments;
        int flags = (int)(isMessage ? a.C : a.D);
        byte[] bytes = _all.Room(LargestAnswer);
        int size = KernelSocket.Receive(descriptor, bytes, KernelSocket.DontWait | (flags & KernelSocket.Peek));
        if (size == -(int)Errno.EAGAIN && (flags & KernelSocket.DontWait) == 0 && !KernelSocket.IsNonBlocking(descriptor)) return false;
        if (size < 0)
        {
            caller.Refuse((Errno)(-size));
            return true;
        }

        SocketAddress from = Sender(bytes.AsSpan(0, size));
        int copied = size;
        Errno error = isMessage ? DeliverMessage(caller, bytes.AsSpan(0, size), from, out copied)
            : DeliverPlain(caller, bytes.AsSpan(0, size), from, out copied);
        if (error != Errno.None) caller.Refuse(error);
        else caller.Answer((flags & KernelSocket.Truncated) != 0 ? size : copied);
        return true;
    }

    private static Errno DeliverPlain(Caller caller, ReadOnlySpan<byte> bytes, in SocketAddress from, out int copied)
    {
        CallArguments a = caller.Call.Arguments;
        copied = (int)Math.Min((ulong)bytes.Length, a.C);
        Errno error = caller.Write(a.B, bytes[..copied]);
        return error == Errno.None && a.F != 0 ? caller.Write(a.E, a.F, from) : error;
    }

    private static Errno DeliverMessage(Caller caller, ReadOnlySpan<byte> bytes, in SocketAddress from, out int copied)
    {
        copied = 0;
        SocketAddress sender = from;
        Errno error = caller.Read(caller.Call.Arguments.B, out MessageHead head);
        if (error != Errno.None) return error;
        if (head.PartCount > MostParts) return Errno.EMSGSIZE;
        Part[] parts = new Part[head.PartCount];
        error = caller.Read(head.Parts, MemoryMarshal.AsBytes(parts.AsSpan()));
        foreach (Part part in parts)
        {
            if (error != Errno.None || copied == bytes.Length) break;
            int length = (int)Math.Min(part.Length, (ulong)(bytes.Length - copied));
            error = caller.Write(part.Address, bytes.Slice(copied, length));
            copied += length;
        }

        if (error == Errno.None && head.Name != 0)
        {
            error = caller.Write(head.Name, sender.Bytes[..(int)Math.Min(head.NameLength, (uint)sender.Length)]);
            head.NameLength = (uint)sender.Length;
        }

        head.ControlLength = 0;
        head.Flags = copied < bytes.Length ? KernelSocket.Truncated : 0;
        return error == Errno.None ? caller.Write(caller.Call.Arguments.B, head) : error;
    }

    // Whose answer it is, by its number.
    private SocketAddress Sender(ReadOnlySpan<byte> answer)
    {
        if (answer.Length >= 2)
            foreach ((ushort id, SocketAddress server) in _servers)
                if (server.Length > 0 && id == BinaryPrimitives.ReadUInt16BigEndian(answer)) return server;
        return _peer ?? _all.Desk.Servers.Servers[0];
    }

#pragma warning disable CS0649 // They are read from memory.
    // struct msghdr.
    private struct MessageHead
    {
        public ulong Name;
        public uint NameLength;
        public uint Unused;
        public ulong Parts;
        public ulong PartCount;
        public ulong Control;
        public ulong ControlLength;
        public int Flags;
        public uint AlsoUnused;
    }

    // struct iovec.
    private struct Part
    {
        public ulong Address;
        public ulong Length;
    }
#pragma warning restore CS0649
}
