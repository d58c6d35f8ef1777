using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Landlock.Tests.Text;

public sealed class PosixTextTests
{
    // Whole characters, characters cut short, surrogates in UTF-8, overlong forms, code points beyond Unicode, and noise.
    private static readonly Gen<byte[]> Pieces = Gen.OneOf(
        Gen.Elements<byte[]>(
            "a"u8.ToArray(), "/"u8.ToArray(), "\n"u8.ToArray(), "é"u8.ToArray(), "€"u8.ToArray(), "💀"u8.ToArray(), "\uFEFF"u8.ToArray(),
            "\uFFFD"u8.ToArray(),
            [0xC3], [0xE2, 0x82], [0xF0, 0x9F, 0x92], [0x80], [0xBF], [0xFF], [0xFE],
            [0xED, 0xA0, 0x80], [0xED, 0xB2, 0x80], [0xC0, 0x80], [0xE0, 0x80, 0xAF], [0xF4, 0x90, 0x80, 0x80]),
        Gen.ArrayOf(Gen.Choose(1, 255).Select(value => (byte)value)));

    // Text with everything that a terminal or a log line minds.
    private static readonly Gen<char> NastyChars = Gen.OneOf(
        Gen.Choose(0, 0xFFFF).Select(value => (char)value),
        Gen.Choose(0, 0xA0).Select(value => (char)value),
        Gen.Choose(0xD7F0, 0xE010).Select(value => (char)value),
        Gen.Elements('\n', '\r', '\u001B', '\u0085', '\u2028', '\u2029', '\uD83D', '\uDC80', '\uDCFF', '\uDC7F', '\\', 'a'));

    [Fact]
    public void Bytes_survive_a_round_trip() =>
        Law.HoldsForLists(Pieces, pieces =>
        {
            byte[] bytes = [.. pieces.SelectMany(piece => piece)];
            Assert.Equal(bytes, PosixText.Encode(PosixText.Decode(bytes)));
        }, tests: 1000);

    [Fact]
    public void Every_string_of_one_or_two_bytes_survives_a_round_trip()
    {
        for (int first = 1; first < 256; first++)
        {
            Survives([(byte)first]);
            for (int second = 1; second < 256; second++) Survives([(byte)first, (byte)second]);
        }

        static void Survives(byte[] bytes)
        {
            if (!PosixText.Encode(PosixText.Decode(bytes)).AsSpan().SequenceEqual(bytes))
                Assert.Fail($"{Convert.ToHexString(bytes)} does not survive");
        }
    }

    [Fact]
    public void Valid_utf8_is_ordinary_text() =>
        Law.HoldsForLists(Gen.Elements("a", "é", "€", "💀", " ", "\n", "\uFEFF", "\uFFFD", "\uE000"), words =>
        {
            string text = string.Concat(words);
            Assert.Equal(text, PosixText.Decode(Encoding.UTF8.GetBytes(text)));
            Assert.Equal(Encoding.UTF8.GetBytes(text), PosixText.Encode(text));
        });

    [Fact]
    public void Bytes_that_are_no_utf8_become_lone_surrogates()
    {
        // Not theory data: the runner carries that as UTF-8, which has no lone surrogates.
        Check([], "");
        Check("/usr/bin"u8.ToArray(), "/usr/bin");
        Check([0xFF], "\uDCFF");
        Check([0x61, 0x80, 0x62], "a\uDC80b");
        Check([0xE2, 0x82], "\uDCE2\uDC82");
        Check([0xE2, 0x82, 0xAC, 0xAC], "€\uDCAC");
        Check([0xED, 0xB2, 0x80], "\uDCED\uDCB2\uDC80");
        Check([0xC0, 0xAF], "\uDCC0\uDCAF");
        Check([0xF0, 0x9F, 0x92, 0x80, 0xF0], "💀\uDCF0");

        static void Check(byte[] bytes, string text)
        {
            Assert.Equal(text, PosixText.Decode(bytes));
            Assert.Equal(bytes, PosixText.Encode(text));
        }
    }

    [Fact]
    public void A_nul_is_refused()
    {
        ArgumentException exception = Assert.Throws<ArgumentException>(() => PosixText.Encode("a\0b"));
        Assert.Equal("'a\\x00b' holds a NUL character, which no path, argument or environment entry can hold.",
            exception.Message);
    }

    [Fact]
    public void A_surrogate_that_stands_for_no_byte_is_refused()
    {
        Check("a\uD800", "D800");
        Check("\uDBFFa", "DBFF");
        Check("\uDC00", "DC00");
        Check("é\uDC7F", "DC7F");
        Check("\uDCFF\uDD00", "DD00");
        Check("💀\uDFFF", "DFFF");
        Check("\uD83D\uD83D\uDC80", "D83D");

        static void Check(string text, string surrogate)
        {
            ArgumentException exception = Assert.Throws<ArgumentException>(() => PosixText.Encode(text));
            Assert.EndsWith($" holds half of a surrogate pair (U+{surrogate}), which stands for no byte.", exception.Message,
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_text_is_encoded_or_refused() =>
        Law.HoldsForLists(NastyChars, chars =>
        {
            string text = new(chars);
            try
            {
                byte[] bytes = PosixText.Encode(text);
                Assert.DoesNotContain((byte)0, bytes);
                // Escaped bytes that happen to make up a character decode to it, so compare bytes, not text.
                Assert.Equal(bytes, PosixText.Encode(PosixText.Decode(bytes)));
            }
            catch (ArgumentException exception)
            {
                Assert.Contains(" holds ", exception.Message, StringComparison.Ordinal);
            }
        }, tests: 1000);

    [Fact]
    public void Printable_text_is_one_line_without_control_characters() =>
        Law.HoldsForLists(NastyChars, chars =>
        {
            string shown = PosixText.Printable(new string(chars));
            Assert.DoesNotContain(shown, c => char.IsControl(c) || c is '\u2028' or '\u2029');
            Assert.Single(shown.ReplaceLineEndings("\n").Split('\n'));
            // Shown once more it stays as it is.
            Assert.Same(shown, PosixText.Printable(shown));
        }, tests: 1000);

    [Theory]
    [InlineData("~", "/home/me", "/home/me")]
    [InlineData("~/x", "/home/me", "/home/me/x")]
    [InlineData("~", "/", "/")]
    [InlineData("~/x", "/", "/x")]
    [InlineData("~x", "/home/me", "~x")]
    [InlineData("/x/~", "/home/me", "/x/~")]
    [InlineData("", "/home/me", "")]
    public void The_home_directory_is_a_word_of_its_own(string path, string home, string place) =>
        Assert.Equal(place, PosixText.AtHome(path, home));

    [Fact]
    public void Printable_shows_what_it_escapes()
    {
        Assert.Equal("a\\nb", PosixText.Printable("a\nb"));
        Assert.Equal("\\x1b[31m", PosixText.Printable("\u001B[31m"));
        Assert.Equal("\\x00\\x0d\\x7f\\x85", PosixText.Printable("\0\r\u007F\u0085"));
        Assert.Equal("\\u2028\\u2029", PosixText.Printable("\u2028\u2029"));
        Assert.Equal("\\u202etxt.\\u2066\\u200f\\u061c", PosixText.Printable("\u202Etxt.\u2066\u200F\u061C"));
        Assert.Equal("\\u200d\u05E9", PosixText.Printable("\u200D\u05E9"));
        Assert.Equal("\\xa0\\u3164\\ufe0f\\ufeff\\U000e0061", PosixText.Printable("\u00A0\u3164\uFE0F\uFEFF\U000E0061"));
        Assert.Equal("x\\xffy", PosixText.Printable("x\uDCFFy"));
        Assert.Equal("\\x80", PosixText.Printable("\uDC80"));
        Assert.Equal("💀\\x80", PosixText.Printable("💀\uDC80"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/usr/bin/pwsh -c 'é € 💀'")]
    [InlineData("C:\\back\\slash")]
    public void Printable_leaves_ordinary_text_alone(string text) => Assert.Same(text, PosixText.Printable(text));
}
