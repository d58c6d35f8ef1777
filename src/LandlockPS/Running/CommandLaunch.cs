using Landlock.Sandboxes;
using Landlock.Tracing;

namespace LandlockPS.Running;

/// <summary>A plan that is ready to be started: by landlock-exec, or by landlocked where a tracer or a supervisor has to stay beside the command.</summary>
internal sealed class CommandLaunch : IDisposable
{
    /// <summary>Prepares a plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="keepErrors">Whether the command's standard error is kept.</param>
    public CommandLaunch(LaunchPlan plan, bool keepErrors = false)
    {
        Trace = plan.Traced ? TracedLaunch.Create(plan, keepErrors) : null;
        Prepared = Trace?.Launch ?? PreparedLaunch.Create(plan, keepErrors);
        IsSupervised = plan.Supervision is not null;
    }

    /// <summary>The plan, and how its launch ended.</summary>
    public PreparedLaunch Prepared { get; }

    /// <summary>The trace; null if there is none.</summary>
    public TracedLaunch? Trace { get; }

    /// <summary>Whether a supervisor stays beside the command.</summary>
    public bool IsSupervised { get; }

    /// <summary>Whether the process that is started becomes the command itself, by landlock-exec.</summary>
    public bool IsDirect => Trace is null && !IsSupervised;

    /// <summary>The arguments for the program that is started.</summary>
    public string[] Arguments
    {
        get
        {
            string[] arguments = Trace?.Arguments ?? Prepared.Arguments;
            return IsSupervised ? Prepared.Supervised(arguments) : arguments;
        }
    }

    /// <summary>While set, every process that is started inherits the plan.</summary>
    public void SetInherited(bool inherited)
    {
        if (Trace is null) Prepared.SetInherited(inherited);
        else Trace.SetInherited(inherited);
    }

    /// <summary>Closes the descriptors. A traced launch closes the other one, too.</summary>
    public void Dispose()
    {
        if (Trace is null) Prepared.Dispose();
        else Trace.Dispose();
    }
}
