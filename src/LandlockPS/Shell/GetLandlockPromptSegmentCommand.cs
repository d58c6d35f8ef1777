using System.Management.Automation;
using Landlock.Documents;
using Landlock.Sandboxes.Running;

namespace LandlockPS;

/// <summary>
/// Get-LandlockPromptSegment: a few characters for the prompt that say which sandbox this shell is in; nothing outside of one.
/// </summary>
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
        string names = string.Join('>', new[] { SandboxNames.Own, Active() }.Where(name => !string.IsNullOrEmpty(name)));
        WriteObject(names.Length == 0 ? "" : Format.Replace("{0}", PosixText.Printable(names), StringComparison.Ordinal));
    }

    // With the shell hook, the profiles that the next command will run in. A prompt must not fail.
    private static string Active()
    {
        try
        {
            return ShellHook.Current is { } hook ? string.Join('>',
                hook.FindActive().Select(match => match.Profile.IsValid ? match.Profile.Name : $"{match.Profile.Name}?")) : "";
        }
        catch (PolicyException)
        {
            return "?";
        }
    }
}
