using System.Diagnostics;
using Landlock.Abi;

namespace Landlock.Tests.Linux;

public sealed class FastOpenProbeTests
{
    /// <summary>The probe restricts a thread of its process for ever, so it runs in a PowerShell of its own.</summary>
    [PowerShellFact]
    public void The_probe_comes_to_a_verdict()
    {
        ProcessStartInfo start = new(Built.PowerShell) { RedirectStandardOutput = true };
        foreach (string argument in (string[])["-NoProfile", "-NonInteractive", "-Command",
            $"$library = [System.Reflection.Assembly]::LoadFrom({PowerShellText.Literal(typeof(AbiTable).Assembly.Location)}); "
            + "$probe = $library.GetType('Landlock.Linux.FastOpenProbe', $true).GetMethod('Run', "
            + "[System.Reflection.BindingFlags]'Static, Public, NonPublic'); "
            + "\"[$($probe.Invoke($null, $null))]\""])
            start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        string verdict = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();

        Assert.Equal(0, process.ExitCode);
        if (RawKernel.Version < 4) Assert.Equal("[]", verdict);
        else if (RawKernel.Version >= 10) Assert.Equal("[False]", verdict);
        else Assert.Contains(verdict, (string[])["[True]", "[False]"]); // The fix was backported, so the version does not tell.
    }
}

/// <summary>A test that needs a kernel with Landlock, and starts pwsh.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PowerShellFactAttribute : FactAttribute
{
    public PowerShellFactAttribute()
    {
        if (RawKernel.Version < 1) Skip = "the running kernel has no Landlock";
    }
}
