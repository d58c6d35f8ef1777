using System.Diagnostics;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Landlock.Rulesets;
using Landlock.Sandboxes;
using Landlock.Tracing;
using LandlockPS.Binding;
using LandlockPS.Engine;

namespace LandlockPS.Running;

/// <summary>
/// An open runspace in a sandboxed pwsh. Fails closed: it is handed out only if the process that answers is the one in the sandbox.
/// </summary>
internal sealed class SandboxedServer : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan SettleLimit = TimeSpan.FromSeconds(1);

    // Whatever the server runs later, it does not outlive this process. A server begins in the home directory, wherever its process is.
    // Breakpoints work in it as in a job, but whoever stops at one goes on: no debugger of the caller's is ever opened, and the engine's
    // would wait for one. The library does all that in one call (ServerStart); calls of a script, and Set-Location, which would have to be
    // found and loaded, take longer than everything else here. Without the library, which a strict sandbox may deny, it ends when it can.
    private const string Greeting = """
        param($library, $parent, $directory)
        try {
            $null = [System.Activator]::CreateInstanceFrom($library, 'Landlock.Sandboxes.ServerStart', $false, 'Instance, Public', $null,
                @([int] $parent, [string] $directory, $ExecutionContext), $null, $null)
        }
        catch {
            $null = $_
            try { $null = $ExecutionContext.SessionState.Path.SetLocation($directory) } catch { $null = $_ }
            try {
                $flags = [System.Reflection.BindingFlags] 'Instance, NonPublic, Public'
                $debugger = [runspace]::DefaultRunspace.Debugger
                $holder = $debugger.GetType().GetField('_wrappedDebugger', $flags).GetValue($debugger)
                $local = $holder.GetType().GetProperty('Value', $flags).GetValue($holder)
                $debugger.SetDebugMode('None')
                $local.SetDebugMode('LocalScript')
            }
            catch { $null = $_ }
            $Error.Clear()
        }
        $PID
        """;

    private readonly IDisposable _instance;
    private readonly ServerProcess _process;
    private readonly ManualResetEventSlim _settled = new();
    private readonly string _directory;
    private bool _isWhole;
    private int _closed;

    private SandboxedServer(LaunchPlan plan, SandboxHost host, Action? beforeOutput)
    {
        (object instance, Process process) = EngineInternals.NewServerProcess();
        _instance = (IDisposable)instance;
        _process = new ServerProcess(plan, process, beforeOutput);
        _directory = plan.Start.WorkingDirectory ?? Environment.CurrentDirectory;
        Runspace = EngineInternals.NewRunspace(instance, host, Types());
        host.Attach(Runspace);
        EngineInternals.DropEvents(Runspace);
        // Before the engine itself, which waits for the end of an output that something else may hold open.
        process.Exited += (_, _) => AfterExit();
        Runspace.StateChanged += (_, change) =>
        {
            if (change.RunspaceStateInfo.State is not (RunspaceState.BeforeOpen or RunspaceState.Opening)) _settled.Set();
        };
    }

    /// <summary>The runspace.</summary>
    public Runspace Runspace { get; }

    /// <summary>Starts the process and opens the runspace.</summary>
    /// <param name="plan">How the process is launched.</param>
    /// <param name="host">What it sees of the caller's host.</param>
    /// <param name="mode">The language mode of all that runs in it.</param>
    /// <param name="stop">Stops waiting.</param>
    /// <param name="prepare">What runs in it first, of the module's own: in the full language, and not in the trace.</param>
    /// <param name="beforeOutput">Called before each read of its output; while it waits, no more is read.</param>
    /// <param name="started">Gets the plan when the process has been started.</param>
    /// <exception cref="LaunchException">The sandbox could not be set up, or the process ended before it answered.</exception>
    public static SandboxedServer Open(LaunchPlan plan, SandboxHost host, PSLanguageMode mode, CancellationToken stop,
        Action<SandboxedServer>? prepare = null, Action? beforeOutput = null, Action<SealedPlan>? started = null)
    {
        NativePrograms.Demand();
        SandboxedServer server = new(plan, host, beforeOutput);
        try
        {
            server.OpenRunspace(stop);
            server._process.Started();
            server._process.Tell(started);
            if (server._process.HasEnded) server.AfterExit();
            // Whoever stops now waits for nothing that a process may never say.
            using (stop.Register(() => server._process.Kill(tree: false))) server.Verify();
            stop.ThrowIfCancellationRequested();
            prepare?.Invoke(server);
            if (plan.Start.Traced) server.BeginTrace();
            server.Enter(mode);
            return server;
        }
        catch (Exception exception) when (server._process.StopReason is { } reason)
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

    /// <summary>
    /// From now on the process, with all that it has started, ends when the runspace closes or breaks, whoever closes it.
    /// </summary>
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

    /// <summary>What the server has accessed since, whatever it is doing now; after its end, what it had accessed until then.</summary>
    public TraceReport ReadTrace() => _process.ReadTrace();

    /// <summary>Ends the process, with what it has started, and closes the runspace.</summary>
    public void Abort()
    {
        _process.KeepTrace();
        if (Volatile.Read(ref _closed) == 0) _process.Kill(tree: true);
        Dispose();
    }

    /// <summary>Ends the process and closes the runspace. Never waits longer than the kernel takes to end a process.</summary>
    public void Dispose() => End(ended: null);

    /// <summary>The same, and warns of what was put back that the process had changed.</summary>
    public void End(PSCmdlet cmdlet) => End(() => _process.ReportLimits(cmdlet));

    private void End(Action? ended)
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0) return;

        _process.KeepTrace();
        // An idle server has nothing to lose. To say goodbye politely the engine waits for a minute, or for ever, if nobody answers.
        _process.Kill(tree: _isWhole);
        _process.WaitForEnd();
        ended?.Invoke();
        ThreadPool.QueueUserWorkItem(_ => Close());
    }

    /// <summary>Whether there are places to put back when it has ended.</summary>
    public bool Preserves => _process.Preserves;

    /// <summary>Reports that the process was stopped because it ran for too long, if it was.</summary>
    public bool ReportStopped(PSCmdlet cmdlet) => _process.ReportStopped(cmdlet);

    /// <summary>Why the process is gone, in its own words; null while it lives.</summary>
    public LaunchException? Failure() => _process.Failure();

    // A session whose process ends must break at once, and say what the process said last; and nothing of it must stay behind.
    private void AfterExit()
    {
        _process.EndRest();
        if (Volatile.Read(ref _closed) == 0 && Runspace.RunspaceStateInfo.State == RunspaceState.Opened
            && _process.Failure() is { } failure)
            EngineInternals.Break(Runspace, failure.Message);
    }

    private void OpenRunspace(CancellationToken stop)
    {
        _process.SetInherited(true);
        try
        {
            Runspace.OpenAsync();
            // Until landlock-exec has said that it is there, the process may not have been started yet.
            while (_process.Outcome.ProcessId == 0 && !_settled.IsSet) _settled.Wait(1, stop);
        }
        finally
        {
            _process.SetInherited(false);
        }

        Stopwatch waited = Stopwatch.StartNew();
        while (!_settled.Wait(10, stop))
        {
            // An end by itself settles the runspace, with the reason, a moment later.
            if (_process.Failure() is { } failure && !_settled.Wait(1000, stop)) throw failure;
            if (waited.Elapsed > StartLimit)
                throw new LaunchException(LaunchProblem.SetupFailed, null,
                    $"The sandboxed PowerShell process did not answer within {StartLimit.TotalSeconds} seconds; nothing was run.");
        }

        if (Runspace.RunspaceStateInfo.State != RunspaceState.Opened)
        {
            _process.WaitForEnd(SettleLimit);
            throw _process.Failure() ?? new LaunchException(LaunchProblem.SetupFailed, null,
                $"The sandboxed session could not be opened: {Runspace.RunspaceStateInfo.Reason?.Message}",
                Runspace.RunspaceStateInfo.Reason);
        }
    }

    // A server that is not the sandboxed process must never get to run anything of the user's.
    private void Verify()
    {
        LaunchOutcome outcome = _process.Outcome;
        using PowerShell shell = PowerShell.Create();
        shell.Runspace = Runspace;
        int answered = shell.AddScript(Greeting).AddArgument(typeof(SealedPlan).Assembly.Location)
            .AddArgument(_process.IsDirect ? Environment.ProcessId : 0).AddArgument(WildcardPattern.Escape(_directory))
            .Invoke<int>().FirstOrDefault();
        // A server that is traced or supervised is no longer the process that was started, but beneath it.
        if (!outcome.Executed || outcome.ProcessId != answered || (_process.IsDirect && !_process.Is(answered)))
            throw new LaunchException(LaunchProblem.NotEnforced, null,
                $"Process {answered} answered, but the sandboxed process is {outcome.ProcessId}; nothing was run.");
    }

    // From now on what the server does counts; its own start does not. Opens paths that do not exist. The first one makes the engine
    // load what it needs for that.
    private void BeginTrace()
    {
        using PowerShell shell = PowerShell.Create();
        shell.Runspace = Runspace;
        shell.AddScript("param($paths) foreach ($path in $paths) { try { [System.IO.File]::OpenRead($path).Dispose() } catch { $null = $_; "
            + "$Error.RemoveAt(0) } }")
            .AddArgument(new[] { $"{_process.BeginMark}.first", _process.BeginMark }).Invoke();
    }

    private void Enter(PSLanguageMode mode)
    {
        if (mode == PSLanguageMode.FullLanguage) return;
        using PowerShell shell = PowerShell.Create();
        shell.Runspace = Runspace;
        string? now = shell.AddScript($"{ChildLanguage.Enter(mode)}; \"$($ExecutionContext.SessionState.LanguageMode)\"").Invoke<string>()
            .FirstOrDefault();
        if (now != mode.ToString())
            throw new LaunchException(LaunchProblem.NotEnforced, null, $"The sandboxed PowerShell did not enter {mode}; nothing was run.");
    }

    // What is sent to the process is serialized by this table, and not by the caller's: a ruleset has to arrive whole.
    private static TypeTable Types()
    {
        TypeTable types = TypeTable.LoadDefaultTypeFiles();
        types.AddType(new TypeData(typeof(Ruleset).FullName!) { SerializationDepth = RulesetConverter.Depth });
        return types;
    }

    private void Close()
    {
        try
        {
            _instance.Dispose();
            EngineInternals.Break(Runspace, "The sandboxed process was ended.");
            Runspace.Dispose();
        }
        catch (Exception exception)
            when (exception is RuntimeException or InvalidOperationException or IOException or System.Reflection.TargetInvocationException)
        {
            // On a thread of the pool an exception would end PowerShell itself, and nothing is left to be done about it.
        }

        _process.Dispose();
    }
}
