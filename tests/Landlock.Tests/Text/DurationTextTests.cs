namespace Landlock.Tests.Text;

public sealed class DurationTextTests
{
    [Theory]
    [InlineData("30s", 30)]
    [InlineData("10M", 600)]
    [InlineData("2h", 7200)]
    [InlineData("7d", 604800)]
    [InlineData("0.5h", 1800)]
    public void Units_are_understood(string text, double seconds)
    {
        Assert.Equal(seconds, DurationText.Parse(text, isSeconds: false)?.TotalSeconds);
        Assert.Equal(seconds, DurationText.Parse(text, isSeconds: true)?.TotalSeconds);
    }

    [Fact]
    public void A_number_alone_is_seconds_or_nothing()
    {
        Assert.Equal(1.5, DurationText.Parse("1.5", isSeconds: true)?.TotalSeconds);
        Assert.Null(DurationText.Parse("1.5", isSeconds: false));
    }

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("5x")]
    [InlineData("5 s")]
    [InlineData("-5s")]
    [InlineData("1e3")]
    [InlineData("0x10")]
    [InlineData("36501d")]
    public void Anything_else_is_none(string text) => Assert.Null(DurationText.Parse(text, isSeconds: true));
}
