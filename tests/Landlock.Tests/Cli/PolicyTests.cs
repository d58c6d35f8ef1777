using System.Text;
using System.Text.Json;
using Landlock.Abi;
using Landlock.Policies;

namespace Landlock.Tests.Cli;

/// <summary>--policy, --preset, --var, and `landlocked policy`.</summary>
public sealed class PolicyTests : IDisposable
{
    private const string A =
        """
        abi = 6

        [[variable]]
        name = "rw"
        literal = ["./out"]

        [[ruleset]]
        handled_access_fs = ["abi.all"]
        handled_access_net = ["abi.all"]

        [[path_beneath]]
        allowed_access = ["abi.read_execute"]
        parent = ["/usr"]

        [[path_beneath]]
        allowed_access = ["abi.read_write"]
        parent = ["${rw}"]

        """;

    private const string B =
        """
        abi = 4

        [[ruleset]]
        handled_access_fs = ["abi.all"]

        [[path_beneath]]
        allowed_access = ["abi.read_execute"]
        parent = ["/lib"]

        """;

    private const string Loosened =
        "landlocked: warning: composed, the policies restrict less than each of them alone: no longer restricted: ioctl_dev bind_tcp "
            + "connect_tcp (handled by a.toml, not by b.toml)\n";

    private readonly Scratch scratch = new();

    public PolicyTests()
    {
        scratch.File("a.toml", A);
        scratch.File("b.toml", B);
        scratch.File("bad.toml", "abi = 6\n[[ruleset]]\nhandled_access_fs = [\"read_fiel\"]\nscoped = [\"net\"]\n");
        scratch.File("nothing.toml", "[[variable]]\nname = \"cwd\"\n");
        scratch.Folder("out");
        scratch.Folder("other");
    }

    public void Dispose() => scratch.Dispose();

    [CliTheory(abi: 4)]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void A_policy_is_enforced(Who who)
    {
        Of(who, "--policy", "a.toml", "cat", "out/file").Ran("content\n");
        Denied(Of(who, "--policy", "a.toml", "cat", "other/file"), "other/file");
        Of(who, "--policy", "a.toml", "--read-data", "other", "cat", "other/file").Ran("content\n");
        Denied(Of(who, "--policy", "a.toml", "--var", "rw=other", "cat", "out/file"), "out/file");
        Of(who, "--policy", "a.toml", "--var", "rw=other", "--var=rw=out", "cat", "out/file", "other/file").Ran("content\ncontent\n");
    }

    [CliFact(abi: 4)]
    public void A_path_of_a_policy_that_is_not_there_is_said()
    {
        string text = "abi = 6\n[[ruleset]]\nhandled_access_fs = [\"abi.all\"]\n[[path_beneath]]\nallowed_access = [\"abi.read_execute\"]\n"
            + "parent = [\"/usr\", PATHS]\n";
        scratch.File("one.toml", text.Replace("PATHS", "\"/srv/none\"", StringComparison.Ordinal));
        scratch.File("five.toml",
            text.Replace("PATHS", "\"/srv/1\", \"/srv/2\", \"/srv/3\", \"/srv/4\", \"/srv/5\"", StringComparison.Ordinal));
        CliRun run = Of("--policy", "one.toml", "true");
        Assert.Equal((0, "landlocked: warning: rules are skipped whose path does not exist: '/srv/none'\n"), (run.ExitCode, run.Error));
        Assert.Equal("landlocked: warning: rules are skipped whose path does not exist: '/srv/1', '/srv/2', '/srv/3' and 2 more\n",
            Of("--policy", "five.toml", "true").Error);
        Of("--ignore-missing", "--policy", "one.toml", "true").Ran();
    }

    [CliFact(abi: 4)]
    public void Standard_input_can_be_the_policy()
    {
        Setup setup = new() { Directory = scratch.Path, Input = Encoding.UTF8.GetBytes(A) };
        CliRun.Of(setup, "--policy", "-", "cat", "out/file").Ran("content\n");
        CliRun run = CliRun.Of(setup with { Input = "abi = \"x\"\n"u8.ToArray() }, "--policy=-", "true");
        Assert.Contains("landlocked: <stdin>:1:7: 'abi' must be an integer", run.Error, StringComparison.Ordinal);
        Assert.Equal(125, run.ExitCode);
    }

    [CliFact(abi: 4)]
    public void Policies_are_composed_with_a_warning_where_that_loosens()
    {
        CliRun run = Of("--policy", "a.toml", "--policy", "b.toml", "cat", "out/file");
        string nest = ". To demand what every one of them demands, nest them: Import-LandlockPolicy -Layer, or one landlocked in another\n";
        Assert.Equal(("content\n", Loosened.TrimEnd('\n') + nest, 0), (run.Output, run.Error, run.ExitCode));
        Of("--policy", "a.toml", "--policy", "a.toml", "cat", "out/file").Ran("content\n");
    }

    [CliTheory]
    [InlineData("landlocked: bad.toml:3:22: 'read_fiel' ", "--policy", "bad.toml")]
    [InlineData("landlocked: bad.toml:3:22: 'read_fiel' ", "--policy", "a.toml", "--policy", "bad.toml")]
    [InlineData("landlocked: nothing.toml: the document handles no right and no scope, so it would restrict nothing", "--policy",
        "nothing.toml")]
    [InlineData("landlocked: a.toml, nothing.toml: composed, the documents handle no right and no scope", "--policy", "a.toml", "--policy",
        "nothing.toml")]
    [InlineData("landlocked: empty: the directory holds no document", "--policy", "empty")]
    [InlineData("landlocked: what is unrestricted (-Unrestricted, --unrestricted) shapes the ruleset that is made here, and cannot loosen "
        + "one that is given, or a policy", "--policy", "a.toml", "--unrestricted", "net")]
    public void A_bad_policy_runs_nothing(string begin, params string[] options)
    {
        scratch.Do("mkdir empty");
        CliRun run = Of([.. options, "touch", scratch["out/ran"]]);
        Assert.Equal(125, run.ExitCode);
        Assert.StartsWith(begin, run.Error, StringComparison.Ordinal);
        Assert.Equal("", run.Output);
        Assert.False(Scratch.Exists(scratch["out/ran"]));
    }

    [CliFact(abi: 4)]
    public void Presets_grant_and_are_named_in_the_plan()
    {
        Denied(Of("cat", "/etc/passwd"), "/etc/passwd");
        Assert.Contains("root", Of("--preset", "base", "head", "-n1", "/etc/passwd").Output, StringComparison.Ordinal);
        Assert.Contains("root", Of("--policy", "a.toml", "--preset=Git,Base", "head", "-n1", "/etc/passwd").Output,
            StringComparison.Ordinal);
        string plan = Of("--preset", "WebClient", "--connect-tcp", "8080", "--no-closure", "--no-baseline",
            "--dry-run", "--verbose", "true").Output;
        Assert.Matches("\n  allowed: connect_tcp +port 443 +preset WebClient\n", plan);
        Assert.Matches("\n  allowed: connect_tcp +port 8080 +as asked\n", plan);
        Assert.Matches("\n  allowed: ReadData +/etc/hosts +preset WebClient\n", plan);
    }

    [CliFact]
    public void Check_tells_the_place_of_everything()
    {
        Of("policy", "check", "a.toml", "b.toml").Ran();
        CliRun run = Of("policy", "check", "a.toml", "bad.toml", "nix.toml");
        Assert.Equal((1, ""), (run.ExitCode, run.Error));
        Assert.StartsWith("bad.toml:3:22: 'read_fiel' ", run.Output, StringComparison.Ordinal);
        Assert.EndsWith("\nnix.toml: there is no such file or directory\n", run.Output, StringComparison.Ordinal);
        Assert.Equal(1, Of("policy", "check", "nothing.toml").ExitCode);
        CliRun.Of(new Setup { Input = Encoding.UTF8.GetBytes(B) }, "policy", "check", "-").Ran();
    }

    [CliFact]
    public void Check_takes_values_of_variables()
    {
        scratch.File("open.toml", "[[path_beneath]]\nallowed_access = [\"read_file\"]\nparent = [\"${data}\"]\n");
        Of("policy", "check", "open.toml").Ran("open.toml:3:11: variable 'data' not found; declare it, or give it a value\n", 1);
        Of("policy", "check", "--var", "data=/x", "open.toml").Ran();
    }

    [CliFact]
    public void Resolve_prints_what_policies_mean()
    {
        CliRun run = Of("policy", "resolve", "a.toml", "--json", "b.toml");
        Assert.Equal((0, Loosened), (run.ExitCode, run.Error));
        using JsonDocument document = JsonDocument.Parse(run.Output);
        JsonElement root = document.RootElement;
        Assert.Equal("abi handledAccessFs handledAccessNet scoped pathBeneath netPort",
            string.Join(' ', root.EnumerateObject().Select(member => member.Name)));
        Assert.Equal(4, root.GetProperty("abi").GetInt32());
        Assert.Equal(AbiTable.Names(AbiTable.AllFs(4)).Order(StringComparer.Ordinal),
            root.GetProperty("handledAccessFs").EnumerateArray().Select(name => name.GetString()));
        Assert.Equal(0, root.GetProperty("handledAccessNet").GetArrayLength());
        Assert.Equal("./out /lib /usr",
            string.Join(' ', root.GetProperty("pathBeneath").EnumerateArray().Select(rule => rule.GetProperty("path").GetString())));
        Assert.Equal("execute read_dir read_file refer",
            string.Join(' ', root.GetProperty("pathBeneath")[1].GetProperty("allowedAccess").EnumerateArray()));

        Of("policy", "resolve", "b.toml").Ran($"denied unless allowed below: {string.Join(' ', AbiTable.Names(AbiTable.AllFs(4)))}\n"
            + "allowed: execute,read_file,read_dir,refer  /lib\n");
        Assert.Contains("allowed: ReadWrite  x\nallowed: ReadWrite  y\n",
            Of("policy", "resolve", "--var", "rw=x", "--var", "rw=y", "a.toml").Output, StringComparison.Ordinal);
    }

    [CliFact]
    public void Merge_prints_the_composed_document()
    {
        Of("policy", "merge", "b.toml").Ran(B);
        CliRun run = Of("policy", "merge", "a.toml", "b.toml");
        Assert.Equal(
            (0, Loosened + "landlocked: a.toml:17:11: note: the rule for '${rw}' loses ioctl_dev, which is not handled any more\n"),
            (run.ExitCode, run.Error));
        scratch.File("merged.toml", run.Output);
        Assert.Contains("${rw}", run.Output, StringComparison.Ordinal);
        Assert.Equal(Of("policy", "resolve", "--json", "a.toml", "b.toml").Output, Of("policy", "resolve", "--json", "merged.toml").Output);
    }

    [CliFact]
    public void Merge_says_where_no_rule_can_allow_refer_any_more()
    {
        scratch.File("old.toml", "[[ruleset]]\nhandled_access_fs = [\"execute\"]\n");
        Assert.Contains("landlocked: warning: composed, the policies restrict less", Of("policy", "merge", "a.toml", "old.toml").Error,
            StringComparison.Ordinal);
        Assert.Contains(" no rule can allow refer any more (handled by a.toml, not by old.toml)",
            Of("policy", "merge", "a.toml", "old.toml").Error, StringComparison.Ordinal);
    }

    [CliTheory(abi: 4)]
    [InlineData("", "--preset", "node", "--var", "home=/")]
    [InlineData("", "--policy", "a.toml", "--preset", "node", "--var", "home=/", "--var", "rw=out")]
    [InlineData("landlocked: warning: no document uses the variable 'hoem'; did you mean 'home'?\n", "--preset", "node", "--var", "hoem=/")]
    [InlineData("landlocked: warning: no document uses the variable 'rv'; did you mean 'rw'?\n", "--policy", "a.toml", "--var", "rv=out")]
    [InlineData("landlocked: warning: no document uses the variable 'home'\n", "--read-only", "/usr", "--var", "home=/")]
    public void A_value_that_nothing_uses_is_a_mistake(string error, params string[] options)
    {
        CliRun run = Of([.. options, "true"]);
        Assert.Equal((0, error), (run.ExitCode, run.Error));
    }

    [CliFact]
    public void Built_in_variables_are_those_of_the_caller()
    {
        scratch.File("builtin.toml", string.Concat(BuiltinVariables.Names.Select(name => $"[[variable]]\nname = \"{name}\"\n"))
            + "[[path_beneath]]\nallowed_access = [\"read_file\"]\n"
            + "parent = [\"${cwd}\", \"${home}/h\", \"${tmp}/t\", \"/run/user/${uid}\", \"${xdg_config_home}\"]\n");
        Setup setup = new() { Directory = scratch.Path, Environment = ["PATH=/usr/bin:/bin", "HOME=/home/me", "TMPDIR=/var/tmp"] };
        string uid = CliRun.Program(setup, "/usr/bin/id", "-u").Output.TrimEnd();
        CliRun run = CliRun.Of(setup, "policy", "resolve", "--json", "builtin.toml");
        using JsonDocument document = JsonDocument.Parse(run.Output);
        Assert.Equal(
            new[] { scratch.Path, "/home/me/h", "/var/tmp/t", $"/run/user/{uid}", "/home/me/.config" }.Order(StringComparer.Ordinal),
            document.RootElement.GetProperty("pathBeneath").EnumerateArray().Select(rule => rule.GetProperty("path").GetString()));
    }

    private static void Denied(CliRun run, string path)
    {
        Assert.Equal($"cat: {path}: Permission denied\n", run.Error);
        Assert.Equal(1, run.ExitCode);
    }

    private CliRun Of(params string[] arguments) => Of(Who.Ordinary, arguments);

    private CliRun Of(Who who, params string[] arguments) => CliRun.Of(new Setup { Who = who, Directory = scratch.Path }, arguments);
}
