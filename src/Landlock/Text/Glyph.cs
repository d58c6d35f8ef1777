using System.Globalization;
using System.Text;

namespace Landlock.Text;

/// <summary>
/// Tells which characters a reader sees for what they are. All others (controls, what has no width or no shape, what turns the direction of
/// text, foreign blanks, bytes that are not UTF-8) are never written as they stand: they would act on a terminal, or make
/// one name look like another.
/// </summary>
internal static class Glyph
{
    /// <summary>Whether each character of a text is seen for what it is.</summary>
    public static bool AreSeen(string text)
    {
        if (text.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0) return true;
        for (int i = 0; i < text.Length; i++)
        {
            if (!TryGet(text, i, out Rune rune) || !IsSeen(rune)) return false;
            i += rune.Utf16SequenceLength - 1;
        }

        return true;
    }

    /// <summary>Whether a character is.</summary>
    public static bool IsSeen(Rune rune) =>
        rune.Value is >= ' ' and <= '~' || (rune.Value > 0xA0 && HasShape(rune) && !IsIgnorable(rune.Value));

    /// <summary>
    /// The character at a place; false for half of a surrogate pair, which stands for a byte (see <see cref="PosixText"/>) or nothing.
    /// </summary>
    public static bool TryGet(string text, int index, out Rune rune) => Rune.TryGetRuneAt(text, index, out rune);

    private static bool HasShape(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.SpaceSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);

    // Letters and marks among Unicode's Default_Ignorable_Code_Point: fillers, variation selectors, tags. And an empty Braille cell, and
    // what is shown in place of something else.
    private static bool IsIgnorable(int value) =>
        value is 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or (>= 0x180B and <= 0x180F) or 0x2800 or 0x3164
        or (>= 0xFE00 and <= 0xFE0F) or 0xFFA0 or 0xFFFC or 0xFFFD or (>= 0xE0000 and <= 0xE0FFF);
}
