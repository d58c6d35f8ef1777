using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Landlock.Kernel;

namespace Landlock.Launching.Filters;

/// <summary>
/// The seccomp filter of every sandboxed command. It keeps a command to the sockets that it may have, and closes two doors that Landlock has no
/// right for: typing into the terminal, by which a command would type the next one into its user's shell, and the kernel's keyrings, which hold
/// the user's secrets without being files.
/// </summary>
/// <remarks>
/// It looks at the making of sockets, since nothing about a socket can be told from its descriptor later; descriptors above 2 do not reach the
/// command anyway. What a rule would have to allow fails with EACCES, as with Landlock. What programs try first and can do without fails with
/// the error that they fall back from: families other than UNIX and Internet (EAFNOSUPPORT), MPTCP and other protocols (EPROTONOSUPPORT), TCP
/// Fast Open, which connects without connect_tcp on kernels before 7.2 (EOPNOTSUPP, ENOPROTOOPT), io_uring, which makes sockets unseen, and
/// keyrings (ENOSYS, as on a kernel without). So do x32 and socketcall(2), which 32-bit programs of old C libraries use, and programs of any
/// other architecture.
/// </remarks>
internal static class CommandFilter
{
    private const uint X32Bit = 0x4000_0000;
    private const uint IoUringSetup = 425, IoUringEnter = 426, IoUringRegister = 427; // the same everywhere
    private const uint Unix = 1, Internet = 2, Internet6 = 10; // AF_*
    private const uint Stream = 1, Datagram = 2, TypeMask = 0xF; // SOCK_*, SOCK_TYPE_MASK
    private const uint TcpProtocol = 6, UdpProtocol = 17; // IPPROTO_*
    private const uint FastOpenFlag = 0x2000_0000; // MSG_FASTOPEN
    private const uint FastOpenConnect = 30; // TCP_FASTOPEN_CONNECT

    /// <summary>TIOCSTI.</summary>
    public const uint TypeIntoTerminal = 0x5412;

    /// <summary>TIOCLINUX.</summary>
    public const uint ConsoleControl = 0x541C;

    private static readonly ConcurrentDictionary<(Architecture Architecture, NetworkAccess? Network, bool Traced), ImmutableArray<ulong>> s_made = [];

    /// <summary>The filter's instructions.</summary>
    /// <param name="network">The Internet sockets that are allowed; null = sockets are not looked at.</param>
    /// <param name="architecture">The kernel's architecture.</param>
    /// <param name="traced">
    /// Whether a tracer gives the error for sockets, keyrings and the terminal (<see cref="FilterProgram.Refuse"/>) and so learns of it. Without one,
    /// the kernel refuses them all the same.
    /// </param>
    /// <exception cref="PlatformNotSupportedException">There is none for the architecture.</exception>
    public static ImmutableArray<ulong> For(NetworkAccess? network, Architecture architecture, bool traced = false) =>
        s_made.GetOrAdd((architecture, network, traced), static key => Make(key.Network, key.Architecture, key.Traced));

    private static ImmutableArray<ulong> Make(NetworkAccess? network, Architecture architecture, bool traced)
    {
        FilterProgram program = new();
        ImmutableArray<FilteredCalls> all = FilteredCalls.Of(architecture);
        FilterProgram.Label[] parts = [.. all.Select(_ => new FilterProgram.Label())];
        program.LoadArchitecture();
        for (int i = 0; i < parts.Length; i++) program.IfEqual(all[i].Audit, parts[i]);
        program.End(FilterProgram.Fail(Errno.ENOSYS));
        for (int i = 0; i < parts.Length; i++)
        {
            program.Place(parts[i]);
            // The tracer knows the kernel's own programs only.
            Add(program, all[i], network, traced && i == 0 ? FilterProgram.Refuse : FilterProgram.Fail);
        }

        return program.Build();
    }

    private static void Add(FilterProgram program, FilteredCalls calls, NetworkAccess? network, Func<Errno, uint> refuse)
    {
        FilterProgram.Label missing = new(), keyring = new(), ioctl = new(), refused = new();
        program.LoadNumber();
        if (calls.HasX32) program.IfAtLeast(X32Bit, missing);
        program.IfEqual(calls.Ioctl, ioctl).IfEqual(calls.AddKey, keyring).IfEqual(calls.RequestKey, keyring).IfEqual(calls.KeyControl, keyring);
        if (network is not null) AddSockets(program, calls, network, missing, refuse);
        else program.End(FilterProgram.Allow);
        program.Place(ioctl).LoadArgument(1).IfEqual(TypeIntoTerminal, refused).IfEqual(ConsoleControl, refused).End(FilterProgram.Allow);
        program.Place(refused).End(refuse(Errno.EPERM));
        program.Place(keyring).End(refuse(Errno.ENOSYS));
        program.Place(missing).End(FilterProgram.Fail(Errno.ENOSYS));
    }

    private static void AddSockets(FilterProgram program, FilteredCalls calls, NetworkAccess access, FilterProgram.Label missing, Func<Errno, uint> refuse)
    {
        FilterProgram.Label socket = new(), pair = new(), sendTo = new(), sendMessage = new(), setOption = new();
        FilterProgram.Label family = new(), allowed = new();
        program.IfEqual(calls.Socket, socket).IfEqual(calls.SocketPair, pair);
        if (access.Tcp) program.IfEqual(calls.SendTo, sendTo).IfEqual(calls.SendMessages, sendTo).IfEqual(calls.SendMessage, sendMessage).IfEqual(calls.SetOption, setOption);
        program.IfEqual(IoUringSetup, missing).IfEqual(IoUringEnter, missing).IfEqual(IoUringRegister, missing);
        if (calls.SocketCall is { } socketCall) program.IfEqual(socketCall, missing);
        program.End(FilterProgram.Allow);

        FilterProgram.Label internet = new(), stream = new(), datagram = new();
        program.Place(socket).LoadArgument(0).IfEqual(Unix, allowed).IfEqual(Internet, internet).IfNotEqual(Internet6, family);
        program.Place(internet).LoadArgument(1).Mask(TypeMask);
        if (access.Tcp) program.IfEqual(Stream, stream);
        if (access.Udp) program.IfEqual(Datagram, datagram);
        program.End(refuse(Errno.EACCES));
        if (access.Tcp) program.Place(stream).LoadArgument(2).IfEqual(0, allowed).IfEqual(TcpProtocol, allowed).End(FilterProgram.Fail(Errno.EPROTONOSUPPORT));
        if (access.Udp) program.Place(datagram).LoadArgument(2).IfEqual(0, allowed).IfEqual(UdpProtocol, allowed).End(FilterProgram.Fail(Errno.EPROTONOSUPPORT));

        program.Place(pair).LoadArgument(0).IfEqual(Unix, allowed);
        program.Place(family).End(refuse(Errno.EAFNOSUPPORT));

        FilterProgram.Label fastOpen = new(), option = new();
        if (access.Tcp)
        {
            program.Place(sendTo).LoadArgument(3).IfAny(FastOpenFlag, fastOpen).End(FilterProgram.Allow);
            program.Place(sendMessage).LoadArgument(2).IfAny(FastOpenFlag, fastOpen).End(FilterProgram.Allow);
            program.Place(setOption).LoadArgument(1).IfNotEqual(TcpProtocol, allowed).LoadArgument(2).IfEqual(FastOpenConnect, option);
        }

        program.Place(allowed).End(FilterProgram.Allow);
        if (!access.Tcp) return;
        program.Place(fastOpen).End(FilterProgram.Fail(Errno.EOPNOTSUPP));
        program.Place(option).End(FilterProgram.Fail(Errno.ENOPROTOOPT));
    }
}
