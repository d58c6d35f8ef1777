using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Landlock.Rulesets;

namespace LandlockPS;

/// <summary>Completes names of protections.</summary>
public sealed class ProtectionCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete,
        CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        WildcardPattern pattern = new(WildcardPattern.Escape(wordToComplete?.Trim('\'', '"') ?? "") + "*", WildcardOptions.IgnoreCase);
        foreach ((string word, string help) in ProtectionPromises.Table)
            if (pattern.IsMatch(word)) yield return new CompletionResult(word, word, CompletionResultType.ParameterValue, help);
    }
}
