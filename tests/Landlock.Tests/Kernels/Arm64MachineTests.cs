namespace Landlock.Tests.Kernels;

/// <summary>The same on arm64: sandboxes, the filter, supervision, the tracer, and the attempts to get out, on the newest kernel.</summary>
public sealed class Arm64MachineTests
{
    public static TheoryData<string> Cases => [.. Arm64Machine.Cases.Select(one => one.Name)];

    public static TheoryData<string> Attempts => [.. KernelAttempt.On(BootedKernel.Arm64).Select(attempt => attempt.Name)];

    [Arm64MachineTheory]
    [MemberData(nameof(Cases))]
    public void What_the_kernel_has_is_enforced_and_the_rest_is_said(string name) =>
    Arm64Machine.Cases.Single(one => one.Name == name).Check(BootedKernel.Arm64, Arm64Machine.Of(name));

    [Arm64MachineTheory]
    [MemberData(nameof(Attempts))]
    public void Nobody_gets_out_but_by_what_the_kernel_lacks(string name) =>
    KernelAttempt.On(BootedKernel.Arm64).Single(attempt => attempt.Name == name).Check(BootedKernel.Arm64, Arm64Machine.Of);
}
