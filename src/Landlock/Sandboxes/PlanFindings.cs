using System.Globalization;
using Landlock.Linux;
using Landlock.Rulesets;

namespace Landlock.Sandboxes;

/// <summary>What a plan itself tells: what the kernel lacks, and ways around what it seems to say.</summary>
internal static class PlanFindings
{
    /// <summary>The findings, the most important first.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="sandbox">What was asked for.</param>
    public static IEnumerable<SandboxFinding> Of(LaunchPlan plan, Sandbox sandbox)
    {
        foreach (RestrictionStatus status in plan.Status)
            if (status.Degradation is { } degradation) yield return SandboxFinding.Warning(degradation);
        if (ReachableSocket.Warning(plan) is { } sockets) yield return SandboxFinding.Warning(sockets);
        if (plan.Preview is { NotHeld: { IsEmpty: false } notHeld })
            yield return SandboxFinding.Warning($"The preview does not hold back what goes to {string.Join(", ", notHeld)}.");
        foreach (string warning in LinkWarning.Of(plan)) yield return SandboxFinding.Warning(warning);
        if (!sandbox.IgnoreMissing && Missing(plan) is { } missing) yield return missing;
        if ((plan.Start.Supervision is not null || plan.Start.Traced) && ListensFor(plan) == Environment.ProcessId)
        {
            yield return SandboxFinding.Warning(
                "LISTEN_PID names this process, and the command is another one, which takes no sockets of socket activation then.",
                "Leave out what stays beside the command, such as --timeout and --explain; RuntimeMaxSec= of the unit also is a limit.");
        }

        foreach (int number in Descriptors(plan))
        {
            yield return SandboxFinding.Warning($"The command is given '/dev/fd/{number}', and does not get that descriptor.",
                $"Keep it: --keep-fd {number}.");
        }

        if (plan.IsBlind)
        {
            yield return SandboxFinding.Warning(
                "The processes of this machine cannot be seen, since /proc is missing or may not be read: of what the command starts, only "
                    + "the command itself is ended.",
                "Mount /proc, or allow reading it in the sandbox around this one; a control group (-MaxTotalProcesses, "
                    + "--max-total-processes) is ended as a whole.");
        }
    }

    private static int ListensFor(LaunchPlan plan)
    {
        const string name = "LISTEN_PID";
        string? value = plan.Start.Environment is { } environment ? EnvironmentSelection.Value(environment, name)
            : Environment.GetEnvironmentVariable(name);
        return int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int process) ? process : 0;
    }

    // What a shell makes of <(...); it means something only where the descriptor is open here.
    private static IEnumerable<int> Descriptors(LaunchPlan plan)
    {
        foreach (string argument in plan.Arguments)
        {
            foreach (string place in (string[])["/dev/fd/", "/proc/self/fd/"])
            {
                if (argument.StartsWith(place, StringComparison.Ordinal)
                    && int.TryParse(argument.AsSpan(place.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
                    && number > 2 && !plan.Start.KeepDescriptors.Contains(number)
                    && PosixEntry.ReadLink($"/proc/self/fd/{number}") is not null)
                {
                    yield return number;
                }
            }
        }
    }

    // Of policies, whose paths are optional: they are written for several systems, and a name that is misspelt looks
    // like one of another system.
    private static SandboxFinding? Missing(LaunchPlan plan)
    {
        const int most = 3;
        List<string> paths = [];
        foreach (RestrictionStatus status in plan.Status)
            foreach (SkippedRule rule in status.SkippedRules)
                if (rule.MissingPath is { } path && !paths.Contains(path)) paths.Add(path);
        if (paths.Count == 0) return null;
        return SandboxFinding.Warning($"Rules are skipped whose path does not exist: {PosixText.Some(paths, most)}.");
    }
}
