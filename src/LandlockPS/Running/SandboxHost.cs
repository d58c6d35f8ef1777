using System.Globalization;
using System.Management.Automation.Host;
using System.Management.Automation.Runspaces;
using LandlockPS.Engine;

namespace LandlockPS.Running;

/// <summary>
/// The caller's host as a sandboxed PowerShell sees it. Whatever runs in there can call it at any moment, and can say of itself whatever it
/// likes. It serves writes, as text; it asks the user only while a request of the user's runs, and says who is asking; and nothing of it
/// leads further: no exit, no nested prompt, no other session.
/// </summary>
internal sealed class SandboxHost : PSHost, IHostSupportsInteractiveSession
{
    private readonly PSHost _host;
    private readonly SandboxUserInterface _ui;
    private Runspace? _runspace;
    private int _requests;

    /// <summary>Wraps a host.</summary>
    /// <param name="host">The caller's host.</param>
    /// <param name="name">The sandbox's name; empty if it has none.</param>
    /// <param name="streamed">Whether warnings, progress and what Write-Host wrote are shown from their streams, and not from here.</param>
    public SandboxHost(PSHost host, string name, bool streamed)
    {
        _host = host;
        _ui = new SandboxUserInterface(host.UI, name.Length > 0 ? $"[landlock:{name}]" : "[landlock]", streamed, () => IsAsked);
    }

    /// <summary>The code that was given to "exit" inside; null if there was none.</summary>
    public int? ExitCode { get; private set; }

    public override CultureInfo CurrentCulture => _host.CurrentCulture;

    public override CultureInfo CurrentUICulture => _host.CurrentUICulture;

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override string Name => _host.Name;

    public override PSHostUserInterface UI => _ui;

    public override Version Version => _host.Version;

    bool IHostSupportsInteractiveSession.IsRunspacePushed => false;

    Runspace? IHostSupportsInteractiveSession.Runspace => null;

    // Decided by what this side knows. A request of the module's own; or the engine calls on the thread of a command that waits, such as
    // Invoke-Command or Receive-Job, while what comes unasked comes on a thread of its transport; or the session was entered,
    // and runs what was typed.
    private bool IsAsked => Volatile.Read(ref _requests) > 0 || Runspace.DefaultRunspace is not null || IsRunningEntered;

    private bool IsRunningEntered => _runspace is not null && _host is IHostSupportsInteractiveSession { IsRunspacePushed: true } entered
        && ReferenceEquals(entered.Runspace, _runspace) && EngineInternals.RunsPipeline(_runspace);

    /// <summary>Tells which runspace it is the host of.</summary>
    public void Attach(Runspace runspace) => _runspace = runspace;

    /// <summary>Begins a request of the user's; disposing the result ends it.</summary>
    public IDisposable BeginRequest() => new Request(this);

    /// <summary>Says who takes debug messages where records are shown from their streams.</summary>
    public void OnDebug(Action<string> take) => _ui.Debugged = take;

    /// <summary>What Write-Host wrote inside: it is about to be written here once more.</summary>
    public void Announce(string message) => _ui.Announced.Enqueue(message);

    // "exit" ends a block, and leaves a session that was entered. It never ends the caller's shell, nor sets its exit code.
    public override void SetShouldExit(int exitCode)
    {
        ExitCode = exitCode;
        Leave();
    }

    public override void EnterNestedPrompt() => throw new NotSupportedException("A sandbox has no nested prompt.");

    public override void ExitNestedPrompt()
    {
    }

    // They save and restore the caller's terminal around a program; the engine does that itself around its own.
    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }

    void IHostSupportsInteractiveSession.PopRunspace() => Leave();

    void IHostSupportsInteractiveSession.PushRunspace(Runspace runspace) =>
        throw new NotSupportedException("A sandbox cannot open another session in its caller's shell.");

    private void Leave()
    {
        if (IsRunningEntered) ((IHostSupportsInteractiveSession)_host).PopRunspace();
    }

    private sealed class Request : IDisposable
    {
        private SandboxHost? _owner;

        public Request(SandboxHost owner)
        {
            _owner = owner;
            Interlocked.Increment(ref owner._requests);
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _owner, null) is { } owner) Interlocked.Decrement(ref owner._requests);
        }
    }
}
