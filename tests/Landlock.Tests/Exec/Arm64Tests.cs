using System.Diagnostics;
using System.Runtime.InteropServices;
using Landlock.Sandboxes;
using Landlock.Tests.Cli;
using static Landlock.Tests.Exec.PlanBuilder;

namespace Landlock.Tests.Exec;

/// <summary>Needs what links for arm64, and what runs it here.</summary>
public sealed class Arm64FactAttribute : FactAttribute
{
    public const string Emulator = "/usr/bin/qemu-aarch64";

    public Arm64FactAttribute() => Skip = NoCompiler
        ?? (File.Exists(Emulator) ? null : "no emulator of arm64 is installed (Debian, Ubuntu: apt-get install qemu-user)");

    /// <summary>Why its programs cannot be built here; null if they can.</summary>
    public static string? NoCompiler =>
        RuntimeInformation.OSArchitecture != Architecture.X64 ? "needs x86-64, where arm64 is another architecture"
        : !File.Exists("/usr/bin/aarch64-linux-gnu-gcc")
        ? "no linker for arm64 is installed (Debian, Ubuntu: apt-get install gcc-aarch64-linux-gnu)" : null;
}

/// <summary>
/// The programs for arm64, built and run under emulation. The emulator knows no Landlock, so that this shows what comes before the first
/// ruleset: the entry, the calling convention, system calls, the layout of a plan, that nothing is run without Landlock, and what needs
/// none. Sandboxes of arm64 are tried on a machine that is emulated as a whole.
/// </summary>
public sealed class Arm64Tests
{
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

    [Arm64Fact]
    public void What_needs_no_landlock_works()
    {
        // What the same sources say on this machine, which may run them as a user who cannot enter the checkout.
        using Scratch scratch = new();
        string policy = scratch.File("policy.toml", File.ReadAllText(Path.Combine(Repository.Root, "policies/WebClient.toml")));
        foreach (string[] words in (string[][])[["--help"], ["--version"], ["policy", "resolve", policy],
            ["policy", "check", "/nowhere.toml"], ["--read-onyl", "/", "true"]])
        {
            CliRun here = CliRun.Of(words);
            Assert.Equal((here.ExitCode, here.Output, here.Error), Landlocked(words));
        }
    }

    [Arm64Fact]
    public void A_plan_is_not_shown_where_it_could_not_be_carried_out()
    {
        const string none = "landlocked: this kernel has no Landlock: it is older than 5.13 or was built without "
            + "CONFIG_SECURITY_LANDLOCK=y. Boot a newer kernel. Nothing was run\n";
        Assert.Equal((125, "", none), Landlocked("--dry-run", "--verbose", "--", "/usr/bin/true"));
        Assert.Equal((125, "", none), Landlocked("--", "/usr/bin/true"));
    }

    private static ExecRun Run(PlanBuilder plan) => ExecRun.Of(plan, Options());

    private static ExecOptions Options() => new() { Wrapper = [Arm64FactAttribute.Emulator], Executable = Arm64Programs.LandlockExec };

    // Programs of another architecture look for their libraries where the cross compiler has them.
    private static (int ExitCode, string Output, string Error) Landlocked(params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(Arm64FactAttribute.Emulator,
            ["-L", "/usr/aarch64-linux-gnu", Arm64Programs.Landlocked, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }
}
