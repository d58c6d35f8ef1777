using System.Globalization;
using System.Management.Automation;

namespace LandlockPS;

/// <summary>Takes a span of time as text with a unit: 30s, 10m, 2h, 7d. Anything else is left to the engine.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class PastTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = Unwrapped.From(inputData);
        if (value is TimeSpan) return value;
        // A bare number would be ticks, which nobody means.
        string text = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        if (text.Length > 1 && double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number) && number < 36500)
        {
            TimeSpan? span = char.ToLowerInvariant(text[^1]) switch
            {
                's' => TimeSpan.FromSeconds(number),
                'm' => TimeSpan.FromMinutes(number),
                'h' => TimeSpan.FromHours(number),
                'd' => TimeSpan.FromDays(number),
                _ => null,
            };
            if (span is { } found) return found;
        }

        if (text.Contains(':') && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out TimeSpan parsed) && parsed > TimeSpan.Zero) return parsed;
        throw new ArgumentTransformationMetadataException($"'{text}' is no span of time. Write a number and a unit, such as 30s, 10m, 2h or 7d, or hours:minutes:seconds.");
    }
}
