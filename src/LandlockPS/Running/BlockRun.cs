using System.Collections;
using System.Collections.Concurrent;
using System.Management.Automation;
using Landlock.Launching;

namespace LandlockPS;

/// <summary>Runs a script block in a sandboxed child pwsh over PowerShell remoting: objects, every stream, input and errors come and go alive.</summary>
internal sealed class BlockRun : IRun
{
    private readonly PSCmdlet _cmdlet;
    private readonly BlockHost _host;
    private readonly CancellationTokenSource _stop = new();
    private readonly BlockingCollection<Action> _events = [];
    private readonly PSDataCollection<PSObject> _input = [];
    private readonly PSDataCollection<PSObject> _output = [];
    private readonly PowerShell _shell = PowerShell.Create();
    private SandboxedServer? _server;

    private BlockRun(PSCmdlet cmdlet)
    {
        _cmdlet = cmdlet;
        _host = new BlockHost(cmdlet.Host);
    }

    /// <summary>Starts the process and the block.</summary>
    public static BlockRun Start(PSCmdlet cmdlet, LaunchPlan plan, ScriptBlock block, object?[] arguments, Action<BlockRun> started)
    {
        Hashtable values = UsingValues.Collect(cmdlet, block);
        BlockRun run = new(cmdlet);
        started(run);
        run._server = SandboxedServer.Open(plan, run._host, run._stop.Token);
        run._shell.Runspace = run._server.Runspace;
        run._shell.AddScript(block.ToString());
        foreach (object? argument in arguments) run._shell.AddArgument(argument);
        if (values.Count > 0) run._shell.AddParameter("--%", values);
        run.Connect();
        run._shell.BeginInvoke(run._input, run._output);
        return run;
    }

    /// <inheritdoc/>
    public void Process(PSObject input)
    {
        if (_input.IsOpen) _input.Add(input);
        while (_events.TryTake(out Action? write)) write();
    }

    /// <inheritdoc/>
    public void End()
    {
        _input.Complete();
        foreach (Action write in _events.GetConsumingEnumerable()) write();
        if (_host.ExitCode is { } code) _cmdlet.SessionState.PSVariable.Set("global:LASTEXITCODE", code);
    }

    /// <inheritdoc/>
    public void Stop()
    {
        _stop.Cancel();
        if (_server is not null) _shell.BeginStop(null, null);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _server?.Dispose();
        _shell.Dispose();
        _input.Dispose();
        _output.Dispose();
        _stop.Dispose();
    }

    // Streams arrive on the session's threads; the cmdlet may write on its own thread only.
    private void Connect()
    {
        Forward(_output, item => _cmdlet.WriteObject(item));
        Forward(_shell.Streams.Error, _cmdlet.WriteError);
        Forward(_shell.Streams.Warning, record => _cmdlet.WriteWarning(record.Message));
        Forward(_shell.Streams.Verbose, record => _cmdlet.WriteVerbose(record.Message));
        Forward(_shell.Streams.Debug, record => _cmdlet.WriteDebug(record.Message));
        Forward(_shell.Streams.Information, Inform);
        Forward(_shell.Streams.Progress, _cmdlet.WriteProgress);
        _shell.InvocationStateChanged += (_, change) =>
        {
            switch (change.InvocationStateInfo.State)
            {
                case PSInvocationState.Failed:
                    _events.Add(() => Fail(change.InvocationStateInfo.Reason));
                    _events.CompleteAdding();
                    break;
                case PSInvocationState.Completed or PSInvocationState.Stopped:
                    _events.CompleteAdding();
                    break;
            }
        };
    }

    // What Write-Host wrote was shown by the host already; the engine knows such a record by this tag.
    private void Inform(InformationRecord record)
    {
        if (record.Tags.Contains("PSHOST") && !record.Tags.Contains("FORWARDED")) record.Tags.Add("FORWARDED");
        _cmdlet.WriteInformation(record);
    }

    private void Forward<T>(PSDataCollection<T> stream, Action<T> write) =>
        stream.DataAdded += (_, added) =>
        {
            T item = stream[added.Index];
            if (!_events.IsAddingCompleted) _events.Add(() => write(item));
        };

    // As with any remote command, what ended the block is an error here, and the caller decides whether that ends the script.
    private void Fail(Exception? reason)
    {
        if (reason is RemoteException { ErrorRecord: { } record } && _server?.Failure() is null) _cmdlet.WriteError(record);
        else if (_server?.Failure() is { } failure) _cmdlet.WriteError(Errors.From(failure));
        else if (reason is not null) _cmdlet.WriteError(reason is IContainsErrorRecord container ? container.ErrorRecord : Errors.From(reason));
    }
}
