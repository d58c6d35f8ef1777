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
            Start(saveHistory, ChildLanguage.Demand(cmdlet))];
        return ChildPowerShell.Shell(cmdlet, name is null ? request : request with { Sandbox = request.Sandbox with { Name = name } },
            arguments);
    }

    // The file that history is saved to belongs to the shell outside.
    private static string Start(bool saveHistory, PSLanguageMode mode) => $$"""
        {{ChildPowerShell.ImportThisModule}}
        {{(saveHistory ? "" : "if (Get-Module PSReadLine) { Set-PSReadLineOption -HistorySaveStyle SaveNothing }")}}
        if (-not [LandlockPS.Sessions.LineEditor]::Prepare()) {
            Remove-Module PSReadLine
            Write-Warning ('Lines cannot be edited: this version of PSReadLine needs /tmp/.dotnet, which all .NET processes share. ' +
                '-ReadWrite /tmp/.dotnet gives it to the shell.')
        }
        function prompt {
            $place = $executionContext.SessionState.Path.CurrentLocation
            "$(Get-LandlockPromptSegment)PS $place$('>' * ($nestedPromptLevel + 1)) "
        }
        {{ChildLanguage.Enter(mode)}}
        """;
}
