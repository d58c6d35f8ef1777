using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Landlock.Linux;

namespace Landlock.Sandboxes.Filters;

/// <summary>
/// The seccomp filter of every sandboxed command. It keeps a command to the sockets that it may have, and closes doors that Landlock has no
/// right for: typing into the terminal, by which a command would type the next one into its user's shell; the kernel's keyrings, which hold
/// the user's secrets without being files; and the limits and scheduling of other processes.
/// </summary>
/// <remarks>
/// It looks at the making of sockets, since nothing about a socket can be told from its descriptor later; descriptors above 2 do not reach
/// the command anyway. What a rule would have to allow fails with EACCES, as with Landlock. What programs try first and can do without
/// fails with the error that they fall back from: families other than UNIX and Internet (EAFNOSUPPORT), MPTCP and other protocols
/// (EPROTONOSUPPORT), TCP Fast Open, which connects without connect_tcp on kernels before 7.2 (EOPNOTSUPP, ENOPROTOOPT), TCP_ULP, which
/// turns a socket of TCP into one of SMC, where Landlock sees no TCP (ENOPROTOOPT; TLS is left to programs then), io_uring, which makes
/// sockets unseen, and keyrings (ENOSYS, as on a kernel without). So do x32 and socketcall(2), which 32-bit programs of old C libraries
/// use, and programs of any other architecture.
/// <para>UNIX sockets are refused only where that is asked for, with EAFNOSUPPORT: it is what systemd's RestrictAddressFamilies= gives, and
/// the only error after which musl looks up a user without nscd. Pairs stay, since they reach nobody else, but for datagrams: one of those
/// can send to any address.</para>
/// <para>A filter sees numbers, and cannot tell the number of a thread of the command from that of a process outside. So limits, priorities
/// and scheduling are set for the caller only, which is 0; every other number fails with EPERM. One call is answered without being made:
/// sched_setscheduler(2) to SCHED_OTHER, which a thread nearly always has; .NET makes it for each thread and takes no error.</para>
/// </remarks>
internal static class CommandFilter
{
    private const uint X32Bit = 0x4000_0000;
    private const uint IoUringSetup = 425, IoUringEnter = 426, IoUringRegister = 427, Clone3 = 435; // the same everywhere
    private const uint Unix = 1, Internet = 2, Internet6 = 10, Netlink = 16; // AF_*
    private const uint RouteProtocol = 0; // NETLINK_ROUTE
    private const uint Stream = 1, Datagram = 2, Raw = 3, TypeMask = 0xF; // SOCK_*, SOCK_TYPE_MASK
    private const uint TcpProtocol = 6, UdpProtocol = 17; // IPPROTO_*
    private const uint IpProtocol = 0, Ip6Protocol = 41; // IPPROTO_IP, IPPROTO_IPV6
    private const uint IpOptions = 4; // IP_OPTIONS: with a source route, a packet goes elsewhere first
    private const uint FastOpenFlag = 0x2000_0000; // MSG_FASTOPEN
    private const uint FastOpenConnect = 30, UpperProtocol = 31; // TCP_FASTOPEN_CONNECT, TCP_ULP
    private const uint NewListener = 8; // SECCOMP_FILTER_FLAG_NEW_LISTENER
    private const uint PriorityOfProcess = 0, IoPriorityOfProcess = 1; // PRIO_PROCESS, IOPRIO_WHO_PROCESS
    private const uint OrdinaryPolicy = 0; // SCHED_OTHER
    private const uint NewTimeNamespace = 0x80; // CLONE_NEWTIME, a signal's bit to clone(2)

    // IPV6_RTHDR, IPV6_2292RTHDR, IPV6_2292PKTOPTIONS: with a routing header, a packet goes elsewhere first.
    private static readonly uint[] Ip6Routes = [57, 5, 6];

    /// <summary>CLONE_NEW*, but that of time.</summary>
    public const uint NewNamespaces = 0x7E02_0000;

    /// <summary>TIOCSTI.</summary>
    public const uint TypeIntoTerminal = 0x5412;

    /// <summary>TIOCLINUX.</summary>
    public const uint ConsoleControl = 0x541C;

    private static readonly ConcurrentDictionary<(Architecture Architecture, FilterOptions Options), ImmutableArray<ulong>> s_made = [];

    /// <summary>The filter's instructions.</summary>
    /// <param name="options">What it lets through.</param>
    /// <param name="architecture">The kernel's architecture.</param>
    /// <exception cref="PlatformNotSupportedException">There is none for the architecture.</exception>
    public static ImmutableArray<ulong> For(FilterOptions options, Architecture architecture) =>
        s_made.GetOrAdd((architecture, options), static key => Make(key.Options, key.Architecture));

    private static ImmutableArray<ulong> Make(FilterOptions options, Architecture architecture)
    {
        FilterProgram program = new();
        // Whoever answers for a command knows the calls of the kernel's own programs.
        ImmutableArray<FilteredCalls> all = FilteredCalls.Of(architecture);
        if (options.Network is { Hosts: true }) all = all[..1];
        FilterProgram.Label[] parts = [.. all.Select(_ => new FilterProgram.Label())];
        program.LoadArchitecture();
        for (int i = 0; i < parts.Length; i++) program.IfEqual(all[i].Audit, parts[i]);
        program.End(FilterProgram.Fail(Errno.ENOSYS));
        for (int i = 0; i < parts.Length; i++)
        {
            program.Place(parts[i]);
            // What the tracer does not see it cannot refuse.
            bool seen = options.Traced && CallTable.Of(architecture).Any(table => table.AuditArchitecture == all[i].Audit);
            new Part(program, all[i], options, seen ? FilterProgram.Refuse : FilterProgram.Fail).Write();
        }

        return program.Build();
    }

    /// <summary>The part for one architecture's programs: the switch, what it leads to, and the ends that these share.</summary>
    private sealed class Part(FilterProgram program, FilteredCalls calls, FilterOptions options, Func<Errno, uint> refuse)
    {
        private readonly CallSwitch _switch = new();
        private readonly List<Action> _bodies = [];
        private readonly FilterProgram.Label _allowed = new(), _notPermitted = new(), _family = new(), _type = new(), _hidden =
            new(), _missing = new();

        public void Write()
        {
            if (!options.OnlyNetwork)
            {
                On(_hidden, calls.AddKey, calls.RequestKey, calls.KeyControl);
                On(() => program.LoadArgument(1).IfEqual(TypeIntoTerminal, _notPermitted).IfEqual(ConsoleControl, _notPermitted),
                    calls.Ioctl);
                OtherProcesses();
            }

            if (options.Traced) Tracers();
            if (options.Network is { Hosts: true } asked) AskedSockets(asked);
            else if (options.Network is { } network) Sockets(network);
            else if (!options.Unix) UnixSockets();
            if (!options.SystemVIpc) On(_hidden, calls.SystemVIpc.AsSpan());
            if (!options.Namespaces) Namespaces();
            // Its flags are in memory: it can make namespaces, and put the new process into any control group that it can name.
            if (!options.Namespaces || options.InGroup) On(_missing, Clone3);

            program.LoadNumber();
            if (calls.HasX32) program.IfAtLeast(X32Bit, _missing);
            _switch.Write(program);
            foreach (Action body in _bodies) body();
            program.Place(_allowed).End(FilterProgram.Allow);
            program.Place(_notPermitted).End(refuse(Errno.EPERM));
            program.Place(_family).End(refuse(Errno.EAFNOSUPPORT));
            program.Place(_type).End(refuse(Errno.ESOCKTNOSUPPORT));
            program.Place(_hidden).End(refuse(Errno.ENOSYS));
            program.Place(_missing).End(FilterProgram.Fail(Errno.ENOSYS));
        }

        private void On(FilterProgram.Label target, params ReadOnlySpan<uint> numbers) => _switch.On(target, numbers);

        // What is not decided in the body is allowed.
        private void On(Action body, params ReadOnlySpan<uint> numbers) => OnElse(body, FilterProgram.Allow, numbers);

        private void OnElse(Action body, uint otherwise, params ReadOnlySpan<uint> numbers)
        {
            FilterProgram.Label start = new();
            _switch.On(start, numbers);
            _bodies.Add(() =>
            {
                program.Place(start);
                body();
                program.End(otherwise);
            });
        }

        private void OtherProcesses()
        {
            // Reading limits is left to who may; so are those of the caller.
            On(() => program.LoadArgument(0).IfEqual(0, _allowed).LoadArgument(2).IfNotEqual(0, _notPermitted).LoadUpper(2)
                .IfNotEqual(0, _notPermitted), calls.SetLimits);
            On(() => program.LoadArgument(0).IfNotEqual(PriorityOfProcess, _notPermitted).LoadArgument(1).IfNotEqual(0, _notPermitted),
                calls.SetPriority);
            On(() => program.LoadArgument(0).IfNotEqual(IoPriorityOfProcess, _notPermitted).LoadArgument(1).IfNotEqual(0, _notPermitted),
                calls.SetIoPriority);
            On(() => program.LoadArgument(0).IfNotEqual(0, _notPermitted), calls.SetSchedule, calls.SetScheduling, calls.SetAffinity);
            OnElse(() => program.LoadArgument(0).IfEqual(0, _allowed).LoadArgument(1).IfNotEqual(OrdinaryPolicy, _notPermitted),
                FilterProgram.Fail(Errno.None), calls.SetScheduler);
        }

        // What a tracee is told, and a kernel without listeners (Linux 4.20) says.
        private void Tracers()
        {
            FilterProgram.Label ptrace = new(), listener = new();
            On(ptrace, calls.Ptrace);
            On(() => program.LoadArgument(1).IfAny(NewListener, listener), calls.Seccomp);
            _bodies.Add(() => program.Place(ptrace).End(refuse(Errno.EPERM)));
            _bodies.Add(() => program.Place(listener).End(refuse(Errno.EINVAL)));
        }

        private void Namespaces()
        {
            On(() => program.LoadArgument(0).IfAny(NewNamespaces, _notPermitted), calls.CloneProcess);
            On(() => program.LoadArgument(0).IfAny(NewNamespaces | NewTimeNamespace, _notPermitted), calls.Unshare);
            On(_notPermitted, calls.SetNamespace, calls.UserFault, calls.Bpf, calls.PerfEvent);
        }

        // Every other kind of socket is allowed.
        private void UnixSockets()
        {
            On(() => program.LoadArgument(0).IfEqual(Unix, _family), calls.Socket);
            On(() => UnixPairs(program.LoadArgument(0).IfNotEqual(Unix, _allowed)), calls.SocketPair);
            Unseen();
        }

        // To a UNIX socket, SOCK_RAW is SOCK_DGRAM.
        private void UnixPairs(FilterProgram atPair) => atPair.LoadArgument(1).Mask(TypeMask).IfEqual(Datagram, _type).IfEqual(Raw, _type);

        private void Unseen()
        {
            On(_missing, IoUringSetup, IoUringEnter, IoUringRegister);
            if (calls.SocketCall is { } socketCall) On(_missing, socketCall);
        }

        private void Sockets(NetworkAccess access)
        {
            FilterProgram.Label internet = new(), stream = new(), datagram = new(), netlink = new();
            OnElse(() =>
            {
                program.LoadArgument(0).IfEqual(Unix, options.Unix ? _allowed : _family).IfEqual(Internet, internet);
                if (access.Interfaces) program.IfEqual(Netlink, netlink);
                program.IfNotEqual(Internet6, _family);
                program.Place(internet).LoadArgument(1).Mask(TypeMask);
                if (access.Tcp) program.IfEqual(Stream, stream);
                if (access.Udp) program.IfEqual(Datagram, datagram);
                program.End(refuse(Errno.EACCES));
                if (access.Tcp)
                    program.Place(stream).LoadArgument(2).IfEqual(0, _allowed).IfEqual(TcpProtocol, _allowed)
                        .End(FilterProgram.Fail(Errno.EPROTONOSUPPORT));
                if (access.Interfaces) program.Place(netlink).LoadArgument(2).IfEqual(RouteProtocol, _allowed).IfAny(~0u, _family);
                if (access.Udp) program.Place(datagram).LoadArgument(2).IfEqual(0, _allowed).IfEqual(UdpProtocol, _allowed);
            }, FilterProgram.Fail(Errno.EPROTONOSUPPORT), calls.Socket);
            On(() =>
            {
                program.LoadArgument(0).IfNotEqual(Unix, _family);
                if (!options.Unix) UnixPairs(program);
            }, calls.SocketPair);
            Unseen();
            if (access.Tcp) FastOpen();
        }

        private void FastOpen()
        {
            FilterProgram.Label fastOpen = new(), option = new();
            On(() => program.LoadArgument(3).IfAny(FastOpenFlag, fastOpen), calls.SendTo, calls.SendMessages);
            On(() => program.LoadArgument(2).IfAny(FastOpenFlag, fastOpen), calls.SendMessage);
            On(() => program.LoadArgument(1).IfNotEqual(TcpProtocol, _allowed).LoadArgument(2).IfEqual(FastOpenConnect, option)
                .IfEqual(UpperProtocol, option), calls.SetOption);
            Ends(fastOpen, option);
        }

        private void Ends(FilterProgram.Label fastOpen, FilterProgram.Label option)
        {
            _bodies.Add(() => program.Place(fastOpen).End(FilterProgram.Fail(Errno.EOPNOTSUPP)));
            _bodies.Add(() => program.Place(option).End(FilterProgram.Fail(Errno.ENOPROTOOPT)));
        }

        // Calls that would reach a host, or tell of one, are answered by the supervisor. A socket of UDP is made by it, too: what no filter
        // sees, the addresses of sendmsg(2) and sendmmsg(2), has no effect on any socket that there is then.
        private void AskedSockets(NetworkAccess access)
        {
            FilterProgram.Label ask = new(), fastOpen = new(), option = new();
            On(ask, calls.Connect, calls.Bind, calls.Listen, calls.GetName, calls.GetPeer, calls.ReceiveMessage);
            OnElse(() =>
            {
                FilterProgram.Label internet = new(), stream = new(), datagram = new(), netlink = new();
                program.LoadArgument(0).IfEqual(Unix, options.Unix ? _allowed : _family).IfEqual(Internet, internet);
                if (access.Interfaces) program.IfEqual(Netlink, netlink);
                program.IfNotEqual(Internet6, _family);
                program.Place(internet).LoadArgument(1).Mask(TypeMask).IfEqual(Stream, stream).IfEqual(Datagram, datagram)
                    .End(refuse(Errno.EACCES));
                program.Place(stream).LoadArgument(2).IfEqual(0, _allowed).IfEqual(TcpProtocol, _allowed)
                    .End(FilterProgram.Fail(Errno.EPROTONOSUPPORT));
                if (access.Interfaces) program.Place(netlink).LoadArgument(2).IfEqual(RouteProtocol, _allowed).IfAny(~0u, _family);
                program.Place(datagram).LoadArgument(2).IfEqual(0, ask).IfEqual(UdpProtocol, ask);
            }, FilterProgram.Fail(Errno.EPROTONOSUPPORT), calls.Socket);
            On(() =>
            {
                program.LoadArgument(0).IfNotEqual(Unix, _family);
                if (!options.Unix) UnixPairs(program);
            }, calls.SocketPair);
            Unseen();
            On(() => program.LoadArgument(3).IfAny(FastOpenFlag, fastOpen).LoadArgument(4).IfNotEqual(0, ask).LoadUpper(4)
                .IfNotEqual(0, ask), calls.SendTo);
            On(() => program.LoadArgument(4).IfNotEqual(0, ask).LoadUpper(4).IfNotEqual(0, ask), calls.ReceiveFrom);
            On(() => program.LoadArgument(2).IfAny(FastOpenFlag, fastOpen), calls.SendMessage);
            On(() => program.LoadArgument(3).IfAny(FastOpenFlag, fastOpen), calls.SendMessages);
            On(() =>
            {
                FilterProgram.Label v4 = new(), v6 = new();
                program.LoadArgument(1).IfEqual(IpProtocol, v4).IfEqual(Ip6Protocol, v6).IfEqual(UdpProtocol, ask)
                    .IfNotEqual(TcpProtocol, _allowed)
                    .LoadArgument(2).IfEqual(FastOpenConnect, option).IfEqual(UpperProtocol, option).End(FilterProgram.Allow);
                program.Place(v4).LoadArgument(2).IfEqual(IpOptions, _notPermitted).End(FilterProgram.Ask);
                program.Place(v6).LoadArgument(2);
                foreach (uint route in Ip6Routes) program.IfEqual(route, _notPermitted);
                program.End(FilterProgram.Ask);
            }, calls.SetOption);
            Ends(fastOpen, option);
            _bodies.Add(() => program.Place(ask).End(FilterProgram.Ask));
        }
    }
}
