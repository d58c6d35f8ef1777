using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Documents;
using Landlock.Linux;
using Landlock.Sandboxes;

namespace Landlock.Tests.Sandboxes;

/// <summary>What is asked of a launch beside its rules: limits, the environment, presets.</summary>
public sealed class LaunchOptionTests
{
    [Fact]
    public void Limits_are_those_of_setrlimit_and_processor_time_has_a_second_to_clean_up()
    {
        ImmutableArray<ResourceLimit> limits = new LimitOptions { CpuSeconds = 5, FileSize = 0, Memory = 1 << 20, OpenFiles = 4 }.Build();
        Assert.Equal([new(0, 5, 6), new(1, 0, 0), new(2, 1 << 20, 1 << 20), new(7, 4, 4)], limits.AsEnumerable());
        Assert.Empty(new LimitOptions().Build());
        Assert.Equal("bytes of each file, descriptors of each process, resource 99",
            string.Join(", ", ((int[])[1, 7, 99]).Select(LimitOptions.Name)));
    }

    [Fact]
    public void A_limit_above_what_may_be_had_is_what_may_be_had()
    {
        ulong most = ProcessState.HardLimit(7);
        Assert.Equal(new ResourceLimit(7, Math.Min(long.MaxValue, most), Math.Min(long.MaxValue, most)),
            Assert.Single(new LimitOptions { OpenFiles = long.MaxValue }.Build()));
    }

    [Theory]
    [InlineData(0L, null, null, "0 processor seconds of each process cannot be a limit: at least 1 is needed; nothing was run.")]
    [InlineData(null, -1L, null, "-1 bytes of each file cannot be a limit: at least 0 is needed; nothing was run.")]
    [InlineData(null, null, 3L, "3 descriptors of each process cannot be a limit: at least 4 is needed; nothing was run.")]
    public void A_limit_that_nothing_could_start_under_is_refused(long? cpu, long? size, long? files, string message)
    {
        LaunchException refusal =
            Assert.Throws<LaunchException>(() => new LimitOptions { CpuSeconds = cpu, FileSize = size, OpenFiles = files }.Build());
        Assert.Equal((LaunchProblem.SetupFailed, message), (refusal.Problem, refusal.Message));
    }

    [Fact]
    public void Root_is_not_told_that_its_processes_are_limited()
    {
        LimitOptions options = new() { Processes = 100 };
        if (CurrentUser.Id == 0)
            Assert.StartsWith("The kernel holds root to no number of processes",
                Assert.Throws<LaunchException>(() => options.Build()).Message, StringComparison.Ordinal);
        else Assert.Equal(6, Assert.Single(options.Build()).Resource);
    }

    [Theory]
    [InlineData("PATH", true, true)]
    [InlineData("LC_ALL", true, true)]
    [InlineData("EDITOR", true, false)]
    [InlineData("LD_PRELOAD", true, false)]
    [InlineData("GITHUB_TOKEN", false, false)]
    [InlineData("db_password", false, false)]
    [InlineData("SSH_AUTH_SOCK", true, false)]
    [InlineData("MONKEY", true, false)]
    public void Names_say_what_is_inherited(string name, bool withoutSecrets, bool clean)
    {
        Assert.Equal(withoutSecrets, new EnvironmentSelection { RemoveSecrets = true }.Keeps(name));
        Assert.Equal(clean, new EnvironmentSelection { Clean = true }.Keeps(name));
        Assert.True(new EnvironmentSelection().Keeps(name));
        Assert.True(new EnvironmentSelection { Clean = true, RemoveSecrets = true, Pass = [name] }.Keeps(name));
        Assert.False(new EnvironmentSelection { Clean = true, Pass = ["*"], Remove = [name[..2] + "*"] }.Keeps(name));
    }

    [Fact]
    public void Patterns_know_case_and_take_a_backslash_as_it_is()
    {
        EnvironmentSelection selection = new() { Remove = ["AWS_*", "a\\b", "X?"] };
        Assert.Equal([false, true, false, true, false, true],
            ((string[])["AWS_REGION", "aws_region", "a\\b", "ab", "XY", "X"]).Select(selection.Keeps));
        Assert.False(selection.IsEverything);
        Assert.True(new EnvironmentSelection { Pass = ["X"] }.IsEverything);
    }

    [Fact]
    public void Patterns_that_cannot_be_meant_are_refused()
    {
        Assert.Equal("'A=B' matches no name of an environment variable; nothing was run.", Refused(new() { Remove = ["A=B"] }));
        Assert.Equal("'' matches no name of an environment variable; nothing was run.", Refused(new() { Clean = true, Pass = [""] }));
        Assert.Equal("The whole environment is passed on anyway, with 'HOME'. Ask for a clean environment, or for one without secrets, and "
            + "variables to keep; nothing was run.", Refused(new() { Pass = ["HOME"] }));
        new EnvironmentSelection { RemoveSecrets = true, Pass = ["GH_TOKEN"] }.Demand();

        static string Refused(EnvironmentSelection selection) => Assert.Throws<LaunchException>(selection.Demand).Message;
    }

    [Fact]
    public void Presets_add_to_every_layer_with_their_name_each_once()
    {
        LaunchContext context = new() { Support = LandlockSupport.ForAbi(7), BaseDirectory = "/", Environment = [] };
        LaunchRequest Launch(params string[] presets) =>
            (Sandbox.Strict with { Baseline = false, Presets = [.. presets] }).Launch(context, "true");
        LaunchRequest with = Launch("WebClient", "webclient");
        Assert.NotEmpty(with.NetGrants);
        Assert.All(with.Grants.Select(grant => grant.Origin).Concat(with.NetGrants.Select(grant => grant.Origin)),
            origin => Assert.Equal("preset WebClient", origin));
        Assert.Contains(with.NetGrants, grant => grant.Rule.Port.First <= 443 && 443 <= grant.Rule.Port.Last);
        Assert.Equal(with.Grants.Length, Launch("WebClient").Grants.Length);
        Assert.Contains("WebClient", Assert.Throws<PolicyException>(() => Launch("WebCleint")).Message, StringComparison.Ordinal);
    }
}
