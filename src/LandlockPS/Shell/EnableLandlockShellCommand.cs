using System.Management.Automation;
using Landlock.Linux;
using LandlockPS.Engine;
using LandlockPS.Shell;

namespace LandlockPS;

/// <summary>Enable-LandlockShell: native commands run in the profiles of the current directory from now on.</summary>
[Cmdlet(VerbsLifecycle.Enable, "LandlockShell", SupportsShouldProcess = true)]
public sealed class EnableLandlockShellCommand : PSCmdlet
{
    /// <summary>Prompt = commands that are typed; Script = those of functions and scripts, too.</summary>
    [Parameter(Position = 0)]
    public ShellScope Scope { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (!ShouldProcess("this session", "Run native commands in the profiles of the current directory")) return;
        if (Scope == ShellScope.Prompt && !TypedCommands.Come(Host, [.. Environment.GetCommandLineArgs().Skip(1)]))
            WriteWarning("Nothing is typed in this PowerShell, and the commands of scripts stay without a sandbox. For those, write: "
                + "Enable-LandlockShell -Scope Script");
        if (ShellHook.Current is { } present)
        {
            present.Scope = Scope;
            return;
        }

        if (SessionState.LanguageMode != PSLanguageMode.FullLanguage)
            ThrowTerminatingError(Errors.New(new NotSupportedException(
                $"The shell hook needs the full language, and this session has {SessionState.LanguageMode}; nothing was changed."),
                "LanguageModeNotSupported", ErrorCategory.PermissionDenied, SessionState.LanguageMode,
                "Enable it in the profile script, or run single commands with Invoke-Landlocked."));
        if (!RunningKernel.Support.IsAvailable)
            WriteWarning($"{RunningKernel.Support.Advice} Commands in the directory of a profile will not be run.");
        Errors.Guard(this, () =>
        {
            ShellHook hook = ShellHook.Enable((EngineIntrinsics)GetVariableValue("ExecutionContext"), Scope);
            ShellSession.Enable(this, hook);
        });
    }
}
