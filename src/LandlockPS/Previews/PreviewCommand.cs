using System.ComponentModel;
using System.Management.Automation;
using Landlock.Linux;
using Landlock.Previews;
using LandlockPS.Binding;
using LandlockPS.Engine;

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
            var name => name.ToString(),
        }));
        return found;
    }

    /// <summary>Paths as changes have them: absolute, without links on the way.</summary>
    private protected string[] Paths(string[] paths) => [.. paths.Select(path =>
    {
        string full = PosixText.Parent(RulePath.Literal(this, path)) is var around && PosixFile.RealPath(around) is { } real
            ? real : around;
        string literal = RulePath.Literal(this, path);
        return literal == "/" ? literal : $"{full.TrimEnd('/')}/{literal[(literal.LastIndexOf('/') + 1)..]}";
    })];
}
