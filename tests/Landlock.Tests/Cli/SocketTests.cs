using System.Net;
using System.Net.Sockets;

namespace Landlock.Tests.Cli;

/// <summary>Which sockets a sandboxed command can make: only those that a rule allows, whatever Landlock itself restricts.</summary>
public sealed class SocketTests
{
    private static readonly string[] Families =
    [
        "unix 1 1 0", "tcp4 2 1 0", "tcp6 10 1 6", "udp4 2 2 0", "udp6 10 2 17", "mptcp 2 1 262", "icmp 2 2 1", "raw 2 3 255",
        "netlink 16 3 0", "packet 17 3 768", "vsock 40 1 0", "alg 38 5 0",
    ];

    [CliTheory(abi: 4, perl: true)]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void Without_rules_there_are_unix_sockets_only(Who who) => Assert.Equal(["unix"], Made(who));

    [CliTheory(abi: 4, perl: true)]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void Rules_for_TCP_bring_TCP(Who who)
    {
        Assert.Equal(["unix", "tcp4", "tcp6"], Made(who, "--connect-tcp", "443"));
        Assert.Equal(["unix", "tcp4", "tcp6"], Made(who, "--bind-tcp", "8080"));
        Assert.Equal(["unix", "tcp4", "tcp6"], Made(who, "--network", "tcp"));
        Assert.Equal(["unix"], Made(who, "--network=none"));
    }

    [CliTheory(abi: 4, perl: true)]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void Rules_for_UDP_bring_UDP(Who who)
    {
        Assert.Equal(["unix", "udp4", "udp6"], Made(who, "--connect-send-udp", "53"));
        Assert.Equal(["unix", "tcp4", "tcp6", "udp4", "udp6"], Made(who, "--connect-send-udp", "53", "--connect-tcp", "443"));
        Assert.Equal(["unix", "tcp4", "tcp6", "udp4", "udp6"], Made(who, "--preset", "WebClient"));
    }

    [CliTheory(abi: 4, perl: true)]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void Unix_sockets_can_be_refused(Who who)
    {
        string[] free = Sockets(CliRun.Program(new Setup { Who = who }, [Probe.Perl, "-e", Script, .. Families]));
        Assert.Empty(Made(who, "--no-unix-socket"));
        Assert.Equal(["tcp4", "tcp6"], Made(who, "--no-unix-socket", "--connect-tcp", "443"));
        Assert.Equal(free.Where(name => name != "unix"), Made(who, "--no-unix-socket", "--network", "unrestricted"));
        Assert.Equal(free.Where(name => name != "unix"), Made(who, "--no-unix-socket", "--unrestricted", "net"));
        const string errors =
            "socket(my $s, 1, 1, 0) or print $! + 0, ' '; socketpair(my $a, my $b, 1, 2, 0) or print $! + 0, ' '; socketpair($a, $b, 1, 1, "
            + "0) and socketpair($a, $b, 1, 5, 0) and syswrite($a, 'x') and sysread($b, my $x, 1) and print 'pair'";
        Assert.Equal("97 94 pair", CliRun.Of(who, "--no-unix-socket", "--", Probe.Perl, "-e", errors).Output);
        CliRun refused = CliRun.Of("--no-unix-socket", "--unix-socket", "/run", "true");
        Assert.EndsWith("landlocked: no UNIX socket is to be made, but there are rules for connecting to some. Leave out one of them\n",
            refused.Error, StringComparison.Ordinal);
        Assert.Equal(125, refused.ExitCode);
    }

    [CliTheory(abi: 4, perl: true)]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void Without_the_filter_there_is_what_there_was(Who who)
    {
        string[] free = Sockets(CliRun.Program(new Setup { Who = who }, [Probe.Perl, "-e", Script, .. Families]));
        Assert.Contains("udp4", free);
        Assert.Contains("mptcp", free);
        Assert.Contains("netlink", free);
        Assert.Equal(free, Made(who, "--network", "unrestricted"));
        Assert.Equal(free, Made(who, "--unrestricted", "net"));
    }

    [CliTheory(abi: 4, perl: true)]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void Fast_open_does_not_connect_past_the_rules(Who who)
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        const string send =
            "socket(my $s, 2, 1, 0) or die $!; send($s, 'x', 0x20000000, pack('Sna4x8', 2, $ARGV[0], \"\\x7f\\0\\0\\1\")); print $! + 0";
        Assert.Equal("0", CliRun.Program(new Setup { Who = who }, [Probe.Perl, "-e", send, $"{port}"]).Output);
        Assert.True(listener.Pending());
        listener.AcceptSocket().Dispose();
        Assert.Equal("95", CliRun.Of(who, "--connect-tcp", $"{port + 1}", "--", Probe.Perl, "-e", send, $"{port}").Output);
        Assert.False(listener.Pending());
        // TCP_FASTOPEN_CONNECT, by which an ordinary connect(2) would become one.
        const string option = "socket(my $s, 2, 1, 0) or die $!; print setsockopt($s, 6, 30, 1) ? 'set' : $! + 0";
        Assert.Equal("set", CliRun.Program(new Setup { Who = who }, [Probe.Perl, "-e", option]).Output);
        Assert.Equal("92", CliRun.Of(who, "--connect-tcp", $"{port}", "--", Probe.Perl, "-e", option).Output);
        // TCP_ULP, by which the socket would become one of SMC; what the kernel does not have is not found.
        const string upper = "socket(my $s, 2, 1, 0) or die $!; print setsockopt($s, 6, 31, 'none') ? 'set' : $! + 0";
        Assert.Equal("2", CliRun.Program(new Setup { Who = who }, [Probe.Perl, "-e", upper]).Output);
        Assert.Equal("92", CliRun.Of(who, "--connect-tcp", $"{port}", "--", Probe.Perl, "-e", upper).Output);
    }

    [CliTheory(abi: 4, perl: true)]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void Errors_are_those_that_programs_understand(Who who)
    {
        Assert.Equal(
            "tcp4=13 udp4=13 mptcp=13 raw=13 netlink=97 packet=97",
            Errors(who, [], "tcp4 2 1 0", "udp4 2 2 0", "mptcp 2 1 262", "raw 2 3 255", "netlink 16 3 0", "packet 17 3 768"));
        Assert.Equal("mptcp=93 udp4=13", Errors(who, ["--connect-tcp", "1"], "mptcp 2 1 262", "udp4 2 2 0"));
        string rings =
            CliRun.Of(who, "--", Probe.Perl, "-e", "my $p = \"\\0\" x 120; print syscall(425, 1, $p) < 0 ? $! + 0 : 'ring'").Output;
        Assert.Equal("38", rings);
    }

    [CliFact(perl: true)]
    public void Filters_nest()
    {
        CliRun run = CliRun.Of("--connect-tcp", "1", "--connect-send-udp", "53", "--read-only", "/", "--", CliRun.Landlocked,
            "--connect-tcp", "1", "--read-only", "/", "--", Probe.Perl, "-e", Script, Families[1], Families[3]);
        Assert.Equal(["tcp4"], Sockets(run));
        run = CliRun.Of("--read-only", "/", "--", CliRun.Landlocked, "--network", "unrestricted", "--read-only", "/", "--", Probe.Perl,
            "-e", Script, Families[0], Families[1], Families[3]);
        Assert.Equal(["unix"], Sockets(run));
    }

    [CliFact]
    public void Modes_and_rules_that_contradict_each_other_are_refused()
    {
        CliRun.Of("--network", "none", "--connect-tcp", "443", "true").Refused(
            "landlocked: the network mode None refuses every socket but UNIX ones, but there are rules for TCP. Leave out "
                + "the mode, or the rules");
        CliRun.Of("--network", "tcp", "--preset", "WebClient", "true").Refused(
            "landlocked: the network mode Tcp refuses UDP, but there are rules for UDP. Leave out the mode, or the rules");
        CliRun.Of("--network", "nome", "true")
            .Refused("landlocked: --network: expected default, none, tcp or unrestricted, not 'nome'; did you mean 'none'?");
    }

    [CliFact]
    public void The_plan_says_which_half_is_the_filter_s()
    {
        Assert.Contains("sockets: UNIX only; a seccomp filter refuses any other, and io_uring\n", CliRun.Of(
            "--dry-run", "--verbose", "true").Output,
            StringComparison.Ordinal);
        Assert.Contains("sockets: UNIX and TCP; a seccomp filter refuses any other, and TCP Fast Open and io_uring\n",
            CliRun.Of("--connect-tcp", "1", "--dry-run", "--verbose", "true").Output, StringComparison.Ordinal);
        Assert.Contains("sockets: any that the layers do not deny\n", CliRun.Of("--unrestricted", "net",
            "--dry-run", "--verbose", "true").Output,
            StringComparison.Ordinal);
    }

    private const string Script = "for (@ARGV) { my ($n, $f, $t, $p) = split; print \"$n \" if socket(my $s, $f, $t, $p) }";

    private static string[] Made(Who who, params string[] options) =>
        Sockets(CliRun.Of(who, [.. options, "--", Probe.Perl, "-e", Script, .. Families]));

    private static string Errors(Who who, string[] options, params string[] sockets) => CliRun.Of(who, [.. options, "--", Probe.Perl, "-e",
        "print join ' ', map { my ($n, $f, $t, $p) = split; socket(my $s, $f, $t, $p) ? $n : \"$n=\" . ($! + 0) } @ARGV",
        .. sockets]).Output;

    private static string[] Sockets(CliRun run)
    {
        Assert.Equal(0, run.ExitCode);
        return run.Output.Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }
}
