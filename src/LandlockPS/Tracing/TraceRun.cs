using System.Management.Automation;
using Landlock.Launching;
using Landlock.Tracing;

namespace LandlockPS;

/// <summary>Runs a native command under the tracer, with or without a sandbox.</summary>
internal sealed class TraceRun : IRun
{
    private readonly PSCmdlet _cmdlet;
    private readonly TracedLaunch _launch;
    private readonly SteppablePipeline _pipeline;

    private TraceRun(PSCmdlet cmdlet, TracedLaunch launch, SteppablePipeline pipeline)
    {
        _cmdlet = cmdlet;
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
        SteppablePipeline? pipeline = null;
        try
        {
            CommandInfo program = cmdlet.InvokeCommand.GetCommand(NativePrograms.Landlocked, CommandTypes.Application);
            EngineInternals.Rename(program, Path.GetFileName(plan.Program));
            // In front of Out-Default the engine gives a native command the terminal itself, where there is one.
            string rest = toHost ? " | Microsoft.PowerShell.Core\\Out-Default" : EngineInternals.MergesErrors(cmdlet) ? " 2>&1" : "";
            ScriptBlock call = ScriptBlock.Create($"param($program, $arguments) & $program @arguments{rest}");
            pipeline = call.GetSteppablePipeline(cmdlet.MyInvocation.CommandOrigin, [program, launch.Arguments]);
            launch.SetInherited(true);
            try
            {
                pipeline.Begin(cmdlet);
            }
            finally
            {
                launch.SetInherited(false);
            }

            return new TraceRun(cmdlet, launch, pipeline);
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
        catch (RuntimeException) when (_launch.Launch.ReadOutcome().Error is not null)
        {
            // With $PSNativeCommandUseErrorActionPreference the exit code was an error; the reason for it, below, says more.
        }
        finally
        {
            Report = _launch.Read();
        }

        if (_launch.Launch.ReadOutcome().Error is not { } error) return;
        _cmdlet.SessionState.PSVariable.Set("global:LASTEXITCODE", error.ExitCode);
        throw error;
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
