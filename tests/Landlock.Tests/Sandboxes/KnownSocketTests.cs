using System.Net.Sockets;
using Landlock.Abi;
using Landlock.Linux;
using Landlock.Rulesets;
using Landlock.Sandboxes;
using Landlock.Tests.Exec;

namespace Landlock.Tests.Sandboxes;

/// <summary>Sockets of other programs that a command could reach.</summary>
public sealed class KnownSocketTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("landlock-").FullName;
    private readonly List<Socket> _sockets = [];

    [Fact]
    public void Sockets_are_found_where_variables_say()
    {
        string agent = Listen("agent");
        string bus = Listen("bus");
        string docker = Listen("docker.sock");
        string wayland = Listen("wayland-7");
        string tmux = Listen("tmux");
        Assert.Equal([(agent, "ssh-agent")], Found(("SSH_AUTH_SOCK", agent)));
        Assert.Equal([(bus, "D-Bus, session")], Found(("DBUS_SESSION_BUS_ADDRESS", $"unix:path={bus},guid=12")));
        Assert.Equal([(docker, "Docker")], Found(("DOCKER_HOST", $"unix://{docker}")));
        Assert.Equal([(tmux, "tmux")], Found(("TMUX", $"{tmux},123,0")));
        // All that are in the directory are found by its name alone, but for one whose name only a variable tells.
        Assert.Equal([(bus, "D-Bus, session"), (docker, "Docker")], Found(("XDG_RUNTIME_DIR", _folder)));
        Assert.Equal([(bus, "D-Bus, session"), (docker, "Docker"), (wayland, "Wayland")],
            Found(("XDG_RUNTIME_DIR", _folder), ("WAYLAND_DISPLAY", "wayland-7")));
    }

    [Fact]
    public void A_link_counts_as_what_it_leads_to()
    {
        string agent = Listen("agent");
        File.CreateSymbolicLink($"{_folder}/link", agent);
        Assert.Equal([(agent, "ssh-agent")], Found(("SSH_AUTH_SOCK", $"{_folder}/link"), ("TMUX", "")));
    }

    [Fact]
    public void What_is_no_socket_or_not_there_is_not_found()
    {
        File.WriteAllText($"{_folder}/file", "");
        Assert.Empty(Found(("SSH_AUTH_SOCK", $"{_folder}/file")));
        Assert.Empty(Found(("SSH_AUTH_SOCK", $"{_folder}/gone")));
        Assert.Empty(Found(("SSH_AUTH_SOCK", "\0")));
        Assert.Empty(Found(("DOCKER_HOST", "tcp://localhost:2375")));
    }

    [Fact]
    public void What_the_user_may_not_write_to_is_not_found()
    {
        string agent = Listen("agent");
        File.SetUnixFileMode(agent, UnixFileMode.UserRead);
        // Root may write to anything.
        Assert.Equal(Posix.geteuid() == 0 ? 1 : 0, Found(("SSH_AUTH_SOCK", agent)).Length);
    }

    [Fact]
    public void From_abi_9_it_takes_a_rule_with_the_right()
    {
        string agent = Listen("agent");
        Assert.Empty(Mine(Plan(9, agent)));
        Assert.Empty(Mine(Plan(9, agent, new PathRule(_folder, AccessClass.ReadOnly.Rights))));
        Assert.Equal([(agent, _folder)], Mine(Plan(9, agent, new PathRule(_folder, AccessClass.ReadWrite.Rights))));
        Assert.Equal([(agent, agent)], Mine(Plan(9, agent, new PathRule(agent, AccessClass.UnixSocket.Rights))));
        Assert.Empty(Mine(Plan(9, agent, new PathRule(_folder + "/agen", AccessClass.ReadWrite.Rights) { Optional = true })));
        // Every layer has to allow it.
        Assert.Empty(
            Mine(Plan(9, agent, [Ruleset.DenyAll(9).With(new PathRule(_folder, AccessClass.ReadWrite.Rights)), Ruleset.DenyAll(9)])));
        Assert.Equal(
            $"What is allowed reaches other programs: '{_folder}' holds {agent} (ssh-agent). A command that connects there can have them "
                + "act outside of the sandbox.",
            Assert.Single(Told.Warnings(Plan(9, agent, new PathRule(_folder, AccessClass.ReadWrite.Rights)))));
    }

    [Fact]
    public void Before_abi_9_all_are_in_reach_and_a_path_that_holds_one_is_warned_of()
    {
        string agent = Listen("agent");
        LaunchPlan bare = Plan(7, agent);
        Assert.Equal([(agent, null)], Mine(bare));
        Assert.Empty(Told.Warnings(bare));
        Assert.Contains(PlanDescription.Describe(bare),
            line => line.StartsWith("sockets of other programs that it can connect to: ", StringComparison.Ordinal)
                && line.Contains($"{agent} (ssh-agent)", StringComparison.Ordinal));
        PathRule rule = new(_folder, AccessClass.ReadOnly.Rights);
        Assert.Equal(
            $"What is allowed reaches other programs: '{_folder}' holds {agent} (ssh-agent). A command that connects there can have them "
                + "act outside of the sandbox. This kernel (Landlock ABI 7) cannot deny connecting to UNIX sockets, whatever the rules "
                + "say; ABI 9 (Linux 7.1) can. Refuse UNIX sockets altogether with -NoUnixSocket (--no-unix-socket).",
            Assert.Single(Told.Warnings(Plan(7, agent, rule))));
    }

    [Fact]
    public void Before_abi_9_neither_a_rule_on_everything_nor_the_callers_own_sockets_are_warned_of()
    {
        string agent = Listen("agent");
        Assert.Equal([(agent, null)], Mine(Plan(7, agent, new PathRule("/", AccessClass.ReadOnly.Rights))));
        KnownSocket own = new(Listen("own"), "mine");
        foreach ((int abi, string? granted) in ((int, string?)[])[(7, null), (9, _folder)])
        {
            LaunchPlan plan = LaunchPlanner.Plan(new LaunchRequest
            {
                Layers = [Ruleset.DenyAll(abi).With(new PathRule(_folder, AccessClass.ReadWrite.Rights))],
                Command = "/bin/true",
                BaseDirectory = "/",
                OwnSockets = [own],
                Sandbox = Sandbox.Strict with { Closure = false },
                Support = LandlockSupport.ForAbi(abi),
            });
            Assert.Equal([(own.Path, granted)], Mine(plan));
        }
    }

    [Fact]
    public void Where_it_was_foreseen_there_is_no_warning()
    {
        string agent = Listen("agent");
        PathRule rule = new(_folder, AccessClass.ReadWrite.Rights);
        Assert.Empty(Told.Warnings(Plan(7, agent, [Ruleset.DenyAll(7).With(rule)], new() { AllowDegraded = Protection.ResolveUnix })));
        Assert.Empty(Told.Warnings(Plan(7, agent, [Ruleset.DenyAll(7).With(rule)], new() { Disabled = Protection.ResolveUnix })));
    }

    [Fact]
    public void A_kernel_names_those_within_reach()
    {
        LandlockSupport support = LandlockSupport.ForAbi(8) with
        { Sockets = [new KnownSocket("/run/docker.sock", "Docker"), new KnownSocket("/run/a\nb", "X11")] };
        Assert.Equal(
            "connecting to a UNIX socket in the filesystem (docker.sock, D-Bus) needs no right, whatever the rules say, unless UNIX "
                + "sockets are refused (-NoUnixSocket, --no-unix-socket); this user may connect to: /run/docker.sock "
                + "(Docker), /run/a\\nb (X11)",
            support.ResidualHoles.Single(hole => hole.Name == "pathname unix sockets").Description);
        Assert.DoesNotContain((LandlockSupport.ForAbi(9) with { Sockets = support.Sockets }).ResidualHoles,
            hole => hole.Name == "pathname unix sockets");
    }

    public void Dispose()
    {
        foreach (Socket socket in _sockets) socket.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private string Listen(string name)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _sockets.Add(socket);
        socket.Bind(new UnixDomainSocketEndPoint($"{_folder}/{name}"));
        socket.Listen();
        return $"{_folder}/{name}";
    }

    // The machine may have sockets of its own.
    private (string Path, string Service)[] Found(params (string Name, string Value)[] variables) =>
    [
        .. KnownSockets.Find(name => variables.FirstOrDefault(variable => variable.Name == name).Value).Where(
            socket => socket.Path.StartsWith(_folder + "/", StringComparison.Ordinal)).Select(socket => (socket.Path, socket.Service)),
    ];

    private (string Path, string? GrantedBy)[] Mine(LaunchPlan plan) =>
        [.. plan.Sockets.Where(socket => socket.Socket.Path.StartsWith(_folder + "/", StringComparison.Ordinal))
            .Select(socket => (socket.Socket.Path, socket.GrantedBy))];

    private static LaunchPlan Plan(int abi, string agent, params PathRule[] rules) =>
        Plan(abi, agent, [Ruleset.DenyAll(abi).With(rules, [])]);

    private static LaunchPlan Plan(int abi, string agent, Ruleset[] layers, ProtectionPromises? promises = null) =>
        LaunchPlanner.Plan(new LaunchRequest
        {
            Layers = [.. layers],
            Command = "/bin/true",
            BaseDirectory = "/",
            Start = new CommandStart { Environment = [$"SSH_AUTH_SOCK={agent}"] },
            Sandbox = Sandbox.Strict with { Closure = false, Promises = promises ?? ProtectionPromises.None },
            Support = LandlockSupport.ForAbi(abi),
        });
}
