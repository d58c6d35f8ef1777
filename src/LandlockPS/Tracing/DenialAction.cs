using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Landlock.Denials;
using Landlock.Linux;
using Landlock.Sandboxes;
using Landlock.Tracing;
using LandlockPS.Engine;
using Microsoft.Win32.SafeHandles;

namespace LandlockPS.Tracing;

/// <summary>
/// Runs a script block for each denial when it happens. The session itself waits for the command, so the block has its own runspace, as
/// those of ForEach-Object -Parallel have.
/// </summary>
internal sealed class DenialAction : IDisposable
{
    private readonly PSCmdlet _cmdlet;
    private readonly Hashtable _values;
    private readonly string _block;
    private readonly Runspace _runspace;
    private readonly List<ErrorRecord> _errors = [];
    private readonly object _gate = new();
    private PowerShell? _shell;
    private Thread? _thread;
    private bool _isStopped;

    /// <summary>Prepares the block: values of $using: are those of now.</summary>
    /// <exception cref="LaunchException">PowerShell code is not allowed to the caller.</exception>
    public DenialAction(PSCmdlet cmdlet, ScriptBlock block)
    {
        _cmdlet = cmdlet;
        PSLanguageMode mode = ChildLanguage.Demand(cmdlet, block);
        _values = UsingValues.Collect(cmdlet, block);
        _block = block.ToString();
        InitialSessionState state = InitialSessionState.CreateDefault2();
        state.LanguageMode = mode;
        _runspace = RunspaceFactory.CreateRunspace(cmdlet.Host, state);
        _runspace.Open();
    }

    /// <summary>Begins to read what a tracer tells.</summary>
    /// <param name="denials">Where it tells.</param>
    /// <param name="explainer">Explains it; used by nobody else meanwhile.</param>
    public void Start(SafeFileHandle denials, DenialExplainer explainer)
    {
        _thread = new Thread(() => Guarded(() => Read(denials, explainer))) { IsBackground = true, Name = "Denials" };
        _thread.Start();
    }

    /// <summary>Waits until all that was told is dealt with, and reports errors of the block.</summary>
    public void End()
    {
        _thread?.Join();
        foreach (ErrorRecord error in _errors) _cmdlet.WriteError(error);
        _errors.Clear();
    }

    /// <summary>Ends a block that runs, and lets no more begin.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _isStopped = true;
            _shell?.BeginStop(null, null);
        }
    }

    /// <summary>Closes the runspace.</summary>
    public void Dispose()
    {
        Stop();
        _runspace.Dispose();
    }

    // An exception on a thread of one's own would end PowerShell itself.
    private void Guarded(Action action)
    {
        try
        {
            action();
        }
        catch (Exception exception) when (exception is RuntimeException or InvalidOperationException or IOException or KernelException)
        {
            _errors.Add(exception is RuntimeException told ? told.ErrorRecord : Errors.From(exception));
        }
    }

    private void Read(SafeFileHandle denials, DenialExplainer explainer)
    {
        using StreamReader reader = new(new FileStream(denials, FileAccess.Read, bufferSize: 0));
        List<string> lines = [];
        while (reader.ReadLine() is { } line)
        {
            lines.Add(line);
            // The last line of a report is the only one that says what it is.
            if (!TraceReport.IsLast(line)) continue;
            TraceReport report = TraceReport.Read(System.Text.Encoding.UTF8.GetBytes(string.Join('\n', lines)));
            lines.Clear();
            foreach (DenialExplanation denial in explainer.Explain(report).Denials)
                if (!denial.IsProbe) Run(denial);
        }
    }

    private void Run(DenialExplanation denial)
    {
        using PowerShell shell = PowerShell.Create();
        lock (_gate)
        {
            if (_isStopped) return;
            _shell = shell;
        }

        try
        {
            shell.Runspace = _runspace;
            _runspace.SessionStateProxy.SetVariable("_", denial);
            shell.AddScript(_block).AddArgument(denial);
            if (_values.Count > 0) shell.AddParameter("--%", _values);
            shell.AddCommand("Microsoft.PowerShell.Core\\Out-Default");
            shell.Invoke();
            _errors.AddRange(shell.Streams.Error);
        }
        catch (PipelineStoppedException)
        {
            // The command was stopped, and the block with it.
        }
        catch (RuntimeException exception)
        {
            _errors.Add(exception.ErrorRecord);
        }
        finally
        {
            lock (_gate) _shell = null;
        }
    }
}
