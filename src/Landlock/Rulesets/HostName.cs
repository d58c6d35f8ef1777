using System.Globalization;

namespace Landlock.Rulesets;

/// <summary>Names of hosts, in the form that questions to name servers have: ASCII, lower case, no dot at the end.</summary>
internal static class HostName
{
    private const int LongestName = 253, LongestLabel = 63; // RFC 1035

    /// <summary>The form of a name; null if it can be none, with the reason.</summary>
    public static string? Normalize(string text, out string reason)
    {
        string name = text.EndsWith('.') ? text[..^1] : text;
        string[] labels = name.Split('.');
        for (int i = 0; i < labels.Length; i++)
        {
            if (Label(labels[i], out reason) is not { } label) return null;
            labels[i] = label;
        }

        reason = "";
        name = string.Join('.', labels);
        if (name.Length > LongestName) reason = $"it is longer than {LongestName} characters";
        // Such a name is an address that some programs understand, and others do not: 0x7f.1, 127.1.
        else if (labels[^1].All(char.IsAsciiDigit) || IsHexadecimal(labels[^1])) reason = "a name does not end in a number";
        return reason.Length == 0 ? name : null;
    }

    /// <summary>Whether a pattern such as "*.example.org", without its star, is for a name: at least one label before the rest.</summary>
    public static bool IsBeneath(string name, string rest) =>
        name.Length > rest.Length && name.EndsWith(rest, StringComparison.Ordinal) && name[name.Length - rest.Length - 1] != '.';

    private static string? Label(string text, out string reason)
    {
        reason = "";
        string label = text.ToLowerInvariant();
        if (text.Length == 0) reason = "it has an empty part";
        else if (!label.All(char.IsAscii)) return International(label, out reason);
        else if (label.Length > LongestLabel) reason = $"a part is longer than {LongestLabel} characters";
        else if (label.Where(letter => !IsPart(letter)).Select(letter => letter.ToString()).FirstOrDefault() is { } wrong)
            reason = $"'{PosixText.Printable(wrong)}' is not part of a name";
        else if (label[0] == '-' || label[^1] == '-') reason = "a part begins or ends with '-'";
        return reason.Length == 0 ? label : null;
    }

    // What comes back as it was is what was meant; how other characters are to be spelled, programs do not agree upon.
    private static string? International(string label, out string reason)
    {
        IdnMapping mapping = new() { UseStd3AsciiRules = true };
        reason = "";
        try
        {
            string ascii = mapping.GetAscii(label);
            if (mapping.GetUnicode(ascii) == label) return ascii;
        }
        catch (ArgumentException)
        {
            // Said below.
        }

        reason = $"'{PosixText.Printable(label)}' has more than one spelling in ASCII; write the one that begins with xn--";
        return null;
    }

    private static bool IsPart(char letter) => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '-' or '_';

    private static bool IsHexadecimal(string label) =>
        label.StartsWith("0x", StringComparison.Ordinal) && label[2..].All(char.IsAsciiHexDigit);
}
