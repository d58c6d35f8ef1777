using System.Buffers.Binary;
using System.Net;
using Landlock.Abi;
using Landlock.Linux;
using Landlock.Sandboxes.Filters;

namespace Landlock.Tracing;

/// <summary>Calls with a socket address.</summary>
internal sealed partial class CallDecoder
{
    private const int Unix = 1, Internet = 2, Internet6 = 10, Stream = 1, Datagram = 2, Tcp = 6, Udp = 17, TypeMask = 0xF;
    private const int Netlink = 16, RouteProtocol = 0;

    // linux/netlink.h and linux/rtnetlink.h: sizeof(struct nlmsghdr), RTM_BASE, RTM_GETADDR, and beyond what there is.
    private const ulong MessageHeader = 16;
    private const ushort RouteFirst = 16, GetAddress = 22, RouteLast = 127;

    private const ulong TraceMe = 0; // PTRACE_TRACEME

    // AF_* of sys/socket.h.
    private static readonly Dictionary<int, string> Families = new()
    {
        [Unix] = "unix", [Netlink] = "netlink", [17] = "packet", [29] = "can", [30] = "tipc", [31] = "bluetooth", [38] = "alg",
        [40] = "vsock", [43] = "smc", [44] = "xdp",
    };

    /// <summary>What the sandbox's filter refuses; null if it is none of what it asks a tracer about.</summary>
    public static PendingAccess? Refused(FilteredCalls calls, ulong number, in CallArguments call, ITracee tracee)
    {
        if (number == calls.Ptrace)
            return call.A == TraceMe ? new PendingAccess("ptrace", "by its parent", AccessFs.None)
                : PendingLook.Of("ptrace", (int)call.B, tracee);
        if (number == calls.Seccomp) return new PendingAccess("listener", "seccomp", AccessFs.None);
        if (number == calls.Ioctl)
            return new PendingAccess("terminal", (uint)call.B == CommandFilter.TypeIntoTerminal ? "TIOCSTI" : "TIOCLINUX", AccessFs.None);
        if (number == calls.AddKey || number == calls.RequestKey || number == calls.KeyControl)
            return new PendingAccess("keyring", "keyrings", AccessFs.None);
        if (number == calls.SetLimits) return new PendingAccess("process", $"limits of process {(int)call.A}", AccessFs.None);
        if (number == calls.SetPriority || number == calls.SetIoPriority)
            return new PendingAccess("process", $"priority of process {(int)call.B}", AccessFs.None);
        if (number == calls.SetSchedule || number == calls.SetScheduler || number == calls.SetScheduling || number == calls.SetAffinity)
            return new PendingAccess("process", $"scheduling of process {(int)call.A}", AccessFs.None);
        if (number <= uint.MaxValue && calls.SystemVIpc.Contains((uint)number)) return new PendingAccess("ipc", "System V", AccessFs.None);
        if (number == calls.CloneProcess || number == calls.Unshare || number == calls.SetNamespace)
            return new PendingAccess("namespace", "namespaces", AccessFs.None);
        if (number == calls.UserFault) return new PendingAccess("namespace", "userfaultfd", AccessFs.None);
        if (number == calls.Bpf) return new PendingAccess("namespace", "bpf", AccessFs.None);
        if (number == calls.PerfEvent) return new PendingAccess("namespace", "perf_event_open", AccessFs.None);
        if (number != calls.Socket && number != calls.SocketPair) return null;
        int family = (int)call.A;
        if (family == Netlink && (int)call.C == RouteProtocol) return new PendingAccess("socket", "netlink_route", AccessFs.None);
        if (family is not (Internet or Internet6))
            return new PendingAccess("socket", Families.GetValueOrDefault(family) ?? $"family {family}", AccessFs.None);
        return new PendingAccess("socket", InternetKind((int)call.B), AccessFs.None);
    }

    // A socket of the Internet that is made, whatever becomes of it.
    private static PendingCall? Socket(in CallArguments call) => (int)call.A is Internet or Internet6
        ? PendingCall.Of("socket", InternetKind((int)call.B), AccessFs.None) : null;

    private static string InternetKind(int type) => (type & TypeMask) switch { Stream => "tcp", Datagram => "udp", _ => "raw" };

    // A question for interfaces, addresses or routes (rtnetlink(7)). Looking a name up asks for the addresses alone, to see which kinds of
    // them this machine has, and does without an answer.
    private static PendingCall? Asked(ITracee tracee, ulong message, ulong length, ulong address)
    {
        Span<byte> family = stackalloc byte[2], head = stackalloc byte[6];
        if (address == 0 || length < MessageHeader || tracee.Bytes(address, family) < family.Length
            || BinaryPrimitives.ReadUInt16LittleEndian(family) != Netlink || tracee.Bytes(message, head) < head.Length)
            return null;
        ushort type = BinaryPrimitives.ReadUInt16LittleEndian(head[4..]);
        return type is < RouteFirst or > RouteLast or GetAddress ? null : PendingCall.Of("interfaces", "netlink_route", AccessFs.None);
    }

    private PendingCall? Message(ITracee tracee, int socket, ulong address)
    {
        // struct msghdr begins with the name, its length, the parts and their number, each of the size of a pointer; struct mmsghdr begins
        // with a struct msghdr.
        Span<ulong> head = stackalloc ulong[4], part = stackalloc ulong[2];
        if (Words(tracee, address, head) < 2) return null;
        ulong name = head[0];
        if (head[3] > 0 && Words(tracee, head[2], part) == part.Length && Asked(tracee, part[0], part[1], name) is { } asked) return asked;
        return name == 0 ? null : Address(tracee, "send", socket, name, (uint)head[1]);
    }

    // socketcall(2): the number of a call (linux/net.h), and where its arguments are.
    private PendingCall? Several(ITracee tracee, uint number, ulong address)
    {
        Span<ulong> words = stackalloc ulong[6];
        int found = Words(tracee, address, words);
        CallArguments call = new(words[0], words[1], words[2], words[3], words[4], words[5]);
        return number switch
        {
            1 when found >= 3 => Socket(call),
            2 when found >= 3 => Begin(TracedCall.Bind, call, tracee),
            3 when found >= 3 => Begin(TracedCall.Connect, call, tracee),
            11 when found >= 6 => Begin(TracedCall.SendTo, call, tracee),
            16 or 20 when found >= 3 => Begin(TracedCall.SendMessage, call, tracee),
            _ => null,
        };
    }

    // Words of the tracee's memory, each of the size of its pointers; how many there are.
    private int Words(ITracee tracee, ulong address, Span<ulong> words)
    {
        int size = table.IsNarrow ? sizeof(uint) : sizeof(ulong);
        Span<byte> bytes = stackalloc byte[words.Length * size];
        int found = tracee.Bytes(address, bytes);
        for (int i = 0; i < words.Length; i++)
            words[i] = table.IsNarrow ? BinaryPrimitives.ReadUInt32LittleEndian(bytes[(i * size)..])
                : BinaryPrimitives.ReadUInt64LittleEndian(bytes[(i * size)..]);
        return (found + size - 1) / size;
    }

    private static PendingCall? Address(ITracee tracee, string operation, int socket, ulong address, ulong length)
    {
        Span<byte> buffer = stackalloc byte[(int)Math.Min(length, 128)];
        buffer = buffer[..tracee.Bytes(address, buffer)];
        if (buffer.Length < 2) return null;
        return BinaryPrimitives.ReadUInt16LittleEndian(buffer) switch
        {
            Unix => Local(tracee, operation, buffer[2..]),
            Internet when buffer.Length >= 8 => Remote(tracee, operation, socket, buffer, new IPAddress(buffer[4..8])),
            Internet6 when buffer.Length >= 24 => Remote(tracee, operation, socket, buffer, new IPAddress(buffer[8..24])),
            _ => null,
        };
    }

    private static PendingCall? Remote(ITracee tracee, string operation, int socket, ReadOnlySpan<byte> buffer, IPAddress address)
    {
        int port = BinaryPrimitives.ReadUInt16BigEndian(buffer[2..]);
        bool binds = operation == "bind";
        (int, int)? kind = tracee.Socket(socket, out bool isHidden);
        AccessNet access = (isHidden ? operation == "send" ? (Datagram, Udp) : (Stream, Tcp) : kind) switch
        {
            (Stream, Tcp) => binds ? AccessNet.BindTcp : AccessNet.ConnectTcp,
            (Datagram, Udp) => binds ? AccessNet.BindUdp : AccessNet.ConnectSendUdp,
            _ => AccessNet.None,
        };
        return new PendingCall()
            .Add(new PendingAccess(operation, new IPEndPoint(address, port).ToString(), AccessFs.None) { Net = access, Port = port });
    }

    private static PendingCall? Local(ITracee tracee, string operation, ReadOnlySpan<byte> name)
    {
        if (name.Length == 0) return null;
        if (name[0] == 0)
        {
            if (name.Length == 1) return null;
            Scope scope = operation == "bind" ? Scope.None : Scope.AbstractUnixSocket;
            return new PendingCall().Add(new PendingAccess(operation, "@" + PosixText.Decode(name[1..].TrimEnd((byte)0)).Replace('\0', '@'),
                AccessFs.None)
            { Scope = scope });
        }

        int end = name.IndexOf((byte)0);
        string text = PosixText.Decode(end < 0 ? name : name[..end]);
        if (operation == "bind")
            return tracee.Resolve(WorkingDirectory, text, false) is { } made
                ? new PendingCall { Changed = made }.Add(operation, made, AccessFs.MakeSock)
                : null;
        return tracee.Resolve(WorkingDirectory, text, true) is { } path ? PendingCall.Of(operation, path, AccessFs.ResolveUnix) : null;
    }
}
