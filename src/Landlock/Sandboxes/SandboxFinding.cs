using Landlock.Documents;

namespace Landlock.Sandboxes;

/// <summary>Something to know about a sandbox before a command runs in it. Front ends only print it.</summary>
/// <param name="Severity">A warning is always told; a note where somebody asks for more.</param>
/// <param name="Place">Where it is written, as "file:line:column"; null where it is about the sandbox as a whole.</param>
/// <param name="Message">What, as one printable line.</param>
/// <param name="Advice">What to type instead, as a sentence; null if there is nothing to change.</param>
public sealed record SandboxFinding(FindingSeverity Severity, string? Place, string Message, string? Advice = null)
{
    /// <summary>Whether it is told only where somebody asks for more.</summary>
    internal bool IsNote => Severity == FindingSeverity.Note;

    /// <summary>The message and the advice.</summary>
    public string Text => Advice is null ? Message : $"{Message} {Advice}";

    /// <inheritdoc/>
    public override string ToString() => Place is null ? Text : $"{Place}: {Text}";

    internal static SandboxFinding Warning(string message, string? advice = null) => new(FindingSeverity.Warning, null, message, advice);

    internal static SandboxFinding Note(string message) => new(FindingSeverity.Note, null, message);

    internal static SandboxFinding Of(PolicyFinding finding) =>
        new(finding.Severity, string.IsNullOrEmpty(finding.Location.Source) ? null : finding.Location.ToString(), finding.Message);
}
