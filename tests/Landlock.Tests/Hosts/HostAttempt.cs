namespace Landlock.Tests.Hosts;

/// <summary>An attempt of tests/Attack that needs the world.</summary>
/// <param name="Name">Its name there.</param>
/// <param name="What">What it does, for docs/security.md.</param>
/// <param name="Why">What stops it, or why nothing does.</param>
/// <param name="Answer">What the command is answered.</param>
internal sealed record HostAttempt(string Name, string What, string Why, string Answer)
{
    /// <summary>Its name in that program, where that is tried in several sandboxes.</summary>
    public string Program { get; init; } = Name;

    /// <summary>Why it may be refused without the sandbox, too, on some machines or to an ordinary user; null = it works.</summary>
    public string? MayBeImpossible { get; init; }

    /// <summary>Whether nothing stops it.</summary>
    public bool IsOpen { get; init; }

    /// <summary>More options of the sandbox.</summary>
    public string[] Options { get; init; } = [];

    private const string Rules = "no rule allows it", Filter = "seccomp filter", Question = "questions are written anew",
        Pins = "only what the name server answers for an allowed name is allowed",
        Outside = "processes outside the domain cannot be reached",
        Datagrams = "no socket of UDP exists", Copied = "the supervisor connects a copy of the socket to a copy of the address";

    private const string Denied = "connect: Permission denied", Unknown = "NXDOMAIN", NoData = "no data", Kept = "kept back",
        NoFamily = "socket: Address family not supported by protocol", NoProtocol = "socket: Protocol not supported",
        NotPermitted = "Operation not permitted", NoCall = "Function not implemented", NoFile = "connect: No such file or directory";

    private const string Kernel = "the kernel may lack it", Emulation = "x86 with 32-bit emulation only",
        Root = "only root can without a sandbox";

    private const string NoUnix = "there is no UNIX socket unless some are allowed", Hidden = "the supervisor says that there is none",
        Daemons = "UNIX sockets reach daemons, and these reach anybody";

    // Allows all of them on kernels that cannot tell one from another.
    private static readonly string[] UnixSockets = ["--disable", "resolve_unix"];

    public static HostAttempt[] All { get; } =
    [
        new("host_address", "connect to another address", Rules, Denied),
        new("host_port", "another port of an allowed address", Rules, Denied),
        new("host_not_asked", "the address of an allowed name, before it was asked for", Pins, Denied),
        new("host_ipv6", "another address of IPv6", Rules, Denied),
        new("host_mapped", "the address as IPv6 (`::ffff:`)", Rules, Denied),
        new("host_loopback", "this machine: `127.0.0.1`", Rules, Denied),
        new("host_loopback_other", "another address of the loopback network", Rules, Denied),
        new("host_loopback_mapped", "`::ffff:127.0.0.1`", Rules, Denied),
        new("host_loopback6", "`::1`", Rules, Denied),
        new("host_any", "`0.0.0.0`, which is this machine", Rules, Denied),
        new("host_any_mapped", "`::ffff:0.0.0.0`", Rules, Denied),
        new("host_any6", "`::`", Rules, Denied),
        new("host_own", "an address of this machine on the network", Rules, Denied),
        new("host_long_address", "an address with more bytes than it has", Rules, Denied),
        new("host_short_address6", "an address of IPv6 without its last field", Rules, Denied),
        new("host_flow6", "with a flow label and an interface", Rules, Denied),
        new("host_nonblocking", "on a socket that does not wait", Rules, Denied),
        new("host_reconnect", "on a socket that was connected elsewhere", Rules, Denied),
        new("host_high_bits", "with bits in every number that the kernel drops", Rules, Denied),
        new("host_listen", "listen on a port that the kernel chooses", "listening needs `-BindTcp`", "listen: Permission denied"),
        new("host_race_address", "change the address while it is looked at, in a thread", Copied, "each time"),
        new("host_race_address_process", "the same in a process that shares the memory", Copied, "each time"),
        new("host_race_descriptor", "make the descriptor of a UNIX socket one of TCP while it is looked at",
            "Landlock: the command may connect to no port", "each time"),
        new("host_race_descriptor_port", "the same with `-ConnectTcp` for the port",
            "Landlock: the command may connect to no port", "each time")
        { Program = "host_race_descriptor", Options = ["--connect-tcp", "80"] },
        new("host_address_port", "with `-ConnectTcp` for the port, which hosts are named for, connect to another address", Rules, Denied)
        { Program = "host_address", Options = ["--connect-tcp", "80"] },
        new("host_loopback_port", "with it, connect to this machine", Rules, Denied)
        { Program = "host_loopback", Options = ["--connect-tcp", "80"] },
        new("host_race_descriptor_udp", "the same with one of UDP", Copied, "each time"),
        new("host_race_descriptor_file", "the same with a file", Copied, "each time"),
        new("host_thread_descriptor", "in a thread with descriptors of its own", Copied, Denied),
        new("host_tracer", "change the address by a tracer of its own when the call has begun", Copied, Denied),
        new("host_untraceable", "in a process that nobody may look into (PR_SET_DUMPABLE)", "what nobody sees is refused", Denied),
        new("host_user_namespace", "in a user namespace of its own", Rules, Denied) { MayBeImpossible = "user namespaces may be off" },
        new("host_vfork", "in a child that shares the memory (vfork(2))", Rules, Denied),
        new("host_bind", "bind a port, to be connected to", "listening needs `-BindTcp`", "bind: Permission denied"),
        new("host_random", "20,000 calls on sockets, in any order and with any arguments", Rules, "whatever was called"),
        new("host_fast_open", "connect by sendto(2) (MSG_FASTOPEN)", Filter, "sendto: Operation not supported"),
        new("host_fast_open_high_bits", "the same, with bits in numbers that the kernel drops", Filter, "sendto: Operation not supported"),
        new("host_fast_open_message", "the same by sendmsg(2)", Filter, "sendmsg: Operation not supported"),
        new("host_fast_open_messages", "the same by sendmmsg(2)", Filter, "sendmmsg: Operation not supported"),
        new("host_fast_open_option", "the same by TCP_FASTOPEN_CONNECT", Filter, "setsockopt: Protocol not available"),
        new("host_upgrade", "make it a socket of SMC (TCP_ULP)", Filter, "setsockopt: Protocol not available") { MayBeImpossible = Kernel },
        new("host_options", "options of IP (IP_OPTIONS)", Filter, $"setsockopt: {NotPermitted}"),
        new("host_options_high_bits", "the same, with bits in numbers that the kernel drops", Filter, $"setsockopt: {NotPermitted}"),
        new("host_source_route", "a source route", Filter, $"setsockopt: {NotPermitted}") { MayBeImpossible = Root },
        new("host_routing_header", "a routing header (IPV6_RTHDR)", Filter, $"setsockopt: {NotPermitted}") { MayBeImpossible = Kernel },
        new("host_routing_header_old", "the same by IPV6_2292PKTOPTIONS", Filter, $"setsockopt: {NotPermitted}")
        { MayBeImpossible = Kernel },
        new("host_raw", "a raw socket", Filter, "socket: Permission denied") { MayBeImpossible = Root },
        new("host_raw6", "a raw socket of IPv6", Filter, "socket: Permission denied") { MayBeImpossible = Root },
        new("host_ping", "an ICMP socket", Filter, "socket: ") { MayBeImpossible = "net.ipv4.ping_group_range" },
        new("host_packet", "a packet socket", Filter, NoFamily) { MayBeImpossible = Root },
        new("host_netlink", "a netlink socket", Filter, NoFamily),
        new("host_vsock", "a vsock socket", Filter, NoFamily) { MayBeImpossible = Kernel },
        new("host_smc", "an SMC socket", Filter, NoFamily) { MayBeImpossible = Kernel },
        new("host_smc_inside", "SMC by its protocol number", Filter, NoProtocol) { MayBeImpossible = Kernel },
        new("host_mptcp", "MPTCP", Filter, NoProtocol) { MayBeImpossible = Kernel },
        new("host_sctp", "SCTP", Filter, NoProtocol) { MayBeImpossible = Kernel },
        new("host_sctp_packets", "SCTP in packets", Filter, "socket: ") { MayBeImpossible = Kernel },
        new("host_udp_lite", "UDP-Lite", Filter, NoProtocol) { MayBeImpossible = Kernel },
        new("host_dccp", "DCCP", Filter, "socket: ") { MayBeImpossible = Kernel },
        new("host_io_uring", "an io_uring, which connects unseen", Filter, NoCall) { MayBeImpossible = "kernel.io_uring_disabled" },
        new("host_socket_32", "a socket by the 32-bit call (int 0x80)", Filter, NoCall) { MayBeImpossible = Emulation },
        new("host_connect_32", "connect by the 32-bit call", Filter, NoCall) { MayBeImpossible = Emulation },
        new("host_connect_x32", "connect by the call of x32", Filter, NoCall) { MayBeImpossible = "x86 with x32 only" },

        new("datagram", "a datagram to another address", Datagrams, "sendto: Permission denied"),
        new("datagram6", "the same over IPv6", Datagrams, "sendto: Permission denied"),
        new("datagram_mapped", "the same to a mapped address", Datagrams, "sendto: Permission denied"),
        new("datagram_no_family", "the same to an address without a family", Datagrams, "sendto: "),
        new("datagram_allowed_host", "the same to an allowed host", Datagrams, "sendto: Permission denied"),
        new("datagram_server_port", "the same to the name server, at another port", Datagrams, "sendto: Permission denied"),
        new("datagram_loopback", "the same to this machine", Datagrams, "sendto: Permission denied"),
        new("datagram_multicast", "the same to a group", Datagrams, "sendto: Permission denied"),
        new("datagram_send", "connect(2), and send(2)", Datagrams, ""),
        new("datagram_write", "connect(2), and write(2)", Datagrams, ""),
        new("datagram_writev", "connect(2), and writev(2)", Datagrams, ""),
        new("datagram_splice", "connect(2), and splice(2)", Datagrams, ""),
        new("datagram_message", "the same by sendmsg(2)", Datagrams, ""),
        new("datagram_messages", "the same by sendmmsg(2), after one for the name server", Datagrams, ""),
        new("datagram_high_bits", "the same, with bits in numbers that the kernel drops", Datagrams, "sendto: Permission denied"),
        new("datagram_low_memory", "the same with an address at a number whose lower half is 0", Datagrams, "sendto: Permission denied"),
        new("datagram_reconnect", "connect what stands for a socket of UDP to a UNIX socket", Datagrams, "connect: ")
        { MayBeImpossible = "it is UDP there" },
        new("datagram_rights", "send a descriptor to the supervisor", Datagrams, "") { MayBeImpossible = "it is UDP there" },

        new("name", "ask for another name", Rules, Unknown),
        new("name6", "the same for its address of IPv6", Rules, Unknown),
        new("name_tcp", "the same over TCP", Rules, Unknown),
        new("name_alias", "a name that is an alias of an allowed one", Rules, Unknown),
        new("name_above", "the name that a wildcard is beneath", Rules, Unknown),
        new("name_beneath", "data in labels beneath an allowed name", Rules, Unknown),
        new("name_like", "a name that ends like an allowed one, within a label", Rules, Unknown),
        new("name_label", "a label with dots, which as text is an allowed name", Question, ""),
        new("name_binary", "labels with bytes that no name has", Question, ""),
        new("name_other_server", "ask another server", Datagrams, "sendto: Permission denied"),
        new("name_other_server_send", "the same by connect(2) and send(2)", Datagrams, ""),
        new("name_other_server_tcp", "the same over TCP", Rules, Denied),
        new("question_capitals", "say something in capital letters", Question, Kept),
        new("question_capitals_tcp", "the same over TCP", Question, Kept),
        new("question_options", "in options of EDNS", Question, Kept),
        new("question_options_tcp", "the same over TCP", Question, Kept),
        new("question_size", "in sizes and flags of EDNS", Question, Kept),
        new("question_record", "in a record beside the question", Question, ""),
        new("question_rest", "in bytes after the question", Question, ""),
        new("question_second", "in a second question", Question, ""),
        new("question_header", "in flags", Question, ""),
        new("question_operation", "in the kind of operation", Question, ""),
        new("question_class", "in the class", Question, ""),
        new("question_text", "by asking for text (TXT)", Question, NoData),
        new("question_text_tcp", "the same over TCP", Question, NoData),
        new("question_service", "for services (SRV)", Question, NoData),
        new("question_null", "for a NULL record", Question, NoData),
        new("question_svcb", "for SVCB", Question, NoData),
        new("question_https", "for HTTPS, which has addresses of its own", Question, NoData),
        new("question_any", "for everything (ANY)", Question, NoData),
        new("question_transfer", "for the whole zone (AXFR)", Question, NoData),
        new("question_type_number", "in the number of the type", Question, NoData),
        new("answer_loopback", "an allowed name that leads to `127.0.0.1`", Pins, Denied),
        new("answer_loopback6", "to `::1`", Pins, Denied),
        new("answer_mapped", "to `::ffff:127.0.0.1`", Pins, Denied),
        new("answer_any", "to `0.0.0.0`", Pins, Denied),
        new("answer_any6", "to `::`", Pins, Denied),
        new("answer_metadata", "to `169.254.169.254`, where clouds keep secrets", Pins, Denied),
        new("answer_own", "to this machine's address on the network", Pins, Denied),
        new("answer_own6", "to its address of IPv6", Pins, Denied),
        new("answer_unasked", "an address of another name in the same answer", Pins, Denied),
        new("answer_forged", "an address in answers to other questions", Pins, Denied),
        new("answer_broken", "an address in an answer that is broken", Pins, Denied),
        new("answer_port", "another port of a name's address", Rules, Denied),

        new("supervisor_signal", "a signal to the supervisor", Outside, $"kill: {NotPermitted}"),
        new("supervisor_signal_thread", "to its thread", Outside, $"tgkill: {NotPermitted}"),
        new("supervisor_signal_descriptor", "by a descriptor of its process", Outside, $"pidfd_send_signal: {NotPermitted}"),
        new("supervisor_trace", "trace it", Outside, $"ptrace: {NotPermitted}"),
        new("supervisor_memory", "read its memory", Outside, $"process_vm_readv: {NotPermitted}"),
        new("supervisor_memory_file", "open its memory", Outside, "open: Permission denied"),
        new("supervisor_descriptor", "take a descriptor of it", Outside, $"pidfd_getfd: {NotPermitted}"),
        new("supervisor_descriptor_file", "see its descriptors", Outside, "readlink: Permission denied"),
        new("supervisor_limit", "limit its descriptors", Filter, $"prlimit: {NotPermitted}"),
        new("supervisor_affinity", "bind it to a processor", Filter, $"sched_setaffinity: {NotPermitted}"),
        new("supervisor_priority", "slow it down", Filter, $"setpriority: {NotPermitted}"),
        new("supervisor_port", "connect to every port of `127.0.0.1` that is listened to, its own among them", Rules, Denied),
        new("supervisor_listener", "answer in its place (SECCOMP_FILTER_FLAG_NEW_LISTENER)",
            "a listener is there already", "seccomp: Device or resource busy"),
        new("supervisor_filter", "another address behind a filter of its own that allows everything", Rules, Denied),
        new("daemon_nscd", "have nscd ask for a name", NoUnix, NoFamily),
        new("daemon_resolved", "have systemd-resolved ask for a name", NoUnix, NoFamily),
        new("daemon_unix_nscd", "with UNIX sockets allowed, have nscd ask for a name", Hidden, NoFile)
        { Program = "daemon_nscd", Options = UnixSockets },
        new("daemon_unix_resolved", "with them, systemd-resolved", Hidden, NoFile) { Program = "daemon_resolved", Options = UnixSockets },
        new("daemon_unix_dots", "with them, nscd by another spelling of the path", Hidden, NoFile)
        { Program = "daemon_dots", Options = UnixSockets },
        new("daemon_unix_relative", "with them, by a relative path", Hidden, NoFile)
        { Program = "daemon_relative", Options = UnixSockets },
        new("daemon_unix_link", "with them, by a link of its own", Hidden, NoFile)
        { Program = "daemon_link", Options = UnixSockets },
        new("daemon_unix_race", "with them, change the path while it is looked at", Daemons, "")
        { Program = "daemon_race", Options = UnixSockets, IsOpen = true },
    ];
}
