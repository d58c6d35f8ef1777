using System.Text;

namespace Landlock.Tests.Text;

/// <summary>Names with each character that a shell, PowerShell or a terminal gives a meaning.</summary>
internal static class NastyNames
{
    private static readonly int[] Telling =
    [
        .. Enumerable.Range(1, 0x2FF), .. Enumerable.Range(0x2000, 0x70), .. Enumerable.Range(0x3000, 0x10),
        .. Enumerable.Range(0xFE00, 0x10), .. Enumerable.Range(0xDC80, 0x80), .. Enumerable.Range(0xFF00, 0x60),
        0x034F, 0x061C, 0x115F, 0x1160, 0x17B4, 0x180B, 0x180E, 0x2800, 0x3164, 0xE000, 0xFEFF, 0xFFA0, 0xFFF9, 0xFFFD, 0x1D173, 0x1F600,
        0xE0001, 0xE0061, 0xE007F, 0xE0100, 0x10FFFD,
    ];

    /// <summary>All of them.</summary>
    public static string[] All { get; } =
    [
        .. Telling.SelectMany(value => new[] { One(value), $"/srv/{One(value)}", $"/srv/a{One(value)}'{One(value)}7" }),
        "", "a\u2019; touch pwned; #\u2018", "x\u2019+(touch pwned)+\u2018y", "it''s", "\u2018\u2019\u201A\u201B",
        "\u201C$(touch pwned)\u201D", "`u{1b}", "\\033", "\\'", "a\\", "$HOME", "${x}", "--", "-rf", "--%", "@x", "~", "~/x",
        "a=b", "A_1+=x", "=ls", "%1", "if", "time", "!", "{", "#", "*", "?", "[a]", "1", "0x10", "1e3", ".5", "1kb", "$null", "a;b", "a|b",
        "a b", "\u001B]0;owned\u0007\nx", "e\u001B[2Kf",
    ];

    /// <summary>Whether text holds something that acts on a terminal, or is not seen.</summary>
    public static bool ActsOnTerminal(string text) => text.EnumerateRunes().Any(rune =>
        rune.Value is < 0x20 or (>= 0x7F and <= 0xA0) or 0xAD or 0x034F or 0x061C or 0x115F or 0x1160 or 0x17B4 or (>= 0x180B and <= 0x180F)
        or (>= 0x2000 and <= 0x200F) or (>= 0x2028 and <= 0x202F) or (>= 0x205F and <= 0x206F) or 0x2800 or 0x3000
        or 0x3164 or (>= 0xFE00 and <= 0xFE0F) or 0xFEFF or 0xFFA0 or (>= 0xFFF9 and <= 0xFFFB) or 0xFFFD or (>= 0x1D173 and <= 0x1D17A)
        or (>= 0xE0000 and <= 0xE0FFF));

    private static string One(int value) => value is >= 0xD800 and <= 0xDFFF ? ((char)value).ToString() : new Rune(value).ToString();
}
