using System.Management.Automation;
using Landlock.Launching;
using Landlock.Tracing;

namespace LandlockPS;

/// <summary>Runs a native command under the tracer, with or without a sandbox.</summary>
internal sealed class TraceRun : IRun
{
    private readonly PSCmdlet _cmdlet;
    private readonly LaunchPlan _plan;
    private readonly TracedLaunch _launch;
    private readonly NativePipeline _pipeline;

    private TraceRun(PSCmdlet cmdlet, LaunchPlan plan, TracedLaunch launch, NativePipeline pipeline)
    {
        _cmdlet = cmdlet;
        _plan = plan;
        _launch = launch;
        _pipeline = pipeline;
    }

    /// <inheritdoc/>
    public TraceReport? Report { get; private set; }

    /// <summary>Starts the command.</summary>
    /// <param name="cmdlet">The cmdlet that runs it.</param>
    /// <param name="plan">How it is launched.</param>
    /// <param name="toHost">Whether its output goes where that of a command goes that nothing is piped from, rather than to the cmdlet's own.</param>
    public static TraceRun Start(PSCmdlet cmdlet, LaunchPlan plan, bool toHost)
    {
        NativePrograms.Demand();
        TracedLaunch launch = TracedLaunch.Create(plan);
        try
        {
            string[] arguments = plan.Supervision is null ? launch.Arguments : launch.Launch.Supervised(launch.Arguments);
            return new TraceRun(cmdlet, plan, launch, NativePipeline.Start(cmdlet, LandlockedCommand.For(plan, cmdlet.InvokeCommand), arguments, launch.SetInherited, toHost));
        }
        catch
        {
            launch.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Process(PSObject input) => _pipeline.Process(input);

    /// <inheritdoc/>
    public void End()
    {
        try
        {
            _pipeline.End(_launch.Launch);
        }
        finally
        {
            Report = _launch.Read();
        }

        if (!StoppedCommand.Report(_cmdlet, _plan, _launch.Launch)) _pipeline.Demand(_launch.Launch);
    }

    /// <inheritdoc/>
    public void Stop()
    {
        // The engine stops its own command, and what the tracer holds ends with it.
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _pipeline.Dispose();
        _launch.Dispose();
    }
}
