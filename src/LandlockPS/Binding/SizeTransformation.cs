using System.Globalization;
using System.Management.Automation;
using LandlockPS.Engine;

namespace LandlockPS.Binding;

/// <summary>Takes sizes with a unit as text, too: '512M', '512MiB', '2G'. The engine itself knows 512MB as a number.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SizeTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        if (Unwrapped.From(inputData) is not string text) return inputData;
        return SizeText.Parse(text) is { } bytes ? bytes
            : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) ? inputData
            : throw new ArgumentTransformationMetadataException($"'{PosixText.Printable(text)}' is no size. Write bytes, such as 1048576, "
                + "or a number and a unit, such as 512MB, 512MiB or 2G.");
    }
}
