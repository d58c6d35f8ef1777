using System.Management.Automation;
using System.Management.Automation.Runspaces;
using LandlockPS.Engine;

namespace LandlockPS.Sessions;

/// <summary>
/// Ends a script whose Protect-LandlockScript was called and never got to decide: a parameter's value was refused, or what gives its
/// rulesets failed. To the engine that is an error of one statement, and the script would go on, outside of the sandbox.
/// </summary>
internal static class UndecidedScript
{
    private const int ExitCode = 125;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Stops what runs, as Ctrl+C does; a pwsh that was started for the script ends with 125. Returns when nothing of the
    /// script can run any more.
    /// </summary>
    /// <param name="cmdlet">The cmdlet that did not decide.</param>
    /// <param name="reason">What its parameters were refused with; null if that is not why.</param>
    public static void Stop(PSCmdlet cmdlet, Exception? reason)
    {
        cmdlet.SessionState.PSVariable.Set("global:LASTEXITCODE", ExitCode);
        string why = (reason ?? EngineInternals.Failure(cmdlet)) is { } failure ? $": {PosixText.Printable(failure.Message)}" : ".";
        cmdlet.Host.UI?.WriteErrorLine($"{cmdlet.MyInvocation.MyCommand.Name}: the script was stopped before anything of it ran outside of "
            + $"the sandbox, which could not be set up{why}");
        if (IsWhole(cmdlet)) cmdlet.Host.SetShouldExit(ExitCode);
        if (Runspace.DefaultRunspace is not { } runspace || !EngineInternals.StopPipeline(runspace, Limit))
            System.Environment.Exit(ExitCode);
    }

    // Whether the script is all that this PowerShell was started for; somebody's shell goes on.
    private static bool IsWhole(PSCmdlet cmdlet) =>
        Runspace.DefaultRunspace?.Debugger.GetCallStack().LastOrDefault()?.ScriptName == cmdlet.MyInvocation.ScriptName;
}
