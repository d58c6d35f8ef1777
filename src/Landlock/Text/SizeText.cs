using System.Globalization;

namespace Landlock.Text;

/// <summary>Reads sizes as people write them: a number of bytes, or one with K, M or G.</summary>
internal static class SizeText
{
    /// <summary>Reads a size; null if the text is none, or too large for a number of bytes.</summary>
    public static long? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int shift = text is [.., char unit] ? unit switch { 'K' or 'k' => 10, 'M' or 'm' => 20, 'G' or 'g' => 30, _ => 0 } : 0;
        string digits = shift == 0 ? text : text[..^1];
        if (digits.Length is 0 or >= 16 || !digits.All(char.IsAsciiDigit)) return null;
        long number = long.Parse(digits, CultureInfo.InvariantCulture);
        return number <= long.MaxValue >> shift ? number << shift : null;
    }
}
