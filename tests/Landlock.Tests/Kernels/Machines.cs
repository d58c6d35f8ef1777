using Landlock.Tests.Cli;

namespace Landlock.Tests.Kernels;

/// <summary>Every kernel, booted once with Landlock and once without it, and what came of all that is run there.</summary>
internal static class Machines
{
    private static readonly string[] Programs = ["bash", "cat", "chown", "cp", "dash", "echo", "ln", "ls", "mkdir", "mv", "script", "setpriv", "sleep", "touch", "true"];

    private static readonly Dictionary<BootedKernel, (Lazy<Dictionary<string, Answer>> On, Lazy<Dictionary<string, Answer>> Off)> Answers =
        BootedKernel.Chosen.ToDictionary(kernel => kernel, kernel => (
            new Lazy<Dictionary<string, Answer>>(() => Boot(kernel, "", [.. KernelCase.All, .. KernelAttempt.On(kernel).SelectMany(attempt => attempt.Cases)])),
            new Lazy<Dictionary<string, Answer>>(() => Boot(kernel, "lsm=yama", KernelCase.WithoutLandlock))));

    /// <summary>What came of a case where the kernel has Landlock.</summary>
    public static Answer Of(BootedKernel kernel, string name) => Answers[kernel].On.Value[name];

    /// <summary>What came of a case where Landlock is off.</summary>
    public static Answer WithoutLandlock(BootedKernel kernel, string name) => Answers[kernel].Off.Value[name];

    private static Dictionary<string, Answer> Boot(BootedKernel kernel, string parameters, IReadOnlyList<KernelCase> cases)
    {
        Initramfs files = new();
        foreach (string program in Programs) files.AddProgram($"/usr/bin/{program}");
        files.AddLink("/usr/bin/sh", "dash");
        files.AddProgram(CliRun.Landlocked, "/usr/bin/landlocked");
        files.AddProgram(Path.Combine(Built.Programs, "landlock-exec"), "/usr/bin/landlock-exec");
        files.Add("/usr/bin/attack", Machine.Compile("tests/Attack"));
        files.Add("/outside/secret", "secret\n"u8);
        files.Add("/policies/newest.toml", KernelCase.Policy);
        foreach ((string name, byte[] content) in KernelPlans.For(kernel)) files.Add($"/plans/{name}", content);
        return Machine.Run(kernel, parameters, files, [.. cases.Select(one => new Step(one.Name, one.User, one.Command))]);
    }
}

/// <summary>Says why there is no machine here at all.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KernelTheoryAttribute : TheoryAttribute
{
    public KernelTheoryAttribute() => Skip = BootedKernel.Missing;
}

/// <summary>Says why a kernel is not booted.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KernelFactAttribute : FactAttribute
{
    public KernelFactAttribute(string series) => Skip = BootedKernel.Of(series).NotBooted;
}
