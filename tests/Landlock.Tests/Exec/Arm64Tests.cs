using System.Diagnostics;
using System.Runtime.InteropServices;
using Landlock.Launching;
using static Landlock.Tests.Exec.PlanBuilder;

namespace Landlock.Tests.Exec;

/// <summary>Needs what links for arm64, and what runs it here.</summary>
public sealed class Arm64FactAttribute : FactAttribute
{
    public const string Emulator = "/usr/bin/qemu-aarch64";

    public Arm64FactAttribute()
    {
        if (RuntimeInformation.OSArchitecture != Architecture.X64) Skip = "needs x86-64, where arm64 is another architecture";
        else if (!File.Exists("/usr/bin/aarch64-linux-gnu-gcc")) Skip = "no linker for arm64 is installed (Debian, Ubuntu: apt-get install gcc-aarch64-linux-gnu)";
        else if (!File.Exists(Emulator)) Skip = "no emulator of arm64 is installed (Debian, Ubuntu: apt-get install qemu-user)";
    }
}

/// <summary>
/// landlock-exec for arm64, built and run under emulation. The emulator knows no Landlock, so that this shows what comes before the first
/// ruleset: the entry, the calling convention, system calls, the layout of a plan, and that nothing is run without Landlock.
/// </summary>
public sealed class Arm64Tests
{
    private static readonly Lazy<string> Program = new(Build);

    [Arm64Fact]
    public void A_refusal_is_printed()
    {
        PlanBuilder plan = Shell("echo ran");
        plan.Refusal = "not here\n";
        ExecRun run = Run(plan);
        Assert.Equal((PlanLayout.ExitSetupFailed, "", "not here\n"), (run.ExitCode, run.Output, run.Error));
    }

    [Arm64Fact]
    public void Without_Landlock_nothing_is_run() =>
        Run(Shell("echo ran")).Failed(PlanStep.CreateRuleset, 38, "[CreateRuleset] 1: error 38 (end)\n");

    [Arm64Fact]
    public void A_damaged_plan_is_refused()
    {
        byte[] plan = Shell("echo ran").Build();
        ExecRun.Of(plan.AsSpan(0, plan.Length - 8), Options()).Refused();
        plan[0] ^= 1;
        ExecRun.Of(plan, Options()).Refused();
    }

    private static ExecRun Run(PlanBuilder plan) => ExecRun.Of(plan, Options());

    private static ExecOptions Options() => new() { Wrapper = [Arm64FactAttribute.Emulator], Executable = Program.Value };

    private static string Build()
    {
        string project = Path.Combine(Repository.Root, "src/LandlockExec");
        using Process build = Process.Start(new ProcessStartInfo("dotnet", ["build", project, "-p:NativeRid=linux-arm64", "-c", "Debug", "-v", "q", "-nologo"])
        {
            RedirectStandardOutput = true,
        })!;
        string log = build.StandardOutput.ReadToEnd();
        build.WaitForExit();
        Assert.True(build.ExitCode == 0, log);
        return Path.Combine(project, "bin/Debug/linux-arm64/landlock-exec");
    }
}
