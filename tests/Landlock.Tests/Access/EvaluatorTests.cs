using Landlock.Abi;
using Landlock.Access;
using Landlock.Linux;
using Landlock.Rulesets;
using Landlock.Tests.Sandboxes.Needs;

namespace Landlock.Tests.Access;

/// <summary>What the evaluator says besides yes and no, and the places that a random tree does not have.</summary>
public sealed class EvaluatorTests : IDisposable
{
    private const int Abi7 = 7;
    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void A_denial_names_layer_right_and_the_smallest_rule()
    {
        string file = _temp.Write("secret", "text", executable: false);
        AccessVerdict verdict = Evaluator(Layer("outer", (_temp.Path, AccessClass.ReadData)), Layer("inner"))
            .Check(file, AccessFs.ReadFile | AccessFs.WriteFile);
        Assert.False(verdict.Allowed);
        Assert.Equal(Errno.EACCES, verdict.Error);
        Assert.Equal(2, verdict.Decider!.Layer);
        Assert.Equal("inner", verdict.Decider.LayerName);
        Assert.Equal([$"layer 1 'outer' denies write_file on {file}", $"layer 2 'inner' denies write_file,read_file on {file}"],
            verdict.Denials.Select(denial => denial.ToString()));
        Assert.Equal([$"ReadData {_temp.Path}"],
            verdict.Rules.Select(rule => new PathRule(rule.PathRule!.Path, rule.PathRule.Access).ToString()));
        Assert.Equal([$"1: Add-LandlockPathRule {file} -Access write_file", $"2: Add-LandlockPathRule {file} -Access write_file,read_file"],
            verdict.Fixes.Select(fix => $"{fix.Layers.Single()}: {fix}"));
    }

    [Theory]
    [InlineData(AccessFs.ReadFile, "-ReadData", "read_file")]
    [InlineData(AccessFs.ReadFile | AccessFs.Execute, "-ReadOnly", "execute\", \"read_file")]
    [InlineData(AccessFs.ReadFile | AccessFs.WriteFile | AccessFs.Truncate, "-Edit", "write_file\", \"read_file\", \"truncate")]
    public void A_class_is_proposed_where_it_grants_exactly_what_is_missing(AccessFs access, string parameter, string toml)
    {
        string file = _temp.Write("file", "text", executable: false);
        AccessFix fix = Evaluator(Layer(null)).Check(file, access).Fixes.Single();
        Assert.Equal($"{parameter} {file}", fix.Parameter);
        Assert.Equal($"[[path_beneath]]\nallowed_access = [\"{toml}\"]\nparent = [\"{file}\"]\n", fix.Toml);
    }

    [Fact]
    public void A_class_is_proposed_too_where_its_other_rights_are_granted_already()
    {
        string file = _temp.Write("file", "text", executable: false);
        AccessVerdict verdict =
            Evaluator(Layer(null, (_temp.Path, AccessClass.ReadData))).Check(file, AccessFs.WriteFile | AccessFs.Truncate);
        Assert.Equal($"-Edit {file}", verdict.Fixes.Single().Parameter);
        Assert.Equal(AccessFs.WriteFile | AccessFs.Truncate, verdict.Fixes.Single().PathRule!.Access);
    }

    [Fact]
    public void What_does_not_exist_yet_is_judged_by_the_directory()
    {
        string missing = _temp["none/deeper/file"];
        AccessEvaluator evaluator = Evaluator(Layer(null));
        Assert.Equal($"-ReadData {_temp.Path}",
            Evaluator(Layer(null)).Check(missing, AccessFs.ReadFile | AccessFs.ReadDir).Fixes.Single().Parameter);
        Assert.Equal($"layer 1 denies make_reg on {_temp.Path}",
            evaluator.CheckOpen(_temp["new"], OpenModes.Write | OpenModes.Create).Denials[0].ToString());
        Assert.True(
            Evaluator(Layer(null, (_temp.Path, AccessClass.ReadWrite))).CheckOpen(missing, OpenModes.Write | OpenModes.Create).Allowed);
    }

    [Fact]
    public void Paths_are_resolved_as_the_kernel_does()
    {
        string file = _temp.Write("real/file", "text", executable: false);
        File.CreateSymbolicLink(_temp["link"], "real/../real/file");
        File.CreateSymbolicLink(_temp["loop"], "loop");
        AccessEvaluator evaluator = new([Resolved(Layer(null, (_temp["real"], AccessClass.ReadData)))], _temp.Path);
        foreach (string path in (string[])["link", "./real//file/", "real/../link", _temp["real/./file"], $"/proc/self/root{file}"])
            Assert.True(evaluator.Check(path, AccessFs.ReadFile).Allowed, path);
        Assert.False(evaluator.Check("real/..", AccessFs.ReadDir).Allowed);
        Assert.False(evaluator.Check("loop", AccessFs.ReadFile).Allowed);
        Assert.False(evaluator.Check("missing/../real/file", AccessFs.ReadFile).Allowed);
        // The link itself is an entry of its directory.
        Assert.False(evaluator.CheckRemove("link").Allowed);
    }

    [Fact]
    public void Pipes_sockets_namespaces_and_memory_files_are_free()
    {
        using Microsoft.Win32.SafeHandles.SafeFileHandle memory = SealedMemory.Create("text"u8);
        using System.IO.Pipes.AnonymousPipeServerStream pipe = new();
        AccessEvaluator evaluator = Evaluator(Layer(null));
        foreach (string path in (string[])[$"/proc/self/fd/{pipe.SafePipeHandle.DangerousGetHandle()}", "/proc/self/ns/mnt",
            $"/proc/self/fd/{memory.DangerousGetHandle()}"])
            Assert.True(evaluator.CheckOpen(path, OpenModes.Read).Allowed, path);
        // A regular file that is open is checked anew.
        using FileStream stream = File.OpenRead(_temp.Write("file", "text", executable: false));
        Assert.False(evaluator.CheckOpen($"/proc/self/fd/{stream.SafeFileHandle.DangerousGetHandle()}", OpenModes.Read).Allowed);
    }

    [Fact]
    public void A_rule_on_a_file_holds_for_all_of_its_names_and_goes_with_the_inode()
    {
        string file = _temp.Write("a/file", "text", executable: false);
        Directory.CreateDirectory(_temp["b"]);
        Tools.Run("ln", [file, _temp["b/other"]]);
        AccessEvaluator evaluator = Evaluator(Layer(null, (file, AccessClass.ReadData)));
        Assert.True(evaluator.Check(_temp["b/other"], AccessFs.ReadFile).Allowed);
        File.Delete(file);
        _temp.Write("a/file", "new", executable: false);
        evaluator.Refresh();
        Assert.False(evaluator.Check(file, AccessFs.ReadFile).Allowed);
    }

    [Fact]
    public void Moving_must_not_gain_rights()
    {
        string file = _temp.Write("from/file", "text", executable: false);
        string to = Directory.CreateDirectory(_temp["to"]).FullName + "/file";
        AccessVerdict verdict = Evaluator(Layer(null, (_temp["from"], AccessClass.ReadWrite), (_temp["to"], AccessClass.ReadWriteExecute)))
            .CheckRename(file, to);
        Assert.Equal(Errno.EXDEV, verdict.Error);
        Assert.Equal($"By moving, '{file}' would gain execute in layer 1; it can be copied instead.", verdict.Note);
        Assert.Equal(AccessFs.Execute, verdict.Fixes.Single().PathRule!.Access);
        Assert.Equal($"-ReadOnly {file}", verdict.Fixes.Single().Parameter);
    }

    [Fact]
    public void Refer_that_is_not_handled_cannot_be_granted()
    {
        string file = _temp.Write("from/file", "text", executable: false);
        Ruleset ruleset = Ruleset.Handling(Abi7, AccessFs.ReadFile, 0, 0);
        AccessVerdict verdict = Evaluator(ruleset).CheckRename(file, _temp["file"]);
        Assert.Equal(Errno.EXDEV, verdict.Error);
        Assert.Empty(verdict.Fixes);
        Assert.Equal("Layer 1 does not handle refer, which is then denied everywhere; no rule can allow it until the layer handles it.",
            verdict.Note);
    }

    [Fact]
    public void Ports_and_scopes_are_judged_layer_by_layer()
    {
        AccessEvaluator evaluator = Evaluator(Ruleset.DenyAll(Abi7).With(new NetRule(new PortRange(80, 90), AccessNet.ConnectTcp)),
            Ruleset.DenyAll(Abi7).Without(0, 0, Scope.Signal));
        AccessVerdict port = evaluator.CheckPort(AccessNet.ConnectTcp, 85);
        Assert.Equal(["layer 2 denies connect_tcp on port 85"], port.Denials.Select(denial => denial.ToString()));
        Assert.Equal("connect_tcp 80-90", port.Rules.Single().ToString());
        Assert.Equal("-ConnectTcp 85", port.Fixes.Single().Parameter);
        Assert.Equal("[[net_port]]\nallowed_access = [\"connect_tcp\"]\nport = [85]\n", port.Fixes.Single().Toml);
        AccessVerdict signal = evaluator.CheckScope(Scope.Signal);
        Assert.Equal(Errno.EPERM, signal.Error);
        Assert.Equal(1, signal.Decider!.Layer);
        Assert.Equal("-Unrestricted Scope", signal.Fixes.Single().Parameter);
        RulesetException wrong = Assert.Throws<RulesetException>(() => evaluator.CheckPort(AccessNet.BindTcp, 65536));
        Assert.Equal("65536 is no port; ports go from 0 to 65535.", wrong.Message);
    }

    [Fact]
    public void Udp_is_judged_where_the_kernel_can_restrict_it()
    {
        LandlockSupport newer = LandlockSupport.ForAbi(10);
        AccessEvaluator evaluator =
            AccessEvaluator.For([Ruleset.DenyAll(10).With(new NetRule(new PortRange(53, 53), AccessNet.ConnectSendUdp))], newer, "/");
        Assert.True(evaluator.CheckPort(AccessNet.ConnectSendUdp, 53).Allowed);
        Assert.Equal("-BindUdp 53", evaluator.CheckPort(AccessNet.BindUdp, 53).Fixes.Single().Parameter);
    }

    [Fact]
    public void Udp_is_denied_by_the_filter_where_the_kernel_cannot_and_no_rule_is_for_it()
    {
        LandlockSupport older = LandlockSupport.ForAbi(9);
        NetRule udp = new(new PortRange(53, 53), AccessNet.ConnectSendUdp);
        foreach (Ruleset without in (Ruleset[])[Ruleset.DenyAll(9), Ruleset.DenyAll(10)])
        {
            AccessVerdict denied = AccessEvaluator.For([without], older, "/").CheckPort(AccessNet.ConnectSendUdp, 53);
            Assert.Equal(["layer 1 denies connect_send_udp on port 53"], denied.Denials.Select(denial => denial.ToString()));
            Assert.Equal("-ConnectSendUdp 53", denied.Fixes.Single().Parameter);
        }

        // A rule opens all of UDP, and nothing looks at sockets without a filter, or where TCP is left alone.
        Assert.True(AccessEvaluator.For([Ruleset.DenyAll(10).With(udp)], older, "/").CheckPort(AccessNet.BindUdp, 1).Allowed);
        Assert.True(AccessEvaluator.For([Ruleset.DenyAll(9)], older with { HasSeccompFilter = false }, "/")
            .CheckPort(AccessNet.BindUdp, 1).Allowed);
        Assert.True(AccessEvaluator.For([Ruleset.DenyAll(9).Without(0, AccessNet.ConnectTcp, 0)], older, "/")
            .CheckPort(AccessNet.BindUdp, 1).Allowed);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Tcp_is_denied_by_the_filter_where_the_kernel_cannot_and_no_rule_is_for_it(int abi)
    {
        LandlockSupport older = LandlockSupport.ForAbi(abi);
        AccessVerdict denied = AccessEvaluator.For([Ruleset.DenyAllOn(abi)], older, "/").CheckPort(AccessNet.ConnectTcp, 80);
        Assert.False(denied.Allowed);
        Assert.Equal("-ConnectTcp 80", denied.Fixes.Single().Parameter);
        // With a rule there are sockets, and every port is open to them.
        Assert.True(AccessEvaluator.For([Ruleset.DenyAllOn(abi).With(new NetRule(new PortRange(443, 443), AccessNet.ConnectTcp))], older,
            "/").CheckPort(AccessNet.ConnectTcp, 80).Allowed);
    }

    [Fact]
    public void Names_of_any_bytes_survive()
    {
        string file = _temp.WriteRaw([(byte)'a', 0xFF, (byte)' ', (byte)'\''], "text");
        AccessFix fix = Evaluator(Layer(null)).Check(file, AccessFs.ReadFile).Fixes.Single();
        Assert.Equal(file, fix.PathRule!.Path);
        Assert.Contains("parent_escaped", fix.Toml, StringComparison.Ordinal);
        Assert.True(Evaluator(Layer(null).With(fix.PathRule)).Check(file, AccessFs.ReadFile).Allowed);
    }

    private static Ruleset Layer(string? name, params (string Path, AccessClass Access)[] rules) =>
        Ruleset.DenyAll(Abi7).With(rules.Select(rule => new PathRule(rule.Path, rule.Access.Rights)), []) with { Name = name };

    private static AccessEvaluator Evaluator(params Ruleset[] layers) => new(layers.Select(Resolved), "/");

    private static ResolvedLayer Resolved(Ruleset ruleset) =>
        RulesetResolver.Resolve(ruleset, LandlockSupport.ForAbi(Abi7), "/", PosixFile.Inspect);
}
