using System.Collections;
using System.Management.Automation;
using Landlock.Abi;
using Landlock.Rulesets;

namespace LandlockPS.Engine;

/// <summary>
/// Reads objects that may have come through a job, a session or a file: then they are bags of properties, and what is in these is text, or
/// numbers that know their text.
/// </summary>
internal static class Arrived
{
    /// <summary>A property as text.</summary>
    public static string Text(PSObject owner, string property) =>
        owner.Properties[property]?.Value is { } value ? PSObject.AsPSObject(value).ToString() : "";

    /// <summary>A property that is a mask.</summary>
    public static T Mask<T>(PSObject owner, string property)
        where T : struct, Enum => Enum.TryParse(Text(owner, property), out T mask) ? mask : default;

    /// <summary>A mask of whatever kind, by its text; null if it is none.</summary>
    public static object? AnyMask(string text) =>
        Enum.TryParse(text, out AccessFs fs) ? fs
        : Enum.TryParse(text, out AccessNet net) ? net
        : Enum.TryParse(text, out Scope scopes) ? scopes
        : Enum.TryParse(text, out RestrictFlags flags) ? flags
        : null;

    /// <summary>A property that is a list, one element on a line, fit to be shown.</summary>
    /// <param name="owner">The object.</param>
    /// <param name="property">Its property.</param>
    /// <param name="part">A property of the elements to show instead; elements without it are left out.</param>
    public static string[] Lines(PSObject owner, string property, string? part = null)
    {
        object? value = Unwrapped.From(owner.Properties[property]?.Value);
        if (value is not IEnumerable items || value is string) return [];
        IEnumerable<PSObject> wrapped = items.Cast<object?>().OfType<object>().Select(PSObject.AsPSObject);
        return [.. part is null ? wrapped.Select(item => PosixText.Printable(item.ToString()))
            : wrapped.Select(item => PosixText.Printable(Text(item, part))).Where(text => text.Length > 0)];
    }

    /// <summary>The ruleset that an object is or holds; null if it is none, or lost something on its way.</summary>
    public static Ruleset? Ruleset(PSObject? value)
    {
        try
        {
            return RulesetTransformationAttribute.Find(value);
        }
        catch (PSInvalidCastException)
        {
            return null;
        }
    }
}
