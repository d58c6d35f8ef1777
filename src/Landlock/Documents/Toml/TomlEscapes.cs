using System.Buffers;
using System.Globalization;
using System.Text;

namespace Landlock.Documents.Toml;

/// <summary>Reads the escapes of basic strings.</summary>
internal static class TomlEscapes
{
    private static readonly SearchValues<byte> HexDigits = SearchValues.Create("0123456789abcdefABCDEF"u8);

    /// <summary>Reads the escape at the cursor, which stands on its backslash.</summary>
    public static void Read(ref TomlCursor cursor, ArrayBufferWriter<byte> output)
    {
        int name = cursor.Peek(1);
        if (name is 'u' or 'U')
        {
            Rune rune = ReadScalar(ref cursor, name == 'u' ? 4 : 8);
            output.Advance(rune.EncodeToUtf8(output.GetSpan(4)));
            return;
        }

        output.GetSpan(1)[0] = name switch
        {
            'b' => (byte)'\b',
            't' => (byte)'\t',
            'n' => (byte)'\n',
            'f' => (byte)'\f',
            'r' => (byte)'\r',
            '"' => (byte)'"',
            '\\' => (byte)'\\',
            _ => throw Unknown(ref cursor),
        };
        output.Advance(1);
        cursor.Offset += 2;
    }

    private static Rune ReadScalar(ref TomlCursor cursor, int digits)
    {
        ReadOnlySpan<byte> escape = cursor.Rest[..Math.Min(2 + digits, cursor.Rest.Length)];
        int valid = escape[2..].IndexOfAnyExcept(HexDigits);
        if (valid >= 0 || escape.Length < 2 + digits)
        {
            ReadOnlySpan<byte> written = valid < 0 ? escape : escape[..(2 + valid)];
            throw new TomlException(cursor.Position, $"the escape {TomlCursor.Show(written)} needs {digits} hexadecimal digits");
        }

        uint value = uint.Parse(escape[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        if (!Rune.TryCreate(value, out Rune rune))
            throw new TomlException(
                cursor.Position,
                $"the escape {TomlCursor.Show(escape)} names no Unicode scalar value: expected 0 to d7ff or e000 to 10ffff");
        cursor.Offset += escape.Length;
        return rune;
    }

    private static TomlException Unknown(ref TomlCursor cursor)
    {
        TomlPosition position = cursor.Position;
        cursor.Offset++;
        return new TomlException(
            position,
            $"expected an escape after the backslash (one of b t n f r \" \\ uXXXX UXXXXXXXX), found {cursor.FoundScalar()}; a backslash itself is written \\\\, or stands in a string in single quotes");
    }
}
