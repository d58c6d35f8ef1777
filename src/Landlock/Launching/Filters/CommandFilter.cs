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
/// Fast Open, which connects without connect_tcp on kernels before 7.2 (EOPNOTSUPP, ENOPROTOOPT), TCP_ULP, which turns a socket of TCP into one
/// of SMC, where Landlock sees no TCP (ENOPROTOOPT; TLS is left to programs then), io_uring, which makes sockets unseen, and
/// keyrings (ENOSYS, as on a kernel without). So do x32 and socketcall(2), which 32-bit programs of old C libraries use, and programs of any
/// other architecture.
/// <para>UNIX sockets are refused only where that is asked for, with EAFNOSUPPORT: it is what systemd's RestrictAddressFamilies= gives, and the only error
/// after which musl looks up a user without nscd. Pairs stay, since they reach nobody else, but for datagrams: one of those can send to any address.</para>
/// </remarks>
internal static class CommandFilter
{
    private const uint X32Bit = 0x4000_0000;
    private const uint IoUringSetup = 425, IoUringEnter = 426, IoUringRegister = 427; // the same everywhere
    private const uint Unix = 1, Internet = 2, Internet6 = 10; // AF_*
    private const uint Stream = 1, Datagram = 2, Raw = 3, TypeMask = 0xF; // SOCK_*, SOCK_TYPE_MASK
    private const uint TcpProtocol = 6, UdpProtocol = 17; // IPPROTO_*
    private const uint FastOpenFlag = 0x2000_0000; // MSG_FASTOPEN
    private const uint FastOpenConnect = 30, UpperProtocol = 31; // TCP_FASTOPEN_CONNECT, TCP_ULP
    private const uint NewListener = 8; // SECCOMP_FILTER_FLAG_NEW_LISTENER

    /// <summary>TIOCSTI.</summary>
    public const uint TypeIntoTerminal = 0x5412;

    /// <summary>TIOCLINUX.</summary>
    public const uint ConsoleControl = 0x541C;

    private static readonly ConcurrentDictionary<(Architecture Architecture, NetworkAccess? Network, bool Traced, bool Unix), ImmutableArray<ulong>> s_made = [];

    /// <summary>The filter's instructions.</summary>
    /// <param name="network">The Internet sockets that are allowed; null = only UNIX sockets, if at all, are looked at.</param>
    /// <param name="architecture">The kernel's architecture.</param>
    /// <param name="traced">
    /// Whether a tracer gives the error for sockets, keyrings and the terminal (<see cref="FilterProgram.Refuse"/>) and so learns of it. Without one,
    /// the kernel refuses them all the same. The command can be no tracer itself then, and not be asked by a filter of its own about its calls
    /// (seccomp_unotify(2)): either would answer in the place of the tracer.
    /// </param>
    /// <param name="unix">Whether UNIX sockets can be made.</param>
    /// <exception cref="PlatformNotSupportedException">There is none for the architecture.</exception>
    public static ImmutableArray<ulong> For(NetworkAccess? network, Architecture architecture, bool traced = false, bool unix = true) =>
        s_made.GetOrAdd((architecture, network, traced, unix), static key => Make(key.Network, key.Architecture, key.Traced, key.Unix));

    private static ImmutableArray<ulong> Make(NetworkAccess? network, Architecture architecture, bool traced, bool unix)
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
            Add(program, all[i], network, unix, traced, traced && i == 0 ? FilterProgram.Refuse : FilterProgram.Fail);
        }

        return program.Build();
    }

    private static void Add(FilterProgram program, FilteredCalls calls, NetworkAccess? network, bool unix, bool traced, Func<Errno, uint> refuse)
    {
        FilterProgram.Label missing = new(), keyring = new(), ioctl = new(), refused = new(), ptrace = new(), filter = new(), listener = new();
        program.LoadNumber();
        if (calls.HasX32) program.IfAtLeast(X32Bit, missing);
        program.IfEqual(calls.Ioctl, ioctl).IfEqual(calls.AddKey, keyring).IfEqual(calls.RequestKey, keyring).IfEqual(calls.KeyControl, keyring);
        if (traced) program.IfEqual(calls.Ptrace, ptrace).IfEqual(calls.Seccomp, filter);
        if (network is not null) AddSockets(program, calls, network, unix, missing, refuse);
        else if (!unix) AddUnix(program, calls, missing, refuse);
        else program.End(FilterProgram.Allow);
        program.Place(ioctl).LoadArgument(1).IfEqual(TypeIntoTerminal, refused).IfEqual(ConsoleControl, refused).End(FilterProgram.Allow);
        program.Place(refused).End(refuse(Errno.EPERM));
        program.Place(keyring).End(refuse(Errno.ENOSYS));
        program.Place(missing).End(FilterProgram.Fail(Errno.ENOSYS));
        if (!traced) return;
        // What a tracee is told, and a kernel without listeners (Linux 4.20) says. Never by the tracer: it is what the rest relies on.
        program.Place(ptrace).End(FilterProgram.Fail(Errno.EPERM));
        program.Place(filter).LoadArgument(1).IfAny(NewListener, listener).End(FilterProgram.Allow);
        program.Place(listener).End(FilterProgram.Fail(Errno.EINVAL));
    }

    // Every other kind of socket is allowed.
    private static void AddUnix(FilterProgram program, FilteredCalls calls, FilterProgram.Label missing, Func<Errno, uint> refuse)
    {
        FilterProgram.Label socket = new(), pair = new(), allowed = new(), family = new(), type = new();
        program.IfEqual(calls.Socket, socket).IfEqual(calls.SocketPair, pair);
        AddUnseen(program, calls, missing).End(FilterProgram.Allow);
        program.Place(socket).LoadArgument(0).IfEqual(Unix, family).End(FilterProgram.Allow);
        program.Place(pair).LoadArgument(0).IfNotEqual(Unix, allowed);
        AddPairs(program, type).Place(allowed).End(FilterProgram.Allow);
        program.Place(family).End(refuse(Errno.EAFNOSUPPORT));
        program.Place(type).End(refuse(Errno.ESOCKTNOSUPPORT));
    }

    // To a UNIX socket, SOCK_RAW is SOCK_DGRAM.
    private static FilterProgram AddPairs(FilterProgram program, FilterProgram.Label refused) =>
        program.LoadArgument(1).Mask(TypeMask).IfEqual(Datagram, refused).IfEqual(Raw, refused);

    private static FilterProgram AddUnseen(FilterProgram program, FilteredCalls calls, FilterProgram.Label missing)
    {
        program.IfEqual(IoUringSetup, missing).IfEqual(IoUringEnter, missing).IfEqual(IoUringRegister, missing);
        return calls.SocketCall is { } socketCall ? program.IfEqual(socketCall, missing) : program;
    }

    private static void AddSockets(FilterProgram program, FilteredCalls calls, NetworkAccess access, bool unix, FilterProgram.Label missing, Func<Errno, uint> refuse)
    {
        FilterProgram.Label socket = new(), pair = new(), pairType = new(), sendTo = new(), sendMessage = new(), setOption = new();
        FilterProgram.Label family = new(), allowed = new();
        program.IfEqual(calls.Socket, socket).IfEqual(calls.SocketPair, pair);
        if (access.Tcp) program.IfEqual(calls.SendTo, sendTo).IfEqual(calls.SendMessages, sendTo).IfEqual(calls.SendMessage, sendMessage).IfEqual(calls.SetOption, setOption);
        AddUnseen(program, calls, missing).End(FilterProgram.Allow);

        FilterProgram.Label internet = new(), stream = new(), datagram = new();
        program.Place(socket).LoadArgument(0).IfEqual(Unix, unix ? allowed : family).IfEqual(Internet, internet).IfNotEqual(Internet6, family);
        program.Place(internet).LoadArgument(1).Mask(TypeMask);
        if (access.Tcp) program.IfEqual(Stream, stream);
        if (access.Udp) program.IfEqual(Datagram, datagram);
        program.End(refuse(Errno.EACCES));
        if (access.Tcp) program.Place(stream).LoadArgument(2).IfEqual(0, allowed).IfEqual(TcpProtocol, allowed).End(FilterProgram.Fail(Errno.EPROTONOSUPPORT));
        if (access.Udp) program.Place(datagram).LoadArgument(2).IfEqual(0, allowed).IfEqual(UdpProtocol, allowed).End(FilterProgram.Fail(Errno.EPROTONOSUPPORT));

        program.Place(pair).LoadArgument(0);
        if (unix)
        {
            program.IfEqual(Unix, allowed);
        }
        else
        {
            program.IfNotEqual(Unix, family);
            AddPairs(program, pairType).End(FilterProgram.Allow);
            program.Place(pairType).End(refuse(Errno.ESOCKTNOSUPPORT));
        }

        program.Place(family).End(refuse(Errno.EAFNOSUPPORT));

        FilterProgram.Label fastOpen = new(), option = new();
        if (access.Tcp)
        {
            program.Place(sendTo).LoadArgument(3).IfAny(FastOpenFlag, fastOpen).End(FilterProgram.Allow);
            program.Place(sendMessage).LoadArgument(2).IfAny(FastOpenFlag, fastOpen).End(FilterProgram.Allow);
            program.Place(setOption).LoadArgument(1).IfNotEqual(TcpProtocol, allowed).LoadArgument(2).IfEqual(FastOpenConnect, option).IfEqual(UpperProtocol, option);
        }

        program.Place(allowed).End(FilterProgram.Allow);
        if (!access.Tcp) return;
        program.Place(fastOpen).End(FilterProgram.Fail(Errno.EOPNOTSUPP));
        program.Place(option).End(FilterProgram.Fail(Errno.ENOPROTOOPT));
    }
}
