using System.Management.Automation;
using Landlock.Linux;
using Landlock.Sandboxes;
using Landlock.Tracing;
using LandlockPS.Engine;

namespace LandlockPS.Running;

/// <summary>
/// Runs a native command: inside its sandbox by landlock-exec, or by landlocked where a supervisor or a tracer has to stay beside it.
/// </summary>
internal sealed class NativeRun : IRun
{
    private readonly PSCmdlet _cmdlet;
    private readonly LaunchPlan _plan;
    private readonly SealedPlan _sealed;
    private readonly NativePipeline _pipeline;
    private readonly bool _hasTerminal = ForegroundTerminal.IsOurs();

    private NativeRun(PSCmdlet cmdlet, LaunchPlan plan, SealedPlan launch, NativePipeline pipeline)
    {
        _cmdlet = cmdlet;
        _plan = plan;
        _sealed = launch;
        _pipeline = pipeline;
    }

    /// <inheritdoc/>
    public TraceReport? Report { get; private set; }

    /// <summary>Starts the command.</summary>
    /// <param name="cmdlet">The cmdlet that runs it.</param>
    /// <param name="plan">How it is launched.</param>
    /// <param name="toHost">
    /// Whether its output goes where that of a command goes that nothing is piped from, rather than to the cmdlet's own.
    /// </param>
    /// <param name="alsoInherited">Lets whatever is started meanwhile inherit what the plan keeps besides, or no longer.</param>
    /// <param name="started">Gets the plan when the command has been started.</param>
    public static NativeRun Start(PSCmdlet cmdlet, LaunchPlan plan, bool toHost = false, Action<bool>? alsoInherited = null,
        Action<SealedPlan>? started = null)
    {
        NativePrograms.Demand();
        SealedPlan launch = SealedPlan.Create(plan);
        try
        {
            CommandInfo program = launch.Program == PlanProgram.LandlockExec ? LandlockExecCommand.Named(Path.GetFileName(plan.Program),
                cmdlet.InvokeCommand) : LandlockedCommand.For(plan, cmdlet.InvokeCommand);
            NativeRun run = new(cmdlet, plan, launch,
                NativePipeline.Start(cmdlet, program, launch.Arguments, launch.SetInherited + alsoInherited, toHost));
            started?.Invoke(launch);
            return run;
        }
        catch
        {
            launch.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Process(PSObject? input) => _pipeline.Process(input);

    /// <inheritdoc/>
    public void End()
    {
        try
        {
            _pipeline.End(_sealed);
        }
        finally
        {
            Report = _sealed.IsTraced ? PlanTrace.Read(_sealed) : null;
            // The command may have given it to a group of its own; reading from it would be an error then, which
            // PowerShell does not survive.
            if (_hasTerminal) ForegroundTerminal.TakeBack();
        }

        if (!StoppedCommand.Report(_cmdlet, _plan, _sealed)) _pipeline.Demand(_sealed);
    }

    /// <inheritdoc/>
    public void Stop()
    {
        // The engine stops its own command, and what a tracer holds ends with it.
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _pipeline.Dispose();
        _sealed.Dispose();
    }
}
