using System.Globalization;
using System.Management.Automation;
using LandlockPS.Binding;
using LandlockPS.Engine;

namespace LandlockPS.Denials;

/// <summary>Takes a span of time as text with a unit: 30s, 10m, 2h, 7d.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class PastTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        if (Unwrapped.From(inputData) is TimeSpan span) return span;
        // As it was written: to the engine 30s is a short number and 7d a decimal one. A bare number would be ticks, which nobody means.
        string text = SecondsTransformationAttribute.Written(inputData);
        if (DurationText.Parse(text, isSeconds: false) is { } found) return found;
        if (text.Contains(':') && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out TimeSpan parsed) && parsed > TimeSpan.Zero)
            return parsed;
        throw new ArgumentTransformationMetadataException($"'{PosixText.Printable(text)}' is no span of time. Write a number and a unit, "
            + "such as 30s, 10m, 2h or 7d, or hours:minutes:seconds.");
    }
}
