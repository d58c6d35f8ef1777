namespace Landlock.Tests.Kernels;

/// <summary>What Landlock has had since ABI 8, allowed and denied: UNIX sockets by path, UDP, quiet rules.</summary>
internal static class NewRights
{
    private const int Unix = 9, Udp = 10;

    private const string Serving = "mkdir /tmp/s; sockets serve /tmp/s > /tmp/ready & while ! test -s /tmp/ready; do sleep 0.1; done; ";

    private static readonly string[] UnixWays = ["stream", "seqpacket", "datagram", "datagram-sendto", "datagram-sendmsg"];

    private static readonly string[] UdpSends = [.. from how in (string[])["connect", "sendto", "sendmsg", "sendmmsg",
        "send"] from family in (string[])["4", "6"] select how + family];

    /// <summary>Documents for them, by name.</summary>
    public static IEnumerable<(string Name, byte[] Content)> Policies =>
    [
        // Everything that kernels before them can deny, and what most commands need.
        ("newest", """
            abi = 7
            [[ruleset]]
            handled_access_fs = ["abi.all"]
            handled_access_net = ["abi.all"]
            scoped = ["abi.all"]
            [[path_beneath]]
            allowed_access = ["abi.read_execute"]
            parent = ["/usr"]
            """u8.ToArray()),
        ("new-rights", """
            abi = 10
            [[ruleset]]
            handled_access_fs = ["abi.all"]
            handled_access_net = ["abi.all"]
            [[path_beneath]]
            allowed_access = ["abi.read_execute"]
            parent = ["/usr"]
            [[path_beneath]]
            allowed_access = ["resolve_unix"]
            parent = ["/tmp/s/stream"]
            [[net_port]]
            allowed_access = ["bind_udp"]
            port = [0, 5001]
            [[net_port]]
            allowed_access = ["connect_send_udp"]
            port = [5001]
            """u8.ToArray()),
        ("quiet", """
            abi = 10
            [[ruleset]]
            handled_access_fs = ["abi.all"]
            handled_access_net = ["abi.all"]
            scoped = ["abi.all"]
            [[path_beneath]]
            allowed_access = ["abi.read_execute"]
            parent = ["/usr"]
            [[net_port]]
            allowed_access = ["bind_udp"]
            port = [0]
            [landlockps]
            quiet_access_fs = ["read_file", "resolve_unix"]
            quiet_access_net = ["bind_udp", "connect_send_udp"]
            quiet_scoped = ["signal"]
            log = ["log_new_exec_on"]
            [[landlockps.path_beneath]]
            parent = ["/outside", "/tmp/s"]
            quiet = true
            [[landlockps.net_port]]
            port = [5002]
            quiet = true
            """u8.ToArray()),
    ];

    public static KernelCase[] All { get; } =
    [
        .. Access(KernelCase.Ordinary, "user"),
        .. Access(0, "root"),
        Script("unix-file", Unix, $"{Serving}landlocked --read-only /usr --unix-socket /tmp/s/stream -- sockets {At(UnixWays, "/tmp/s")}",
            (_, answer) =>
            KernelCase.Is(answer, 0, "stream /tmp/s/stream: done\n" + Said(UnixWays[1..], "/tmp/s", allowed: false), "")),
        // The filter knows no paths; a rule beside it is a contradiction.
        Script("unix-refused", Unix, $"{Serving}landlocked --read-only /usr --read-write /tmp/s --no-unix-socket -- "
            + $"sockets {At(UnixWays, "/tmp/s")}; landlocked --unix-socket /tmp/s --no-unix-socket -- true", (_, answer) =>
            KernelCase.Is(answer, 125, Said(UnixWays, "/tmp/s", allowed: false)
                .Replace("Permission denied", "Address family not supported by protocol", StringComparison.Ordinal),
                "landlocked: no UNIX socket is to be made, but there are rules for connecting to some. Leave out one of them\n")),
        // What the sandbox itself listens on, it reaches without a right.
        Script("unix-own", Unix, $"{Serving}mkdir /tmp/in; : > /tmp/in/ready; landlocked --read-only /usr --edit /tmp/in --access "
            + "make_sock:/tmp/in -- sh -c 'sockets serve /tmp/in > /tmp/in/ready & while ! test -s /tmp/in/ready; do sleep 0.1; done; "
            + $"sockets {At(UnixWays, "/tmp/in")} stream /tmp/s/stream'", (_, answer) =>
            Assert.Equal(Said(UnixWays, "/tmp/in", allowed: true) + "stream /tmp/s/stream: Permission denied\n", answer.Output)),
        Script("udp-document", Udp, $"{Serving}landlocked policy check /policies/new-rights.toml > /tmp/checked && echo checked; "
            + $"landlocked --policy /policies/new-rights.toml -- sockets {At(UnixWays[..2], "/tmp/s")} bind4 5001 bind6 5001 bind4 5002 "
            + "sendto4 5001 sendto6 5001 sendto4 5002; landlocked --strict --policy /policies/new-rights.toml --dry-run --verbose -- "
            + "sockets > /tmp/dry; while read -r line; do case $line in "
            + "*protection:*udp*|*protection:*unix*|*allowed:*UnixSocket*|*allowed:*udp*) echo $line;; esac; done < /tmp/dry",
            (_, answer) => KernelCase.Is(answer, 0,
                "checked\nstream /tmp/s/stream: done\nseqpacket /tmp/s/seqpacket: Permission denied\nbind4 5001: done\nbind6 5001: done\n"
                + "bind4 5002: Permission denied\nsendto4 5001: done\nsendto6 5001: done\nsendto4 5002: Permission denied\n"
                + "allowed: UnixSocket /tmp/s/stream as asked\nallowed: bind_udp,connect_send_udp port 5001 as asked\n"
                + "allowed: bind_udp port 0 for sending: a socket that is not bound binds itself to a free port first\n"
                + "protection: net_udp active Landlock\nprotection: resolve_unix active Landlock\n"
                + "protection: scope_abstract_unix_socket disabled no ruleset handles it\n", "")),
        Script("new-explain", Udp, $"{Serving}landlocked --explain --read-only /usr --bind-udp 0 --connect-send-udp 5001 -- sockets stream "
            + "/tmp/s/stream datagram-sendto /tmp/s/datagram bind4 5003 bind6 5003 sendto4 5001 sendto4 5002 connect6 5002", (_, answer) =>
        {
            Assert.Equal("stream /tmp/s/stream: Permission denied\ndatagram-sendto /tmp/s/datagram: Permission denied\n"
                + "bind4 5003: Permission denied\nbind6 5003: Permission denied\nsendto4 5001: done\nsendto4 5002: Permission denied\n"
                + "connect6 5002: Permission denied\n", answer.Output);
            foreach (string denied in (string[])[
                "  connect /tmp/s/stream: resolve_unix denied, by sockets\n      --unix-socket /tmp/s/stream\n",
                "  send /tmp/s/datagram: resolve_unix denied, by sockets\n      --unix-socket /tmp/s/datagram\n",
                "  bind 127.0.0.1:5003: bind_udp denied, by sockets\n      --bind-udp 5003\n",
                "  bind [::1]:5003: bind_udp denied, by sockets\n      --bind-udp 5003\n",
                "  send 127.0.0.1:5002: connect_send_udp denied, by sockets\n      --connect-send-udp 5002\n",
                "  connect [::1]:5002: connect_send_udp denied, by sockets\n      --connect-send-udp 5002\n"])
                Assert.Contains(denied, answer.Error, StringComparison.Ordinal);
            Assert.Contains("denied by the sandbox: 6;", answer.Error, StringComparison.Ordinal);
        }),
        Script("new-learned", Udp, $"{Serving}landlocked trace --learn /tmp/learned.toml -- sockets {At(UnixWays, "/tmp/s")} bind4 "
            + $"0 sendto4 5001 bind6 5003; landlocked --strict --policy /tmp/learned.toml -- sockets {At(UnixWays, "/tmp/s")} bind4 0 "
            + "sendto4 5001 bind6 5003 bind4 5004 sendto6 5004; landlocked --policy /tmp/learned.toml -- cat /outside/secret",
            (_, answer) =>
        {
            string learned = Said(UnixWays, "/tmp/s", allowed: true) + "bind4 0: done\nsendto4 5001: done\nbind6 5003: done\n";
            Assert.Equal(learned + learned + "bind4 5004: Permission denied\nsendto6 5004: Permission denied\n", answer.Output);
        }),
    ];

    /// <summary>The kernel's own log, where it keeps one: what quiet rules silence is denied all the same.</summary>
    public static KernelCase Quiet { get; } = Case(
        "quiet",
        0,
        Udp,
        $"echo 0 > /proc/sys/kernel/printk_ratelimit; {Serving}dmesg -c > /tmp/old; landlocked --policy /policies/quiet.toml -- sh -c 'cat "
            + "/outside/secret; touch /outside/new; sockets stream /tmp/s/stream bind4 5002 bind4 5003 sendto4 5002 sendto4 5003; kill -0 "
            + $"1'; dmesg > /tmp/log; while read -r line; do case $line in *blockers=*) echo ${{line#*blockers=}};; esac; done < /tmp/log",
        (_, answer) => Assert.Equal(
            "stream /tmp/s/stream: Permission denied\nbind4 5002: Permission denied\nbind4 5003: Permission denied\n"
                + "sendto4 5002: Permission denied\nsendto4 5003: Permission denied\n"
            + "fs.make_reg path=\"/outside\" dev=\"rootfs\" INODE\nnet.bind_udp saddr=127.0.0.1 src=5003\n"
            + "net.connect_send_udp daddr=127.0.0.1 dest=5003\n",
            System.Text.RegularExpressions.Regex.Replace(answer.Output, "ino=[0-9]+", "INODE")));

    // Each class of access, and each port, by one user.
    private static IEnumerable<KernelCase> Access(int user, string who)
    {
        foreach ((string option, bool reaches) in ((string, bool)[])[("read-data", false), ("read-only", false), ("edit", false),
            ("read-write", true), ("read-write-execute", true), ("unix-socket", true)])
        {
            yield return Case($"unix-{option}-{who}", user, Unix,
                $"{Serving}landlocked --read-only /usr --{option} /tmp/s -- sockets {At(UnixWays, "/tmp/s")}", (_, answer) =>
                KernelCase.Is(answer, 0, Said(UnixWays, "/tmp/s", reaches), ""));
        }

        yield return Case($"udp-bind-{who}", user, Udp,
            "landlocked --read-only /usr --bind-udp 5001 -- sockets bind4 5001 bind6 5001 bind4 5002 bind6 5002 bind4 0", (_, answer) =>
            KernelCase.Is(answer, 0, "bind4 5001: done\nbind6 5001: done\nbind4 5002: Permission denied\nbind6 5002: Permission denied\n"
                + "bind4 0: Permission denied\n", ""));
        yield return Case($"udp-send-{who}", user, Udp, "landlocked --read-only /usr --connect-send-udp 5001 --bind-udp 0 -- "
            + $"sockets {At(UdpSends, "5001")} {At(UdpSends, "5002")} bind4 5001", (_, answer) =>
            KernelCase.Is(answer, 0,
                Said(UdpSends, "5001", allowed: true) + Said(UdpSends, "5002", allowed: false) + "bind4 5001: Permission denied\n", ""));
        // Sending brings along what a socket that is not bound needs; binding to a chosen port stays denied.
        yield return Case($"udp-alone-{who}", user, Udp, "landlocked --read-only /usr --connect-send-udp 5001 -- "
            + $"sockets {At(UdpSends, "5001")} {At(UdpSends, "5002")} bind4 5001 bind6 5002", (_, answer) =>
            KernelCase.Is(answer, 0, Said(UdpSends, "5001", allowed: true) + Said(UdpSends, "5002", allowed: false)
                + "bind4 5001: Permission denied\nbind6 5002: Permission denied\n", ""));
        yield return Case($"udp-free-{who}", user, Udp,
            $"landlocked --read-only /usr --unrestricted net -- sockets {At(UdpSends, "5002")} bind4 5002 bind6 0; landlocked --read-only "
            + $"/usr --disable net_udp -- sockets {At(UdpSends, "5002")} bind4 5002 bind6 0", (_, answer) =>
            Assert.StartsWith(Said([.. UdpSends, "bind4"], "5002", allowed: true) + "bind6 0: done\n", answer.Output,
                StringComparison.Ordinal));
    }

    private static KernelCase Case(string name, int user, int since, string script, Action<BootedKernel, Answer> check) =>
        new(name, user, ["/bin/sh", "-c", script], check) { Since = since };

    private static KernelCase Script(string name, int since, string script, Action<BootedKernel, Answer> check) =>
        Case(name, KernelCase.Ordinary, since, script, check);

    // For UNIX sockets the place is a folder.
    private static string At(IEnumerable<string> ways, string place) => string.Join(' ', ways.Select(way => $"{way} {Place(way, place)}"));

    private static string Said(IEnumerable<string> ways, string place, bool allowed) =>
        string.Concat(ways.Select(way => $"{way} {Place(way, place)}: {(allowed ? "done" : "Permission denied")}\n"));

    private static string Place(string way, string place) => place[0] == '/' ? $"{place}/{way.Split('-')[0]}" : place;
}
