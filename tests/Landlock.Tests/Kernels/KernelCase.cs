using System.Text.Json;
using Landlock.Abi;

namespace Landlock.Tests.Kernels;

/// <summary>Something that is run on a booted kernel, in an empty /tmp, and what has to come of it there.</summary>
/// <param name="Name">Its name.</param>
/// <param name="User">The user's id.</param>
/// <param name="Command">The program's path, and its arguments.</param>
/// <param name="Check">What has to come of it.</param>
internal sealed record KernelCase(string Name, int User, string[] Command, Action<BootedKernel, Answer> Check)
{
    internal const int Ordinary = 65534;

    /// <summary>The Landlock ABI that it needs.</summary>
    public int Since { get; init; }

    /// <summary>How many seconds it may take.</summary>
    public int Seconds { get; init; } = 60;

    /// <summary>What the kernel has.</summary>
    public static KernelCase Support { get; } = new("support", Ordinary, ["/usr/bin/landlocked", "support", "--json"], Supported);

    /// <summary>
    /// What is run where the kernel has Landlock. A case that needs a whole kernel of its own (cgroups, namespaces) has its place here.
    /// </summary>
    public static KernelCase[] All { get; } =
    [
        Support,
        Script("denies", "echo x > /tmp/own; landlocked --read-write /tmp -- cat /tmp/own /outside/secret; landlocked -- cat /tmp/own",
            (_, answer) =>
            Is(answer, 1, "x\n", "cat: /outside/secret: Permission denied\ncat: /tmp/own: Permission denied\n")),
        Script("writes", "mkdir /tmp/in /tmp/out; landlocked --read-write /tmp/in --read-only /tmp/out --read-only /usr -- sh -c 'echo new "
            + "> /tmp/in/file; cat /tmp/in/file; echo x > /tmp/out/file; mkdir /tmp/out/d'; ls /tmp/out", (_, answer) =>
            Is(answer, 0, "new\n",
                "sh: 1: cannot create /tmp/out/file: Permission denied\nmkdir: cannot create directory '/tmp/out/d': Permission denied\n")),
        Script("executes", "cp /usr/bin/true /tmp; landlocked --read-write /tmp /tmp/true && echo closure; landlocked --read-only /usr "
            + "--read-write /tmp sh -c /tmp/true", (_, answer) =>
            Is(answer, 126, "closure\n", "sh: 1: /tmp/true: Permission denied\n")),
        // ABI 2: moving and linking between directories can be allowed, on both sides.
        Script("moves", "mkdir -p /tmp/in/sub /tmp/out; echo x > /tmp/in/file; landlocked --read-write /tmp/in --access "
            + "read_dir,make_reg:/tmp/out --read-only /usr -- sh -c 'mv /tmp/in/file /tmp/in/sub/file && cat /tmp/in/sub/file; ln "
            + "/tmp/in/sub/file /tmp/out/file'; ls /tmp/out /tmp/in/sub", (_, answer) =>
            Is(answer, 0, "x\n/tmp/in/sub:\nfile\n\n/tmp/out:\n",
                "ln: failed to create hard link '/tmp/out/file' => '/tmp/in/sub/file': Invalid cross-device link\n")),
        Script("missing", "landlocked --connect-tcp 443 -- true; echo $?; landlocked --strict --connect-tcp 443 -- true",
            (kernel, answer) =>
        {
            if (kernel.Abi >= 4) Is(answer, 0, "0\n", "");
            else
                Is(answer, 125, "0\n", PortsLost + "landlocked: the ruleset is required as a whole, but this kernel (ABI 2) lacks bind_tcp "
                    + "(needs ABI 4, Linux 6.7), connect_tcp (needs ABI 4, Linux 6.7)\n");
        }),
        Script("partial", "landlocked --policy /policies/newest.toml -- cat /outside/secret; echo $?; landlocked --policy "
            + "/policies/newest.toml -- echo runs", (kernel, answer) =>
        {
            string warning = Degraded(kernel, 7, 0);
            Is(answer, 0, "1\nruns\n", $"{warning}cat: /outside/secret: Permission denied\n{warning}");
        }),
        Script("strict", "landlocked --strict --policy /policies/newest.toml -- echo runs; echo $?; landlocked --strict -- echo runs",
            (kernel, answer) =>
        {
            string[] lacking = [.. Lacking(kernel, 7, 0)];
            if (lacking.Length == 0) Is(answer, 0, "runs\n0\nruns\n", "");
            else
                Is(answer, 0, "125\nruns\n", $"landlocked: the ruleset is required as a whole, but this kernel (ABI {kernel.Abi}) "
                    + $"lacks {string.Join(", ", lacking)}\n");
        }),
        Script("logs", "landlocked --log-denials -- echo runs",
            (kernel, answer) => Is(answer, 0, "runs\n", Degraded(kernel, kernel.Abi, RestrictFlags.LogNewExecOn))),
        // The filter does not depend on Landlock: where no rule is for TCP or UDP there is none, on every kernel, and nothing to warn of.
        Script("network", "for options in '' '--network none' '--read-only /usr' --strict '--require net_tcp,net_udp'; do landlocked "
            + "$options -- bash -c ': > /dev/tcp/127.0.0.1/1'; landlocked $options -- bash -c ': > /dev/udp/127.0.0.1/1'; done",
            (_, answer) =>
            Is(answer, 1, "", string.Concat(Enumerable.Repeat(Socket("tcp") + Socket("udp"), 5)))),
        // A rule for a TCP port lets TCP sockets be made, and the ports are Landlock's: below ABI 4 all of them are open, which is said.
        Script("ports", "landlocked --connect-tcp 80 -- bash -c ': > /dev/tcp/127.0.0.1/81'; landlocked --connect-tcp 80 -- bash -c ': > "
            + "/dev/udp/127.0.0.1/1'; landlocked --require net_tcp --connect-tcp 80 -- echo required", (kernel, answer) =>
        {
            string lost = kernel.Abi >= 4 ? "" : PortsLost;
            string why = kernel.Abi >= 4 ? "Permission denied" : "Connection refused";
            Is(answer, kernel.Abi >= 4 ? 0 : 125, kernel.Abi >= 4 ? "required\n" : "",
                $"{lost}bash: connect: {why}\nbash: line 1: /dev/tcp/127.0.0.1/81: {why}\n{lost}{Socket("udp")}"
                + (kernel.Abi >= 4 ? "" : "landlocked: the protection net_tcp is required, but degraded: every TCP port is open: it needs "
                    + "Landlock ABI 4 (Linux 6.7), and this kernel has ABI 2. Nothing was run\n"));
        }),
        // On purpose, so without a word: what is left is Landlock's alone, and that knows UDP from ABI 10.
        Script("unrestricted", "landlocked --network unrestricted -- bash -c ': > /dev/udp/127.0.0.1/1' && echo sent; landlocked --network "
            + "unrestricted -- bash -c ': > /dev/tcp/127.0.0.1/1'; landlocked --disable net_tcp -- bash -c ': > /dev/tcp/127.0.0.1/1'; "
            + "landlocked --disable net_tcp -- bash -c ': > /dev/udp/127.0.0.1/1'", (kernel, answer) =>
        {
            string why = kernel.Abi >= 4 ? "Permission denied" : "Connection refused";
            (string output, string error) = kernel.Abi >= 10
                ? ("", "bash: connect: Permission denied\nbash: line 1: /dev/udp/127.0.0.1/1: Permission denied\n")
                : ("sent\n", "");
            Is(answer, 1, output, $"{error}bash: connect: {why}\nbash: line 1: /dev/tcp/127.0.0.1/1: {why}\n"
                + $"bash: connect: Connection refused\nbash: line 1: /dev/tcp/127.0.0.1/1: Connection refused\n{Socket("udp")}");
        }),
        // From ABI 10 on ports are told apart. A socket that is not bound binds itself to a free port first: a rule for
        // sending brings that along.
        Script("sends", "landlocked --connect-send-udp 53 -- bash -c ': > /dev/udp/127.0.0.1/53 && echo sent; : > "
            + "/dev/udp/127.0.0.1/54 && echo sent too'", (kernel, answer) =>
            Is(answer, kernel.Abi >= 10 ? 1 : 0, kernel.Abi >= 10 ? "sent\n" : "sent\nsent too\n", kernel.Abi >= 10
                ? "bash: connect: Permission denied\nbash: line 1: /dev/udp/127.0.0.1/54: Permission denied\n"
                : $"landlocked: warning: Landlock ABI {kernel.Abi} cannot tell UDP ports apart, so the rule 'connect_send_udp 53' opens "
                    + "all of UDP: connect_send_udp (needs ABI 10, Linux 7.2)\n")),
        Script("sends-unbound",
            "printf \"[[ruleset]]\\nhandled_access_net = ['bind_udp', 'connect_send_udp']\\n[[net_port]]\\nallowed_access = "
            + "['connect_send_udp']\\nport = [53]\\n\" > /tmp/others.toml; for more in '' '--bind-udp 0'; do landlocked --policy "
            + "/tmp/others.toml --explain $more -- bash -c ': > /dev/udp/127.0.0.1/53 && echo sent'; done", (kernel, answer) =>
        {
            if (kernel.Abi < 10) return;
            const string warning = "landlocked: /tmp/others.toml:5:9: warning: connect_send_udp on port 53 lets hardly a program send: a "
                + "socket that is not bound binds itself to a free port before it sends, which is denied; allow bind_udp on port 0, too\n";
            Is(answer, 0, "sent\n", $"{warning}bash: connect: Permission denied\nbash: line 1: /dev/udp/127.0.0.1/53: Permission denied\n"
                + "landlocked: denied by the sandbox: 1:\n  connect 127.0.0.1:53: bind_udp denied, by bash\n      --bind-udp 0\n"
                + "      A socket that is not bound binds itself to a free port before it sends, which needs bind_udp on port "
                + $"0.\n{warning}landlocked: the sandbox denied nothing that was seen\n");
        }),
        Script("nests", "set -- echo deep; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do set -- landlocked --read-only /usr "
            + "--read-only /proc -- \"$@\"; done; \"$@\"; landlocked --read-only /usr --read-only /proc -- \"$@\"", (_, answer) =>
            Is(answer, 125, "deep\n", "landlocked: cannot enforce layer 1: Argument list too long; nothing was run (at most 16 layers can "
                + "be nested, those already in force included)\n")),
        Script("explains", "landlocked --explain -- cat /outside/secret", (_, answer) => Is(answer, 1, "",
            "cat: /outside/secret: Permission denied\nlandlocked: denied by the sandbox: 1:\n"
                + "  open /outside/secret: read_file denied, by cat\n      --read-data /outside/secret\n")),
        // What was traced is allowed again by what was learned, and nothing else.
        Script("learns", "landlocked trace --learn /tmp/learned.toml -- sh -c 'cat /outside/secret > /tmp/copy' 2>&1; landlocked --policy "
            + "/tmp/learned.toml -- sh -c 'cat /outside/secret > /tmp/copy && cat /outside/secret; mkdir /tmp/more; cat /usr/bin/touch'",
            (_, answer) =>
            Is(answer, 1, "landlocked: Granted write_file,make_reg,truncate /tmp: 1 seen, 1 granted (it makes files there)\nsecret\n",
                "sh: 1: mkdir: Permission denied\ncat: /usr/bin/touch: Permission denied\n")),
        Script("times-out", "landlocked --read-only /usr --timeout 1 -- sleep 50; echo $?",
            (_, answer) => Is(answer, 0, "124\n", "landlocked: 'sleep' was stopped after 1 second (--timeout)\n")),
        new("plan", 0, ["/bin/sh", "-c", "mkdir /tmp/sub; echo own > /tmp/own; exec guest plan /plans/fitting"],
            (kernel, answer) => Is(answer, kernel.Abi >= 6 ? 1 : 0, "own\nown\n",
            "cat: /outside/secret: Permission denied\ntouch: cannot touch '/outside/new': Permission denied\n"
                + "/bin/sh: 1: /tmp/true: Permission denied\n"
            + (kernel.Abi >= 6 ? "/bin/sh: 1: kill: Operation not permitted\n\n" : ""))),
        // Control groups: root in the first of all, an ordinary user in one that was left to it, and those who have none.
        Root("group-memory",
            $"for limit in 24M 400M; do landlocked --read-only /usr --max-total-memory $limit -- sh -c '{Fill}; echo $?'; done; {Groups}",
            (_, answer) =>
        {
            Assert.Equal("137\nfilled 48000000\n0\nno group is left\n", answer.Output);
            Assert.Contains(
                "landlocked: warning: 'sh' reached its limit of memory (--max-total-memory 25165824): the kernel killed 1 process\n",
                answer.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("419430400", answer.Error, StringComparison.Ordinal);
        }),
        Root("group-processes", "for limit in 3 10; do landlocked --read-only /usr --max-total-processes $limit -- sh -c 'sleep 1 & sleep "
            + $"1 & sleep 1 & wait; echo all'; echo $?; done; {Groups}", (_, answer) =>
            Is(answer, 0, "2\nall\n0\nno group is left\n", "sh: 0: Cannot fork\nlandlocked: warning: 'sh' reached its limit of processes "
                + "and threads (--max-total-processes 3) and was refused another\n")),
        Root("group-timeout", "landlocked --read-only /usr --max-total-processes 20 --timeout 2 --timeout-grace 0.2 -- sh -c 'trap \"\" "
            + $"TERM; sleep 50 & sleep 50; sleep 50'; echo $?; {Groups}", (_, answer) =>
        {
            Assert.Equal("124\nno group is left\n", answer.Output);
            Assert.Contains("'sh' was stopped after 2 seconds (--timeout), with ", answer.Error, StringComparison.Ordinal);
        }),
        Root("group-killed", "cd /sys/fs/cgroup; landlocked --read-only /usr --read-write /tmp --max-total-processes 9 -- sh -c 'echo "
            + $"ready > /tmp/ready; sleep 50' & front=$!; while ! test -s /tmp/ready; do sleep 0.1; done; ls -d landlockps-* | {{ read one "
            + $"&& echo a group; }}; kill -9 $front; i=0; while test $i -lt 100 && ls -d landlockps-* > /dev/null 2>&1; do sleep 0.1; "
            + $"i=$((i+1)); done; {Groups}", (_, answer) =>
            Assert.Equal("a group\nno group is left\n", answer.Output)),
        Root("group-explain", $"landlocked --read-only /usr --explain --max-total-processes 30 -- cat /outside/secret; {Groups}",
            (_, answer) => Is(answer, 0, "no group is left\n",
            "cat: /outside/secret: Permission denied\nlandlocked: denied by the sandbox: 1:\n"
                + "  open /outside/secret: read_file denied, by cat\n      --read-data /outside/secret\n")),
        Root("group-user", "cd /sys/fs/cgroup; echo '+memory +pids' > cgroup.subtree_control; mkdir user; chown 65534 user "
            + $"user/cgroup.procs user/cgroup.subtree_control; echo $$ > user/cgroup.procs; {AsUser} --max-total-memory 24M "
            + $"--max-total-processes 9 -- sh -c 'sleep 0; {Fill}; echo $?'; cat user/cgroup.procs | {{ read one && echo busy || echo "
            + $"free; }}; {AsUser} --max-total-processes 1 -- sh -c 'sleep 0'; echo $?; cd user; {Groups}", (_, answer) =>
        {
            Assert.Equal("137\nfree\n2\nlandlockps-rest\n", answer.Output);
            Assert.Contains("'sh' reached its limit of memory", answer.Error, StringComparison.Ordinal);
            Assert.Contains(": Cannot fork", answer.Error, StringComparison.Ordinal);
        }),
        Root("group-managed", "mkdir /sys/fs/cgroup/managed; echo '+pids' > /sys/fs/cgroup/cgroup.subtree_control; echo $$ > "
            + "/sys/fs/cgroup/managed/cgroup.procs; landlocked --max-total-processes 9 -- true", (_, answer) =>
            Is(answer, 125, "", "landlocked: a command can be limited as a whole only in a separate control group (version 2), and "
                + "'/sys/fs/cgroup/managed' is managed by another program, such as systemd. Start it, or the shell, in a separate group: "
                + "systemd-run --scope -p Delegate=yes COMMAND. Nothing was run\n")),
        Script("group-none", "landlocked --max-total-memory 1G -- true", (_, answer) =>
            Is(answer, 125, "", "landlocked: a command can be limited as a whole only in a separate control group (version 2), and "
                + "'/sys/fs/cgroup' may not be changed by this user. Start it, or the shell, in a separate group: systemd-run --user "
                + "--scope -p Delegate=yes COMMAND. Nothing was run\n")),
        // Fail closed: a plan for a kernel that can do more.
        new("newer-plan", 0, ["/usr/bin/guest", "plan", "/plans/newer"], (kernel, answer) =>
            Is(answer, 125, "", "landlocked: cannot create the ruleset of layer "
                + $"1: {(kernel.Abi < 6 ? "Argument list too long" : "Invalid argument")}; nothing was run\n")),
    ];

    /// <summary>What is run where Landlock is off: nothing.</summary>
    public static KernelCase[] WithoutLandlock { get; } =
    [
        new("support", Ordinary, ["/usr/bin/landlocked", "support"], (_, answer) =>
        {
            Assert.Equal(1, answer.ExitCode);
            Assert.StartsWith(
                "Landlock is built into this kernel but off. Add it to the boot parameter: lsm=landlock,lockdown,capability,yama",
                answer.Output, StringComparison.Ordinal);
        }),
        Script("run", "landlocked -- touch /tmp/run; echo $?; landlocked --dry-run -- true; echo $?; landlocked --unrestricted net "
            + "--policy /policies/newest.toml -- touch /tmp/run; ls /tmp", (_, answer) =>
        {
            Assert.Equal("125\n125\n", answer.Output);
            Assert.Equal(2, answer.Error.Split("landlocked: Landlock is built into this kernel but off. Add it to the boot parameter: "
                + "lsm=landlock,lockdown,capability,yama").Length - 1);
            Assert.Equal(2, answer.Error.Split(" and reboot. Nothing was run\n").Length - 1);
        }),
        new("plan", 0, ["/usr/bin/guest", "plan", "/plans/fitting"], (_, answer) =>
            Is(answer, 125, "", "landlocked: cannot create the ruleset of layer 1: Operation not supported; nothing was run\n")),
    ];

    // 48 MB of memory that is written to.
    private const string Fill = "bash -c \"printf -v x %48000000s; echo filled \\${#x}\"";

    private const string Groups =
        "{ test \"$PWD\" != /tmp && ls -d landlockps-* 2>/dev/null; } || ls -d /sys/fs/cgroup/landlockps-* 2>/dev/null || "
            + "echo no group is left";

    private const string AsUser = "setpriv --reuid=65534 --regid=65534 --clear-groups landlocked --read-only /usr";

    internal static KernelCase Root(string name, string script, Action<BootedKernel, Answer> check) =>
        new(name, 0, ["/bin/sh", "-c", script], check);

    internal static KernelCase Script(string name, string script, Action<BootedKernel, Answer> check) =>
        new(name, Ordinary, ["/bin/sh", "-c", script], check);

    internal static void Is(Answer answer, int exitCode, string output, string error) =>
        Assert.Equal(new Answer(exitCode, output, error), answer);

    private const string PortsLost = "landlocked: warning: the ruleset is enforced in part: this kernel has Landlock ABI 2 and lacks "
        + "bind_tcp (needs ABI 4, Linux 6.7), connect_tcp (needs ABI 4, Linux 6.7)\n";

    private static string Socket(string protocol) =>
        $"bash: socket: Permission denied\nbash: line 1: /dev/{protocol}/127.0.0.1/1: Permission denied\n";

    private static string Degraded(BootedKernel kernel, int abi, RestrictFlags flags)
    {
        string[] lacking = [.. Lacking(kernel, abi, flags)];
        return lacking.Length == 0 ? "" : "landlocked: warning: the ruleset is enforced in part: this kernel has Landlock "
            + $"ABI {kernel.Abi} and lacks {string.Join(", ", lacking)}\n";
    }

    private static IEnumerable<string> Lacking(BootedKernel kernel, int abi, RestrictFlags flags) => AbiTable.Rights
        // Where no rule is for TCP, the filter keeps it.
        .Where(right => right.Abi > kernel.Abi && right.Kind != RightKind.Net
            && (right.Kind == RightKind.Flag ? ((ulong)flags & right.Bit) != 0 : right.Abi <= abi))
        .Select(right => $"{right.Name} (needs ABI {right.Abi}, Linux {AbiTable.Release(right.Abi)})");

    private static void Supported(BootedKernel kernel, Answer answer)
    {
        LandlockSupport expected = LandlockSupport.ForAbi(kernel.Abi) with { ErrataMask = kernel.Errata };
        Assert.Equal("", answer.Error);
        using JsonDocument document = JsonDocument.Parse(answer.Output);
        JsonElement root = document.RootElement;
        Assert.Equal(kernel.Abi, root.GetProperty("abi").GetInt32());
        Assert.Equal(kernel.Release, root.GetProperty("kernel").GetString());
        Assert.Equal(JsonValueKind.Null, root.GetProperty("hostObstacle").ValueKind);
        Assert.Equal(expected.Errata.Select(erratum => erratum.Number),
            root.GetProperty("errata").EnumerateArray().Select(number => number.GetInt32()));
        Assert.Equal(AbiTable.Names(expected.AccessFs),
            root.GetProperty("rights").GetProperty("fs").EnumerateArray().Select(name => name.GetString()));
        Assert.Equal(AbiTable.Names(expected.AccessNet),
            root.GetProperty("rights").GetProperty("net").EnumerateArray().Select(name => name.GetString()));
        Assert.Equal(AbiTable.Names(expected.Scopes),
            root.GetProperty("rights").GetProperty("scope").EnumerateArray().Select(name => name.GetString()));
        bool? bypass = root.GetProperty("tcpFastOpenBypass").ValueKind == JsonValueKind.Null ? null
            : root.GetProperty("tcpFastOpenBypass").GetBoolean();
        Assert.Equal((expected with { TcpFastOpenBypass = bypass }).ResidualHoles.Select(hole => hole.Name),
            root.GetProperty("residualHoles").EnumerateArray().Select(hole => hole.GetProperty("name").GetString()));
    }
}
