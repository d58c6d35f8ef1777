using System.Management.Automation;
using System.Text.Json;
using Landlock.Abi;
using Landlock.Access;
using Landlock.Linux;
using Landlock.Sandboxes;
using LandlockPS.Engine;

namespace LandlockPS.Running;

/// <summary>
/// The setting that has every PowerShell write a transcript (powershell.config.json, PowerShellPolicies.Transcription). A child that may
/// not write it ends with "Access to the path is denied", or by an unhandled exception.
/// </summary>
/// <param name="Source">The file that says so.</param>
/// <param name="Directory">Where transcripts go.</param>
/// <param name="IsHome">Whether no directory is configured, so that it is the home directory.</param>
internal sealed record TranscriptPolicy(string Source, string Directory, bool IsHome)
{
    // PowerShell makes a directory for each day, and opens a new file in it for reading and writing.
    private const AccessFs Needed =
        AccessFs.ReadFile | AccessFs.WriteFile | AccessFs.Truncate | AccessFs.MakeReg | AccessFs.MakeDir;

    private const string Setting = "PowerShellPolicies.Transcription";

    private static readonly JsonDocumentOptions s_lenient =
        new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>Refuses a plan for a PowerShell that would have to write a transcript where the sandbox does not let it.</summary>
    public static void Demand(PSCmdlet cmdlet, LaunchPlan plan, string home, string? configuration)
    {
        if (plan.Layers.IsEmpty || Find(home, configuration, UserHome(plan)) is not { } policy) return;
        string place = policy.Directory;
        while (PosixFile.Inspect(place) == PathKind.Missing && place.Length > 1) place = PosixText.Parent(place);
        AccessFs needed = policy.IsHome ? Needed & ~AccessFs.MakeDir : Needed;
        if (new AccessEvaluator(plan.Layers, "/").IsAllowed(place, needed)) return;
        string directory = PowerShellText.Argument(policy.Directory);
        cmdlet.ThrowTerminatingError(Errors.New(new InvalidOperationException(
            $"PowerShell's setting {Setting} in '{PosixText.Printable(policy.Source)}' has every PowerShell write a transcript to "
                + $"'{PosixText.Printable(policy.Directory)}', which the sandbox does not allow; nothing was run."),
            "TranscriptDenied", ErrorCategory.PermissionDenied, policy.Directory,
            policy.IsHome
                ? $"Set {Setting}.OutputDirectory, and allow that directory with -ReadWrite: without it, it is the home directory."
                : PosixFile.Inspect(policy.Directory) == PathKind.Missing ? $"Make the directory, and add: -ReadWrite {directory}"
                : $"Add: -ReadWrite {directory}"));
    }

    // The machine's setting comes before the user's, as it does in PowerShell.
    private static TranscriptPolicy? Find(string home, string? configuration, string? userHome)
    {
        foreach (string? folder in (string?[])[home, configuration])
        {
            string path = $"{folder}/powershell.config.json";
            if (folder is null || !File.Exists(path) || Read(path) is not { } setting) continue;
            if (!IsTrue(setting, "EnableTranscripting")) return null;
            string directory = Text(setting, "OutputDirectory") is { } set && !string.IsNullOrWhiteSpace(set) ? set.Trim() : "";
            return directory.StartsWith('/') ? new TranscriptPolicy(path, directory, IsHome: false)
                : directory.Length == 0 && userHome is not null ? new TranscriptPolicy(path, userHome, IsHome: true)
                : null;
        }

        return null;
    }

    // What cannot be read is PowerShell's to report.
    private static JsonElement? Read(string path)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path), s_lenient);
            return Member(document.RootElement, "PowerShellPolicies") is { } policies && Member(policies, "Transcription") is { } setting
                ? setting.Clone() : null;
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // As PowerShell reads its settings, names in any case.
    private static JsonElement? Member(JsonElement owner, string name)
    {
        if (owner.ValueKind != JsonValueKind.Object) return null;
        foreach (JsonProperty property in owner.EnumerateObject())
            if (string.Equals(property.Name, name, StringComparison.OrdinalIgnoreCase)) return property.Value;
        return null;
    }

    private static bool IsTrue(JsonElement owner, string name) => Member(owner, name) is { } value
        && (value.ValueKind == JsonValueKind.True
            || (value.ValueKind == JsonValueKind.String && bool.TryParse(value.GetString(), out bool set) && set));

    private static string? Text(JsonElement owner, string name) =>
        Member(owner, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    private static string? UserHome(LaunchPlan plan) => plan.Start.Environment is { } environment
        ? EnvironmentSelection.Value(environment, "HOME") : Environment.GetEnvironmentVariable("HOME");
}
