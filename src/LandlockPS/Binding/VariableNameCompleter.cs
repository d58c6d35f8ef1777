using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace LandlockPS;

/// <summary>Completes the names of environment variables.</summary>
public sealed class VariableNameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete,
        CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        WildcardPattern pattern = new((wordToComplete ?? "").Trim('\'', '"') + "*");
        return
        [
            .. Environment.GetEnvironmentVariables().Keys.OfType<string>().Where(pattern.IsMatch).Order(StringComparer.Ordinal)
                .Select(name => new CompletionResult(PowerShellText.Argument(name), PosixText.Printable(name),
                    CompletionResultType.ParameterValue, PosixText.Printable(name))),
        ];
    }
}
