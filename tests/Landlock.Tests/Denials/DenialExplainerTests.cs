using Landlock.Abi;
using Landlock.Denials;
using Landlock.Linux;
using Landlock.Rulesets;
using Landlock.Sandboxes;
using Landlock.Tests.Sandboxes.Needs;
using Landlock.Tracing;

namespace Landlock.Tests.Denials;

/// <summary>From records of a trace to explanations: what is matched, told apart, put together and put first.</summary>
public sealed class DenialExplainerTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void The_sandbox_and_other_permissions_are_told_apart()
    {
        string secret = _temp.Write("secret", "text", executable: false), mine = _temp.Write("mine/file", "text", executable: false);
        ExplanationReport report =
            Explain([(_temp["mine"], AccessClass.ReadData)], Open(secret), Open(mine), Open(_temp["absent"], error: Errno.ENOENT));
        Assert.Equal([(DenialCause.Sandbox, secret), (DenialCause.Elsewhere, mine)],
            report.Denials.Select(denial => (denial.Cause, denial.Path)));
        Assert.Equal($"open {secret}: read_file denied, by prog; to allow it: -ReadData {secret}", report.Denials[0].ToString());
        Assert.Equal($"[[path_beneath]]\nallowed_access = [\"read_file\"]\nparent = [\"{secret}\"]\n", report.Denials[0].Toml);
        Assert.Equal($"--read-data {secret}", report.Denials[0].Option);
        Assert.Equal($"open {mine}: EACCES, but not by the sandbox, by prog", report.Denials[1].ToString());
        Assert.StartsWith("Every layer allows it: the file's own permissions (its mode is 0", report.Denials[1].Note,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.example:443", "connect_host = [\"a.example:443\"]", null)]
    [InlineData("[2001:db8::1]:80", "connect_host = [\"[2001:db8::1]:80\"]", null)]
    // What a command asks a name server for may be anything.
    [InlineData("a\"],x=[\"b:443", "", "No rule can be for it: it is no name of a host.")]
    [InlineData("${home}.example:443", "", "No rule can be for it: it is no name of a host.")]
    public void A_host_becomes_a_rule_only_where_it_can_be_one(string host, string toml, string? note)
    {
        DenialExplanation denial = Explain([], new AccessRecord
        { Operation = "resolve", Path = host, Host = host, Error = Errno.EACCES, Count = 1, Program = "/bin/prog" }).Denials.Single();
        Assert.Equal((note, toml.Length > 0), (denial.Note, denial.Parameter.Length > 0));
        Assert.EndsWith(toml, denial.Toml.TrimEnd(), StringComparison.Ordinal);
        Assert.Equal(toml.Length > 0, denial.Toml.Contains("[landlockps]", StringComparison.Ordinal));
    }

    [Fact]
    public void The_same_denial_of_several_programs_is_counted_once()
    {
        string secret = _temp.Write("secret", "text", executable: false);
        DenialExplanation denial =
            Explain([], Open(secret) with { Count = 3 }, Open(secret) with { Count = 2, Program = "/bin/other" }).Denials.Single();
        Assert.Equal($"open {secret}: read_file denied, 5 times, by prog, other", denial.Summary);
    }

    [Fact]
    public void What_makes_a_file_needs_rights_of_both()
    {
        DenialExplanation denial = Explain([], Open(_temp["new"], AccessFs.WriteFile | AccessFs.MakeReg)).Denials.Single();
        Assert.Equal(["make_reg", "write_file"], denial.Missing.AsEnumerable());
        Assert.Equal($"-ReadWrite {_temp.Path}", denial.Parameter);
        Assert.Equal($"--access write_file,make_reg:{_temp.Path}", denial.Option);
        // It may be there by now, made by somebody else.
        _temp.Write("new", "", executable: false);
        Assert.Equal(["make_reg", "write_file"],
            Explain([], Open(_temp["new"], AccessFs.WriteFile | AccessFs.MakeReg)).Denials.Single().Missing.AsEnumerable());
    }

    [Fact]
    public void Several_files_of_a_directory_become_one_rule_but_never_for_a_guarded_place()
    {
        AccessRecord[] records = [.. Enumerable.Range(0, 4).Select(i => Open(_temp.Write($"data/{i}", "", executable: false)))];
        DenialExplanation denial = Explain([], records).Denials.Single();
        Assert.Equal((_temp["data"], 4, 4L), (denial.Path, denial.Paths.Length, denial.Count));
        Assert.Equal($"open 4 entries of {_temp["data"]}: read_file denied, 4 times, by prog", denial.Summary);
        Assert.Equal($"-ReadData {_temp["data"]}", denial.Parameter);
        Assert.Equal(3, Explain([], records[..3]).Denials.Length);
        Assert.Equal(4, new DenialExplainer(Plan([]), "/", _temp["data"]).Explain(new TraceReport([.. records], [], true)).Denials.Length);
    }

    [Fact]
    public void Entries_that_are_made_in_one_directory_are_told_once()
    {
        AccessRecord[] made = [.. Enumerable.Range(0, 5).Select(i => Open(_temp[$"tmp{i}"], AccessFs.WriteFile | AccessFs.MakeReg))];
        ExplanationReport report = Explain([], [.. made, Record("mkdir", _temp["d"], AccessFs.MakeDir)]);
        Assert.Equal([$"open 5 entries of {_temp.Path}: make_reg,write_file denied, 5 times, by prog",
            $"mkdir {_temp["d"]}: make_dir denied, by prog"], report.Denials.Select(denial => denial.Summary).OrderDescending());
        DenialExplanation folded = report.Denials.Single(denial => denial.Operation == "open");
        Assert.Equal(($"--access write_file,make_reg:{_temp.Path}", 5), (folded.Option, folded.Paths.Length));
    }

    [Fact]
    public void What_is_made_for_a_while_comes_after_what_is_read()
    {
        string read = _temp.Write("read", "", executable: false);
        AccessRecord made = Open("/tmp/no-such-name", AccessFs.WriteFile | AccessFs.MakeReg) with { Last = 2 };
        Assert.Equal([read, made.Path], Explain([], Open(read) with { Last = 1 }, made).Denials.Select(denial => denial.Path));
        Assert.Equal([made.Path, read],
            Explain([], Open(read) with { Last = 1 }, made with { BeforeFailure = true }).Denials.Select(denial => denial.Path));
    }

    [Fact]
    public void No_denial_is_told_twice()
    {
        string file = _temp.Write("one/lib.so", "", executable: false), found = _temp.Write("two/lib.so", "", executable: false);
        DenialExplanation denial = Explain([], Open(file), Open(found, error: Errno.None),
            Open(file) with { Program = "/bin/other" }).Denials.Single();
        Assert.Equal((false, 2L), (denial.IsProbe, denial.Count));
    }

    [Fact]
    public void What_is_denied_by_no_new_privs_has_its_own_words()
    {
        if (PosixFile.Stat("/usr/bin/su") is null || CurrentUser.Id == 0) return;
        Assert.Equal(["'/usr/bin/su' belongs to another user, whose rights it has outside. Every sandbox is without such rights "
            + "(no_new_privs), so that it ran with the caller's."],
            Explain([], Record("execute", "/usr/bin/su", AccessFs.Execute, Errno.None)).Notes.AsEnumerable());
    }

    [Fact]
    public void A_rename_is_denied_once_and_an_interpreter_stands_for_its_program()
    {
        string from = _temp.Write("a/file", "", executable: false), to = _temp["b/file"];
        _temp.Write("b/other", "", executable: false);
        AccessRecord source = Record("rename", from, AccessFs.RemoveFile | AccessFs.Refer) with { Other = to };
        AccessRecord target = Record("rename", to, AccessFs.MakeReg | AccessFs.Refer) with { Other = from, BeforeFailure = true };
        DenialExplanation rename = Explain([], source, target).Denials.Single();
        Assert.Equal($"rename {from} -> {to}: remove_file,refer,make_reg denied, by prog", rename.Summary);
        Assert.True(rename.BeforeFailure);
        Assert.Equal($"-ReadWrite {_temp["a"]} -ReadWrite {_temp["b"]}", rename.Parameter);

        string script = _temp.Write("script", "", executable: true), shell = _temp.Write("shell", "", executable: true);
        AccessFs execute = AccessFs.Execute | AccessFs.ReadFile;
        DenialExplanation denied = Explain([(script, AccessClass.ReadOnly)], Record("execute", script, execute),
            Record("execute", shell, execute) with { Other = script }).Denials.Single();
        Assert.Equal($"execute {shell} (for {script}): execute,read_file denied, by prog; to allow it: -ReadOnly {shell}",
            denied.ToString());
    }

    [Fact]
    public void A_move_that_the_kernel_refuses_between_mounts_is_not_the_sandboxs()
    {
        string from = _temp.Write("file", "", executable: false);
        DenialExplanation denial = Explain([(_temp.Path, AccessClass.ReadWriteExecute), ("/proc", AccessClass.ReadWriteExecute)],
            Record("rename", from, AccessFs.RemoveFile | AccessFs.Refer, Errno.EXDEV) with { Other = "/proc/file" }).Denials.Single();
        Assert.Equal(DenialCause.Elsewhere, denial.Cause);
        Assert.Contains("different mounts", denial.Note, StringComparison.Ordinal);
    }

    [Fact]
    public void What_ended_a_process_comes_first_and_mere_looks_come_last()
    {
        string probe = _temp.Write("one/lib.so", "", executable: false), found = _temp.Write("two/lib.so", "", executable: false);
        string read = _temp.Write("read", "", executable: false), fatal = _temp.Write("fatal", "", executable: false), later =
            _temp.Write("later", "", executable: false);
        ExplanationReport report = Explain([],
            Open(probe) with { Last = 1 }, Open(found, error: Errno.None) with { Last = 2 },
            Open(fatal) with { Last = 3, BeforeFailure = true }, Open(read) with { Last = 4 },
            Open(_temp["new"], AccessFs.WriteFile | AccessFs.MakeReg) with { Last = 5 }, Open(later) with { Last = 6 });
        Assert.Equal([fatal, _temp["new"], later, read, probe], report.Denials.Select(denial => denial.Path));
        Assert.True(report.Denials[^1].IsProbe);
    }

    [Fact]
    public void Ports_scopes_sockets_and_mounts_are_explained()
    {
        ExplanationReport report = Explain([],
            Record("connect", "127.0.0.1:443", AccessFs.None) with { Net = AccessNet.ConnectTcp, Port = 443 },
            Record("connect", "@bus", AccessFs.None, Errno.EPERM) with { Scope = Scope.AbstractUnixSocket },
            Record("socket", "udp", AccessFs.None),
            Record("mount", "/mnt", AccessFs.None, Errno.EPERM),
            Record("send", "10.0.0.1:53", AccessFs.None, Errno.EPERM) with { Port = 53 });
        Assert.Equal(
            ["connect 127.0.0.1:443 -ConnectTcp 443 --connect-tcp 443", "connect @bus -Unrestricted Scope --unrestricted scope",
                "socket udp -ConnectSendUdp PORT --connect-send-udp PORT", "mount /mnt  ", "send 10.0.0.1:53  "],
            report.Denials.OrderBy(denial => denial.Cause)
                .ThenBy(denial => (string[])["connect", "socket", "mount"] is var order ? Array.IndexOf(order, denial.Operation) : 0)
                .ThenBy(denial => denial.Path, StringComparer.Ordinal)
                .Select(denial => $"{denial.Operation} {denial.Path} {denial.Parameter} {denial.Option}"));
        Assert.Equal(DenialCause.Elsewhere, report.Denials[^1].Cause);
        Assert.Equal("No process in a sandbox may change mounts, and no rule allows it.",
            report.Denials.Single(denial => denial.Operation == "mount").Note);
    }

    [Fact]
    public void Signals_keyrings_and_other_sockets_are_explained()
    {
        AccessRecord signal = Record("signal", "process 42 (sleep)", AccessFs.None, Errno.EPERM) with { Scope = Scope.Signal };
        AccessRecord netlink = Record("socket", "netlink", AccessFs.None, Errno.EAFNOSUPPORT);
        Assert.Equal(
            ["signal process 42 (sleep): signal denied, by prog; to allow it: -Unrestricted Scope",
                "socket netlink: denied by the sandbox, by prog; to allow it: -Network Unrestricted"],
            Explain([], signal, netlink).Denials.Select(denial => denial.ToString()));
        Assert.True(Explain([], netlink).Denials.Single().IsProbe);
        Assert.False(Explain([], netlink with { BeforeFailure = true }).Denials.Single().IsProbe);
        DenialExplanation own = Explain([], signal with { Scope = Scope.None }).Denials.Single();
        Assert.Equal((DenialCause.Elsewhere, "The process is in the sandbox, too: it belongs to another user."), (own.Cause, own.Note));
        foreach (AccessRecord refused in (AccessRecord[])[Record("terminal", "TIOCSTI", AccessFs.None, Errno.EPERM),
            Record("keyring", "keyrings", AccessFs.None, Errno.ENOSYS)])
        {
            DenialExplanation denial = Explain([], refused).Denials.Single();
            Assert.Equal((DenialCause.Sandbox, "", ""), (denial.Cause, denial.Parameter, denial.Option));
            Assert.EndsWith("and nothing allows it.", denial.Note, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_PowerShell_looks_up_by_itself_comes_after_what_the_command_needed()
    {
        _temp.Write("bin/prog", "", executable: true);
        string secret = _temp.Write("secret", "text", executable: false), bin = _temp["bin"];
        LaunchPlan plan = Plan([(null, [])]) with { Start = new CommandStart { Environment = [$"PATH={bin}"] } };
        AccessRecord Shell(string path, AccessFs access, long last) =>
            Record("open", path, access) with { Program = "/opt/pwsh", Last = last };
        AccessRecord[] own =
        [
            Shell("/home/me/.cache/powershell/ModuleAnalysisCache-1", AccessFs.ReadFile, 5),
            Shell("/proc/1/task/9/comm", AccessFs.WriteFile, 6),
            Shell(bin, AccessFs.ReadDir, 7), Shell("/", AccessFs.ReadDir, 8),
        ];
        ExplanationReport report =
            new DenialExplainer(plan, "/", null).Explain(new TraceReport([.. own, Shell(secret, AccessFs.ReadFile, 1)], [], true));
        Assert.Equal(secret, report.Denials[0].Path);
        Assert.All(report.Denials.Skip(1), denial => Assert.True(denial.IsProbe, denial.Summary));
        string[] lines = [.. report.Lines(denial => denial.Parameter, "more")];
        Assert.Equal(["denied by the sandbox: 1:", $"  open {secret}: read_file denied, by pwsh", $"      -ReadData {secret}"], lines[..3]);
        Assert.StartsWith("  looked up in passing, and done without: /home/me/.cache/powershell/ModuleAnalysisCache-1, ", lines[3],
            StringComparison.Ordinal);
        Assert.EndsWith(" and 1 more; more", lines[3], StringComparison.Ordinal);
        // With nothing else it may have been one of these after all.
        lines = [.. new DenialExplainer(plan, "/",
            null).Explain(new TraceReport([.. own], [], true)).Lines(denial => denial.Parameter, "more")];
        Assert.Equal("the sandbox denied nothing that was seen but 4 lookups:", lines[0]);
        Assert.Contains($"      -ReadData {bin}", lines);
        // Another program lists / since it wants to.
        Assert.False(new DenialExplainer(plan, "/",
            null).Explain(new TraceReport([Record("open", "/", AccessFs.ReadDir)], [], true)).Denials.Single().IsProbe);
    }

    [Fact]
    public void The_layer_is_named_where_there_are_several()
    {
        string secret = _temp.Write("secret", "text", executable: false);
        LaunchPlan plan = Plan([("outer", [new PathRule(secret, AccessClass.ReadData.Rights)]), ("inner", [])]);
        DenialExplanation denial = new DenialExplainer(plan, "/", null).Explain(new TraceReport([Open(secret)], [], true)).Denials.Single();
        Assert.Equal($"open {secret}: read_file denied by layer 2 'inner', by prog", denial.Summary);
        Assert.Equal(2, denial.Fix.Single().Layers.Single());
    }

    [Fact]
    public void Lines_begin_with_a_count_and_end_with_what_may_be_missing()
    {
        string secret = _temp.Write("secret", "text", executable: false);
        ExplanationReport report =
            new DenialExplainer(Plan([(null, [])]), "/", null).Explain(new TraceReport([Open(secret)], ["something"], false));
        Assert.Equal(["denied by the sandbox: 1:", $"  open {secret}: read_file denied, by prog", $"      -ReadData {secret}",
            "  note: something", "  note: The tracer ended early; something may be missing."],
            report.Lines(denial => denial.Parameter, ""));
        Assert.Equal(["the sandbox denied nothing that was seen"], Explain([]).Lines(denial => denial.Parameter, ""));
    }

    private static AccessRecord Open(string path, AccessFs access = AccessFs.ReadFile, Errno error = Errno.EACCES) =>
        Record("open", path, access, error);

    private static AccessRecord Record(string operation, string path, AccessFs access, Errno error = Errno.EACCES) =>
        new() { Operation = operation, Path = path, Access = access, Error = error, Program = "/bin/prog", ProcessId = 1 };

    private static ExplanationReport Explain((string Path, AccessClass Access)[] rules, params AccessRecord[] records) =>
        new DenialExplainer(Plan([(null, [.. rules.Select(rule => new PathRule(rule.Path, rule.Access.Rights))])]), "/",
            null).Explain(new TraceReport([.. records], [], true));

    private static LaunchPlan Plan((string? Name, PathRule[] Rules)[] layers)
    {
        LandlockSupport support = RunningKernel.Support;
        return LaunchPlanner.Plan(new LaunchRequest
        {
            Layers = [.. layers.Select(
                layer => new Sandbox { Paths = [.. layer.Rules] }.MakeRuleset(support, null, out _) with { Name = layer.Name })],
            Command = "/bin/true",
            Sandbox = Sandbox.Strict with { Closure = false },
            BaseDirectory = "/",
            Start = new CommandStart { Traced = true },
            Support = support,
        });
    }
}
