using System.Management.Automation;
using System.Management.Automation.Language;
using Landlock.Access;
using Landlock.Denials;
using Landlock.Linux;
using Landlock.Sandboxes;
using LandlockPS.Engine;

namespace LandlockPS.Feedback;

/// <summary>
/// What to say below the prompt after a sandboxed command failed: the rule that would have allowed it, if it was the sandbox.
/// </summary>
internal static class SandboxFeedback
{
    /// <summary>Id of the error that the engine makes of an exit code.</summary>
    public const string ExitCodeError = "ProgramExitedWithNonZeroCode";

    private static Failure? _last;

    /// <summary>
    /// Notes that a sandboxed command failed. The first time, the shell is told whom to ask; loading the module costs nothing for it.
    /// </summary>
    public static void Remember(PSCmdlet cmdlet, LaunchPlan plan, string directory, bool explained)
    {
        _last = new Failure(cmdlet.MyInvocation.HistoryId, plan, directory, explained);
        FeedbackSubsystem.Register(GetFeedback);
    }

    // On a thread of the pool, with a second to answer in.
    private static FeedbackText? GetFeedback(string commandLine, Ast commandLineAst, ErrorRecord? error)
    {
        if (_last is not { } last || error?.InvocationInfo?.HistoryId != last.HistoryId) return null;
        CommandAst? call = commandLineAst.FindAll(node => node is CommandAst, searchNestedScriptBlocks: false).Cast<CommandAst>()
            .FirstOrDefault(command => string.Equals(command.GetCommandName()?.Split('\\')[^1], "Invoke-Landlocked",
                StringComparison.OrdinalIgnoreCase));
        try
        {
            AccessEvaluator evaluator = new(last.Plan.Layers, last.Directory);
            AccessVerdict? denied = error.Exception is LaunchException { Problem: LaunchProblem.NotExecutable }
                ? Denied(evaluator.CheckOpen(last.Plan.Program, OpenModes.Execute))
                : DenialText.Explain(error.ToString(), evaluator);
            if (denied is not null)
            {
                string[] parameters = [.. denied.Parameters];
                string header = $"The sandbox denied it: {string.Join(",", denied.Missing)} on '{PosixText.Printable(denied.Target)}'.";
                return parameters.Length == 0 ? new FeedbackText(denied.Note is null ? header : $"{header} {denied.Note}", [])
                    : new FeedbackText($"{header} To allow it:", [With(string.Join(' ', parameters))]);
            }
        }
        catch (KernelException)
        {
            // A path of the sandbox is gone by now.
        }

        // Without the path nobody can tell; the tracer can. Only a native command leaves no more than its exit code.
        bool unknown = error.FullyQualifiedErrorId == ExitCodeError && !last.Explained && call is not null;
        return unknown ? new FeedbackText("To see whether the sandbox denied something:", [With("-Explain")]) : null;

        string With(string parameters) => call is null ? parameters
            : commandLine.Insert(call.CommandElements[0].Extent.EndOffset - commandLineAst.Extent.StartOffset, $" {parameters}");
    }

    private static AccessVerdict? Denied(AccessVerdict verdict) => verdict.Allowed ? null : verdict;

    private sealed record Failure(long HistoryId, LaunchPlan Plan, string Directory, bool Explained);
}
