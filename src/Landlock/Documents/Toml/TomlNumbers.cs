using System.Globalization;

namespace Landlock.Documents.Toml;

/// <summary>Reads integers and floats.</summary>
internal static class TomlNumbers
{
    /// <summary>Whether a word that begins like this can only be a number.</summary>
    public static bool LookLike(ReadOnlySpan<byte> word) =>
        TomlBytes.IsDigit(word[0]) || word[0] is (byte)'+' or (byte)'-' || word.SequenceEqual("inf"u8) || word.SequenceEqual("nan"u8);

    public static TomlNode Read(ReadOnlySpan<byte> word, TomlPosition position)
    {
        bool signed = word[0] is (byte)'+' or (byte)'-';
        bool negative = word[0] == '-';
        ReadOnlySpan<byte> body = signed ? word[1..] : word;
        if (body.SequenceEqual("inf"u8)) return new TomlFloat(negative ? double.NegativeInfinity : double.PositiveInfinity, position);
        if (body.SequenceEqual("nan"u8)) return new TomlFloat(double.NaN, position);
        int radix = body switch
        {
            [(byte)'0', (byte)'x', ..] => 16,
            [(byte)'0', (byte)'o', ..] => 8,
            [(byte)'0', (byte)'b', ..] => 2,
            _ => 10,
        };
        if (radix != 10)
        {
            if (signed) throw Bad(word, position, "hexadecimal, octal and binary integers have no sign");
            return new TomlInteger(ReadDigits(word, body[2..], radix, false, position), position);
        }

        int point = body.IndexOfAny("eE."u8);
        ReadOnlySpan<byte> whole = point < 0 ? body : body[..point];
        if (whole.IsEmpty || !TomlBytes.IsDigit(whole[0])) throw Bad(word, position, "expected a digit first");
        if (whole is [(byte)'0', (>= (byte)'0' and <= (byte)'9') or (byte)'_', ..]) throw Bad(word, position, "leading zeros are not allowed");
        return point < 0
            ? new TomlInteger(ReadDigits(word, whole, 10, negative, position), position)
            : new TomlFloat(ReadFloat(word, body, point, position), position);
    }

    private static long ReadDigits(ReadOnlySpan<byte> word, ReadOnlySpan<byte> digits, int radix, bool negative, TomlPosition position)
    {
        RequireDigits(word, digits, radix, position);
        ulong limit = negative ? 1UL << 63 : long.MaxValue;
        ulong value = 0;
        foreach (byte b in digits)
        {
            if (b == '_') continue;
            ulong digit = (ulong)DigitOf(b);
            if (value > (limit - digit) / (ulong)radix)
                throw new TomlException(
                    position,
                    $"{TomlCursor.Show(word)} does not fit into 64 bits: expected an integer from {long.MinValue} to {long.MaxValue}");
            value = value * (ulong)radix + digit;
        }

        return negative ? (long)(0 - value) : (long)value;
    }

    private static double ReadFloat(ReadOnlySpan<byte> word, ReadOnlySpan<byte> body, int point, TomlPosition position)
    {
        RequireDigits(word, body[..point], 10, position);
        int exponent = body.IndexOfAny("eE"u8);
        if (body[point] == '.') RequireDigits(word, body[(point + 1)..(exponent < 0 ? body.Length : exponent)], 10, position);
        if (exponent >= 0)
        {
            ReadOnlySpan<byte> power = body[(exponent + 1)..];
            RequireDigits(word, power is [(byte)'+' or (byte)'-', ..] ? power[1..] : power, 10, position);
        }

        ReadOnlySpan<byte> plain = word.Contains((byte)'_') ? word.ToArray().Where(static b => b != '_').ToArray() : word;
        double value = double.Parse(plain, NumberStyles.Float, CultureInfo.InvariantCulture);
        if (double.IsInfinity(value)) throw new TomlException(position, $"{TomlCursor.Show(word)} is too large for a 64-bit float");
        return value;
    }

    private static void RequireDigits(ReadOnlySpan<byte> word, ReadOnlySpan<byte> digits, int radix, TomlPosition position)
    {
        bool afterDigit = false;
        foreach (byte b in digits)
        {
            if (b == '_' && !afterDigit) break;
            afterDigit = b != '_';
            if (afterDigit && DigitOf(b) >= radix) throw Bad(word, position, $"{TomlCursor.Show([b])} is not {NameOfBase(radix)} digit");
        }

        if (afterDigit) return;
        throw Bad(word, position, digits.Contains((byte)'_') ? "an underscore must stand between two digits" : "digits are missing");
    }

    private static string NameOfBase(int radix) => radix switch
    {
        2 => "a binary",
        8 => "an octal",
        10 => "a decimal",
        _ => "a hexadecimal",
    };

    private static int DigitOf(byte b) => b switch
    {
        >= (byte)'0' and <= (byte)'9' => b - '0',
        >= (byte)'a' and <= (byte)'f' => b - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => b - 'A' + 10,
        _ => int.MaxValue,
    };

    private static TomlException Bad(ReadOnlySpan<byte> word, TomlPosition position, string why) =>
        new(position, $"{TomlCursor.Show(word)} is not a number: {why}");
}
