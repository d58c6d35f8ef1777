using System.Collections;
using System.Management.Automation;
using Landlock.Abi;
using Landlock.Rulesets;
using LandlockPS.Engine;

namespace LandlockPS;

/// <summary>Turns class and right names, one or many, into filesystem rights.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class AccessTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) => Convert(inputData);

    internal static AccessFs Convert(object? value)
    {
        switch (Unwrapped.From(value))
        {
            case AccessFs access:
                return access;
            case AccessClass named:
                return named.Rights;
            case Right { Kind: RightKind.Fs } right:
                return (AccessFs)right.Bit;
            case string text:
                try
                {
                    return AccessText.ParseFs(text);
                }
                catch (RulesetException exception)
                {
                    throw new ArgumentTransformationMetadataException(exception.Message, exception);
                }

            case IEnumerable many:
                AccessFs union = AccessFs.None;
                foreach (object? item in many) union |= Convert(item);
                return union;
            case null:
                throw new ArgumentTransformationMetadataException(
                    "An access is missing; name a class such as ReadOnly or rights such as read_file,read_dir.");
            case object other:
                return Convert(other.ToString());
        }
    }
}
