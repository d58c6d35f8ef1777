using System.Collections;
using System.Management.Automation;
using Landlock.Documents;
using Landlock.Policies;
using LandlockPS.Engine;

namespace LandlockPS;

/// <summary>
/// Accepts names of presets, whatever the case, and presets; refuses others while parameters are bound, before anything happens.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PresetTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = Unwrapped.From(inputData);
        return value is IEnumerable many and not string ? many.Cast<object?>().Select(Name).ToArray() : new[] { Name(value) };
    }

    private static string Name(object? value)
    {
        try
        {
            return Preset.Find(Unwrapped.From(value)?.ToString() ?? "").Name;
        }
        catch (PolicyException exception)
        {
            throw new ArgumentTransformationMetadataException(exception.Message, exception);
        }
    }
}
