using System.Collections;
using System.Management.Automation;
using LandlockPS.Binding;
using LandlockPS.Engine;

namespace LandlockPS;

/// <summary>
/// Takes a location, a file or a directory for the entry that it is: as text it could be a pattern that means another one.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PathTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) => Unwrapped.From(inputData) switch
    {
        IEnumerable many and not (string or IDictionary) =>
            many.Cast<object?>().Select(item => RulePath.OfEntry(Unwrapped.From(item)) ?? item).ToArray(),
        object value => RulePath.OfEntry(value) ?? inputData,
        null => inputData,
    };
}
