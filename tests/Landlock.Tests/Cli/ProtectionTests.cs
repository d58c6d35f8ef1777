using System.Net;
using System.Net.Sockets;
using Landlock.Linux;

namespace Landlock.Tests.Cli;

/// <summary>--require, --allow-degraded and --disable, as the running kernel sees them.</summary>
public sealed class ProtectionTests
{
    private static readonly int s_abi = RunningKernel.Support.Abi;

    [CliFact]
    public void What_the_kernel_lacks_is_refused_and_nothing_is_run()
    {
        if (s_abi >= 9) return;
        using Scratch scratch = new();
        CliRun.Of("--require", "resolve_unix", "--read-write", scratch.Path, "--", "touch", scratch["file"]).Refused(
            "landlocked: the protection resolve_unix is required, but unavailable: it needs Landlock ABI 9 (Linux 7.1), and this kernel "
                + $"has ABI {s_abi}. Refusing UNIX sockets, with -NoUnixSocket (--no-unix-socket), keeps resolve_unix on every "
                + "kernel. Nothing was run");
        Assert.False(Scratch.Exists(scratch["file"]));
    }

    [CliFact(abi: 7)]
    public void What_it_has_runs()
    {
        CliRun.Of("--require", "refer,truncate,ioctl_dev,net_tcp", "--require=net_udp,scopes,seccomp", "echo", "ran").Ran("ran\n");
        CliRun.Of("--require", "logging", "--log-denials", "echo", "ran").Ran("ran\n");
        CliRun.Of("--require", "logging", "true")
            .Refused("landlocked: the protection logging is required, but disabled: not asked for. Nothing was run");
    }

    [CliFact(abi: 4)]
    public void A_policy_that_does_not_handle_it_does_not_keep_it()
    {
        using Scratch scratch = new();
        scratch.File("policy.toml", "abi = 6\n[[path_beneath]]\nallowed_access = [\"abi.read_execute\"]\nparent = [\"/usr\"]\n");
        CliRun.Of("--policy", scratch["policy.toml"], "--require", "net_tcp", "true")
            .Refused("landlocked: the protection net_tcp is required, but disabled: no ruleset handles it. Nothing was run");
        CliRun.Of("--unrestricted", "net", "--require", "net_tcp", "true")
            .Refused("landlocked: the protection net_tcp is required, but disabled: no ruleset handles it. Nothing was run");
        CliRun.Of("--network", "unrestricted", "--require", "seccomp", "true").Refused(
            "landlocked: the protection seccomp is required, but degraded: the filter does not look at sockets: the network is "
                + "unrestricted, or no ruleset handles TCP. Nothing was run");
    }

    [CliFact(abi: 7)]
    public void A_policy_carries_what_it_requires()
    {
        if (s_abi >= 9) return;
        using Scratch scratch = new();
        scratch.File("policy.toml",
            "abi = 7\n[[ruleset]]\nhandled_access_net = [\"abi.all\"]\n[landlockps]\nrequire = [\"net_tcp\", \"resolve_unix\"]\n");
        CliRun.Of("--policy", scratch["policy.toml"], "true").Refused(
            "landlocked: the protection resolve_unix is required, but unavailable: it needs Landlock ABI 9 (Linux 7.1), and this kernel "
                + $"has ABI {s_abi}. Refusing UNIX sockets, with -NoUnixSocket (--no-unix-socket), keeps resolve_unix on every "
                + "kernel. Nothing was run");
    }

    [CliFact(abi: 7)]
    public void What_may_be_missing_is_not_warned_of_and_not_refused()
    {
        if (s_abi >= 9) return;
        using Scratch scratch = new();
        scratch.File("policy.toml", "abi = 11\n[[ruleset]]\nhandled_access_fs = [\"abi.all\"]\nhandled_access_net = [\"abi.all\"]\n"
            + "[[path_beneath]]\nallowed_access = [\"abi.read_execute\"]\nparent = [\"/usr\", \"/lib\", \"/lib64\", \"/bin\"]\n");
        string[] policy = ["--policy", scratch["policy.toml"]];
        Assert.Contains($"this kernel has Landlock ABI {s_abi} and lacks resolve_unix", CliRun.Of([.. policy, "echo", "ran"]).Error,
            StringComparison.Ordinal);
        Assert.Equal(125, CliRun.Of([.. policy, "--strict", "echo", "ran"]).ExitCode);
        // UDP is not missing: without a rule for it the filter lets no UDP socket be made.
        CliRun.Of([.. policy, "--allow-degraded", "resolve_unix", "echo", "ran"]).Ran("ran\n");
        CliRun.Of([.. policy, "--allow-degraded", "resolve_unix", "--strict", "echo", "ran"]).Ran("ran\n");
        string[] open = [.. policy, "--allow-degraded", "resolve_unix", "--network", "unrestricted"];
        Assert.Contains("lacks bind_udp (needs ABI 10, Linux 7.2), connect_send_udp (needs ABI 10, Linux 7.2)",
            CliRun.Of([.. open, "true"]).Error, StringComparison.Ordinal);
        CliRun.Of([.. open, "--allow-degraded", "net_udp", "--strict", "echo", "ran"]).Ran("ran\n");
    }

    [CliTheory(abi: 6, perl: true)]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void What_is_disabled_is_open_and_the_rest_is_not(Who who)
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        string port = $"{((IPEndPoint)listener.LocalEndpoint).Port}";
        Assert.Equal("EACCES", Probe.Try(who, ["--disable", "scopes"], "connect", port));
        Assert.Equal("ok", Probe.Try(who, ["--disable", "net_tcp"], "connect", port));
        Assert.Equal("EACCES", Probe.Try(who, ["--disable", "net_udp"], "connect", port));
        if (who == Who.Root)
        {
            // Signals across users are refused to an ordinary one anyway.
            Assert.Equal("EPERM", Probe.Try(who, ["--disable", "net_tcp"], "kill", $"{Environment.ProcessId}"));
            Assert.Equal("ok", Probe.Try(who, ["--disable", "scope_signal"], "kill", $"{Environment.ProcessId}"));
        }

        using Scratch scratch = new();
        scratch.File("file", "text");
        File.SetUnixFileMode(scratch["file"], (UnixFileMode)0b110_110_110);
        string[] edit = ["--access", $"read_file,write_file:{scratch.Path}"];
        Assert.Equal("EACCES", Probe.Try(who, edit, "truncate", scratch["file"]));
        Assert.Equal("ok", Probe.Try(who, [.. edit, "--disable", "truncate"], "truncate", scratch["file"]));
    }

    [CliFact(abi: 4)]
    public void The_filter_can_be_left_out()
    {
        Assert.Equal("2", Seccomp());
        Assert.Equal("2", Seccomp("--disable", "net_tcp,net_udp"));
        Assert.Equal("0", Seccomp("--disable", "seccomp"));

        static string Seccomp(params string[] options)
        {
            CliRun run = CliRun.Of([.. options, "--read-only", "/usr", "--read-data", "/proc", "grep", "^Seccomp:", "/proc/self/status"]);
            Assert.Equal("", run.Error);
            return run.Output.Trim().Split('\t')[1];
        }
    }

    [CliFact]
    public void Contradictions_are_refused()
    {
        CliRun.Of("--require", "net_tcp,refer", "--disable", "net_tcp", "true")
            .Refused("landlocked: net_tcp cannot be required and disabled at once. Name it once");
        CliRun.Of("--disable", "refer", "true").Refused("landlocked: refer cannot be disabled: the kernel denies links and moves between "
            + "directories to every ruleset that handles a filesystem right. Allow it with a rule, on / for everywhere");
        CliRun.Of("--disable", "seccomp", "--network", "none", "true")
            .Refused("landlocked: the network mode None is kept by the seccomp filter, and seccomp is disabled. Leave out one of them");
        CliRun.Of("--require", "net_tpc", "true").Refused("landlocked: --require: 'net_tpc' is no protection; did you mean 'net_tcp'?");
    }

    [CliFact(abi: 7)]
    public void A_policy_is_not_loosened()
    {
        using Scratch scratch = new();
        scratch.File("policy.toml", "abi = 6\n[[ruleset]]\nhandled_access_net = [\"abi.all\"]\n");
        CliRun.Of("--policy", scratch["policy.toml"], "--disable", "net_tcp", "true").Refused(
            "landlocked: the ruleset handles net_tcp, and a ruleset that is given is not loosened. Disable it where the ruleset is made, "
                + "or leave it out of the policy");
    }

    [CliFact]
    public void A_dry_run_shows_every_state_and_why()
    {
        if (s_abi != 7) return;
        Assert.EndsWith(
            """

            protection: refer                       active       Landlock
            protection: truncate                    active       Landlock
            protection: ioctl_dev                   disabled     left out as asked
            protection: net_tcp                     active       Landlock and seccomp
            protection: net_udp                     active       seccomp: there are no UDP sockets
            protection: resolve_unix                unavailable  it needs Landlock ABI 9 (Linux 7.1), and this kernel has ABI 7
            protection: scope_signal                active       Landlock
            protection: scope_abstract_unix_socket  active       Landlock
            protection: logging                     disabled     not asked for
            protection: seccomp                     active       seccomp

            """,
            CliRun.Of("--dry-run", "--verbose", "--disable", "ioctl_dev", "--connect-tcp", "443", "true").Output, StringComparison.Ordinal);
    }

    [CliFact]
    public void A_granted_path_that_holds_a_socket_is_warned_of()
    {
        using Scratch scratch = new();
        using Socket agent = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        agent.Bind(new UnixDomainSocketEndPoint(scratch["agent"]));
        File.SetUnixFileMode(scratch["agent"], (UnixFileMode)0b110_110_110);
        Setup setup = new() { Environment = ["PATH=/usr/bin:/bin", $"SSH_AUTH_SOCK={scratch["agent"]}"] };
        string anyway = s_abi < 9 ? $" This kernel (Landlock ABI {s_abi}) cannot deny connecting to UNIX sockets, whatever the rules say; "
            + "ABI 9 (Linux 7.1) can. Refuse UNIX sockets altogether with -NoUnixSocket (--no-unix-socket)" : "";
        CliRun run = CliRun.Of(setup, "--read-write", scratch.Path, "echo", "ran");
        string warning = $"what is allowed reaches other programs: '{scratch.Path}' holds {scratch["agent"]} (ssh-agent). "
            + $"A command that connects there can have them act outside of the sandbox.{anyway}\n";
        Assert.Equal("landlocked: warning: " + warning.Replace(".\n", "\n", StringComparison.Ordinal), run.Error);
        Assert.Equal("ran\n", run.Output);
        CliRun.Of(setup, "--read-write", scratch.Path, "--allow-degraded", "resolve_unix", "echo", "ran").Ran("ran\n");
        CliRun.Of(setup, "--read-only", "/usr", "echo", "ran").Ran("ran\n");
        if (s_abi < 9) Assert.Contains($"{scratch["agent"]} (ssh-agent)", CliRun.Of(setup, "support").Output, StringComparison.Ordinal);
    }
}
