namespace Landlock.Tests.Kernels;

/// <summary>
/// Sandboxes on the kernels that Debian builds, booted in an emulator: what they lack is said, the rest is enforced, and without Landlock
/// nothing is run. One boot of each runs everything. Everyday the oldest and the newest are booted.
/// </summary>
public sealed class KernelTests
{
    public static TheoryData<string, Outfit, string> Cases
    {
        get
        {
            TheoryData<string, Outfit, string> data = [];
            foreach (BootedKernel kernel in BootedKernel.Chosen)
                foreach (Outfit outfit in Enum.GetValues<Outfit>())
                    foreach (KernelCase one in Machines.Cases(kernel, outfit)) data.Add(kernel.Series, outfit, one.Name);
            return data;
        }
    }

    public static TheoryData<string, string> Attempts
    {
        get
        {
            TheoryData<string, string> data = [];
            foreach (BootedKernel kernel in BootedKernel.Chosen)
                foreach (KernelAttempt attempt in KernelAttempt.On(kernel)) data.Add(kernel.Series, attempt.Name);
            return data;
        }
    }

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
    public void What_the_kernel_has_is_enforced_and_the_rest_is_said(string series, Outfit outfit, string name)
    {
        BootedKernel kernel = BootedKernel.Of(series);
        Machines.Cases(kernel, outfit).Single(one => one.Name == name).Check(kernel, Machines.Of(kernel, outfit, name));
    }

    [KernelTheory]
    [MemberData(nameof(Attempts))]
    public void Nobody_gets_out_but_by_what_the_kernel_lacks(string series, string name)
    {
        BootedKernel kernel = BootedKernel.Of(series);
        KernelAttempt.On(kernel).Single(attempt => attempt.Name == name).Check(kernel);
    }

    private static void Tells(string series) =>
        KernelCase.Support.Check(BootedKernel.Of(series), Machines.Of(BootedKernel.Of(series), Outfit.Plain, KernelCase.Support.Name));
}
