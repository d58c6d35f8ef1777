using System.Collections.Concurrent;
using System.Collections.ObjectModel;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace LandlockPS;

/// <summary>
/// The caller's host as a script block in a sandbox sees it: prompts and direct output pass; warnings, Write-Host and the like do not,
/// since they come over their own streams too, where they can be redirected.
/// </summary>
internal sealed class BlockHost(PSHost host) : PSHost
{
    private readonly BlockUserInterface? _ui = host.UI is null ? null : new(host.UI);

    /// <summary>What Write-Host wrote in the block: it is about to be written here once more.</summary>
    public void Announce(string message) => _ui?.Announced.Enqueue(message);

    public override CultureInfo CurrentCulture => host.CurrentCulture;

    public override CultureInfo CurrentUICulture => host.CurrentUICulture;

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override string Name => host.Name;

    public override PSHostUserInterface? UI => _ui;

    public override Version Version => host.Version;

    public override void EnterNestedPrompt() => throw new NotSupportedException("A script block in a sandbox has no nested prompt.");

    public override void ExitNestedPrompt()
    {
    }

    public override void NotifyBeginApplication() => host.NotifyBeginApplication();

    public override void NotifyEndApplication() => host.NotifyEndApplication();

    /// <summary>The code that the block gave to "exit"; null if it did not.</summary>
    public int? ExitCode { get; private set; }

    // "exit" in the block ends the block, not the caller's shell.
    public override void SetShouldExit(int exitCode) => ExitCode = exitCode;

    private sealed class BlockUserInterface(PSHostUserInterface ui) : PSHostUserInterface
    {
        /// <summary>Texts that came over the information stream and are shown from there.</summary>
        public ConcurrentQueue<string> Announced { get; } = new();

        public override PSHostRawUserInterface RawUI => ui.RawUI;

        public override bool SupportsVirtualTerminal => ui.SupportsVirtualTerminal;

        public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) => ui.Prompt(caption, message, descriptions);

        public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice) => ui.PromptForChoice(caption, message, choices, defaultChoice);

        public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) => ui.PromptForCredential(caption, message, userName, targetName);

        public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName, PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options) =>
            ui.PromptForCredential(caption, message, userName, targetName, allowedCredentialTypes, options);

        public override string ReadLine() => ui.ReadLine();

        public override SecureString ReadLineAsSecureString() => ui.ReadLineAsSecureString();

        public override void Write(string value)
        {
            if (!IsAnnounced(value)) ui.Write(value);
        }

        public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value)
        {
            if (!IsAnnounced(value)) ui.Write(foregroundColor, backgroundColor, value);
        }

        public override void WriteLine(string value)
        {
            if (!IsAnnounced(value)) ui.WriteLine(value);
        }

        public override void WriteLine(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value)
        {
            if (!IsAnnounced(value)) ui.WriteLine(foregroundColor, backgroundColor, value);
        }

        public override void WriteErrorLine(string value) => ui.WriteErrorLine(value);

        public override void WriteDebugLine(string message)
        {
        }

        public override void WriteVerboseLine(string message)
        {
        }

        public override void WriteWarningLine(string message)
        {
        }

        public override void WriteProgress(long sourceId, ProgressRecord record)
        {
        }

        public override void WriteInformation(InformationRecord record)
        {
        }

        private bool IsAnnounced(string value) => Announced.TryPeek(out string? next) && next == value && Announced.TryDequeue(out _);
    }
}
