using System.Collections.Immutable;
using System.Management.Automation;
using Landlock.Sandboxes;
using LandlockPS.Engine;
using LandlockPS.Running;

namespace LandlockPS.Sessions;

/// <summary>The command line of an interactive pwsh that knows that it is sandboxed.</summary>
internal static class NestedShell
{
    /// <summary>Completes a request.</summary>
    public static LaunchRequest Request(PSCmdlet cmdlet, LaunchRequest request, string? name, bool profile, bool saveHistory)
    {
        ImmutableArray<string> arguments = ["-NoLogo", .. profile ? Array.Empty<string>() : ["-NoProfile"], "-NoExit", "-Command",
            Start(profile, saveHistory, ChildLanguage.Demand(cmdlet))];
        return ChildPowerShell.Shell(cmdlet, name is null ? request : request with { Sandbox = request.Sandbox with { Name = name } },
            arguments);
    }

    private const string Prompt = """
        function prompt {
            $place = $executionContext.SessionState.Path.CurrentLocation
            "$(Get-LandlockPromptSegment)PS $place$('>' * ($nestedPromptLevel + 1)) "
        }
        """;

    // One that the user's profile has made stays; that the shell is sandboxed stands before it, unless it says so itself.
    private const string OwnPrompt = $$"""
        if ($function:prompt.ToString() -ceq [initialsessionstate]::CreateDefault2().Commands['prompt'].Definition) {
        {{Prompt}}
        }
        elseif ($function:prompt -notmatch 'LandlockPromptSegment|LANDLOCKPS_SANDBOX') {
            $function:prompt = & {
                $theirs = $args[0]
                { "$(Get-LandlockPromptSegment)$(& $theirs)" }.GetNewClosure()
            } $function:prompt
        }
        """;

    // The file that history is saved to belongs to the shell outside.
    private static string Start(bool profile, bool saveHistory, PSLanguageMode mode) => $$"""
        {{ChildPowerShell.ImportThisModule}}
        {{(saveHistory ? "" : "if (Get-Module PSReadLine) { Set-PSReadLineOption -HistorySaveStyle SaveNothing }")}}
        if (-not [LandlockPS.Sessions.LineEditor]::Prepare()) {
            Remove-Module PSReadLine
            Write-Warning ('Lines cannot be edited: this version of PSReadLine needs /tmp/.dotnet, which all .NET processes share. ' +
                '-ReadWrite /tmp/.dotnet gives it to the shell.')
        }
        {{(profile ? OwnPrompt : Prompt)}}
        {{ChildLanguage.Enter(mode)}}
        """;
}
