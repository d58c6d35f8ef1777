using System.Collections;
using System.Management.Automation;
using Landlock.Abi;
using Landlock.Rulesets;
using LandlockPS.Engine;

namespace LandlockPS;

/// <summary>
/// Turns protections and their names, in the kernel's words or the enumeration's, one or many, into names. The parameters are strings
/// because the engine completes an enum by itself and asks no completer.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ProtectionTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        ProtectionPart.In(Convert(inputData)).Select(part => part.Name).ToArray();

    /// <summary>What three parameters ask of protections.</summary>
    internal static ProtectionPromises Promises(string[] require, string[] allowDegraded, string[] disable) =>
        new() { Required = Union(require), AllowDegraded = Union(allowDegraded), Disabled = Union(disable) };

    private static Protection Union(string[] all) => all.Aggregate(Protection.None, (mask, one) => mask | ProtectionPromises.Parse(one));

    private static Protection Convert(object? value)
    {
        switch (Unwrapped.From(value))
        {
            case Protection protection and not Protection.None:
                return protection;
            case IEnumerable many and not string:
                Protection union = Protection.None;
                foreach (object? item in many) union |= Convert(item);
                return union;
            case object other:
                try
                {
                    return ProtectionPromises.Parse(other.ToString() ?? "");
                }
                catch (RulesetException exception)
                {
                    throw new ArgumentTransformationMetadataException(exception.Message, exception);
                }

            default:
                throw new ArgumentTransformationMetadataException(
                    $"A protection is missing; there are {string.Join(", ", ProtectionPromises.Words)}.");
        }
    }
}
