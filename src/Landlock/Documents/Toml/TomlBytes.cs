namespace Landlock.Documents.Toml;

/// <summary>Classes of bytes.</summary>
internal static class TomlBytes
{
    /// <summary>The control characters, tab excepted, which TOML allows nowhere but as newlines.</summary>
    public static ReadOnlySpan<byte> Controls =>
    [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 127,
    ];

    /// <summary>What a key can hold without quotes.</summary>
    public static ReadOnlySpan<byte> OfBareKeys => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"u8;

    public static bool IsDigit(int value) => value is >= '0' and <= '9';
}
