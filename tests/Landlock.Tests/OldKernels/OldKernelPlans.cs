using Landlock.Kernel;
using Landlock.Launching;
using Landlock.Rulesets;

namespace Landlock.Tests.OldKernels;

/// <summary>Plans that the library makes here for a kernel that it only imagines, to be run by landlock-exec there.</summary>
internal static class OldKernelPlans
{
    /// <summary>The images, by name.</summary>
    public static IEnumerable<(string Name, byte[] Content)> For(OldKernel kernel)
    {
        yield return ("fitting", Image(kernel.Abi));
        yield return ("newer", Image(Abi.Newest));
    }

    private static byte[] Image(int abi) => PlanImage.Write(
        LaunchPlanner.Plan(new LaunchRequest
        {
            Layers = [Ruleset.DenyAll(abi).With([new PathRule("/usr", AccessClass.ReadOnly.Rights), new PathRule("/tmp", AccessClass.ReadWrite.Rights)], [])],
            Command = "/bin/sh",
            Arguments = ["-c", "cat /tmp/own; mv /tmp/own /tmp/sub/moved && cat /tmp/sub/moved; cat /outside/secret; touch /outside/new; cp /usr/bin/true /tmp && /tmp/true; kill -0 1"],
            BaseDirectory = "/",
            Environment = ["PATH=/usr/bin", "LANG=C"],
            Support = LandlockSupport.ForAbi(abi),
        }),
        "landlocked");
}
