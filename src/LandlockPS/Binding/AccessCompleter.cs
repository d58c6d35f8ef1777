using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Landlock.Rulesets;

namespace LandlockPS;

/// <summary>Completes access classes and filesystem rights.</summary>
public sealed class AccessCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete,
        CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        // In 'read_file,re' only the word after the last comma is being typed.
        string typed = wordToComplete?.Trim('\'', '"') ?? "";
        int comma = typed.LastIndexOf(',') + 1;
        string before = typed[..comma];
        WildcardPattern pattern = new(WildcardPattern.Escape(typed[comma..]) + "*", WildcardOptions.IgnoreCase);
        foreach ((string word, string help) in AccessText.FsTable())
            if (pattern.IsMatch(word)) yield return new CompletionResult(before + word, word, CompletionResultType.ParameterValue, help);
    }
}
