using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Landlock.Abi;

namespace LandlockPS;

/// <summary>Completes names of protections.</summary>
public sealed class ProtectionCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete,
        CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        WildcardPattern pattern = new(WildcardPattern.Escape(wordToComplete?.Trim('\'', '"') ?? "") + "*", WildcardOptions.IgnoreCase);
        foreach (ProtectionPart part in ProtectionPart.All)
        {
            string landlock = part.Abi == 0 ? "" : $"Landlock ABI {part.Abi} (Linux {AbiTable.Release(part.Abi)}): {part.Landlock}";
            string seccomp = part.Seccomp.Length == 0 ? "" : $"seccomp: {part.Seccomp}";
            if (pattern.IsMatch(part.Name))
                yield return new CompletionResult(part.Name, part.Name, CompletionResultType.ParameterValue,
                    string.Join("; ", new[] { landlock, seccomp }.Where(text => text.Length > 0)));
        }

        if (pattern.IsMatch("scopes"))
            yield return new CompletionResult("scopes", "scopes", CompletionResultType.ParameterValue,
                ProtectionPart.Names(Protection.Scopes));
    }
}
