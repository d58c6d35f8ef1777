using Landlock.Linux;
using Landlock.Rulesets;
using Landlock.Sandboxes;
using Landlock.Tests.Cli;
using Landlock.Tests.Exec;

namespace Landlock.Tests.Load;

/// <summary>Whatever runs out, a command runs in its sandbox or not at all, and one line says why.</summary>
public sealed class FaultTests : IDisposable
{
    private readonly TemporaryDirectory _temporary = new();

    public static TheoryData<string, int> Shortages
    {
        get
        {
            TheoryData<string, int> data = [];
            for (int files = 3; files <= 12; files++) data.Add("nofile", files);
            for (int processes = 0; processes <= 8; processes++) data.Add("nproc", processes);
            for (int memory = 1 << 20; memory <= 1 << 29; memory *= 2) data.Add("as", memory);
            for (int memory = 1 << 14; memory <= 1 << 26; memory *= 4) data.Add("data", memory);
            for (int stack = 1 << 13; stack <= 1 << 20; stack *= 4) data.Add("stack", stack);
            return data;
        }
    }

    public void Dispose() => _temporary.Dispose();

    [CliTheory]
    [MemberData(nameof(Shortages))]
    public void Nothing_or_the_sandbox(string limit, int value)
    {
        string secret = _temporary.Write("secret", "the secret\n");
        // Processes of a user are counted, unless it is root.
        string[] user =
            limit == "nproc" && Posix.geteuid() == 0 ? ["/usr/bin/setpriv", "--reuid=65530", "--regid=65534", "--clear-groups"] : [];
        foreach (string[] option in (string[][])[[], ["--explain"]])
        {
            CliRun run = CliRun.Program(new Setup { Who = Who.Root }, ["/usr/bin/prlimit", $"--{limit}={value}", .. user, CliRun.Landlocked,
                .. option, "--", "sh", "-c", $": < {secret} && echo out"]);
            Assert.DoesNotContain("out", run.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("internal error", run.Error, StringComparison.Ordinal);
            // Below that not even the loader, or sh, starts; then they say so, and nothing here can.
            if (run.ExitCode == 125) Assert.Matches("^landlocked: [^\n]*nothing was run[^\n]*\n$", run.Error);
        }
    }

    [KernelFact]
    public void A_path_that_vanishes_before_the_start_is_named()
    {
        string directory = _temporary.CreateDirectory("vanishing");
        LaunchPlan plan = LaunchPlanner.Plan(new LaunchRequest
        {
            Layers = [Ruleset.DenyAll(RunningKernel.Support.Abi).With([new PathRule(directory, AccessClass.ReadOnly.Rights)], [])],
            Command = "/bin/sh",
            Arguments = ["-c", "echo out"],
            BaseDirectory = "/",
            Support = RunningKernel.Support,
        });
        Directory.Delete(directory);
        ExecRun run = ExecRun.Of(PlanImage.Write(plan, "landlocked"));
        run.Failed(PlanStep.OpenPath, (int)Errno.ENOENT,
            $"landlocked: cannot open '{directory}': No such file or directory; nothing was run\n");
    }
}
