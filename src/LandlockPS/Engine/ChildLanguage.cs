using System.Management.Automation;
using Landlock.Sandboxes;

namespace LandlockPS.Engine;

/// <summary>
/// The language mode that PowerShell code has in a sandbox: that of whoever starts it. A process of its own begins with the full language.
/// </summary>
internal static class ChildLanguage
{
    /// <summary>The caller's mode, or that of a block that was made in a stricter one.</summary>
    /// <exception cref="LaunchException">PowerShell code is not allowed to the caller.</exception>
    public static PSLanguageMode Demand(PSCmdlet cmdlet, ScriptBlock? block = null)
    {
        PSLanguageMode mode = cmdlet.SessionState.LanguageMode;
        if (EngineInternals.LanguageMode(block) is { } own && Strictness(own) > Strictness(mode)) mode = own;
        return mode is PSLanguageMode.FullLanguage or PSLanguageMode.ConstrainedLanguage
            ? mode
            : throw new LaunchException(LaunchProblem.SetupFailed, null, $"PowerShell code is not allowed in this session ({mode}), and a "
                + "sandbox does not change that; nothing was run. A native command can be: Invoke-Landlocked ... -- COMMAND");
    }

    /// <summary>The end of a script that prepares a child: what runs after it runs in the mode.</summary>
    public static string Enter(PSLanguageMode mode) =>
        mode == PSLanguageMode.FullLanguage ? "" : $"$ExecutionContext.SessionState.LanguageMode = '{mode}'";

    private static int Strictness(PSLanguageMode mode) => mode switch
    {
        PSLanguageMode.FullLanguage => 0,
        PSLanguageMode.ConstrainedLanguage => 1,
        PSLanguageMode.RestrictedLanguage => 2,
        _ => 3,
    };
}
