using System.Collections;
using System.Management.Automation;
using Landlock.Rulesets;
using LandlockPS.Engine;

namespace LandlockPS.Binding;

/// <summary>
/// Turns texts such as "api.example.com:443" into rules for hosts. No host at all is refused: then ports would lead anywhere that were to
/// lead to hosts.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class HostTransformationAttribute : ArgumentTransformationAttribute
{
    private const string TypeName = "Deserialized.Landlock.Rulesets.HostRule";

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        List<HostRule> hosts = [];
        Add(inputData, hosts);
        return hosts.Count > 0 ? hosts.ToArray() : throw Missing();
    }

    private static void Add(object? value, List<HostRule> hosts)
    {
        try
        {
            switch (Unwrapped.From(value))
            {
                case HostRule host:
                    hosts.Add(host);
                    break;
                case string text:
                    hosts.AddRange(HostRule.ParseList(text));
                    break;
                case PSObject arrived when arrived.TypeNames.Contains(TypeName):
                    hosts.Add(RulesetConverter.RestoreHost(arrived));
                    break;
                case IEnumerable many and not IDictionary:
                    foreach (object? item in many) Add(item, hosts);
                    break;
                case object other:
                    // What it is as a text would be the name of a host, as that of a type is.
                    throw new ArgumentTransformationMetadataException(
                        $"A host is a text such as 'api.example.com:443', not an object of the type {other.GetType().Name}.");
                case null:
                    throw Missing();
            }
        }
        catch (RulesetException exception)
        {
            throw new ArgumentTransformationMetadataException(exception.Message, exception);
        }
    }

    private static ArgumentTransformationMetadataException Missing() =>
        new("A host is missing; write NAME:PORT, such as api.example.com:443. Without -ConnectHost, ports lead anywhere.");
}
