using Landlock.Tests.Attack;

namespace Landlock.Tests.Kernels;

/// <summary>An attempt of tests/Attack to get out, on a booted kernel.</summary>
/// <param name="Attempt">The attempt.</param>
internal sealed record KernelAttempt(Attempt Attempt)
{
    /// <summary>Its name.</summary>
    public string Name => $"attempt-{Attempt.Name}";

    /// <summary>As whom it is tried: the user to whom it is not refused anyway.</summary>
    private int User => Attempt.RootOnly ? 0 : 65534;

    /// <summary>What is run: the attempt in a sandbox, and, unless it gets out, without one.</summary>
    public IEnumerable<KernelCase> Cases
    {
        get
        {
            string[] bare = ["/usr/bin/attack", Attempt.Program, "/tmp/place"];
            string[] sandboxed = ["/usr/bin/landlocked", "--read-only", "/usr", "--read-only", "/proc", "--read-write", "/tmp/place/inside",
                .. Attempt.Options, "--", .. bare];
            yield return Case(Name, sandboxed);
            // Here the second try would not be the one on the terminal.
            if (Attempt.OnTerminal) yield return Case($"{Name}-without", bare);
        }
    }

    /// <summary>
    /// The attempts on a kernel; after the oldest only those that depend on the kernel's ABI, unless LANDLOCKPS_SOAK asks for all.
    /// </summary>
    public static IEnumerable<KernelAttempt> On(BootedKernel kernel) =>
        from attempt in Attempt.All
        where BootedKernel.Soak || kernel == BootedKernel.Chosen.FirstOrDefault() || attempt.Since > 1 || attempt.ClosedBy is not null
            || attempt.InGroup
        select new KernelAttempt(attempt);

    /// <summary>Holds the outcome to what docs/security.md says.</summary>
    public void Check(BootedKernel kernel) => Check(kernel, name => Machines.Of(kernel, Outfit.Plain, name));

    /// <summary>Likewise.</summary>
    public void Check(BootedKernel kernel, Func<string, Answer> of)
    {
        Answer answer = of(Name);
        if (Attempt.IsOpen(kernel.Abi, User == 0))
        {
            if (Attempt.MayBeImpossible is null)
                Assert.True(answer.ExitCode == 0, $"The attempt is refused now, and docs/security.md says otherwise: {answer}");
            return;
        }

        Assert.True(answer.ExitCode is 1 or 2, $"The attempt got out: {answer}");
        int control = Attempt.OnTerminal ? of($"{Name}-without").ExitCode : int.Parse(answer.Output.Split("without: ")[1]);
        Assert.True(control == 0 || (Attempt.MayBeImpossible is not null && control is 1 or 2),
            $"Without a sandbox the attempt has to work: {answer}");
    }

    private KernelCase Case(string name, string[] command)
    {
        if (Attempt.OnTerminal) command = ["/usr/bin/script", "-qec", string.Join(' ', command), "/dev/null"];
        return new KernelCase(name, 0, ["/usr/bin/guest", "attempt", $"{User}", Attempt.Program, .. command], (kernel, _) => Check(kernel));
    }
}
