using System.Collections;
using System.Globalization;
using System.Management.Automation;
using Landlock.Rulesets;
using LandlockPS.Engine;

namespace LandlockPS;

/// <summary>Turns numbers and texts such as 443 or "8000-8010" into port ranges.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PortTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        List<PortRange> ports = [];
        Add(inputData, ports);
        return ports.ToArray();
    }

    private static void Add(object? value, List<PortRange> ports)
    {
        try
        {
            switch (Unwrapped.From(value))
            {
                case PortRange range:
                    ports.Add(range);
                    break;
                case string text:
                    ports.AddRange(PortRange.ParseList(text));
                    break;
                case IEnumerable many:
                    foreach (object? item in many) Add(item, ports);
                    break;
                case object other:
                    ports.Add(PortRange.Parse(System.Convert.ToString(other, CultureInfo.InvariantCulture) ?? ""));
                    break;
                case null:
                    throw new ArgumentTransformationMetadataException(
                        "A port is missing; write a number such as 443 or a range such as 8000-8010.");
            }
        }
        catch (RulesetException exception)
        {
            throw new ArgumentTransformationMetadataException(exception.Message, exception);
        }
    }
}
