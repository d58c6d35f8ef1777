using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Landlock.Abi;
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
        foreach (AccessClass named in AccessClass.All)
        {
            if (pattern.IsMatch(named.Name))
                yield return new CompletionResult(before + named.Name, named.Name, CompletionResultType.ParameterValue,
                    $"{named.Description}: {string.Join(", ", AbiTable.Names(named.Rights))}");
        }

        foreach (Right right in AbiTable.Rights)
        {
            if (right.Kind == RightKind.Fs && pattern.IsMatch(right.Name))
                yield return new CompletionResult(before + right.Name, right.Name, CompletionResultType.ParameterValue,
                    $"kernel right, ABI {right.Abi} (Linux {AbiTable.Release(right.Abi)})");
        }
    }
}
