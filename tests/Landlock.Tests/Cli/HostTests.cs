using System.Net;
using System.Net.Sockets;
using Landlock.Linux;

namespace Landlock.Tests.Cli;

/// <summary>--connect-host on this machine alone; with other machines: Hosts/.</summary>
public sealed class HostTests
{
    [HostTheory]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void A_host_that_is_named_is_reached_and_no_other(Who who)
    {
        using Listener listener = new();
        string[] command = ["--", "perl", "-MIO::Socket::INET", "-e",
            "print(IO::Socket::INET->new(PeerAddr=>$ARGV[0])?'connected':int($!))"];
        command = [.. command, $"127.0.0.1:{listener.Port}"];
        Assert.Equal("connected", Output(who, "--connect-host", $"127.0.0.1:{listener.Port}", command));
        Assert.Equal("connected", Output(who, "--connect-host", $"localhost:{listener.Port}", command));
        Assert.Equal("13", Output(who, "--connect-host", "127.0.0.1:1", command));
        Assert.Equal("13", Output(who, "--connect-host", "0.0.0.0/0:1-65535", command));
        // This process stays free.
        using TcpClient free = new();
        free.Connect(IPAddress.Loopback, listener.Port);
    }

    [HostTheory]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void What_was_refused_is_told_with_its_rule(Who who)
    {
        CliRun run = CliRun.Of(who, "--read-only", "/", "--connect-host", "a.example", "--explain", "--", "perl", "-MIO::Socket::INET",
            "-e", "IO::Socket::INET->new(PeerAddr=>'127.0.0.1:9'); gethostbyname('files.example.org')");
        Assert.Contains("  connect 127.0.0.1:9: denied by the sandbox, by perl\n      --connect-host 127.0.0.1:9\n", run.Error,
            StringComparison.Ordinal);
        Assert.Contains("  resolve files.example.org: denied by the sandbox, by perl\n      --connect-host files.example.org:443\n",
            run.Error, StringComparison.Ordinal);
    }

    [HostTheory]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void It_goes_with_what_else_needs_a_supervisor(Who who)
    {
        CliRun.Of(who, "--read-only", "/", "--connect-host", "a.example", "--timeout", "20", "--private-temp", "--", "sh", "-c",
            "echo x > $TMPDIR/x && cat $TMPDIR/x; exit 7").Ran("x\n", 7);
        CliRun run = CliRun.Of(who, "--read-only", "/", "--connect-host", "a.example", "--timeout", "0.3", "--", "sleep", "20");
        Assert.Equal(124, run.ExitCode);
    }

    [HostTheory]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void Files_move_between_directories_as_the_rules_say(Who who)
    {
        using Scratch scratch = new();
        string from = scratch["from"], to = scratch["to"];
        CliRun.Of(who, "--read-only", "/", "--read-write", scratch.Path, "--connect-host", "a.example", "--", "sh", "-c",
            $"mkdir '{from}' '{to}' && touch '{from}/x' && mv '{from}/x' '{to}/x' && ls '{to}'").Ran("x\n");
    }

    [HostTheory]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void An_inner_sandbox_is_what_was_written_or_refused(Who who)
    {
        using Listener listener = new();
        string port = $"{listener.Port}";
        string[] outer = ["--read-only", "/", "--connect-host", $"127.0.0.1:{port}", "--", CliRun.Landlocked, "--read-only", "/"];
        string[] command = ["--", "perl", "-MIO::Socket::INET", "-e",
            "print(IO::Socket::INET->new(PeerAddr=>$ARGV[0])?'connected':int($!))", $"127.0.0.1:{port}"];
        Assert.Equal("connected", CliRun.Of(who, [.. outer, "--connect-tcp", port, .. command]).Output);
        Assert.Equal("13", CliRun.Of(who, [.. outer, "--network", "none", .. command]).Output);
        Assert.Equal("13", CliRun.Of(who, [.. outer, .. command]).Output);
        CliRun.Of(who, [.. outer, "--connect-tcp", "1", .. command]).Refused("landlocked: the sandbox around this one keeps hosts, and "
            + "its supervisor connects for all that is in it, so that ports of this one would not be held to (1). Allow no TCP at all "
            + "(-Network None, --network none), or each port of those hosts (-ConnectTcp, --connect-tcp). Nothing was run");
        CliRun.Of(who, [.. outer, "--connect-host", "a.example", .. command]).Refused("landlocked: a sandbox with hosts is around this "
            + "one, and its supervisor answers for all that is in it, so that hosts of this one would not be held to. Leave them out here "
            + "(-ConnectHost, --connect-host), or name fewer around it. Nothing was run");
    }

    [HostFact]
    public void What_contradicts_hosts_is_refused()
    {
        Refused("--network", "none", "the network mode None does not go with hosts");
        Refused("--network", "unrestricted", "the network mode Unrestricted does not go with hosts");
        Refused("--unrestricted", "net", "ports are left alone");
        Refused("--disable", "seccomp", "hosts (-ConnectHost, --connect-host) are kept by the seccomp filter");
        Refused("--connect-send-udp", "53", "the rule for UDP on port");

        static void Refused(string option, string value, string begin)
        {
            CliRun run = CliRun.Of("--connect-host", "a.example", option, value, "--", "touch", "/tmp/never");
            Assert.Equal(125, run.ExitCode);
            Assert.StartsWith($"landlocked: {begin}", run.Error, StringComparison.Ordinal);
        }
    }

    [HostFact]
    public void A_socket_of_udp_is_not_handed_over()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        CliRun run = CliRun.Of(new Setup { Descriptors = { [3] = (int)socket.Handle } }, "--read-only", "/", "--connect-host", "a.example",
            "--keep-fd", "3", "--", "echo", "never");
        Assert.Equal((125, ""), (run.ExitCode, run.Output));
        Assert.StartsWith("landlocked: descriptor 3, which the command would inherit, is a socket that reaches hosts nobody has named",
            run.Error, StringComparison.Ordinal);
    }

    [HostTheory]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void Nobody_listens_without_a_rule(Who who)
    {
        string[] command = ["--", "perl", "-MIO::Socket::INET", "-e", "print(IO::Socket::INET->new(Listen=>1)?'listens':int($!))"];
        Assert.Equal("13", Output(who, "--connect-host", "a.example", command));
        Assert.Equal("listens", Output(who, "--connect-host", "a.example", ["--bind-tcp", "0", .. command]));
    }

    private static string Output(Who who, string option, string value, string[] rest) =>
        CliRun.Of(who, ["--read-only", "/", option, value, .. rest]).Output;

    private sealed class Listener : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public Listener() => _listener.Start();

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public void Dispose() => _listener.Dispose();
    }
}

/// <summary>Skipped where hosts cannot be kept, or there is no Perl to try with.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class HostTheoryAttribute : TheoryAttribute
{
    public HostTheoryAttribute() => Skip = CliNeeds.Missing(abi: 4, perl: true, root: false) ?? RunningKernel.Support.HostObstacle;
}

/// <summary>The same of a single test.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class HostFactAttribute : FactAttribute
{
    public HostFactAttribute() => Skip = CliNeeds.Missing(abi: 4, perl: true, root: false) ?? RunningKernel.Support.HostObstacle;
}
