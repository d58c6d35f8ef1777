using Landlock.Abi;
using Landlock.Access;
using Landlock.Documents;
using Landlock.Learning;
using Landlock.Linux;
using Landlock.Policies;
using Landlock.Rulesets;
using Landlock.Sandboxes;
using Landlock.Tracing;

namespace Landlock.Tests.Rulesets;

/// <summary>
/// A UDP socket that is not bound binds itself before it sends, so whoever is given a port to send to is given bind_udp on port 0, by
/// whatever way, and what was written elsewhere stays what it is.
/// </summary>
public sealed class UdpSendingTests
{
    private const string Both = "bind_udp 0 connect_send_udp 53";

    private static readonly NetRule s_send = new(new PortRange(53, 53), AccessNet.ConnectSendUdp), s_bind =
        new(new PortRange(0, 0), AccessNet.BindUdp);

    private static readonly Ruleset s_alone = Ruleset.DenyAll(10).WithExactly([], [s_send]);

    public static TheoryData<string> Ways => [.. Made.Keys];

    private static Dictionary<string, Func<Ruleset>> Made { get; } = new()
    {
        ["a rule"] = () => Ruleset.DenyAll(10).With(s_send),
        ["rules"] = () => Ruleset.DenyAll(10).With([], [s_send]),
        ["grants"] = () => Ruleset.DenyAll(10).WithGrants([], [s_send]),
        ["options"] = () => new Sandbox { Ports = [s_send] }.MakeRuleset(LandlockSupport.ForAbi(10), null, out _, 10),
        ["options added to a ruleset"] = () => new Sandbox { Ports = [s_send] }.AddTo(Ruleset.DenyAll(10)),
        ["a preset"] = () => new PresetGrants([], [s_send]).AddTo(Ruleset.DenyAll(10)),
        ["setpriv"] = () => PolicyConvert.FromSetpriv(
            ["--landlock-access", "net", "--landlock-rule", "net-port:connect-send-udp:53", "true"], abi: 10).Ruleset,
        ["our table in TOML"] = () => Read("""
            abi = 10
            [[ruleset]]
            handled_access_net = ["abi.all"]
            [[landlockps.net_port]]
            allowed_access = ["connect_send_udp"]
            port = [53]
            """),
        ["our table in JSON"] = () => Read("""{ "abi": 10, "ruleset": [{ "handledAccessNet": ["abi.all"] }], "landlockps": { "netPort": """
            + """[{ "allowedAccess": ["connect_send_udp"], "port": [53] }] } }""", PolicySyntax.Json),
        ["a trace"] = () => Learn(Sent(53)).Ruleset,
        ["a trace added to a policy"] = () => PolicyLearner.AddTo(Ruleset.DenyAll(10), Learn(Sent(53))).Ruleset,
        ["a fix"] = () => Ruleset.DenyAll(10).With(Verdict(Ruleset.DenyAll(10)).Fixes.Single().NetRule!),
        ["a fix as text"] =
            () => Read("abi = 10\n[[ruleset]]\nhandled_access_net = ['abi.all']\n" + Verdict(Ruleset.DenyAll(10)).Fixes.Single().Toml),
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public void Every_way_in_brings_what_sending_needs(string way)
    {
        Ruleset made = Made[way]();
        Assert.Equal(Both, string.Join(' ', made.NetRules));
        Assert.True(Verdict(made).Allowed);
    }

    [Fact]
    public void It_comes_once_whatever_the_order_and_only_where_it_is_denied()
    {
        NetRule many = new(new PortRange(0, 9), AccessNet.BindUdp), quiet = s_bind with { Quiet = true };
        Assert.Equal(Ruleset.DenyAll(10).With(many).With(s_send), Ruleset.DenyAll(10).With(s_send).With(many));
        Assert.Equal(Ruleset.DenyAll(10).With(quiet).With(s_send), Ruleset.DenyAll(10).With(s_send).With(quiet));
        Assert.Equal("bind_udp 0-9 connect_send_udp 53", string.Join(' ', Ruleset.DenyAll(10).With(s_send).With(many).NetRules));
        Assert.Equal("connect_send_udp 53", string.Join(' ', Ruleset.Handling(10, 0, AccessNet.ConnectSendUdp, 0).With(s_send).NetRules));
        Assert.Equal("connect_tcp 53", string.Join(' ', Ruleset.DenyAll(10).With(s_send with { Access = AccessNet.ConnectTcp }).NetRules));
    }

    [Fact]
    public void What_was_read_stays_what_it_is()
    {
        Assert.Equal("connect_send_udp 53", string.Join(' ', s_alone.NetRules));
        Assert.Equal("connect_send_udp 53", string.Join(' ', s_alone.With(new PathRule("/usr", AccessFs.ReadFile)).NetRules));
        Assert.Equal("connect_send_udp 53", string.Join(' ', s_alone.Without(AccessFs.ReadFile, 0, 0).NetRules));
        Assert.Equal("bind_tcp 0 connect_send_udp 53",
            string.Join(' ', s_alone.With(new NetRule(new PortRange(0, 0), AccessNet.BindTcp)).NetRules));
    }

    [Fact]
    public void Of_others_policies_that_lack_it_there_is_a_warning()
    {
        const string others =
            "abi = 10\n[[ruleset]]\nhandled_access_net = ['abi.all']\n[[net_port]]\nallowed_access = ['connect_send_udp']\nport = [53]\n";
        const string warning = "p.toml:6:9: warning: connect_send_udp on port 53 lets hardly a program send: a socket that is not bound "
            + "binds itself to a free port before it sends, which is denied; allow bind_udp on port 0, too";
        Assert.Equal([warning], Warnings(others));
        Assert.Equal("connect_send_udp 53", string.Join(' ', Read(others).NetRules));
        Assert.Empty(Warnings(others + "[[net_port]]\nallowed_access = ['bind_udp']\nport = [0]\n"));
        Assert.Empty(Warnings(others.Replace("'abi.all'", "'connect_send_udp'", StringComparison.Ordinal)));
        // The group holds it for this port only.
        Assert.Equal([warning], Warnings(others.Replace("['connect_send_udp']", "['abi.all']", StringComparison.Ordinal)));
    }

    [Fact]
    public void Written_in_our_table_it_is_written_too_and_said()
    {
        PolicyExport export = PolicyWriter.Export(s_alone);
        Assert.Contains("bind_udp on port 0 is added, for sending: a socket that is not bound binds itself to a free port first",
            export.Notes);
        Assert.Equal(Both, string.Join(' ', Read(PolicyWriter.WriteText(export.Document, PolicySyntax.Toml)).NetRules));
        Assert.DoesNotContain(PolicyWriter.Export(Ruleset.DenyAll(10).With(s_send)).Notes,
            note => note.Contains("is added", StringComparison.Ordinal));
    }

    [Fact]
    public void The_evaluator_knows_that_it_is_missing_and_what_would_help()
    {
        AccessVerdict verdict = Verdict(s_alone);
        Assert.False(verdict.Allowed);
        Assert.Equal((Errno.EACCES, "layer 1 denies bind_udp on port 0", "-BindUdp 0"),
            (verdict.Error, verdict.Denials.Single().ToString(), verdict.Fixes.Single().Parameter));
        Assert.Equal("A socket that is not bound binds itself to a free port before it sends, which needs bind_udp on port 0.",
            verdict.Note);
        // In every layer; what brings it along is proposed once.
        verdict = Verdict(Ruleset.DenyAll(10), s_alone, Ruleset.DenyAll(10).With(s_send));
        Assert.Equal(["layer 1 denies connect_send_udp on port 53", "layer 2 denies bind_udp on port 0"],
            verdict.Denials.Select(denial => denial.ToString()));
        Assert.Equal(["-ConnectSendUdp 53", "-BindUdp 0"], verdict.Parameters);
        // Nothing was said about sending, and it is denied all the same.
        Assert.Equal("-BindUdp 0", Verdict(Ruleset.Handling(10, 0, AccessNet.BindUdp, 0)).Fixes.Single().Parameter);
        Assert.Equal(["connect_send_udp 53", "bind_udp 0"],
            Verdict(Ruleset.DenyAll(10).With(s_send)).Rules.Select(rule => rule.ToString()).OrderDescending());
    }

    [Fact]
    public void A_plan_shows_it_with_its_reason()
    {
        LaunchRequest request = new()
        {
            Layers = [Ruleset.DenyAll(10).With(s_send)],
            Command = "/bin/true",
            BaseDirectory = "/",
            Sandbox = Sandbox.Strict with { Closure = false },
            Support = LandlockSupport.ForAbi(10),
        };
        const string reason =
            "  allowed: bind_udp          port 0   for sending: a socket that is not bound binds itself to a free port first";
        Assert.Equal(["  allowed: connect_send_udp  port 53  as asked", reason], Allowed(request));
        Assert.Equal([reason, "  allowed: connect_send_udp  port 53  preset x"],
            Allowed(request with { Layers = [Ruleset.DenyAll(10)], NetGrants = [new NetGrant(s_send, "preset x")] }));
        Assert.Equal(["  allowed: bind_udp  port 0  as asked"], Allowed(request with { Layers = [Ruleset.DenyAll(10).With(s_bind)] }));
    }

    [Fact]
    public void What_is_learned_says_why()
    {
        Assert.Equal(
            ["Granted connect_send_udp port 53",
                "Granted bind_udp port 0: 1 seen, 1 granted (for sending: a socket that is not bound binds itself to a free port first)"],
            Learn(Sent(53)).Rules.Select(rule => rule.ToString()));
        Assert.Equal(["Granted bind_udp port 0", "Granted connect_send_udp port 53"], Learn(Sent(53),
            Sent(0) with { Operation = "bind", Net = AccessNet.BindUdp, Error = Errno.None }).Rules.Select(rule => rule.ToString()));
    }

    private static string[] Allowed(LaunchRequest request) => [.. PlanDescription.Describe(LaunchPlanner.Plan(request))
        .Where(line => line.StartsWith("  allowed: ", StringComparison.Ordinal) && line.Contains("port", StringComparison.Ordinal))];

    private static AccessVerdict Verdict(params Ruleset[] layers) =>
        AccessEvaluator.For(layers, LandlockSupport.ForAbi(10), "/").CheckPort(AccessNet.ConnectSendUdp, 53);

    private static Ruleset Read(string text, PolicySyntax syntax = PolicySyntax.Toml)
    {
        byte[] bytes = System.Text.Encoding.UTF8.GetBytes(text);
        return Policy.From(syntax == PolicySyntax.Toml ? PolicyDocument.ReadToml(bytes, "p.toml")
            : PolicyDocument.ReadJson(bytes, "p.json")).Resolve().Ruleset;
    }

    private static string[] Warnings(string text) =>
        [.. PolicyCheck.Text(System.Text.Encoding.UTF8.GetBytes(text), "p.toml")
            .Where(finding => finding.Severity == FindingSeverity.Warning).Select(finding => finding.ToString())];

    private static AccessRecord Sent(int port) =>
        new() { Operation = "send", Path = $"127.0.0.1:{port}", Port = port, Net = AccessNet.ConnectSendUdp, Error = Errno.None };

    private static LearnedPolicy Learn(params AccessRecord[] records) =>
        PolicyLearner.Learn(records, new LearnOptions { Abi = 10 }, new NoPaths());

    private sealed class NoPaths : IPathView
    {
        public bool IsDirectory(string path) => false;

        public int? CountBeneath(string path) => null;
    }
}
