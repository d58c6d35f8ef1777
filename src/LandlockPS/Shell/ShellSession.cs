using System.Management.Automation;

namespace LandlockPS;

/// <summary>What the shell hook leaves in the session besides the hook: the command nosandbox, and the hook in background jobs.</summary>
internal static class ShellSession
{
    // "command &" runs in a process of its own, as Start-Job does. The value of a default parameter is the result of its block.
    private const string JobDefault = "Start-Job:InitializationScript";

    private const string EnableScript = """
        param($nosandbox, $module, $parameter)
        Set-Alias -Name nosandbox -Value $nosandbox -Scope Global -Description 'Runs one command outside of profiles.'
        if (-not $global:PSDefaultParameterValues.ContainsKey($parameter)) {
            $start = [scriptblock]::Create("Import-Module '$($module.Replace("'", "''"))'; Enable-LandlockShell -Scope Script # of Enable-LandlockShell")
            $global:PSDefaultParameterValues[$parameter] = { $start }.GetNewClosure()
        }
        """;

    private const string DisableScript = """
        param($nosandbox, $parameter)
        if ((Get-Alias nosandbox -ErrorAction Ignore).Definition -eq $nosandbox) { Remove-Item -LiteralPath Alias:/nosandbox -Force }
        $start = $global:PSDefaultParameterValues[$parameter]
        if ($start -is [scriptblock] -and "$(& $start)" -like '*# of Enable-LandlockShell') { $global:PSDefaultParameterValues.Remove($parameter) }
        """;

    public static void Enable(PSCmdlet cmdlet, ShellHook hook) =>
        cmdlet.InvokeCommand.InvokeScript(true, ScriptBlock.Create(EnableScript), null, hook.OutsidePath, ChildPowerShell.ModuleManifest, JobDefault);

    public static void Disable(ShellHook hook, CommandInvocationIntrinsics commands)
    {
        commands.InvokeScript(true, ScriptBlock.Create(DisableScript), null, hook.OutsidePath, JobDefault);
        hook.Dispose();
    }
}
