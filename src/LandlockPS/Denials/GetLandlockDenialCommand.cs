using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Landlock.Denials;
using Landlock.Linux;
using LandlockPS.Denials;
using LandlockPS.Engine;
using LandlockPS.Sessions;

namespace LandlockPS;

/// <summary>Get-LandlockDenial: what the kernel's own log says was denied, or what a session recorded.</summary>
[Cmdlet(VerbsCommon.Get, "LandlockDenial", DefaultParameterSetName = LogSet)]
[OutputType(typeof(LandlockDenial), ParameterSetName = [LogSet])]
[OutputType(typeof(DenialExplanation), ParameterSetName = [SessionSet])]
public sealed class GetLandlockDenialCommand : PSCmdlet
{
    private const string LogSet = "Log", SessionSet = "Session";
    private const int Patience = 200;
    private volatile bool _stopping;

    /// <summary>How far to look back.</summary>
    [Parameter(Position = 0, ParameterSetName = LogSet)]
    [PastTransformation]
    public TimeSpan Last { get; set; }

    /// <summary>Give denials as they happen, until Ctrl+C.</summary>
    [Parameter(ParameterSetName = LogSet)]
    public SwitchParameter Wait { get; set; }

    /// <summary>Sessions of New-LandlockSession -Explain, open or not.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = SessionSet)]
    [ValidateNotNullOrEmpty]
    public PSSession[] Session { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (PSSession session in Session)
        {
            if (TracedSessions.Explain(session) is not { } report)
            {
                WriteError(Errors.New(new InvalidOperationException(
                    $"The session '{PosixText.Printable(session.Name)}' was not opened with -Explain, so nothing of it was recorded."),
                    "SessionNotExplained", ErrorCategory.InvalidArgument, session,
                    "Open it with New-LandlockSession -Explain. Get-LandlockDenial without -Session reads the kernel's own log."));
                continue;
            }

            foreach (string note in report.Notes) WriteWarning(note);
            WriteObject(report.Denials, enumerateCollection: true);
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (ParameterSetName == SessionSet) return;
        try
        {
            bool past = MyInvocation.BoundParameters.ContainsKey(nameof(Last));
            // Opened first, so that nothing falls between what was and what comes.
            using DenialStream? stream = Wait ? DenialStream.Open() : null;
            if (stream?.Log is { } log) WriteVerbose($"The kernel itself may not be asked, so {log} is read every second.");
            if (past || stream is null) WritePast(past ? DateTimeOffset.UtcNow - Last : null);
            if (stream is not null) Follow(stream);
        }
        catch (DenialLogException exception)
        {
            ThrowTerminatingError(exception.Problem == DenialLogProblem.Disabled
                ? Errors.New(exception, "AuditDisabled", ErrorCategory.NotEnabled, null, "Enable it with: auditctl -e 1 (or boot with "
                    + "audit=1), and start the command again with -LogDenials. Invoke-Landlocked -Explain needs neither.")
                : Errors.New(exception, "AuditNotReadable", ErrorCategory.PermissionDenied, null,
                    "Run it as root. Without any privilege, Invoke-Landlocked -Explain tells what was denied, and what would allow it."));
        }
        catch (KernelException exception)
        {
            ThrowTerminatingError(Errors.From(exception));
        }
    }

    /// <inheritdoc/>
    protected override void StopProcessing() => _stopping = true;

    private static LandlockDenial Named(LandlockDenial denial) =>
        LaunchedSandboxes.Find(denial.Sandbox) is { } command ? denial with { Command = command } : denial;

    private void WritePast(DateTimeOffset? since)
    {
        DenialHistory history = DenialHistory.Read(since);
        WriteVerbose($"Read from {history.Source}.");
        foreach (LandlockDenial denial in DenialAssembler.Count(history.Denials)) WriteObject(Named(denial));
        foreach (DomainEnd end in history.Ended) Tell(end);
        if (history.IsPartial && !history.Denials.IsEmpty)
            WriteWarning("Without auditd and journal the kernel keeps only some of its audit records, so denials may be missing. -Wait "
                + "gets all of them as they happen.");
    }

    private void Follow(DenialStream stream)
    {
        int overflows = 0;
        while (!_stopping)
        {
            foreach (LandlockDenial denial in stream.Next(Patience)) WriteObject(Named(denial));
            while (stream.Ended.TryDequeue(out DomainEnd? end)) Tell(end);
            if (stream.Overflows == overflows) continue;
            overflows = stream.Overflows;
            WriteWarning("Denials came faster than they were read, and some were lost.");
        }
    }

    private void Tell(DomainEnd end)
    {
        if (end.Lost == 0) return;
        string who = LaunchedSandboxes.Find(end.Sandbox) is { } command ? $"'{PosixText.Printable(command)}'"
            : $"the sandbox {PosixText.Printable(end.Sandbox ?? end.Domain)}";
        WriteWarning($"{end.Lost} of {end.Denials} denials of {who} are not in the log: the kernel keeps few at a time. Raise that "
            + "with: auditctl -b 8192");
    }
}
