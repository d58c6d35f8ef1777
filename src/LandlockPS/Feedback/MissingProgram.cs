using System.Management.Automation;
using Landlock.Access;
using Landlock.Denials;
using Landlock.Linux;
using Landlock.Sandboxes;
using Landlock.Sandboxes.Needs;

namespace LandlockPS.Feedback;

/// <summary>
/// A program that a sandboxed PowerShell cannot start, or says that it does not know, because it may not execute it.
/// </summary>
internal static class MissingProgram
{
    private const string NotRecognized = "CommandNotFoundException";
    private const string NotStarted = "NativeCommandFailed";

    /// <summary>Says so in the error, if that is why.</summary>
    /// <param name="record">An error from inside.</param>
    /// <param name="plan">How the sandbox was launched.</param>
    /// <param name="searchPath">PATH.</param>
    public static void Explain(ErrorRecord record, LaunchPlan plan, string searchPath)
    {
        bool isUnknown = record.FullyQualifiedErrorId.StartsWith(NotRecognized, StringComparison.Ordinal);
        if ((!isUnknown && record.FullyQualifiedErrorId != NotStarted) || record.ErrorDetails is not null) return;
        string directory = plan.Start.WorkingDirectory ?? "/";
        try
        {
            AccessEvaluator evaluator = new(plan.Layers, directory);
            if (isUnknown && Found(record.CategoryInfo.TargetName, searchPath, directory) is { } program)
            {
                AccessVerdict verdict = evaluator.CheckOpen(program, OpenModes.Execute);
                if (!verdict.Allowed) Add($"It is '{PosixText.Printable(program)}', which the sandbox does not let it execute.", verdict);
            }
            else if (!isUnknown && DenialText.Explain(record.Exception.Message, evaluator) is { } denied)
            {
                Add("The sandbox denies it.", denied);
            }
        }
        catch (KernelException)
        {
            // A path of the sandbox is gone by now.
        }

        void Add(string why, AccessVerdict denied) => record.ErrorDetails =
            new ErrorDetails($"{record.Exception.Message} {why}") { RecommendedAction = $"Add: {Rule(denied)}" };
    }

    private static string? Found(string? name, string searchPath, string directory) => name is { Length: > 0 } && !name.Contains('\0')
        && CommandLookup.Find(name, searchPath, directory) is { Status: CommandStatus.Found, Path: { } path } ? path : null;

    // A program of the system needs its loader and libraries, which stand beside it.
    private static string Rule(AccessVerdict denied) =>
        PosixFile.RealPath(denied.Target)?.StartsWith("/usr/", StringComparison.Ordinal) == true ? "-ReadOnly /usr"
            : string.Join(' ', denied.Parameters.DefaultIfEmpty($"-ReadOnly {PowerShellText.Argument(denied.Target)}"));
}
