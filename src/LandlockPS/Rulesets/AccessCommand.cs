using System.ComponentModel;
using System.Management.Automation;
using Landlock.Rulesets;
using LandlockPS.Binding;

namespace LandlockPS;

/// <summary>
/// The parameters for paths, one for each access class, for ports and for hosts; shared by the cmdlets that start a sandbox or describe
/// one.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class AccessCommand : PortCommand
{
    /// <summary>Read files and list directories.</summary>
    [Parameter]
    [PathTransformation]
    [SupportsWildcards]
    public string[] ReadData { get; set; } = [];

    /// <summary>Read, list and execute.</summary>
    [Parameter]
    [PathTransformation]
    [SupportsWildcards]
    public string[] ReadOnly { get; set; } = [];

    /// <summary>Read, and change files that exist.</summary>
    [Parameter]
    [PathTransformation]
    [SupportsWildcards]
    public string[] Edit { get; set; } = [];

    /// <summary>Everything but execute.</summary>
    [Parameter]
    [PathTransformation]
    [SupportsWildcards]
    public string[] ReadWrite { get; set; } = [];

    /// <summary>Everything.</summary>
    [Parameter]
    [PathTransformation]
    [SupportsWildcards]
    public string[] ReadWriteExecute { get; set; } = [];

    /// <summary>Connect to UNIX sockets (ABI 9; not restricted before).</summary>
    [Parameter]
    [PathTransformation]
    [SupportsWildcards]
    public string[] UnixSocket { get; set; } = [];

    /// <summary>The rules that the parameters for paths describe.</summary>
    private protected IEnumerable<PathRule> PathRules =>
    [
        .. Rules(ReadData, AccessClass.ReadData), .. Rules(ReadOnly, AccessClass.ReadOnly), .. Rules(Edit, AccessClass.Edit),
        .. Rules(ReadWrite, AccessClass.ReadWrite), .. Rules(ReadWriteExecute, AccessClass.ReadWriteExecute),
        .. Rules(UnixSocket, AccessClass.UnixSocket),
    ];

    // Without a path at all, as from a variable that is not set, the same is said as of an empty one.
    private IEnumerable<PathRule> Rules(string[]? paths, AccessClass access) =>
        (paths ?? [""]).SelectMany(path => RulePath.Matching(this, path)).Select(path => new PathRule(path, access.Rights));
}
