using System.Management.Automation;
using Landlock.Sandboxes;

namespace LandlockPS.Engine;

/// <summary>
/// A program in the hands of the engine's own native command processor, so that terminal, streaming, redirection and exit code behave
/// as for any native command.
/// </summary>
internal sealed class NativePipeline : IDisposable
{
    private readonly PSCmdlet _cmdlet;
    private readonly SteppablePipeline _pipeline;

    private NativePipeline(PSCmdlet cmdlet, SteppablePipeline pipeline)
    {
        _cmdlet = cmdlet;
        _pipeline = pipeline;
    }

    /// <summary>Starts the program.</summary>
    /// <param name="cmdlet">The cmdlet that runs it.</param>
    /// <param name="program">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="setInherited">Lets whatever is started meanwhile inherit the plan, or no longer.</param>
    /// <param name="toHost">
    /// Whether its output goes where that of a command goes that nothing is piped from, rather than to the cmdlet's own.
    /// </param>
    public static NativePipeline Start(PSCmdlet cmdlet, CommandInfo program, string[] arguments, Action<bool> setInherited,
        bool toHost = false)
    {
        // In front of Out-Default the engine gives a native command the terminal itself, where there is one.
        string rest = toHost ? " | Microsoft.PowerShell.Core\\Out-Default" : EngineInternals.MergesErrors(cmdlet) ? " 2>&1" : "";
        ScriptBlock call = EngineInternals.OwnBlock($"param($program, $arguments) & $program @arguments{rest}");
        SteppablePipeline pipeline = call.GetSteppablePipeline(cmdlet.MyInvocation.CommandOrigin, [program, arguments]);
        try
        {
            // The engine starts the process in here; only it shall inherit the plan.
            setInherited(true);
            try
            {
                pipeline.Begin(cmdlet);
            }
            finally
            {
                setInherited(false);
            }

            return new NativePipeline(cmdlet, pipeline);
        }
        catch
        {
            pipeline.Dispose();
            throw;
        }
    }

    /// <summary>Gives the program input.</summary>
    public void Process(PSObject? input) => _pipeline.Process(input);

    /// <summary>Waits for the program.</summary>
    /// <param name="launch">Tells how its launch ended.</param>
    public void End(SealedPlan launch)
    {
        try
        {
            _pipeline.End();
        }
        catch (RuntimeException) when (launch.ReadOutcome().Error is not null)
        {
            // With $PSNativeCommandUseErrorActionPreference the exit code was an error; the reason for it says more.
        }
    }

    /// <summary>Fails if the launch did.</summary>
    /// <exception cref="LaunchException">The command was not run.</exception>
    public void Demand(SealedPlan launch)
    {
        if (launch.ReadOutcome().Error is not { } error) return;
        _cmdlet.SessionState.PSVariable.Set("global:LASTEXITCODE", error.ExitCode);
        throw error;
    }

    /// <summary>Ends what still runs.</summary>
    public void Dispose() => _pipeline.Dispose();
}
