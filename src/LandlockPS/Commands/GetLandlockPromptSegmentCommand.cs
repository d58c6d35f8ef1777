using System.Management.Automation;

namespace LandlockPS;

/// <summary>Get-LandlockPromptSegment: a few characters for the prompt that say which sandbox this shell is in; nothing outside of one.</summary>
[Cmdlet(VerbsCommon.Get, "LandlockPromptSegment")]
[OutputType(typeof(string))]
public sealed class GetLandlockPromptSegmentCommand : PSCmdlet
{
    /// <summary>Text with {0} in place of the sandbox's name.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Format { get; set; } = "[{0}] ";

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        string? sandbox = Environment.GetEnvironmentVariable(NestedShell.SandboxVariable);
        WriteObject(string.IsNullOrEmpty(sandbox) ? "" : Format.Replace("{0}", sandbox, StringComparison.Ordinal));
    }
}
