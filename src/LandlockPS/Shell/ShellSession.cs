using System.Management.Automation;
using LandlockPS.Running;

namespace LandlockPS.Shell;

/// <summary>What the shell hook leaves in the session besides the hook: the command nosandbox, and the hook in background jobs.</summary>
internal static class ShellSession
{
    // "command &" runs in a process of its own, as Start-Job does. The value of a default parameter is the result of its block.
    private const string JobDefault = "Start-Job:InitializationScript";

    private static readonly ScriptBlock JobStart =
        ScriptBlock.Create($"{ChildPowerShell.ImportThisModule}; Enable-LandlockShell -Scope Script # of Enable-LandlockShell");

    private const string EnableScript = """
        param($nosandbox, $start, $parameter)
        Set-Alias -Name nosandbox -Value $nosandbox -Scope Global -Description 'Runs one command outside of profiles.'
        if (-not $global:PSDefaultParameterValues.ContainsKey($parameter)) {
            $global:PSDefaultParameterValues[$parameter] = { $start }.GetNewClosure()
        }
        """;

    private const string DisableScript = """
        param($nosandbox, $parameter)
        if ((Get-Alias nosandbox -ErrorAction Ignore).Definition -eq $nosandbox) { Remove-Item -LiteralPath Alias:/nosandbox -Force }
        $start = $global:PSDefaultParameterValues[$parameter]
        if ($start -is [scriptblock] -and "$(& $start)" -like '*# of Enable-LandlockShell') {
            $global:PSDefaultParameterValues.Remove($parameter)
        }
        """;

    public static void Enable(PSCmdlet cmdlet, ShellHook hook) =>
        cmdlet.InvokeCommand.InvokeScript(true, ScriptBlock.Create(EnableScript), null, hook.OutsidePath, JobStart, JobDefault);

    public static void Disable(ShellHook hook, CommandInvocationIntrinsics commands)
    {
        commands.InvokeScript(true, ScriptBlock.Create(DisableScript), null, hook.OutsidePath, JobDefault);
        hook.Dispose();
    }
}
