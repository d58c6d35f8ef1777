using System.ComponentModel;
using System.Management.Automation;
using Landlock.Previews;
using Landlock.Sandboxes.Supervision;
using LandlockPS.Binding;
using LandlockPS.Engine;
using LandlockPS.Previews;

namespace LandlockPS;

/// <summary>What the cmdlets share that are about previews.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class PreviewCommand : PSCmdlet
{
    /// <summary>The preview of an object or a name; none = the latest. Null, and an error, if there is none.</summary>
    private protected Preview? Of(object? value)
    {
        Preview? found = null;
        Errors.GuardOne(this, value, () => found = Preview.Find(Unwrapped.From(value) switch
        {
            null => null,
            Preview preview => preview.Name,
            PreviewChange change => change.Preview,
            PSObject bag when IsOf<Preview>(bag) => Arrived.Text(bag, nameof(Preview.Name)),
            PSObject bag when IsOf<PreviewChange>(bag) => Arrived.Text(bag, nameof(PreviewChange.Preview)),
            var name => name.ToString(),
        }));
        return found;
    }

    /// <summary>The change that an object is, or was in another process; null if it is something else.</summary>
    private protected static ChosenChange? Chosen(object? value) => Unwrapped.From(value) switch
    {
        PreviewChange change => new ChosenChange(change.Preview, change.Kind, change.Path),
        PSObject bag when IsOf<PreviewChange>(bag) && Enum.TryParse(Arrived.Text(bag, nameof(PreviewChange.Kind)),
            out PreviewChangeKind kind) => new ChosenChange(Arrived.Text(bag, nameof(PreviewChange.Preview)), kind,
                Arrived.Text(bag, nameof(PreviewChange.Path))),
        _ => null,
    };

    // It has come through a job, a session or a file.
    private static bool IsOf<T>(PSObject bag) => bag.TypeNames.Contains($"Deserialized.{typeof(T).FullName}");

    /// <summary>Paths as changes have them: absolute, without links on the way.</summary>
    private protected string[] Paths(string[] paths) => [.. paths.Select(path => PreservedPlace.Named(RulePath.Literal(this, path), "/"))];
}
