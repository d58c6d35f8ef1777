using System.Management.Automation;

namespace LandlockPS.Engine;

/// <summary>Looks through the wrapper that the engine puts around objects.</summary>
internal static class Unwrapped
{
    /// <summary>The .NET object inside; a property bag is returned as it is.</summary>
    public static object? From(object? value) =>
        value is PSObject wrapper && wrapper.BaseObject is not PSCustomObject ? wrapper.BaseObject : value;
}
