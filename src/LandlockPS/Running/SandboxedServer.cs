using System.Diagnostics;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Runspaces;
using Landlock.Kernel;
using Landlock.Launching;
using Landlock.Rulesets;
using Landlock.Tracing;

namespace LandlockPS;

/// <summary>An open runspace in a sandboxed pwsh. Fails closed: it is handed out only if the process that answers is the one in the sandbox.</summary>
internal sealed class SandboxedServer : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(5);

    // Of the lines that a process writes before it dies, the first say why; a stack may follow.
    private const int MostLines = 8, LongestLine = 200;

    // Whatever the server runs later, it does not outlive this process. Without the library, which a strict sandbox may deny, it ends when it can.
    // A server begins in the home directory, wherever its process is. Set-Location would have to be found and loaded first, which takes
    // longer than everything else here.
    private const string Greeting = """
        param($library, $parent, $directory)
        try { $null = $ExecutionContext.SessionState.Path.SetLocation([WildcardPattern]::Escape($directory)) } catch { $null = $_; $Error.Clear() }
        try { $null = [System.Reflection.Assembly]::LoadFrom($library).GetType('Landlock.Launching.ParentWatch').GetMethod('Start').Invoke($null, @([int] $parent)) } catch { $null = $_; $Error.Clear() }
        $PID
        """;

    private readonly IDisposable _instance;
    private readonly Process _process;
    private readonly PreparedLaunch _launch;
    private readonly TracedLaunch? _trace;
    private readonly object _reading = new();
    private readonly ManualResetEventSlim _settled = new();
    private readonly string _directory;
    private readonly LaunchPlan _plan;
    private bool _isWhole;
    private int _id;
    private int _closed;
    private TraceReport? _lastReport;

    private SandboxedServer(LaunchPlan plan, PSHost host)
    {
        (object instance, _process) = EngineInternals.NewServerProcess();
        _instance = (IDisposable)instance;
        _trace = plan.Traced ? TracedLaunch.Create(plan, keepErrors: true) : null;
        _launch = _trace?.Launch ?? PreparedLaunch.Create(plan, keepErrors: true);
        _plan = plan;
        _directory = plan.WorkingDirectory ?? Environment.CurrentDirectory;
        ProcessStartInfo start = _process.StartInfo;
        string[] arguments = _trace?.Arguments ?? _launch.Arguments;
        if (IsSupervised) arguments = _launch.Supervised(arguments);
        start.FileName = IsDirect ? NativePrograms.LandlockExec : NativePrograms.Landlocked;
        start.ArgumentList.Clear();
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        Runspace = EngineInternals.NewRunspace(instance, host, Types());
        // Before the engine itself, which waits for the end of an output that something else may hold open.
        _process.Exited += (_, _) => AfterExit();
        Runspace.StateChanged += (_, change) =>
        {
            if (change.RunspaceStateInfo.State is not (RunspaceState.BeforeOpen or RunspaceState.Opening)) _settled.Set();
        };
    }

    /// <summary>Reports that the process was stopped because it ran for too long, if it was.</summary>
    public bool ReportStopped(PSCmdlet cmdlet) => StoppedCommand.Report(cmdlet, _plan, _launch, "The script block");

    private bool IsSupervised => _plan.Supervision is not null;

    // Whether the process that was started becomes the server itself.
    private bool IsDirect => _trace is null && !IsSupervised;

    /// <summary>The runspace.</summary>
    public Runspace Runspace { get; }

    /// <summary>Starts the process and opens the runspace.</summary>
    /// <exception cref="LaunchException">The sandbox could not be set up, or the process ended before it answered.</exception>
    public static SandboxedServer Open(LaunchPlan plan, PSHost host, CancellationToken stop)
    {
        NativePrograms.Demand();
        SandboxedServer server = new(plan, host);
        try
        {
            server.OpenRunspace(stop);
            server._id = server._process.Id;
            if (server._process.HasExited) server.AfterExit();
            // Whoever stops now waits for nothing that a process may never say.
            using (stop.Register(() => server.Kill(tree: false))) server.Verify();
            stop.ThrowIfCancellationRequested();
            return server;
        }
        catch (Exception exception) when (StoppedCommand.Reason(plan, server._launch, "The sandboxed PowerShell") is { } reason)
        {
            server.Dispose();
            throw new LaunchException(LaunchProblem.SetupFailed, null, reason, exception);
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    /// <summary>From now on the process, with all that it has started, ends when the runspace closes or breaks, whoever closes it.</summary>
    public void EndWithRunspace()
    {
        _isWhole = true;
        Runspace.StateChanged += (_, change) => EndIf(change.RunspaceStateInfo.State);
        EndIf(Runspace.RunspaceStateInfo.State);

        // Not on the thread that reports the change: it is the one that closing waits for.
        void EndIf(RunspaceState state)
        {
            if (state is RunspaceState.Closed or RunspaceState.Broken) ThreadPool.QueueUserWorkItem(_ => Dispose());
        }
    }

    /// <summary>Ends the process, with what it has started, and closes the runspace.</summary>
    public void Abort()
    {
        KeepTrace();
        if (Volatile.Read(ref _closed) == 0) Kill(tree: true);
        Dispose();
    }

    /// <summary>Ends the process and closes the runspace. Never waits longer than the kernel takes to end a process.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0) return;

        KeepTrace();
        // An idle server has nothing to lose. To say goodbye politely the engine waits for a minute, or for ever, if nobody answers.
        Kill(tree: _isWhole);
        if (HasStarted()) _process.WaitForExit(EndLimit);
        ThreadPool.QueueUserWorkItem(_ => Close());
    }

    /// <summary>Why the process is gone, in its own words; null while it lives.</summary>
    public LaunchException? Failure()
    {
        if (StoppedCommand.Reason(_plan, _launch, "The sandboxed PowerShell") is { } reason) return new LaunchException(LaunchProblem.SetupFailed, null, reason);
        LaunchOutcome outcome = _launch.ReadOutcome();
        if (outcome.Error is { } error && (!HasStarted() || _process.HasExited)) return error;
        if (!HasStarted() || !_process.HasExited) return null;
        return new LaunchException(LaunchProblem.SetupFailed, null, $"The sandboxed PowerShell process ended unexpectedly (exit code {_process.ExitCode}).{string.Concat(StoppedCommand.Limits(_plan, _launch, "It").Select(sentence => $" {sentence}"))}{OwnWords()}");
    }

    private string OwnWords()
    {
        string[] lines = _launch.ReadErrors().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        string words = string.Join('\n', lines.Take(MostLines).Select(PosixText.Printable).Select(line => line.Length <= LongestLine ? line : line[..LongestLine] + "..."));
        if (words.Length > 0) words = $" It said: {words}";
        return lines.Length > MostLines ? $"{words}\n(and {lines.Length - MostLines} lines more)" : words;
    }

    // A session whose process ends must break at once, and say what the process said last; and nothing of it must stay behind.
    private void AfterExit()
    {
        // A traced server is not the process that was started, but the tracer takes along what it traces; and a supervisor takes along everything.
        if (_plan.NewGroup && IsDirect && _id != 0) ProcessTree.EndGroup(_id);
        if (Volatile.Read(ref _closed) == 0 && Runspace.RunspaceStateInfo.State == RunspaceState.Opened && Failure() is { } failure)
            EngineInternals.Break(Runspace, failure.Message);
    }

    private void OpenRunspace(CancellationToken stop)
    {
        SetInherited(true);
        try
        {
            Runspace.OpenAsync();
            // Until landlock-exec has said that it is there, the process may not have been started yet.
            while (_launch.ReadOutcome().ProcessId == 0 && !_settled.IsSet) _settled.Wait(1, stop);
        }
        finally
        {
            SetInherited(false);
        }

        Stopwatch waited = Stopwatch.StartNew();
        while (!_settled.Wait(10, stop))
        {
            // An end by itself settles the runspace, with the reason, a moment later.
            if (Failure() is { } failure && !_settled.Wait(1000, stop)) throw failure;
            if (waited.Elapsed > StartLimit) throw new LaunchException(LaunchProblem.SetupFailed, null, $"The sandboxed PowerShell process did not answer within {StartLimit.TotalSeconds} seconds; nothing was run.");
        }

        if (Runspace.RunspaceStateInfo.State != RunspaceState.Opened)
        {
            _process.WaitForExit(1000);
            throw Failure() ?? new LaunchException(LaunchProblem.SetupFailed, null, $"The sandboxed session could not be opened: {Runspace.RunspaceStateInfo.Reason?.Message}", Runspace.RunspaceStateInfo.Reason);
        }
    }

    // A server that is not the sandboxed process must never get to run anything of the user's.
    private void Verify()
    {
        LaunchOutcome outcome = _launch.ReadOutcome();
        using PowerShell shell = PowerShell.Create();
        shell.Runspace = Runspace;
        int answered = shell.AddScript(Greeting).AddArgument(typeof(PreparedLaunch).Assembly.Location).AddArgument(IsDirect ? Environment.ProcessId : 0).AddArgument(_directory).Invoke<int>().FirstOrDefault();
        // A server that is traced or supervised is no longer the process that was started, but beneath it.
        if (!outcome.Executed || outcome.ProcessId != answered || (IsDirect && _process.Id != answered))
            throw new LaunchException(LaunchProblem.NotEnforced, null, $"Process {answered} answered, but the sandboxed process is {outcome.ProcessId}; nothing was run.");
    }

    /// <summary>From now on what the server does counts; its own start does not.</summary>
    public void BeginTrace()
    {
        // Opens paths that do not exist. The first one makes the engine load what it needs for that.
        using PowerShell shell = PowerShell.Create();
        shell.Runspace = Runspace;
        shell.AddScript("param($paths) foreach ($path in $paths) { try { [System.IO.File]::OpenRead($path).Dispose() } catch { $null = $_; $Error.RemoveAt(0) } }")
            .AddArgument(new[] { $"{_trace!.BeginMark}.first", _trace.BeginMark }).Invoke();
    }

    /// <summary>What the server has accessed since, whatever it is doing now; after its end, what it had accessed until then.</summary>
    public TraceReport ReadTrace()
    {
        lock (_reading) return _lastReport ?? Ask();
    }

    // Before the process is ended from here: its tracer ends with it, and says nothing more.
    private void KeepTrace()
    {
        if (_trace is null || _id == 0) return;
        lock (_reading) _lastReport ??= Ask();
    }

    private TraceReport Ask() => !_process.HasExited && Tracer() is { } tracer ? _trace!.Ask(tracer, EndLimit) : _trace!.Read();

    // The process that was started, unless that is a supervisor. The server is the tracer's child.
    private int? Tracer() => IsSupervised ? ProcessTree.ParentOf(_launch.ReadOutcome().ProcessId) : _id;

    private void SetInherited(bool inherited)
    {
        if (_trace is null) _launch.SetInherited(inherited);
        else _trace.SetInherited(inherited);
    }

    // What is sent to the process is serialized by this table, and not by the caller's: a ruleset has to arrive whole.
    private static TypeTable Types()
    {
        TypeTable types = TypeTable.LoadDefaultTypeFiles();
        types.AddType(new TypeData(typeof(Ruleset).FullName!) { SerializationDepth = RulesetConverter.Depth });
        return types;
    }

    private void Kill(bool tree)
    {
        try
        {
            if (!IsSupervised) _process.Kill(tree);
            else EndSupervised();
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException or System.ComponentModel.Win32Exception or AggregateException)
        {
            // It has not started, or ended by itself, or some of its children did.
        }
    }

    // When the server has ended, its supervisors end what it has left behind, clean up, and end last. Before there is a server, one supervisor
    // has to live: it notices that the other one is gone.
    private void EndSupervised()
    {
        int server = _launch.ReadOutcome().ProcessId;
        if (server == 0) _process.Kill();
        else if (!_process.HasExited) Process.GetProcessById(server).Kill();
    }

    private void Close()
    {
        try
        {
            _instance.Dispose();
            EngineInternals.Break(Runspace, "The sandboxed process was ended.");
            Runspace.Dispose();
            // Disposing a process leaves its streams to the garbage collector.
            _process.StandardInput.Dispose();
            _process.StandardOutput.Dispose();
            _process.StandardError.Dispose();
            _process.Dispose();
        }
        catch (Exception exception) when (exception is RuntimeException or InvalidOperationException or IOException or System.Reflection.TargetInvocationException)
        {
            // On a thread of the pool an exception would end PowerShell itself, and nothing is left to be done about it.
        }

        if (_trace is null) _launch.Dispose();
        else _trace.Dispose();
    }

    private bool HasStarted()
    {
        try
        {
            return _process.Id != 0;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
