using System.Net;
using System.Net.Sockets;
using Landlock.Linux;

namespace Landlock.Tests.Cli;

/// <summary>Ports and scopes, as the kernel sees them.</summary>
public sealed class NetworkTests
{
    [CliTheory(abi: 4, perl: true)]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void Connecting_needs_the_port(Who who)
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        Assert.Equal("EACCES", Probe.Try(who, [], "connect", $"{port}"));
        Assert.Equal("EACCES", Probe.Try(who, ["--network", "unrestricted"], "connect", $"{port}"));
        Assert.Equal("EACCES", Probe.Try(who, ["--connect-tcp", $"{port - 1}", "--bind-tcp", $"{port}"], "connect", $"{port}"));
        Assert.Equal("ok", Probe.Try(who, ["--connect-tcp", $"{port}"], "connect", $"{port}"));
        Assert.Equal("ok", Probe.Try(who, [$"--connect-tcp=1,{port - 1}-{port + 1}"], "connect", $"{port}"));
        Assert.Equal("ok", Probe.Try(who, ["--connect-tcp", "1", "--connect-tcp", $"{port}"], "connect", $"{port}"));
        Assert.Equal("ok", Probe.Try(who, ["--unrestricted", "net"], "connect", $"{port}"));
        Assert.Equal("EACCES", Probe.Try(who, ["--unrestricted", "scope"], "connect", $"{port}"));
    }

    [CliTheory(abi: 4, perl: true)]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void Binding_needs_the_port(Who who)
    {
        int port = FreePort();
        Assert.Equal("EACCES", Probe.Try(who, [], "bind", $"{port}"));
        Assert.Equal("EACCES", Probe.Try(who, ["--network", "unrestricted"], "bind", $"{port}"));
        Assert.Equal("EACCES", Probe.Try(who, ["--bind-tcp", $"{port - 1}", "--connect-tcp", $"{port}"], "bind", $"{port}"));
        Assert.Equal("ok", Probe.Try(who, ["--bind-tcp", $"{port}"], "bind", $"{port}"));
        Assert.Equal("EACCES", Probe.Try(who, ["--bind-tcp", $"{port}"], "bind", "0"));
        Assert.Equal("ok", Probe.Try(who, ["--bind-tcp", "0"], "bind", "0"));
        Assert.Equal("ok", Probe.Try(who, ["--bind-tcp=0-65535"], "bind", $"{port}"));
        Assert.Equal("ok", Probe.Try(who, ["--unrestricted=net"], "bind", "0"));
    }

    [CliFact]
    public void Udp_rules_are_noted_or_refused_where_the_kernel_does_not_restrict_udp()
    {
        int abi = Landlock.Linux.RunningKernel.Support.Abi;
        if (abi >= 10) return;
        CliRun run = CliRun.Of("--bind-udp", "53", "--connect-send-udp=53", "echo", "done");
        Assert.Equal(
            $"landlocked: warning: Landlock ABI {abi} cannot tell UDP ports apart, so the rule 'bind_udp 53' opens all of UDP: bind_udp "
                + "(needs ABI 10, Linux 7.2)\n"
            + $"landlocked: warning: Landlock ABI {abi} cannot tell UDP ports apart, so the rule 'connect_send_udp 53' opens all of UDP: "
            + "connect_send_udp (needs ABI 10, Linux 7.2)\n",
            run.Error);
        Assert.Equal("done\n", run.Output);
        Assert.Equal(0, run.ExitCode);
        CliRun.Of("--strict", "--bind-udp", "53", "true").Refused(
            $"landlocked: the rule 'bind_udp 53' is required, but Landlock ABI {abi} lacks bind_udp (needs ABI 10, Linux 7.2)");
    }

    [CliFact]
    public void Unix_socket_rules_are_noted_or_refused_where_the_kernel_does_not_restrict_them()
    {
        int abi = Landlock.Linux.RunningKernel.Support.Abi;
        if (abi >= 9) return;
        CliRun run = CliRun.Of("--unix-socket", "/tmp", "true");
        Assert.Equal($"landlocked: warning: the rule 'UnixSocket /tmp' is not needed: Landlock ABI {abi} does not restrict resolve_unix "
            + "(needs ABI 9, Linux 7.1)\n", run.Error);
        Assert.Equal(0, run.ExitCode);
        CliRun.Of("--strict", "--unix-socket", "/tmp", "true").Refused(
            $"landlocked: the rule 'UnixSocket /tmp' is required, but Landlock ABI {abi} lacks resolve_unix (needs ABI 9, Linux 7.1)");
    }

    [CliFact]
    public void Strict_is_no_obstacle_where_everything_can_be_enforced() =>
    CliRun.Of("--strict", "--read-only", "/usr", "--bind-tcp", "80", "true").Ran();

    [CliTheory(abi: 6, perl: true)]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void Abstract_sockets_outside_cannot_be_reached(Who who)
    {
        string name = $"landlocked-test-{Guid.NewGuid()}";
        using Socket server = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        server.Bind(new UnixDomainSocketEndPoint("\0" + name));
        server.Listen();
        Assert.Equal("EPERM", Probe.Try(who, [], "abstract", name));
        Assert.Equal("ok", Probe.Try(who, ["--unrestricted", "scope"], "abstract", name));
    }

    [CliTheory(abi: 6, perl: true)]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void Processes_outside_cannot_be_signalled(Who who)
    {
        Assert.Equal("1", Signal([]));
        Assert.Equal("ok", Signal(["--unrestricted", "scope"]));

        // The shell that starts landlocked is outside the sandbox, and has the same user.
        string Signal(string[] options) =>
            CliRun.Program(new Setup { Who = who },
                ["/bin/sh", "-c", "\"$@\" $$; true", "sh", CliRun.Landlocked, .. options, .. Probe.Command("kill")]).Output;
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [CliFact]
    public void Interfaces_are_listed_where_that_is_asked_for()
    {
        if (PosixFile.Stat("/usr/bin/python3") is null) return;
        const string list = "import socket\ntry: print('lo' in [name for _, name in socket.if_nameindex()])\n"
            + "except OSError as e: print(e.errno)";
        string[] command = ["--read-only", "/usr", "--", "/usr/bin/python3", "-c", list];
        Assert.Equal($"{(int)Errno.EAFNOSUPPORT}\n", CliRun.Of(command).Output);
        foreach (string[] network in (string[][])[[], ["--network", "none"], ["--connect-tcp", "443"], ["--no-unix-socket"]])
            Assert.Equal("True\n", CliRun.Of(["--list-interfaces", .. network, .. command]).Output);
        // Generic netlink, the kernel's events, audit.
        const string others = "import socket\nfor protocol in (16, 15, 9):\n  try: socket.socket(16, 3, protocol); print('made')\n"
            + "  except OSError as e: print(e.errno)";
        Assert.Equal(string.Concat(Enumerable.Repeat($"{(int)Errno.EAFNOSUPPORT}\n", 3)),
            CliRun.Of(["--list-interfaces", .. command[..^1], others]).Output);
        Assert.Contains("\nsockets: UNIX and NETLINK_ROUTE; a seccomp filter refuses any other, and io_uring\n",
            CliRun.Of("--dry-run", "--verbose", "--list-interfaces", "true").Output, StringComparison.Ordinal);
    }
}
