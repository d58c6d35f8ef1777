using System.ComponentModel;
using System.Management.Automation;
using Landlock.Sandboxes.Running;
using LandlockPS.Engine;

namespace LandlockPS;

/// <summary>What the cmdlets share that are about sandboxes that run.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class RunningSandboxCommand : PSCmdlet
{
    /// <summary>The sandboxes that run.</summary>
    private protected IReadOnlyList<RunningSandbox> FindAll()
    {
        if (RunningSandbox.Obstacle is { } obstacle)
            ThrowTerminatingError(Errors.New(new InvalidOperationException(obstacle), "ProcessesHidden", ErrorCategory.PermissionDenied,
                "/proc", "Mount /proc; in a sandbox, allow reading it: -ReadOnly /proc."));
        return RunningSandbox.FindAll();
    }

    /// <summary>Those of some words; a word without wildcards that is of none is an error.</summary>
    private protected IEnumerable<RunningSandbox> Matching(string[] words, Func<RunningSandbox, string> of)
    {
        IReadOnlyList<RunningSandbox> all = FindAll();
        foreach (string word in words)
        {
            bool isPattern = WildcardPattern.ContainsWildcardCharacters(word);
            WildcardPattern pattern = new(word);
            RunningSandbox[] found = [.. all.Where(sandbox => isPattern ? pattern.IsMatch(of(sandbox)) : of(sandbox) == word)];
            if (found.Length == 0 && !isPattern)
            {
                WriteError(Errors.New(new ItemNotFoundException($"No sandbox '{PosixText.Printable(word)}' runs"
                    + $"{Suggestion.Question(word, all.Select(of).Distinct(), otherwise: ".")}"), "ProcessNotFound",
                    ErrorCategory.ObjectNotFound, word, "Get-LandlockProcess lists those that run."));
            }

            foreach (RunningSandbox sandbox in found) yield return sandbox;
        }
    }
}
