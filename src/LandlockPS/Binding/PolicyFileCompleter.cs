using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Landlock.Documents;

namespace LandlockPS;

/// <summary>Completes paths of policies (*.toml, *.json) and of directories on the way to them.</summary>
public sealed class PolicyFileCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete,
        CommandAst commandAst, IDictionary fakeBoundParameters) =>
        CompletionCompleters.CompleteFilename(wordToComplete ?? "")
            .Where(result => result.ResultType == CompletionResultType.ProviderContainer
                || PolicySyntaxes.OfFile(result.ListItemText) is not null);
}
