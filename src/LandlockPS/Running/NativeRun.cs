using System.Management.Automation;
using Landlock.Launching;

namespace LandlockPS;

/// <summary>Runs a native command inside its sandbox, by landlock-exec.</summary>
internal sealed class NativeRun : IRun
{
    private readonly PSCmdlet _cmdlet;
    private readonly LaunchPlan _plan;
    private readonly PreparedLaunch _launch;
    private readonly NativePipeline _pipeline;

    private NativeRun(PSCmdlet cmdlet, LaunchPlan plan, PreparedLaunch launch, NativePipeline pipeline)
    {
        _cmdlet = cmdlet;
        _plan = plan;
        _launch = launch;
        _pipeline = pipeline;
    }

    /// <summary>Starts the command.</summary>
    public static NativeRun Start(PSCmdlet cmdlet, LaunchPlan plan)
    {
        NativePrograms.Demand();
        PreparedLaunch launch = PreparedLaunch.Create(plan);
        try
        {
            bool isSupervised = plan.Supervision is not null;
            CommandInfo program = isSupervised ? LandlockedCommand.For(plan, cmdlet.InvokeCommand) : LandlockExecCommand.Named(Path.GetFileName(plan.Program), cmdlet.InvokeCommand);
            return new NativeRun(cmdlet, plan, launch, NativePipeline.Start(cmdlet, program, isSupervised ? launch.Supervised(launch.Arguments) : launch.Arguments, launch.SetInherited));
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
        _pipeline.End(_launch);
        if (!StoppedCommand.Report(_cmdlet, _plan, _launch)) _pipeline.Demand(_launch);
    }

    /// <inheritdoc/>
    public void Stop()
    {
        // The engine stops its own command.
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _pipeline.Dispose();
        _launch.Dispose();
    }
}
