using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Linux;
using Landlock.Rulesets;
using Landlock.Sandboxes;
using Landlock.Tests.Linux;

namespace Landlock.Tests.Sandboxes;

public sealed class InPlaceRestrictionTests
{
    [KernelFact]
    public void Layers_are_created_filled_and_enforced_in_order()
    {
        // A restriction is for good, so it is tried on a thread that ends with it and starts nothing.
        string folder = Directory.CreateTempSubdirectory("landlock-").FullName;
        string granted = Directory.CreateDirectory(folder + "/granted").FullName;
        try
        {
            foreach (string name in (string[])["granted/file", "secret"]) File.WriteAllText($"{folder}/{name}", name);
            PathRule rule = new(granted, AccessClass.ReadData.Rights);
            NetRule port = new(new PortRange(443, 445), AccessNet.ConnectTcp);
            Ruleset ruleset = Ruleset.DenyAll(RawKernel.Version).With([rule], RawKernel.Version >= 4 ? [port] : []);
            ImmutableArray<ResolvedLayer> layers = [Resolve(ruleset), Resolve(ruleset)];
            int? outside = ProcessState.CountLayers();
            bool[] before = [Opens(folder + "/secret"), Opens(granted + "/file")];
            bool[] inside = [];
            Exception? failure = null;
            Thread thread = new(() =>
            {
                try
                {
                    InPlaceRestriction.Enforce(layers, RestrictFlags.None);
                    inside = [Opens(folder + "/secret"), Opens(granted + "/file"), ProcessState.CountLayers() == outside + 2];
                }
                catch (Exception exception) when (exception is KernelException or IOException)
                {
                    failure = exception;
                }
            });
            thread.Start();
            thread.Join();
            Assert.Null(failure);
            Assert.Equal([true, true], before);
            Assert.Equal([false, true, true], inside);
            Assert.True(Opens(folder + "/secret"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [KernelFact]
    public void A_path_that_is_gone_is_told_and_nothing_is_enforced()
    {
        ResolvedLayer layer =
            Resolve(Ruleset.DenyAll(RawKernel.Version).With(new PathRule("/no/such/folder", AccessClass.ReadData.Rights)));
        KernelException failure = Assert.Throws<KernelException>(() => InPlaceRestriction.Enforce([layer], RestrictFlags.None));
        Assert.Equal(Errno.ENOENT, failure.Error);
        Assert.Equal("/no/such/folder", failure.Target);
        Assert.True(Opens("/proc/self/stat"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public void Apply_is_refused_where_only_one_thread_would_be_restricted(int abi)
    {
        ResolvedLayer layer = RulesetResolver.Resolve(Ruleset.DenyAll(abi), LandlockSupport.ForAbi(abi), "/", _ => PathKind.Directory);
        RulesetException failure = Assert.Throws<RulesetException>(() => InPlaceRestriction.Apply(new LaunchPlan
        {
            Layers = [layer],
            Program = "",
            Arguments = [],
        }));
        Assert.Equal(RulesetProblem.Incompatible, failure.Problem);
        Assert.Contains("ABI 8", failure.Message, StringComparison.Ordinal);
        Assert.Contains($"this kernel has ABI {abi}", failure.Message, StringComparison.Ordinal);
        Assert.True(Opens("/proc/self/stat"));
    }

    [Fact]
    public void Abi_8_adds_no_right_to_abi_7()
    {
        LandlockSupport seven = LandlockSupport.ForAbi(7);
        LandlockSupport eight = LandlockSupport.ForAbi(8);
        Assert.Equal(seven.AccessFs, eight.AccessFs);
        Assert.Equal(seven.AccessNet, eight.AccessNet);
        ResolvedLayer layer = RulesetResolver.Resolve(Ruleset.DenyAll(11), eight, "/", _ => PathKind.Directory);
        Assert.Equal(8, layer.KernelAbi);
        Assert.Equal(AbiTable.AllFs(8), layer.HandledFs);
        Assert.Equal(AbiTable.AllNet(8), layer.HandledNet);
        Assert.Equal(AbiTable.AllScopes(8), layer.Scopes);
    }

    private static ResolvedLayer Resolve(Ruleset ruleset) =>
        RulesetResolver.Resolve(ruleset, RunningKernel.Support, "/", _ => PathKind.Directory);

    private static bool Opens(string path)
    {
        using Microsoft.Win32.SafeHandles.SafeFileHandle? file = PosixFile.OpenRead(path);
        return file is not null;
    }
}
