namespace Landlock.Tests.OldKernels;

/// <summary>
/// Sandboxes on the kernels that Debian builds, booted in an emulator: what they lack is said, the rest is enforced, and without Landlock
/// nothing is run. One boot of each runs everything.
/// </summary>
public sealed class OldKernelTests
{
    public static TheoryData<string, string> Cases => Data(_ => OldKernelCase.All.Select(one => one.Name));

    public static TheoryData<string, string> CasesWithoutLandlock => Data(kernel => OldKernelCase.WithoutLandlock.Where(_ => OldKernel.Soak || kernel == OldKernel.All[0]).Select(one => one.Name));

    public static TheoryData<string, string> Attempts => Data(kernel => OldKernelAttempt.On(kernel).Select(attempt => attempt.Name));

    [OldKernelTheory]
    [MemberData(nameof(Cases))]
    public void What_the_kernel_has_is_enforced_and_the_rest_is_said(string release, string name)
    {
        OldKernel kernel = OldKernel.All.Single(kernel => kernel.Release == release);
        OldKernelCase.All.Single(one => one.Name == name).Check(kernel, Machines.Of(kernel, name));
    }

    [OldKernelTheory]
    [MemberData(nameof(CasesWithoutLandlock))]
    public void Without_landlock_nothing_is_run(string release, string name)
    {
        OldKernel kernel = OldKernel.All.Single(kernel => kernel.Release == release);
        OldKernelCase.WithoutLandlock.Single(one => one.Name == name).Check(kernel, Machines.WithoutLandlock(kernel, name));
    }

    [OldKernelTheory]
    [MemberData(nameof(Attempts))]
    public void Nobody_gets_out_but_by_what_the_kernel_lacks(string release, string name)
    {
        OldKernel kernel = OldKernel.All.Single(kernel => kernel.Release == release);
        OldKernelAttempt.On(kernel).Single(attempt => attempt.Name == name).Check(kernel);
    }

    private static TheoryData<string, string> Data(Func<OldKernel, IEnumerable<string>> names)
    {
        TheoryData<string, string> data = [];
        foreach (OldKernel kernel in OldKernel.Available)
            foreach (string name in names(kernel)) data.Add(kernel.Release, name);
        return data;
    }
}
