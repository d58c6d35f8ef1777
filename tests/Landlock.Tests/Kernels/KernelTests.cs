namespace Landlock.Tests.Kernels;

/// <summary>
/// Sandboxes on the kernels that Debian builds, booted in an emulator: what they lack is said, the rest is enforced, and without Landlock
/// nothing is run. One boot of each runs everything. Everyday the oldest and the newest are booted.
/// </summary>
public sealed class KernelTests
{
    public static TheoryData<string, string> Cases => Data(_ => KernelCase.All.Select(one => one.Name));

    public static TheoryData<string, string> CasesWithoutLandlock => Data(kernel => KernelCase.WithoutLandlock.Where(_ => BootedKernel.Soak || kernel == BootedKernel.Chosen[0]).Select(one => one.Name));

    public static TheoryData<string, string> Attempts => Data(kernel => KernelAttempt.On(kernel).Select(attempt => attempt.Name));

    [KernelFact("6.1")]
    public void Linux_6_1_has_abi_2() => Tells("6.1");

    [KernelFact("6.12")]
    public void Linux_6_12_has_abi_6() => Tells("6.12");

    [KernelFact("7.2")]
    public void Linux_7_2_has_abi_10() => Tells("7.2");

    [KernelFact("7.3")]
    public void Linux_7_3_has_abi_11() => Tells("7.3");

    [KernelTheory]
    [MemberData(nameof(Cases))]
    public void What_the_kernel_has_is_enforced_and_the_rest_is_said(string series, string name)
    {
        BootedKernel kernel = BootedKernel.Of(series);
        KernelCase.All.Single(one => one.Name == name).Check(kernel, Machines.Of(kernel, name));
    }

    [KernelTheory]
    [MemberData(nameof(CasesWithoutLandlock))]
    public void Without_landlock_nothing_is_run(string series, string name)
    {
        BootedKernel kernel = BootedKernel.Of(series);
        KernelCase.WithoutLandlock.Single(one => one.Name == name).Check(kernel, Machines.WithoutLandlock(kernel, name));
    }

    [KernelTheory]
    [MemberData(nameof(Attempts))]
    public void Nobody_gets_out_but_by_what_the_kernel_lacks(string series, string name)
    {
        BootedKernel kernel = BootedKernel.Of(series);
        KernelAttempt.On(kernel).Single(attempt => attempt.Name == name).Check(kernel);
    }

    private static void Tells(string series) => KernelCase.Support.Check(BootedKernel.Of(series), Machines.Of(BootedKernel.Of(series), KernelCase.Support.Name));

    private static TheoryData<string, string> Data(Func<BootedKernel, IEnumerable<string>> names)
    {
        TheoryData<string, string> data = [];
        foreach (BootedKernel kernel in BootedKernel.Chosen)
            foreach (string name in names(kernel)) data.Add(kernel.Series, name);
        return data;
    }
}
