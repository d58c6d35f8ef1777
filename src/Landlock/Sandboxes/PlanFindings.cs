using Landlock.Rulesets;

namespace Landlock.Sandboxes;

/// <summary>What a plan itself tells: what the kernel lacks, and ways around what it seems to say.</summary>
internal static class PlanFindings
{
    /// <summary>The findings, the most important first.</summary>
    public static IEnumerable<SandboxFinding> Of(LaunchPlan plan)
    {
        foreach (RestrictionStatus status in plan.Status)
            if (status.Degradation is { } degradation) yield return SandboxFinding.Warning(degradation);
        if (ReachableSocket.Warning(plan) is { } sockets) yield return SandboxFinding.Warning(sockets);
        foreach (string warning in LinkWarning.Of(plan)) yield return SandboxFinding.Warning(warning);
        if (plan.IsBlind)
        {
            yield return SandboxFinding.Warning(
                "The processes of this machine cannot be seen, since /proc is missing or may not be read: of what the command starts, only the command itself is ended.",
                "Mount /proc, or allow reading it in the sandbox around this one; a control group (-MaxTotalProcesses, --max-total-processes) is ended as a whole.");
        }
    }
}
