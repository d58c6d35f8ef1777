namespace Landlock.Tests.Attack;

/// <summary>What becomes of an attempt to get out.</summary>
public enum Outcome
{
    /// <summary>It is refused.</summary>
    Blocked,

    /// <summary>It works: Landlock has no right for it, and nothing else here closes it.</summary>
    Open,

    /// <summary>It is refused to an ordinary user, and works for root.</summary>
    OpenForRoot,
}

/// <summary>An attempt of tests/Attack.</summary>
/// <param name="Name">Its name there.</param>
/// <param name="What">What it does, for docs/security.md.</param>
/// <param name="Why">What stops it, or why nothing does.</param>
internal sealed record Attempt(string Name, string What, string Why)
{
    public Outcome Outcome { get; init; } = Outcome.Blocked;

    /// <summary>Only root can try it: without the sandbox, too, it is refused to others.</summary>
    public bool RootOnly { get; init; }

    /// <summary>Why it may be refused without the sandbox, too, on some machines; null = it works everywhere.</summary>
    public string? MayBeImpossible { get; init; }

    /// <summary>The Landlock ABI from which it is refused.</summary>
    public int Since => Why is Signals or Abstract ? 6 : Why == Truncating ? 3 : 1;

    /// <summary>Where it is open: the Landlock ABI that closes it; null if none does.</summary>
    public int? ClosedBy { get; init; }

    /// <summary>Whether it works in a sandbox.</summary>
    /// <param name="abi">The kernel's Landlock ABI.</param>
    /// <param name="root">Whether root tries it.</param>
    public bool IsOpen(int abi, bool root) =>
        abi < Since || (Outcome == Outcome.Open && !(abi >= ClosedBy)) || (Outcome == Outcome.OpenForRoot && root);

    /// <summary>Its name in that program, where that is tried in several sandboxes.</summary>
    public string Program { get; init; } = Name;

    /// <summary>More options of the sandbox.</summary>
    public string[] Options { get; init; } = [];

    /// <summary>Whether it needs a control group of its own, which not every machine gives.</summary>
    public bool InGroup => Options.Contains("--max-total-processes");

    /// <summary>Whether it needs a controlling terminal.</summary>
    public bool OnTerminal { get; init; }

    private const string Rule = "no rule allows the file";
    private const string Refer = "moving needs `refer` on both sides";
    private const string Creating = "no rule allows making or removing there";
    private const string Mounts = "Landlock denies mounting to every sandbox";
    private const string Domain = "processes outside the domain cannot be traced";
    private const string Signals = "scope `signal`";
    private const string Sockets = "seccomp filter (`-Network`)";
    private const string Abstract = "scope `abstract_unix_socket`";
    private const string Truncating = "no rule allows `truncate`";
    private const string NoUnix = "seccomp filter (`-NoUnixSocket`)";
    private const string Explained = "seccomp filter (`-Explain`)";
    private const string Namespaces = "user namespaces may be off";
    private const string Others = "seccomp filter: of the caller only";
    private const string NoIpc = "seccomp filter (`-NoSystemVIpc`)";
    private const string NoNamespaces = "seccomp filter (`-RestrictNamespaces`)";
    private const string SystemV = "the kernel may lack System V IPC";

    public static Attempt[] All { get; } =
    [
        new("read", "open a file that no rule names", Rule),
        new("dotdot", "the same through `..`", Rule),
        new("symlink", "the same through a symbolic link of its own", Rule),
        new("symlink_directory", "the same through a link to the directory", Rule),
        new("hard_link", "link the file into its own directory, and read it there", Refer),
        new("link_descriptor", "the same from `/proc/self/fd/N`", Refer),
        new("rename_in", "move the file into its own directory", Refer),
        new("rename_directory_in", "move a directory with a secret into its own", Refer),
        new("exchange", "exchange the file with one of its own (RENAME_EXCHANGE)", Refer),
        new("exchange_directory", "exchange directories", Refer),
        new("reopen_reference", "open a reference (O_PATH), then reopen it through `/proc/self/fd`", Rule),
        new("directory_reference", "openat(2) beneath a reference to the directory", Rule),
        new("change_directory", "chdir(2) there, and open a relative name", Rule),
        new("inherited_directory", "start in the directory, and open a relative name", Rule),
        new("inherited_descriptor", "use a descriptor that the parent left open", "descriptors above 2 are swept"),
        new("chroot", "make the directory its root", Rule) { RootOnly = true },
        new("list", "list the directory", Rule),
        new("write", "write to a file", Rule),
        new("truncate", "truncate(2) a file", Truncating),
        new("create", "create a file", Creating),
        new("temporary", "create a file without a name (O_TMPFILE)", Creating),
        new("mkdir", "create a directory", Creating),
        new("unlink", "remove a file", Creating),
        new("rmdir", "remove a directory", Creating),
        new("make_symlink", "create a symbolic link", Creating),
        new("make_fifo", "create a FIFO", Creating),
        new("make_socket", "create a socket by bind(2)", Creating),
        new("make_device", "create a device node in its own directory, and open it",
            "`ReadWrite` has `make_char` and `make_block`, which presets, profiles and `-PrivateTemp` leave out; give root `Edit`, or "
                + "single rights")
        { RootOnly = true, Outcome = Outcome.OpenForRoot },
        new("rename_out", "move a file out", Refer),
        new("handle", "open_by_handle_at(2)", Rule) { RootOnly = true },
        new("race_symlink", "swap a symbolic link while it is opened, 20,000 times", Rule),
        new("bind_mount", "mount the directory over its own", Mounts) { MayBeImpossible = Namespaces },
        new("tree_clone", "open a detached copy of the mount (open_tree)", Rule) { MayBeImpossible = Namespaces },
        new("move_mount", "attach such a copy (move_mount)", Mounts) { MayBeImpossible = Namespaces },
        new("new_mount", "mount a new filesystem", Mounts) { MayBeImpossible = Namespaces },
        new("proc_root", "`/proc/PID/root` of a process outside", Domain),
        new("proc_cwd", "`/proc/PID/cwd`", Domain),
        new("proc_descriptor", "`/proc/PID/fd/N`", Domain),
        new("proc_memory", "`/proc/PID/mem`", Domain),
        new("proc_environ", "`/proc/PID/environ`",
            Domain + "; root's CAP_PERFMON may read it where `/proc` is granted")
        { Outcome = Outcome.OpenForRoot },
        new("proc_arguments", "`/proc/PID/cmdline` of a process outside, where `/proc` is granted",
            "Landlock has no right for single processes: do not grant all of `/proc`")
        { Outcome = Outcome.Open },
        new("ptrace", "ptrace(2)", Domain),
        new("read_memory", "process_vm_readv(2)", Domain),
        new("take_descriptor", "pidfd_getfd(2)", Domain),
        new("kill", "kill(2)", Signals),
        new("thread_kill", "tgkill(2)", Signals),
        new("queue_signal", "sigqueue(3)", Signals),
        new("pidfd_signal", "pidfd_send_signal(2)", Signals),
        new("owner_signal", "let a socket send a signal (F_SETOWN)", Signals),
        new("abstract", "connect to an abstract UNIX socket", Abstract),
        new("abstract_datagram", "send to an abstract UNIX socket", Abstract),
        new("descriptor_by_socket", "be handed a descriptor by an abstract UNIX socket", Abstract),
        new("unix_socket", "connect to a UNIX socket in the filesystem",
            "Landlock has a right for it from ABI 9; or use `-NoUnixSocket`")
        { Outcome = Outcome.Open, ClosedBy = 9 },
        new("unix_command", "have a daemon run a command, by its UNIX socket",
            "Landlock has a right for it from ABI 9; or use `-NoUnixSocket`")
        { Outcome = Outcome.Open, ClosedBy = 9 },
        new("no_unix_socket", "with `-NoUnixSocket`, connect to a UNIX socket in the filesystem",
            NoUnix)
        { Program = "unix_socket", Options = ["--no-unix-socket"] },
        new("no_unix_command", "with it, have a daemon run a command", NoUnix) { Program = "unix_command", Options = ["--no-unix-socket"] },
        new("no_unix_unrestricted", "with it and `-Network Unrestricted`, the same",
            NoUnix)
        { Program = "unix_command", Options = ["--no-unix-socket", "--network", "unrestricted"] },
        new("no_unix_datagram", "with it, send to a UNIX datagram socket",
            NoUnix)
        { Program = "unix_datagram", Options = ["--no-unix-socket"] },
        new("no_unix_pair", "with it, send from one of a pair (socketpair(2), SOCK_DGRAM)",
            NoUnix)
        { Program = "unix_pair", Options = ["--no-unix-socket"] },
        new("no_unix_pair_raw", "with it, the same by SOCK_RAW", NoUnix) { Program = "unix_pair_raw", Options = ["--no-unix-socket"] },
        new("no_unix_32", "with it, connect by the 32-bit call (int 0x80)",
            NoUnix)
        { Program = "unix_32", Options = ["--no-unix-socket"], MayBeImpossible = "x86 with 32-bit emulation only" },
        new("no_unix_abstract", "with it and `-Unrestricted Scope`, connect to an abstract UNIX socket",
            NoUnix)
        { Program = "abstract", Options = ["--no-unix-socket", "--unrestricted", "scope"] },
        new("no_unix_ring", "with it and `-Network Unrestricted`, an io_uring", NoUnix)
        { Program = "io_uring", Options = ["--no-unix-socket", "--network", "unrestricted"], MayBeImpossible = "kernel.io_uring_disabled" },
        new("unix_pair_stream", "connect one of a pair (socketpair(2), SOCK_STREAM) anew",
            "the kernel refuses it to every program")
        { MayBeImpossible = "it works nowhere" },
        new("tcp", "connect to a TCP port", Sockets + ", and `connect_tcp`"),
        new("tcp_mapped", "the same by IPv6", Sockets + ", and `connect_tcp`"),
        new("tcp_reconnect", "connect after AF_UNSPEC", Sockets + ", and `connect_tcp`"),
        new("tcp_bind", "bind a TCP port", Sockets + ", and `bind_tcp`"),
        new("tcp_listen", "listen without having bound", Sockets + "; open with any rule for TCP"),
        new("fast_open", "connect by sendto(2) with MSG_FASTOPEN", Sockets) { MayBeImpossible = "TCP Fast Open may be off" },
        new("fast_open_message", "the same by sendmmsg(2)", Sockets) { MayBeImpossible = "TCP Fast Open may be off" },
        new("fast_open_option", "the same by TCP_FASTOPEN_CONNECT", Sockets) { MayBeImpossible = "TCP Fast Open may be off" },
        new("mptcp", "connect by MPTCP", Sockets) { MayBeImpossible = "the kernel may lack MPTCP" },
        new("udp", "send by UDP", Sockets),
        new("udp6", "send by UDP over IPv6", Sockets),
        new("ping", "an ICMP socket", Sockets) { MayBeImpossible = "net.ipv4.ping_group_range" },
        new("raw", "a raw socket", Sockets) { RootOnly = true },
        new("packet", "a packet socket", Sockets) { RootOnly = true, MayBeImpossible = "the kernel may lack packet sockets" },
        new("packet_old", "a packet socket by SOCK_PACKET",
            Sockets)
        { RootOnly = true, MayBeImpossible = "the kernel may lack packet sockets" },
        new("netlink", "a netlink socket", Sockets),
        new("vsock", "a vsock socket", Sockets) { MayBeImpossible = "the kernel may lack vsock" },
        new("algorithm", "an AF_ALG socket", Sockets) { MayBeImpossible = "the kernel may lack AF_ALG" },
        new("io_uring", "an io_uring, which makes sockets unseen by filters", Sockets) { MayBeImpossible = "kernel.io_uring_disabled" },
        new("socket_32", "UDP by the 32-bit call (int 0x80)", Sockets) { MayBeImpossible = "x86 with 32-bit emulation only" },
        new("socketcall", "the same by socketcall(2)", Sockets) { MayBeImpossible = "x86 with 32-bit emulation only" },
        new("filter_listener", "with `-Explain`, UDP that a filter of its own lets go on (SECCOMP_USER_NOTIF_FLAG_CONTINUE)",
            Explained)
        { Options = ["--explain"] },
        new("filter_tracer", "with it, UDP behind a filter of its own that asks the tracer (SECCOMP_RET_TRACE)",
            "the tracer fails what it was not asked by the sandbox")
        { Options = ["--explain"], MayBeImpossible = "without a tracer the kernel fails it" },
        new("filter_tracer_type", "with it, type into the terminal behind such a filter",
            "the tracer fails what it was not asked by the sandbox")
        { Options = ["--explain"], OnTerminal = true, MayBeImpossible = "without a tracer the kernel fails it" },
        new("own_tracer", "with it, UDP in a child that leaves the tracer (CLONE_UNTRACED) for one of its own",
            Explained)
        { Options = ["--explain"] },
        new("execute_outside", "execute a program that no rule names", "no rule allows `execute`"),
        new("execute_copy", "copy a program to where it may write, and execute it", "`ReadWrite` has no `execute`"),
        new("memory_program", "execute a program from memory (memfd_create)",
            "execute is no boundary: the program runs, inside the sandbox")
        { Outcome = Outcome.Open },
        new("memory_program_reads", "the same, to open a file that no rule names", Rule),
        new("setuid", "gain root by a set-user-ID program", "no_new_privs, and no rule allows `execute`"),
        new("namespace_read", "open the file in a user namespace of its own", Rule) { MayBeImpossible = Namespaces },
        new("new_session_read", "open the file as a daemon", Rule),
        new("thread_read", "open the file in another thread", Rule),
        new("type", "type into the terminal (TIOCSTI)", "seccomp filter") { OnTerminal = true, MayBeImpossible = "dev.tty.legacy_tiocsti" },
        new("type_32_bits_more", "the same with bits that the kernel drops",
            "seccomp filter")
        { OnTerminal = true, MayBeImpossible = "dev.tty.legacy_tiocsti" },
        new("keyring", "read the user's keyring", "seccomp filter") { MayBeImpossible = "the kernel may lack keyrings" },
        new("add_key", "plant a key in the user's keyring", "seccomp filter") { MayBeImpossible = "the kernel may lack keyrings" },
        new("posix_memory", "POSIX shared memory of a process outside", Rule),
        new("message_queue", "POSIX message queue of a process outside", Rule) { MayBeImpossible = "the kernel may lack message queues" },
        new("shared_memory", "System V shared memory of the same user",
            "Landlock has no right for it; use `-NoSystemVIpc`")
        { Outcome = Outcome.Open, MayBeImpossible = SystemV },
        new("no_ipc_memory", "with `-NoSystemVIpc`, the same",
            NoIpc)
        { Program = "shared_memory", Options = ["--no-system-v-ipc"], MayBeImpossible = SystemV },
        new("no_ipc_memory_by_number", "with it, attach it by its number, which others tell",
            NoIpc)
        { Program = "shared_memory_by_number", Options = ["--no-system-v-ipc"], MayBeImpossible = SystemV },
        new("no_ipc_queue", "with it, read a System V message queue",
            NoIpc)
        { Program = "queue", Options = ["--no-system-v-ipc"], MayBeImpossible = SystemV },
        new("no_ipc_semaphores", "with it, change a System V semaphore",
            NoIpc)
        { Program = "semaphores", Options = ["--no-system-v-ipc"], MayBeImpossible = SystemV },
        new("no_ipc_32", "with it, the memory by the 32-bit ipc(2) (int 0x80)",
            NoIpc)
        { Program = "shared_memory_32", Options = ["--no-system-v-ipc"], MayBeImpossible = "x86 with 32-bit emulation only" },
        new("stat", "stat(2) of a file that no rule names", "Landlock has no right for it") { Outcome = Outcome.Open },
        new("chmod", "chmod(2) of the user's file", "Landlock has no right for it") { Outcome = Outcome.Open },
        new("utimes", "utimes(2) of the user's file", "Landlock has no right for it") { Outcome = Outcome.Open },
        new("attribute", "setxattr(2) on the user's file",
            "Landlock has no right for it")
        { Outcome = Outcome.Open, MayBeImpossible = "the filesystem may have no extended attributes" },
        new("watch", "inotify(7) on a directory that no rule names", "Landlock has no right for it") { Outcome = Outcome.Open },
        new("limits", "prlimit(2) of the user's process", Others),
        new("limits_32", "the same by the 32-bit call (int 0x80)", Others) { MayBeImpossible = "x86 with 32-bit emulation only" },
        new("priority", "setpriority(2) of the user's process", Others),
        new("io_priority", "ioprio_set(2) of the user's process", Others),
        new("affinity", "sched_setaffinity(2) of the user's process", Others),
        new("scheduler", "sched_setscheduler(2) of the user's process", Others),
        new("scheduler_ordinary", "take its scheduling from the user's process by sched_setscheduler(2) with SCHED_OTHER",
            "seccomp filter, which answers without making the call"),
        new("schedule", "sched_setparam(2) of the user's process", Others),
        new("scheduling", "sched_setattr(2) of the user's process", Others),
        new("group", "leave its control group by clone3(2) with CLONE_INTO_CGROUP and a reference (O_PATH)",
            "seccomp filter, wherever there is a group")
        { RootOnly = true, Options = ["--max-total-processes", "50"] },
        new("no_namespace_unshare", "with `-RestrictNamespaces`, make a user namespace by unshare(2)",
            NoNamespaces)
        { Program = "namespace_unshare", Options = ["--restrict-namespaces"], MayBeImpossible = Namespaces },
        new("no_namespace_clone", "with it, by clone(2)",
            NoNamespaces)
        { Program = "namespace_clone", Options = ["--restrict-namespaces"], MayBeImpossible = Namespaces },
        new("no_namespace_clone3", "with it, by clone3(2)",
            NoNamespaces)
        { Program = "namespace_clone3", Options = ["--restrict-namespaces"], MayBeImpossible = Namespaces },
        new("no_namespace_enter", "with it, enter a namespace of its own by setns(2)",
            NoNamespaces)
        { Program = "namespace_enter", Options = ["--restrict-namespaces"], RootOnly = true },
        new("no_namespace_32", "with it, unshare(2) by the 32-bit call (int 0x80)", NoNamespaces)
        { Program = "namespace_32", Options = ["--restrict-namespaces"], MayBeImpossible = "x86 with 32-bit emulation only" },
        new("no_user_faults", "with it, userfaultfd(2)", NoNamespaces)
        { Program = "user_faults", Options = ["--restrict-namespaces"], MayBeImpossible = "the kernel may lack userfaultfd" },
        new("no_bpf", "with it, bpf(2)",
            NoNamespaces)
        { Program = "bpf", Options = ["--restrict-namespaces"], MayBeImpossible = "kernel.unprivileged_bpf_disabled" },
        new("no_perf", "with it, perf_event_open(2)",
            NoNamespaces)
        { Program = "perf", Options = ["--restrict-namespaces"], MayBeImpossible = "kernel.perf_event_paranoid" },
    ];
}
