using System.Management.Automation;
using Landlock.Sandboxes;
using Landlock.Sandboxes.Supervision;

namespace LandlockPS.Engine;

/// <summary>A command that was stopped because it ran for too long: the error, and the exit code.</summary>
internal static class StoppedCommand
{
    /// <summary>Why a command was stopped, as a sentence; null if it was not.</summary>
    /// <param name="plan">How it was launched.</param>
    /// <param name="launch">Its launch.</param>
    /// <param name="subject">What it is, at the beginning of the sentence; null = a command, by its name.</param>
    public static string? Reason(LaunchPlan plan, SealedPlan launch, string? subject = null) =>
        launch.ReadSupervision() is { Reason: SupervisorReason.TimedOut } report
        ? report.Sentence(subject ?? Quoted(plan), plan.Start.Supervision!, "-TimeoutSec") + "."
        : null;

    /// <summary>What limits on the whole command have done to it, as sentences; known when it has ended.</summary>
    public static IEnumerable<string> Limits(LaunchPlan plan, SealedPlan launch, string? subject = null) =>
        plan.Start.Supervision is { } whole && launch.ReadSupervision() is { } report
        ? report.Limited(subject ?? Quoted(plan), $"-MaxTotalMemory {whole.TotalMemory}", $"-MaxTotalProcesses {whole.TotalProcesses}")
            .Concat(report.Preserved(subject ?? Quoted(plan))).Select(sentence => sentence + ".")
        : [];

    /// <summary>
    /// Reports it, if it was; and warns of what limits on the whole command have done. What it has put out before stays good, so the error
    /// is one that the pipeline survives.
    /// </summary>
    public static bool Report(PSCmdlet cmdlet, LaunchPlan plan, SealedPlan launch, string? subject = null)
    {
        foreach (string sentence in Limits(plan, launch, subject)) cmdlet.WriteWarning(sentence);
        if (Reason(plan, launch, subject) is not { } reason) return false;
        cmdlet.SessionState.PSVariable.Set("global:LASTEXITCODE", 124);
        cmdlet.WriteError(Errors.New(new TimeoutException(reason), "CommandTimedOut", ErrorCategory.OperationTimeout, plan.Program,
            "Give it more time with -TimeoutSec, or find out what it waits for; -TimeoutGraceSec is the time that it "
            + "has to end by itself."));
        return true;
    }

    private static string Quoted(LaunchPlan plan) => $"'{PosixText.Printable(Path.GetFileName(plan.Program))}'";
}
