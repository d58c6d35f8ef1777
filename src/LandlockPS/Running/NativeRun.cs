using System.Management.Automation;
using Landlock.Launching;

namespace LandlockPS;

/// <summary>
/// Runs a native command inside its sandbox by handing landlock-exec to the engine's own native command processor, so that terminal,
/// streaming, redirection and exit code behave as for any native command.
/// </summary>
internal sealed class NativeRun : IRun
{
    private readonly PSCmdlet _cmdlet;
    private readonly PreparedLaunch _launch;
    private readonly SteppablePipeline _pipeline;

    private NativeRun(PSCmdlet cmdlet, PreparedLaunch launch, SteppablePipeline pipeline)
    {
        _cmdlet = cmdlet;
        _launch = launch;
        _pipeline = pipeline;
    }

    /// <summary>Starts the command.</summary>
    public static NativeRun Start(PSCmdlet cmdlet, LaunchPlan plan)
    {
        NativePrograms.Demand();
        PreparedLaunch launch = PreparedLaunch.Create(plan);
        SteppablePipeline? pipeline = null;
        try
        {
            CommandInfo program = LandlockExecCommand.Named(Path.GetFileName(plan.Program), cmdlet.InvokeCommand);
            ScriptBlock call = ScriptBlock.Create(EngineInternals.MergesErrors(cmdlet)
                ? "param($program, $arguments) & $program @arguments 2>&1"
                : "param($program, $arguments) & $program @arguments");
            pipeline = call.GetSteppablePipeline(cmdlet.MyInvocation.CommandOrigin, [program, launch.Arguments]);

            // The engine starts the process in here; only it shall inherit the plan.
            launch.SetInherited(true);
            try
            {
                pipeline.Begin(cmdlet);
            }
            finally
            {
                launch.SetInherited(false);
            }

            return new NativeRun(cmdlet, launch, pipeline);
        }
        catch
        {
            pipeline?.Dispose();
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
            _pipeline.End();
        }
        catch (RuntimeException) when (_launch.ReadOutcome().Error is not null)
        {
            // With $PSNativeCommandUseErrorActionPreference the exit code was an error; the reason for it, below, says more.
        }

        if (_launch.ReadOutcome().Error is { } error)
        {
            _cmdlet.SessionState.PSVariable.Set("global:LASTEXITCODE", error.ExitCode);
            throw error;
        }
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
