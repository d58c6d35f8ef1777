using System.Management.Automation;
using Landlock.Launching;
using Landlock.Tracing;

namespace LandlockPS;

/// <summary>
/// Runs a native command: inside its sandbox by landlock-exec, or by landlocked where a supervisor or a tracer has to stay beside it.
/// </summary>
internal sealed class NativeRun : IRun
{
    private readonly PSCmdlet _cmdlet;
    private readonly LaunchPlan _plan;
    private readonly PreparedLaunch _launch;
    private readonly TracedLaunch? _trace;
    private readonly NativePipeline _pipeline;

    private NativeRun(PSCmdlet cmdlet, LaunchPlan plan, PreparedLaunch launch, TracedLaunch? trace, NativePipeline pipeline)
    {
        _cmdlet = cmdlet;
        _plan = plan;
        _launch = launch;
        _trace = trace;
        _pipeline = pipeline;
    }

    /// <inheritdoc/>
    public TraceReport? Report { get; private set; }

    /// <summary>Starts the command.</summary>
    /// <param name="cmdlet">The cmdlet that runs it.</param>
    /// <param name="plan">How it is launched.</param>
    /// <param name="toHost">Whether its output goes where that of a command goes that nothing is piped from, rather than to the cmdlet's own.</param>
    public static NativeRun Start(PSCmdlet cmdlet, LaunchPlan plan, bool toHost = false)
    {
        NativePrograms.Demand();
        TracedLaunch? trace = plan.Traced ? TracedLaunch.Create(plan) : null;
        PreparedLaunch launch = trace?.Launch ?? PreparedLaunch.Create(plan);
        try
        {
            string[] arguments = trace?.Arguments ?? launch.Arguments;
            bool isSupervised = plan.Supervision is not null;
            if (isSupervised) arguments = launch.Supervised(arguments);
            CommandInfo program = isSupervised || trace is not null ? LandlockedCommand.For(plan, cmdlet.InvokeCommand) : LandlockExecCommand.Named(Path.GetFileName(plan.Program), cmdlet.InvokeCommand);
            return new NativeRun(cmdlet, plan, launch, trace, NativePipeline.Start(cmdlet, program, arguments, trace is null ? launch.SetInherited : trace.SetInherited, toHost));
        }
        catch
        {
            Close(launch, trace);
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
            _pipeline.End(_launch);
        }
        finally
        {
            Report = _trace?.Read();
        }

        if (!StoppedCommand.Report(_cmdlet, _plan, _launch)) _pipeline.Demand(_launch);
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
        Close(_launch, _trace);
    }

    // A traced launch closes the other one, too.
    private static void Close(PreparedLaunch launch, TracedLaunch? trace)
    {
        if (trace is null) launch.Dispose();
        else trace.Dispose();
    }
}
