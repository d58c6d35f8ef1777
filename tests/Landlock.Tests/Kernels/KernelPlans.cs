using Landlock.Abi;
using Landlock.Linux;
using Landlock.Rulesets;
using Landlock.Sandboxes;

namespace Landlock.Tests.Kernels;

/// <summary>Plans that the library makes here for a kernel that it only imagines, to be run by landlock-exec there.</summary>
internal static class KernelPlans
{
    /// <summary>The images, by name.</summary>
    public static IEnumerable<(string Name, byte[] Content)> For(BootedKernel kernel)
    {
        LaunchPlan fitting = Plan(kernel.Abi);
        yield return ("fitting", Image(fitting));
        // Rulesets are as large since ABI 10; a right that no kernel has stands for what comes next.
        yield return ("newer", Image(kernel.Abi < 10 ? Plan(AbiTable.Newest)
            : fitting with { Layers = [fitting.Layers[0] with { HandledFs = fitting.Layers[0].HandledFs | (AccessFs)(1UL << 40) }] }));
    }

    // What the paths lead to there the guest fills in, wherever it finds this number (tests/Kernels/guest.c).
    private static FileIdentity Unknown { get; } = new(0, 0x4C4C_5053_4755_4553);

    private static byte[] Image(LaunchPlan plan) => PlanImage.Write(
        plan with
        {
            ProgramFound = plan.ProgramFound! with { Identity = Unknown },
            Layers = [.. plan.Layers.Select(layer => layer with
            {
                PathRules = [
                    .. layer.PathRules.Select(rule => rule with { Found = rule.Found! with { Identity = Unknown, IsRenumbered = false } })],
            })],
        },
        "landlocked");

    private static LaunchPlan Plan(int abi) => LaunchPlanner.Plan(new LaunchRequest
    {
        Layers = [Ruleset.DenyAll(abi)
            .With([new PathRule("/usr", AccessClass.ReadOnly.Rights), new PathRule("/tmp", AccessClass.ReadWrite.Rights)], [])],
        Command = "/bin/sh",
        Arguments = ["-c", "cat /tmp/own; mv /tmp/own /tmp/sub/moved && cat /tmp/sub/moved; cat /outside/secret; touch /outside/new; cp "
            + "/usr/bin/true /tmp && /tmp/true; kill -0 1"],
        BaseDirectory = "/",
        Start = new CommandStart { Environment = ["PATH=/usr/bin", "LANG=C"] },
        Support = LandlockSupport.ForAbi(abi),
    });
}
