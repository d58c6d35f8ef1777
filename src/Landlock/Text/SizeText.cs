using System.Globalization;

namespace Landlock.Text;

/// <summary>Reads sizes as people write them: a number of bytes, or a number and a unit, such as 512K, 512KB or 512KiB.</summary>
internal static class SizeText
{
    /// <summary>
    /// Reads a size; null if the text is none, or too large for a number of bytes. Units are powers of 1024, as in PowerShell.
    /// </summary>
    public static long? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string digits = text.TrimEnd("BbIiKkMmGgTt".ToCharArray());
        int? shift = text[digits.Length..].ToUpperInvariant() switch
        {
            "" or "B" => 0,
            "K" or "KB" or "KIB" => 10,
            "M" or "MB" or "MIB" => 20,
            "G" or "GB" or "GIB" => 30,
            "T" or "TB" or "TIB" => 40,
            _ => null,
        };
        if (shift is not { } bits || digits.Length is 0 or >= 16 || !digits.All(char.IsAsciiDigit)) return null;
        long number = long.Parse(digits, CultureInfo.InvariantCulture);
        return number <= long.MaxValue >> bits ? number << bits : null;
    }
}
