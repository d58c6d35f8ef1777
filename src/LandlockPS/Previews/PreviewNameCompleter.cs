using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Landlock.Previews;

namespace LandlockPS;

/// <summary>Completes the names of previews.</summary>
public sealed class PreviewNameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete,
        CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        WildcardPattern pattern = new((wordToComplete ?? "").Trim('\'', '"') + "*", WildcardOptions.IgnoreCase);
        return
        [
            .. Preview.All().Where(preview => pattern.IsMatch(preview.Name)).Select(preview => new CompletionResult(preview.Name,
                preview.Name, CompletionResultType.ParameterValue, PreviewListing.Title(preview))),
        ];
    }
}
