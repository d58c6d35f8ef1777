using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Landlock.Documents;
using Landlock.Profiles;

namespace LandlockPS;

/// <summary>Completes the names of profiles.</summary>
public sealed class ProfileNameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete,
        CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        WildcardPattern pattern = new((wordToComplete ?? "").Trim('\'', '"') + "*", WildcardOptions.IgnoreCase);
        try
        {
            return
            [
                .. ProfileStore.Read(ProfileStore.FindRoots(Environment.GetEnvironmentVariable)).Profiles
                    .Where(profile => pattern.IsMatch(profile.Name)).DistinctBy(profile => profile.Name)
                    .Select(profile => new CompletionResult(PowerShellText.Argument(profile.Name), PosixText.Printable(profile.Name),
                        CompletionResultType.ParameterValue,
                        ProfileText.Summary(profile) is { Length: > 0 } summary ? summary : PosixText.Printable(profile.Name))),
            ];
        }
        catch (PolicyException)
        {
            return [];
        }
    }
}
