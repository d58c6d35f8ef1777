using System.Runtime.InteropServices;

namespace Landlock.Linux;

/// <summary>
/// Sockets as the kernel has them (socket(2)), by their descriptors: those of others are handled here, which no class of the runtime takes.
/// </summary>
internal static unsafe partial class KernelSocket
{
    /// <summary>SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET, and what is added to them: SOCK_NONBLOCK, SOCK_CLOEXEC.</summary>
    public const int Stream = 1, Datagram = 2, Packets = 5, NonBlocking = 0x800, CloseOnExec = 0x8_0000;

    /// <summary>IPPROTO_TCP.</summary>
    public const int Tcp = 6;

    /// <summary>SO_TYPE, SO_RCVTIMEO, SO_SNDTIMEO, SO_PROTOCOL, SO_DOMAIN, SO_COOKIE.</summary>
    public const int TypeOption = 3, ReceiveTimeOption = 20, SendTimeOption = 21, ProtocolOption = 38, DomainOption = 39, CookieOption = 57;

    /// <summary>MSG_PEEK, MSG_TRUNC, MSG_DONTWAIT, MSG_NOSIGNAL.</summary>
    public const int Peek = 2, Truncated = 0x20, DontWait = 0x40, NoSignal = 0x4000;

    private const int SocketLevel = 1; // SOL_SOCKET
    private const int GetFlags = 3, SetFlagsCommand = 4; // F_GETFL, F_SETFL

    /// <summary>A new socket, or a negative errno. Close-on-exec.</summary>
    public static int Create(int family, int type, int protocol = 0) => Result(socket(family, type | CloseOnExec, protocol));

    /// <summary>Two UNIX sockets that are connected. Close-on-exec.</summary>
    public static Errno CreatePair(int type, out int first, out int second)
    {
        int* pair = stackalloc int[2];
        Errno error = socketpair(SocketAddress.Unix, type | CloseOnExec, 0, pair) == 0 ? Errno.None : Syscalls.LastError;
        (first, second) = error == Errno.None ? (pair[0], pair[1]) : (-1, -1);
        return error;
    }

    /// <summary>A number that an option holds; -1 if it is no socket.</summary>
    public static long Option(int descriptor, int option)
    {
        long value = 0;
        uint length = option == CookieOption ? 8u : 4u;
        return getsockopt(descriptor, SocketLevel, option, &value, &length) == 0 ? value : -1;
    }

    /// <summary>How long a call waits (SO_RCVTIMEO, SO_SNDTIMEO); null = for ever.</summary>
    public static TimeSpan? Time(int descriptor, int option)
    {
        long* time = stackalloc long[2];
        uint length = 16;
        return getsockopt(descriptor, SocketLevel, option, time, &length) == 0 && (time[0] | time[1]) != 0
            ? TimeSpan.FromSeconds(Math.Min(time[0], int.MaxValue)) + TimeSpan.FromMicroseconds(time[1]) : null;
    }

    /// <summary>Whether calls do not wait (O_NONBLOCK).</summary>
    public static bool IsNonBlocking(int descriptor) => (Flags(descriptor) & NonBlocking) != 0;

    /// <summary>The flags that all who have the socket open share (F_GETFL).</summary>
    public static int Flags(int descriptor) => Syscalls.Fcntl(descriptor, GetFlags, 0);

    /// <summary>Sets them.</summary>
    public static void SetFlags(int descriptor, int flags) => _ = Syscalls.Fcntl(descriptor, SetFlagsCommand, flags);

    /// <summary>connect(2).</summary>
    public static Errno Connect(int descriptor, in SocketAddress address)
    {
        SocketAddress copy = address;
        fixed (byte* bytes = copy.Bytes) return Error(connect(descriptor, bytes, (uint)copy.Length));
    }

    /// <summary>bind(2).</summary>
    public static Errno Bind(int descriptor, in SocketAddress address)
    {
        SocketAddress copy = address;
        fixed (byte* bytes = copy.Bytes) return Error(bind(descriptor, bytes, (uint)copy.Length));
    }

    /// <summary>listen(2).</summary>
    public static Errno Listen(int descriptor, int backlog) => Error(listen(descriptor, backlog));

    /// <summary>accept4(2); a negative errno if there is nobody.</summary>
    public static int Accept(int descriptor) => Result(accept4(descriptor, null, null, CloseOnExec | NonBlocking));

    /// <summary>getsockname(2).</summary>
    public static Errno Name(int descriptor, out SocketAddress address)
    {
        address = default;
        uint length = SocketAddress.Largest;
        int result;
        fixed (byte* bytes = address.Bytes) result = getsockname(descriptor, bytes, &length);
        address.Length = (int)length;
        return Error(result);
    }

    /// <summary>
    /// Whether an address of the Internet is one of this machine, on whatever interface: the kernel would send from it to itself.
    /// </summary>
    public static bool IsOwn(in SocketAddress address)
    {
        int probe = Create(address.Family, Datagram);
        if (probe < 0) return false;
        SocketAddress to = address;
        bool isOwn = Connect(probe, to) == Errno.None && Name(probe, out SocketAddress from) == Errno.None
            && from.Host.SequenceEqual(to.Host);
        _ = Syscalls.Close(probe);
        return isOwn;
    }

    /// <summary>recv(2); a negative errno if that fails.</summary>
    public static int Receive(int descriptor, Span<byte> bytes, int flags)
    {
        fixed (byte* start = bytes) return Result((int)recv(descriptor, start, (nuint)bytes.Length, flags));
    }

    /// <summary>send(2); a negative errno if that fails.</summary>
    public static int Send(int descriptor, ReadOnlySpan<byte> bytes, int flags = NoSignal)
    {
        fixed (byte* start = bytes) return Result((int)send(descriptor, start, (nuint)bytes.Length, flags));
    }

    private static Errno Error(int result) => result >= 0 ? Errno.None : Syscalls.LastError;

    private static int Result(int result) => result >= 0 ? result : -(int)Syscalls.LastError;

    [LibraryImport("libc", SetLastError = true)]
    private static partial int socket(int family, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int socketpair(int family, int type, int protocol, int* pair);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getsockopt(int descriptor, int level, int option, void* value, uint* length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int connect(int descriptor, byte* address, uint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int bind(int descriptor, byte* address, uint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int listen(int descriptor, int backlog);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int accept4(int descriptor, byte* address, uint* length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getsockname(int descriptor, byte* address, uint* length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint recv(int descriptor, byte* bytes, nuint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint send(int descriptor, byte* bytes, nuint length, int flags);
}
