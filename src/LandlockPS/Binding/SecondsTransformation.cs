using System.Globalization;
using System.Management.Automation;
using LandlockPS.Engine;

namespace LandlockPS.Binding;

/// <summary>
/// Takes seconds with a unit, too: 30s, 10m, 2h, 7d. To the engine some of these are numbers with a suffix for their type: 7d is the
/// decimal number 7, and a limit of a week would be one of seven seconds.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SecondsTransformationAttribute : ArgumentTransformationAttribute
{
    /// <summary>A number as it was written, where it was; the engine keeps that for its own commands.</summary>
    public static string Written(object? value) =>
        value is PSObject wrapped ? wrapped.ToString() : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = Unwrapped.From(inputData);
        if (value is TimeSpan span) return span.TotalSeconds;
        if (DurationText.Parse(Written(inputData), isSeconds: true) is { } written) return written.TotalSeconds;
        // What else is a number, such as 0x10 or -1, is left to the engine; a letter behind it would be lost there.
        return value is null || !HasLetters(Written(inputData)) || Written(inputData).StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? inputData
            : throw new ArgumentTransformationMetadataException($"'{PosixText.Printable(Written(inputData))}' is no span of time. "
                + "Write seconds, such as 30 or 0.5, or a number and a unit, such as 30s, 10m, 2h or 7d.");
    }

    // Those of an exponent are none: 1E+20.
    private static bool HasLetters(string text) => text.Any(char.IsAsciiLetter)
        && !double.TryParse(text, NumberStyles.Float & ~NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out _);
}
