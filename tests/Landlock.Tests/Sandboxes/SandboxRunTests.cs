using Landlock.Abi;
using Landlock.Linux;
using Landlock.Rulesets;
using Landlock.Sandboxes;
using Landlock.Tests.Sandboxes.Needs;
using KernelFactAttribute = Landlock.Tests.Linux.KernelFactAttribute;

namespace Landlock.Tests.Sandboxes;

/// <summary>The sentence of a C# program, against the kernel.</summary>
[Collection(Alone.Name)]
public sealed class SandboxRunTests : IDisposable
{
    private static readonly Sandbox Tools = Sandbox.Strict.ReadOnly("/usr", "/lib", "/lib64", "/bin");
    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [KernelFact]
    public void What_is_allowed_works_and_everything_else_is_denied()
    {
        string open = _temp.Write("open/file", "content", executable: false), secret = _temp.Write("secret", "text", executable: false);
        CommandOutput run = Tools.ReadWrite(_temp["open"])
            .Capture("/bin/sh", "-c", $"cat '{open}'; echo new > '{_temp["open/new"]}'; cat '{secret}'; cat; exit 3");
        Assert.Equal((3, "content"), (run.ExitCode, run.Output));
        Assert.Contains("Permission denied", run.Errors, StringComparison.Ordinal);
        Assert.Equal("new\n", File.ReadAllText(_temp["open/new"]));
        // This process is as free as before.
        Assert.Equal("text", File.ReadAllText(secret));
    }

    [KernelFact]
    public void Exceptions_variables_and_ports_are_part_of_the_sentence()
    {
        string kept = _temp.Write("open/kept", "text", executable: false), left = _temp.Write("open/left", "text", executable: false);
        CommandOutput run =
            Tools.ReadData(_temp["open"]).Excepting(left).WithVariable("ASKED", "yes").WithVariable("PATH", null).ConnectTcp(443, 80)
            .Capture("/bin/sh", "-c", $"/bin/cat '{kept}'; /bin/cat '{left}' 2>/dev/null || echo \" $ASKED\"");
        Assert.Equal("text yes\n", run.Output);
        Assert.Equal([new NetRule(new PortRange(443, 443), AccessNet.ConnectTcp), new NetRule(new PortRange(80, 80), AccessNet.ConnectTcp)],
            Sandbox.Strict.ConnectTcp(443, 80).Ports.AsEnumerable());
    }

    [KernelFact]
    public void A_command_that_does_not_run_is_an_error_with_its_words()
    {
        Assert.Equal("The command 'no-such-command' was not found in PATH; nothing was run.",
            Assert.Throws<LaunchException>(() => Tools.Run("no-such-command")).Message);
        Assert.Equal($"The path '{_temp["gone"]}' does not exist. Correct it, create it, or mark the rule as optional.",
            Assert.Throws<RulesetException>(() => Tools.ReadOnly(_temp["gone"]).Run("true")).Message);
        string script = _temp.Write("script", "#!/bin/sh\n", executable: true);
        LaunchException denied = Assert.Throws<LaunchException>(() => (Sandbox.Strict with { Closure = false }).Run(script));
        Assert.Equal(LaunchProblem.NotExecutable, denied.Problem);
        Assert.Equal(128 + 15, Tools.Run("/bin/sh", "-c", "kill $$"));
    }

    [KernelFact]
    public async Task No_process_of_another_thread_gets_the_plan()
    {
        string seen = _temp.Write("seen", "", executable: false);
        using CancellationTokenSource over = new();
        Task other = Task.Run(() =>
        {
            using FileStream file = new(seen, FileMode.Append);
            while (!over.IsCancellationRequested)
                _ = ChildProcesses.Wait(ChildProcesses.Spawn("/bin/ls", ["ls", "-l", "/proc/self/fd"], [],
                    [((int)file.SafeFileHandle.DangerousGetHandle(), 1)], emptyInput: true));
        });
        for (int i = 0; i < 100; i++) Assert.Equal(0, Tools.Run("/bin/true"));
        await over.CancelAsync();
        await other;
        string descriptors = await File.ReadAllTextAsync(seen);
        Assert.Contains("/seen", descriptors, StringComparison.Ordinal);
        Assert.DoesNotContain("landlock-plan", descriptors, StringComparison.Ordinal);
    }

    [KernelFact]
    public void A_running_process_is_an_error_of_its_own_before_abi_8()
    {
        if (RunningKernel.Support.Abi >= 8) return;
        Assert.Equal(
            $"A running process can be restricted from Landlock ABI 8 on (Linux 7.0); this kernel has ABI {RunningKernel.Support.Abi}. "
                + "Before that only one of its threads would be, and the others would stay free. Run what it is for as a separate "
                + "command, which every kernel with Landlock can sandbox (Sandbox.Run).",
            Assert.Throws<RulesetException>(() => Tools.RestrictSelf()).Message);
    }
}
