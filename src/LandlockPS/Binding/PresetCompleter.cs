using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Landlock.Policies;

namespace LandlockPS;

/// <summary>Completes names of presets, with what they give.</summary>
public sealed class PresetCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete,
        CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        WildcardPattern pattern = new(WildcardPattern.Escape(wordToComplete?.Trim('\'', '"') ?? "") + "*", WildcardOptions.IgnoreCase);
        foreach (Preset preset in Preset.All)
            if (pattern.IsMatch(preset.Name))
                yield return new CompletionResult(preset.Name, preset.Name, CompletionResultType.ParameterValue, preset.Description);
    }
}
