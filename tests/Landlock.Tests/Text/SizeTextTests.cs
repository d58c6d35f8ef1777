namespace Landlock.Tests.Text;

public sealed class SizeTextTests
{
    [Theory]
    [InlineData("0", 0L)]
    [InlineData("1048576", 1L << 20)]
    [InlineData("7B", 7L)]
    [InlineData("1k", 1L << 10)]
    [InlineData("1KB", 1L << 10)]
    [InlineData("512MiB", 512L << 20)]
    [InlineData("512mb", 512L << 20)]
    [InlineData("2G", 2L << 30)]
    [InlineData("1TiB", 1L << 40)]
    public void A_size_is_read(string text, long bytes) => Assert.Equal(bytes, SizeText.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("M")]
    [InlineData("-1")]
    [InlineData("1.5G")]
    [InlineData("1 G")]
    [InlineData("1GG")]
    [InlineData("1i")]
    [InlineData("1Bi")]
    [InlineData("1X")]
    [InlineData("0x10")]
    [InlineData("9223372036854775808")]
    [InlineData("9000000T")]
    public void What_is_no_size_is_none(string text) => Assert.Null(SizeText.Parse(text));
}
