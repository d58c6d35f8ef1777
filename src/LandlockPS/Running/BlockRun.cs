using System.Collections;
using System.Collections.Concurrent;
using System.Management.Automation;
using Landlock.Sandboxes;
using Landlock.Tracing;
using LandlockPS.Binding;
using LandlockPS.Engine;
using LandlockPS.Feedback;

namespace LandlockPS.Running;

/// <summary>
/// Runs a script block in a sandboxed child pwsh over PowerShell remoting: objects, every stream, input and errors come and go alive.
/// </summary>
internal sealed class BlockRun : IRun
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(3);

    private readonly PSCmdlet _cmdlet;
    private readonly LaunchPlan _plan;
    private readonly SandboxHost _host;
    private readonly CancellationTokenSource _stop = new();
    private readonly BlockingCollection<Action> _events = [];
    private readonly Backlog _backlog = new();
    private readonly PSDataCollection<PSObject> _input = [];
    private readonly PSDataCollection<PSObject> _output = [];
    private readonly PowerShell _shell = PowerShell.Create();
    private readonly object _gate = new();
    private readonly Action<PSObject> _write;
    private SandboxedServer? _server;
    private IDisposable? _request;
    private bool _isTraced;
    private bool _begun;
    private bool _disposed;

    private BlockRun(PSCmdlet cmdlet, LaunchPlan plan, Action<PSObject> write)
    {
        _cmdlet = cmdlet;
        _plan = plan;
        _write = write;
        _host = new SandboxHost(cmdlet.Host, name: "", streamed: true);
    }

    /// <summary>Whether an error came out of the block, or ended it.</summary>
    public bool HadErrors { get; private set; }

    /// <inheritdoc/>
    public TraceReport? Report { get; private set; }

    /// <summary>Starts the process and the block.</summary>
    /// <param name="cmdlet">The cmdlet that runs it.</param>
    /// <param name="plan">How the process is launched.</param>
    /// <param name="block">The block.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="started">Gets the run before anything can fail, so that it can be stopped.</param>
    /// <param name="write">Takes the block's output; null = the cmdlet's own output.</param>
    /// <param name="telling">Gets the plan when the process has been started.</param>
    public static void Start(PSCmdlet cmdlet, LaunchPlan plan, ScriptBlock block, BlockArguments arguments, Action<BlockRun> started,
        Action<PSObject>? write = null, Action<SealedPlan>? telling = null)
    {
        PSLanguageMode mode = ChildLanguage.Demand(cmdlet, block);
        Hashtable values = UsingValues.Collect(cmdlet, block);
        BlockRun run = new(cmdlet, plan, write ?? cmdlet.WriteObject);
        started(run);
        try
        {
            run._server = SandboxedServer.Open(plan, run._host, mode, run._stop.Token, beforeOutput: run._backlog.Admit,
                started: telling);
        }
        catch (Exception) when (run._stop.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }

        run._shell.Runspace = run._server.Runspace;
        run._shell.AddScript(block.ToString());
        foreach (object? argument in arguments.Positional) run._shell.AddArgument(argument);
        foreach ((string name, object? value) in arguments.Named) run._shell.AddParameter(name, value);
        if (values.Count > 0) run._shell.AddParameter("--%", values);
        run.Connect();
        run._isTraced = plan.Start.Traced;
        run.Begin();
    }

    /// <inheritdoc/>
    public void Process(PSObject? input)
    {
        if (_input.IsOpen) _input.Add(input!);
        while (_events.TryTake(out Action? write)) Take(write);
    }

    /// <inheritdoc/>
    public void End()
    {
        _input.Complete();
        try
        {
            while (!_events.IsCompleted)
            {
                if (_events.TryTake(out Action? write, StopLimit)) Take(write);

                // A block that does not end when it is told to, ends with its process.
                else if (_stop.IsCancellationRequested) throw new PipelineStoppedException();
            }
        }
        finally
        {
            if (_isTraced) Report = _server!.ReadTrace();
        }

        // What is put back is known when the process has ended.
        if (_server is { Preserves: true } server) server.End(_cmdlet);

        if (_host.ExitCode is { } code) _cmdlet.SessionState.PSVariable.Set("global:LASTEXITCODE", code);
    }

    /// <inheritdoc/>
    public void Stop()
    {
        lock (_gate)
        {
            if (_disposed) return;
            _stop.Cancel();
            _backlog.Release();
            if (_begun) _shell.BeginStop(null, null);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
            _request?.Dispose();
        }

        _backlog.Release();

        // What the block has started ends with a block that was stopped early; what it left behind on purpose does not.
        if (_events.IsAddingCompleted) _server?.Dispose();
        else _server?.Abort();
        // A shell that runs still waits for an answer from the process; without the process there is none.
        ThreadPool.QueueUserWorkItem(_ => _shell.Dispose());
        _stop.Dispose();
    }

    private void Begin()
    {
        lock (_gate)
        {
            if (_stop.IsCancellationRequested) throw new PipelineStoppedException();
            _request = _host.BeginRequest();
            _shell.BeginInvoke(_input, _output);
            _backlog.Undelivered = EngineInternals.Undelivered(_shell);
            _begun = true;
        }
    }

    // Streams arrive on the session's threads; the cmdlet may write on its own thread only.
    private void Connect()
    {
        Forward(_output, _write);
        Forward(_shell.Streams.Error, record => _cmdlet.WriteError(Explained(record)), _ => HadErrors = true);
        Forward(_shell.Streams.Warning, record => _cmdlet.WriteWarning(TerminalText.Lines(record.Message)));
        // The block has preferences of its own: what it writes to these streams was asked for there.
        Forward(_shell.Streams.Verbose, record => EngineInternals.WriteVerbose(_cmdlet, TerminalText.Lines(record.Message)));
        _host.OnDebug(message => Post(() => EngineInternals.WriteDebug(_cmdlet, TerminalText.Lines(message))));
        _shell.Streams.Debug.DataAdded += (_, _) => _shell.Streams.Debug.ReadAll();
        Forward(_shell.Streams.Information, Inform, record =>
        {
            if (HostMessage.IsOne(record)) _host.Announce(record.MessageData.ToString() ?? "");
        });
        Forward(_shell.Streams.Progress, record => _cmdlet.WriteProgress(TerminalText.Progress(record)));
        _shell.InvocationStateChanged += (_, change) =>
        {
            switch (change.InvocationStateInfo.State)
            {
                case PSInvocationState.Failed:
                    _request?.Dispose();
                    Post(() => Fail(change.InvocationStateInfo.Reason));
                    _events.CompleteAdding();
                    break;
                case PSInvocationState.Completed or PSInvocationState.Stopped:
                    _request?.Dispose();
                    _events.CompleteAdding();
                    break;
            }
        };
    }

    // Write-Host arrives twice, as a record and then as a call of the host. Only the record can be redirected, so that one counts.
    private void Inform(InformationRecord record) => _cmdlet.WriteInformation(HostMessage.Restore(record));

    private ErrorRecord Explained(ErrorRecord record)
    {
        MissingProgram.Explain(record, _plan, ChildEnvironment.SearchPath);
        return record;
    }

    private void Forward<T>(PSDataCollection<T> stream, Action<T> write, Action<T>? arrived = null) =>
        stream.DataAdded += (_, _) =>
        {
            // Taken out, or all that a block ever puts out would stay in memory.
            foreach (T item in stream.ReadAll())
            {
                arrived?.Invoke(item);
                Post(() => write(item));
            }
        };

    private void Take(Action write)
    {
        _backlog.Taken();
        write();
    }

    // Something may still arrive while the end is being reported, on another thread. An exception there would end PowerShell.
    private void Post(Action write)
    {
        try
        {
            _backlog.Added();
            _events.Add(write);
        }
        catch (InvalidOperationException) when (_events.IsAddingCompleted)
        {
        }
    }

    // What ended the block ends the caller's statement as well, and the script if it was thrown: as if the block ran right here.
    private void Fail(Exception? reason)
    {
        HadErrors = true;
        if (_server?.ReportStopped(_cmdlet) == true) return;
        if (reason is RemoteException { ErrorRecord: { } record } remote)
        {
            if (remote.SerializedRemoteException?.Properties["WasThrownFromThrowStatement"]?.Value is not true)
                _cmdlet.ThrowTerminatingError(Explained(record));
            remote.WasThrownFromThrowStatement = true;
            throw remote;
        }

        string cause = _server?.Failure()?.Message ?? reason?.Message ?? "The sandboxed PowerShell process ended unexpectedly.";
        _cmdlet.ThrowTerminatingError(Errors.New(new RuntimeException(cause, reason), "SandboxedProcessEnded",
            ErrorCategory.ResourceUnavailable, null,
            "If the block did not end it, the sandbox may lack something; -WhatIf shows what is granted."));
    }
}
