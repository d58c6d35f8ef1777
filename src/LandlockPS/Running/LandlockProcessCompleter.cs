using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Landlock.Sandboxes.Running;

namespace LandlockPS;

/// <summary>Completes the ids of sandboxes that run, and their names.</summary>
public sealed class LandlockProcessCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete,
        CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        WildcardPattern pattern = new((wordToComplete ?? "").Trim('\'', '"') + "*", WildcardOptions.IgnoreCase);
        bool isName = string.Equals(parameterName, "Name", StringComparison.OrdinalIgnoreCase);
        return
        [
            .. RunningSandbox.FindAll().Select(sandbox => (Word: isName ? sandbox.Name : sandbox.Id, Sandbox: sandbox))
                .Where(item => pattern.IsMatch(item.Word)).DistinctBy(item => item.Word)
                .Select(item => new CompletionResult(PowerShellText.Argument(item.Word), PosixText.Printable(item.Word),
                    CompletionResultType.ParameterValue, $"{item.Sandbox}")),
        ];
    }
}
