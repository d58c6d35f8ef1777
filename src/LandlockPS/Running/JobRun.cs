using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Landlock.Sandboxes;
using LandlockPS.Binding;
using LandlockPS.Engine;

namespace LandlockPS.Running;

/// <summary>Runs a script block as a background job in a sandboxed child pwsh, which ends with the job.</summary>
internal sealed class JobRun : IRun
{
    private readonly List<PSObject?> _input = [];
    private readonly PSCmdlet _cmdlet;
    private readonly CancellationTokenSource _stop = new();
    private readonly ScriptBlock _block;
    private readonly object?[] _arguments;
    private readonly string? _text;
    private SandboxedServer? _server;
    private bool _owned;

    private JobRun(PSCmdlet cmdlet, ScriptBlock block, BlockArguments arguments, string? text)
    {
        _cmdlet = cmdlet;
        _text = text;
        (_block, _arguments) = arguments.ByPosition(block);
    }

    /// <summary>Opens the process; the job begins with <see cref="End"/>, when its input is known.</summary>
    /// <param name="cmdlet">The cmdlet that runs it.</param>
    /// <param name="plan">How the process is launched.</param>
    /// <param name="block">The block.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="started">Gets the run before anything can fail, so that it can be stopped.</param>
    /// <param name="text">What the job shows as its command; null = the block.</param>
    public static void Start(PSCmdlet cmdlet, LaunchPlan plan, ScriptBlock block, BlockArguments arguments, Action<JobRun> started,
        string? text = null)
    {
        PSLanguageMode mode = ChildLanguage.Demand(cmdlet, block);
        // A variable that is missing is an error now, and not one of the job.
        _ = UsingValues.Collect(cmdlet, block);
        JobRun run = new(cmdlet, block, arguments, text);
        started(run);
        try
        {
            run._server = SandboxedServer.Open(plan, new SandboxHost(cmdlet.Host, name: "", streamed: false), mode, run._stop.Token);
        }
        catch (Exception) when (run._stop.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }

        run._server.EndWithRunspace();
    }

    /// <inheritdoc/>
    public void Process(PSObject? input) => _input.Add(input);

    /// <inheritdoc/>
    public void End()
    {
        PSSession session = EngineInternals.NewSession(_server!.Runspace, cmdlet: null);
        // The engine's own Invoke-Command makes the job: $using:, streams, errors and Stop-Job are then what everybody knows.
        ScriptBlock start = ScriptBlock.Create(_input.Count > 0
            ? "param($session, $block, $arguments, $data) $data | Invoke-Command -Session $session -ScriptBlock $block -ArgumentList "
                + "$arguments -HideComputerName -AsJob"
            : "param($session, $block, $arguments) Invoke-Command -Session $session -ScriptBlock $block -ArgumentList $arguments "
                + "-HideComputerName -AsJob");
        foreach (PSObject result
            in _cmdlet.InvokeCommand.InvokeScript(useLocalScope: false, start, null, [session, _block, _arguments, _input]))
        {
            if (result.BaseObject is Job job)
            {
                _owned = true;
                if (_text is not null) EngineInternals.SetCommand(job, _text);
                job.StateChanged += (_, change) => CloseAfter(change.JobStateInfo.State);
                CloseAfter(job.JobStateInfo.State);
            }

            _cmdlet.WriteObject(result);
        }
    }

    /// <inheritdoc/>
    public void Stop()
    {
        _stop.Cancel();
        _server?.Dispose();
    }

    /// <summary>Ends the process, unless a job owns it.</summary>
    public void Dispose()
    {
        if (!_owned) _server?.Dispose();
        _stop.Dispose();
    }

    private void CloseAfter(JobState state)
    {
        if (state is JobState.Completed or JobState.Failed or JobState.Stopped) ThreadPool.QueueUserWorkItem(_ => _server?.Dispose());
    }
}
