using System.Collections.Concurrent;
using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace LandlockPS.Running;

/// <summary>
/// What a sandbox shows and asks. All that comes from inside is text; it is shown with the sandbox's name where nobody asked
/// for it, and where it asks.
/// </summary>
/// <param name="ui">The caller's user interface; null if it has none.</param>
/// <param name="label">The sandbox's name, as it is shown.</param>
/// <param name="streamed">Whether warnings, progress and what Write-Host wrote are shown from their streams.</param>
/// <param name="isAsked">Whether a request of the user's runs.</param>
internal sealed class SandboxUserInterface(PSHostUserInterface? ui, string label, bool streamed, Func<bool> isAsked) : PSHostUserInterface,
    IHostUISupportsMultipleChoiceSelection
{
    private readonly string _label = TerminalText.Line(label);
    private bool _isColoured;

    /// <summary>Texts that came over the information stream and are shown from there.</summary>
    public ConcurrentQueue<string> Announced { get; } = new();

    /// <summary>Takes debug messages where records are shown from their streams.</summary>
    public Action<string>? Debugged { get; set; }

    public override PSHostRawUserInterface RawUI { get; } = new SandboxRawUserInterface(ui);

    public override bool SupportsVirtualTerminal => ui?.SupportsVirtualTerminal == true;

    public override void Write(string value) => Show(value, text => ui?.Write(text));

    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) =>
        Show(value, text => ui?.Write(foregroundColor, backgroundColor, text));

    public override void WriteLine(string value) => Show(value, text => ui?.WriteLine(text));

    public override void WriteLine(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) =>
        Show(value, text => ui?.WriteLine(foregroundColor, backgroundColor, text));

    public override void WriteErrorLine(string value) => ui?.WriteErrorLine(isAsked() ? TerminalText.Lines(value) : Labelled(value));

    // What comes here counts. The stream also has what the engine traces for a program that took the host's place, such as Pester's
    // coverage.
    public override void WriteDebugLine(string message)
    {
        if (streamed) Debugged?.Invoke(message);
        else ShowRecord(message, text => ui?.WriteDebugLine(text));
    }

    public override void WriteVerboseLine(string message) => ShowRecord(message, text => ui?.WriteVerboseLine(text));

    public override void WriteWarningLine(string message) => ShowRecord(message, text => ui?.WriteWarningLine(text));

    public override void WriteProgress(long sourceId, ProgressRecord record)
    {
        // A bar that nobody asked for would stay.
        if (!streamed && isAsked()) ui?.WriteProgress(sourceId, TerminalText.Progress(record));
    }

    // The record comes over its stream.
    public override void WriteInformation(InformationRecord record)
    {
    }

    public override string ReadLine()
    {
        PSHostUserInterface asked = Demand();
        asked.Write($"{_label} asks: ");
        return asked.ReadLine();
    }

    public override SecureString ReadLineAsSecureString()
    {
        PSHostUserInterface asked = Demand();
        asked.Write($"{_label} asks: ");
        return asked.ReadLineAsSecureString();
    }

    public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions)
    {
        FieldDescription[] asked = [.. descriptions.Select(Field)];
        Dictionary<string, PSObject> answers =
            Demand().Prompt(Caption(caption), TerminalText.Lines(message), new Collection<FieldDescription>(asked));
        Dictionary<string, PSObject> named = [];
        for (int i = 0; i < asked.Length; i++)
            if (answers.TryGetValue(asked[i].Name, out PSObject? answer)) named[descriptions[i].Name] = answer;
        return named;
    }

    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice) =>
        Demand().PromptForChoice(Caption(caption), TerminalText.Lines(message), Choices(choices), defaultChoice);

    public Collection<int> PromptForChoice(string? caption, string? message, Collection<ChoiceDescription> choices,
        IEnumerable<int>? defaultChoices) =>
        Demand() is IHostUISupportsMultipleChoiceSelection several
            ? several.PromptForChoice(Caption(caption), TerminalText.Lines(message), Choices(choices), defaultChoices)
            : throw new NotSupportedException("This host offers no choice of several things.");

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
        Demand()
            .PromptForCredential(Caption(caption), TerminalText.Lines(message), TerminalText.Line(userName), TerminalText.Line(targetName));

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName,
        PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options) =>
        Demand().PromptForCredential(Caption(caption), TerminalText.Lines(message), TerminalText.Line(userName),
            TerminalText.Line(targetName), allowedCredentialTypes, options);

    private static Collection<ChoiceDescription> Choices(Collection<ChoiceDescription> choices) =>
        new([.. choices.Select(choice => new ChoiceDescription(TerminalText.Line(choice.Label), TerminalText.Lines(choice.HelpMessage)))]);

    // Of a type that is named inside the host would make an object here, out of what was typed: the answer is text, as
    // anybody inside can convert it.
    private static FieldDescription Field(FieldDescription description)
    {
        FieldDescription field = new(TerminalText.Line(description.Name))
        {
            Label = TerminalText.Line(description.Label),
            HelpMessage = TerminalText.Lines(description.HelpMessage),
            IsMandatory = description.IsMandatory,
        };
        string type = description.ParameterTypeFullName ?? "";
        field.SetParameterType(type == typeof(SecureString).FullName ? typeof(SecureString)
            : type == typeof(PSCredential).FullName ? typeof(PSCredential)
            : type.EndsWith("[]", StringComparison.Ordinal) ? typeof(string[])
            : typeof(string));
        return field;
    }

    private string Caption(string? caption) => string.IsNullOrEmpty(caption) ? $"{_label} asks:" : $"{_label} {TerminalText.Line(caption)}";

    private void Show(string? value, Action<string> write)
    {
        if (value is null || (streamed && Announced.TryPeek(out string? next) && next == value && Announced.TryDequeue(out _))) return;
        if (isAsked()) write(Coloured(TerminalText.Lines(value)));
        else if (value.TrimEnd('\r', '\n').Length > 0) ui?.WriteLine(Labelled(value));
    }

    private void ShowRecord(string? message, Action<string> write)
    {
        if (!streamed) write(isAsked() ? TerminalText.Lines(message) : Labelled(message));
    }

    private string Coloured(string shown)
    {
        _isColoured |= TerminalText.IsColoured(shown);
        return shown;
    }

    // Text that comes unasked could otherwise be taken for the shell's own, between its lines.
    private string Labelled(string? value) => string.Join('\n', TerminalText.Lines(value).TrimEnd('\n').Split('\n')
        .Select(line => $"{_label} {line}{(TerminalText.IsColoured(line) ? TerminalText.PlainColours : "")}"));

    private PSHostUserInterface Demand()
    {
        if (!isAsked())
            throw new HostException($"{_label} may ask something only while a command of its user waits for it: "
                + "run it with Invoke-Command, or take its job's results with Receive-Job.", null, "SandboxAsksUnasked",
                ErrorCategory.PermissionDenied);
        PSHostUserInterface asked = ui ?? throw new HostException("There is nobody to ask: this PowerShell has no user interface.", null,
            "SandboxCannotAsk", ErrorCategory.NotImplemented);
        // Colours that were left behind could hide who is asking.
        if (_isColoured) asked.Write(TerminalText.PlainColours);
        _isColoured = false;
        return asked;
    }
}
