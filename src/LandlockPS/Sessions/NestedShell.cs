using System.Collections.Immutable;
using System.Management.Automation;
using Landlock.Linux;
using Landlock.Profiles;
using Landlock.Sandboxes;
using LandlockPS.Engine;
using LandlockPS.Running;

namespace LandlockPS.Sessions;

/// <summary>The command line of an interactive pwsh that knows that it is sandboxed.</summary>
internal static class NestedShell
{
    /// <summary>Names the sandboxes that a process is in, outermost first, separated by ">".</summary>
    public const string SandboxVariable = ProfileSandbox.SandboxVariable;

    /// <summary>
    /// The sandboxes that this process is in; null outside. Without one the variable is not believed, whoever has set it.
    /// </summary>
    public static string? OuterNames =>
        Environment.GetEnvironmentVariable(SandboxVariable) is { Length: > 0 } names && ProcessState.CountLayers() is > 0 ? names : null;

    /// <summary>Completes a request.</summary>
    public static LaunchRequest Request(PSCmdlet cmdlet, LaunchRequest request, string? name, bool profile, bool saveHistory)
    {
        string nested = OuterNames is { } outer ? $"{outer}>{name ?? "landlock"}" : name ?? "landlock";
        ImmutableArray<string> arguments = ["-NoLogo", .. profile ? Array.Empty<string>() : ["-NoProfile"], "-NoExit", "-Command",
            Start(saveHistory, ChildLanguage.Demand(cmdlet))];
        request = ChildPowerShell.Shell(cmdlet, request, arguments);
        return request with
        { Start = request.Start with { Environment = ChildEnvironment.With(request.Start.Environment, (SandboxVariable, nested)) } };
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
