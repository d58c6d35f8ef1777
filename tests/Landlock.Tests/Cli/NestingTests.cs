namespace Landlock.Tests.Cli;

/// <summary>Sandboxes in sandboxes.</summary>
public sealed class NestingTests
{
    [CliTheory(abi: 2)]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void Sixteen_layers_nest_and_the_seventeenth_is_refused(Who who)
    {
        CliRun.Of(who, [.. Nested(15), "echo", "inside"]).Ran("inside\n");
        CliRun.Of(who, [.. Nested(16), "echo", "inside"]).Refused(
            "landlocked: cannot enforce layer 1: Argument list too long; nothing was run (at most 16 layers can be nested, those "
                + "already in force included)");
    }

    [CliTheory(perl: true)]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void An_inner_sandbox_only_takes_away(Who who)
    {
        using Scratch scratch = new();
        string file = scratch.File("file");
        string[] outer = ["--read-only", "/usr", "--read-data", file, CliRun.Landlocked];
        Assert.Equal("ok", Probe.Try(who, [.. outer, "--read-data", file], "read", file));
        Assert.Equal("EACCES", Probe.Try(who, [.. outer, "--read-write", file], "write", file));
        Assert.Equal("EACCES", Probe.Try(who, [.. outer, "--read-only", "/usr"], "read", file));
    }

    [CliTheory]
    [MemberData(nameof(CliRun.Everyone), MemberType = typeof(CliRun))]
    public void What_landlocked_itself_needs_is_part_of_its_closure(Who who)
    {
        CliRun.Of(who, "--read-only", "/usr", "--", CliRun.Landlocked, "--read-only", "/usr", "--", "echo", "inside").Ran("inside\n");
        CliRun.Of(who, "--no-closure", "--read-only", "/usr", "--", CliRun.Landlocked, "true").Refused(
            $"landlocked: the sandbox does not allow executing '{CliRun.Landlocked}' (or its loader or interpreter): Permission denied. It "
                + "needs execute and read_file, as ReadOnly gives", 126);
    }

    private static string[] Nested(int depth) =>
        ["--read-only", "/", .. Enumerable.Range(0, depth).SelectMany(_ => (string[])["--", CliRun.Landlocked, "--read-only", "/"]), "--"];
}
