using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Landlock.Policies;

namespace LandlockPS;

/// <summary>Completes the names of presets.</summary>
public sealed class PresetNameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        WildcardPattern pattern = new((wordToComplete ?? "") + "*", WildcardOptions.IgnoreCase);
        return Preset.All.Where(preset => pattern.IsMatch(preset.Name)).Select(preset => new CompletionResult(preset.Name, preset.Name, CompletionResultType.ParameterValue, preset.Description));
    }
}
