using System.Globalization;

namespace Landlock.Text;

/// <summary>Reads spans of time as people write them: a number and a unit, such as 30s, 10m, 2h or 7d.</summary>
internal static class DurationText
{
    private const double MostDays = 36500;

    /// <summary>Reads a span; null if the text is none.</summary>
    /// <param name="text">The text.</param>
    /// <param name="isSeconds">Whether a number without a unit counts seconds; otherwise it is no span.</param>
    public static TimeSpan? Parse(string text, bool isSeconds)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length == 0) return null;
        int? unit = char.ToLowerInvariant(text[^1]) switch
        {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86400,
            _ => null,
        };
        if (unit is null && !isSeconds) return null;
        string digits = unit is null ? text : text[..^1];
        if (!double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number)) return null;
        int seconds = unit ?? 1;
        return number * seconds <= MostDays * 86400 ? TimeSpan.FromSeconds(number * seconds) : null;
    }
}
