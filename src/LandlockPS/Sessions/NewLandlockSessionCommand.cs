using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Landlock.Denials;
using Landlock.Sandboxes;
using LandlockPS.Binding;
using LandlockPS.Engine;
using LandlockPS.Running;
using LandlockPS.Sessions;

namespace LandlockPS;

/// <summary>New-LandlockSession: PSSessions whose process is sandboxed.</summary>
[Cmdlet(VerbsCommon.New, "LandlockSession", SupportsShouldProcess = true)]
[OutputType(typeof(PSSession))]
public sealed class NewLandlockSessionCommand : LayeredSandboxCommand, IDisposable
{
    private readonly CancellationTokenSource _stop = new();

    /// <summary>Names of the sessions; one session is opened for each.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>Runs in each session before it is handed out.</summary>
    [Parameter]
    public ScriptBlock? InitializationScript { get; set; }

    /// <summary>Record what the sandbox denies, for Get-LandlockDenial -Session.</summary>
    [Parameter]
    public SwitchParameter Explain { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing() => Errors.Guard(this, () =>
    {
        CommandWords.DemandNone(this, UnknownWord);
        PSLanguageMode mode = ChildLanguage.Demand(this, InitializationScript);
        LaunchRequest request = Request("", onTerminal: false);
        LaunchPlan plan = ChildPowerShell.Plan(this, ChildPowerShell.Server(this,
            request with { Start = request.Start with { Traced = Explain } }, background: true));
        if (!Approved(plan, "session")) return;
        string[] names = Name.Length > 0 ? Name : [""];
        // Before they start, so that rules are bound to the files that they are bound to there.
        DenialExplainer[] explainers = Explain
            ? [.. names.Select(_ => new DenialExplainer(plan, BaseDirectory, System.Environment.GetEnvironmentVariable("HOME")))]
            : [];
        // Starting pwsh takes most of the time, so all start at once; what fails is reported when its turn comes.
        Task<SandboxedServer>[] opening =
            [.. names.Select(name => Task.Run(() => SandboxedSession.Open(plan, Host, name, mode, InitializationScript, _stop.Token)))];
        int handedOut = 0;
        try
        {
            for (; handedOut < names.Length; handedOut++)
                HandOut(opening[handedOut], names[handedOut], Explain ? explainers[handedOut] : null);
        }
        finally
        {
            // Stopped early: nobody would ever end the sessions that nobody got.
            foreach (Task<SandboxedServer> left in opening.Skip(handedOut)) Discard(left);
        }
    });

    /// <inheritdoc/>
    protected override void StopProcessing() => _stop.Cancel();

    private static void Discard(Task<SandboxedServer> opening) =>
        opening.ContinueWith(task => task.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion,
            TaskScheduler.Default);

    private void HandOut(Task<SandboxedServer> opening, string name, DenialExplainer? explainer)
    {
        PSSession session;
        try
        {
            SandboxedServer server = opening.GetAwaiter().GetResult();
            session = SandboxedSession.Wrap(this, server, name);
            if (explainer is not null) TracedSessions.Add(session, server, explainer);
        }
        catch (Exception exception) when (_stop.IsCancellationRequested)
        {
            Discard(opening);
            throw new PipelineStoppedException("Stopped.", exception);
        }
        catch (Exception exception) when (exception is LaunchException or RuntimeException or NotSupportedException)
        {
            Discard(opening);
            WriteError(exception is IContainsErrorRecord container ? container.ErrorRecord : Errors.From(exception, name));
            return;
        }

        WriteObject(session);
    }

    /// <summary>Frees what waiting needs; the sessions live on.</summary>
    public void Dispose() => _stop.Dispose();
}
