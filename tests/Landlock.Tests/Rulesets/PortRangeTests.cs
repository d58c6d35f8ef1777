using FsCheck.Fluent;
using Landlock.Rulesets;

namespace Landlock.Tests.Rulesets;

public sealed class PortRangeTests
{
    [Theory]
    [InlineData("443", 443, 443)]
    [InlineData("0", 0, 0)]
    [InlineData("65535", 65535, 65535)]
    [InlineData("0-65535", 0, 65535)]
    [InlineData("8000-8010", 8000, 8010)]
    [InlineData("80-80", 80, 80)]
    [InlineData(" 8000 - 8010 ", 8000, 8010)]
    [InlineData("0080", 80, 80)]
    public void A_port_or_a_range(string text, int first, int last)
    {
        PortRange range = PortRange.Parse(text);
        Assert.Equal(first, range.First);
        Assert.Equal(last, range.Last);
        Assert.Equal(last - first + 1, range.Count);
    }

    [Theory]
    [InlineData("70000")]
    [InlineData("65536")]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("80-")]
    [InlineData("-1")]
    [InlineData("-")]
    [InlineData("1-2-3")]
    [InlineData("80-70000")]
    [InlineData("+80")]
    [InlineData("8O")]
    [InlineData("0x50")]
    [InlineData("1,000")]
    [InlineData("٤٤٣")]
    [InlineData("99999999999999999999")]
    public void Anything_else_is_no_port(string text)
    {
        RulesetException exception = Assert.Throws<RulesetException>(() => PortRange.Parse(text));
        Assert.Equal($"'{text}' is no port: expected a number from 0 to 65535, or a range such as 8000-8010.", exception.Message);
        Assert.Equal(RulesetProblem.InvalidPort, exception.Problem);
        Assert.Equal(text, exception.Target);
    }

    [Fact]
    public void The_message_stays_on_one_line() =>
        Assert.Equal("'8\\n0' is no port: expected a number from 0 to 65535, or a range such as 8000-8010.",
            Assert.Throws<RulesetException>(() => PortRange.Parse("8\n0")).Message);

    [Fact]
    public void A_range_does_not_run_backwards()
    {
        RulesetException exception = Assert.Throws<RulesetException>(() => PortRange.Parse("9-3"));
        Assert.Equal("The port range 9-3 runs backwards; write 3-9.", exception.Message);
        Assert.Equal(RulesetProblem.InvalidPort, exception.Problem);
        Assert.Equal("9-3", exception.Target);
        Assert.Equal(exception.Message, Assert.Throws<RulesetException>(() => new PortRange(9, 3)).Message);
    }

    [Fact]
    public void A_list_is_split_at_commas()
    {
        Assert.Equal([new PortRange(443, 443), new PortRange(80, 90)], PortRange.ParseList("443, 80-90"));
        Assert.Equal("'' is no port: expected a number from 0 to 65535, or a range such as 8000-8010.",
            Assert.Throws<RulesetException>(() => PortRange.ParseList("443,").ToList()).Message);
    }

    [Fact]
    public void Text_parses_back() => Law.Holds(Generate.Ports, range => Assert.Equal(range, PortRange.Parse(range.ToString())));

    [Fact]
    public void A_single_port_is_shown_without_a_dash()
    {
        Assert.Equal("443", new PortRange(443, 443).ToString());
        Assert.Equal("1-2", new PortRange(1, 2).ToString());
    }

    [Fact]
    public void A_range_contains_its_ports_and_no_others() =>
        Law.Holds(from range in Generate.Ports from port in Generate.Ports select (Range: range, port.First), pair =>
            Assert.Equal(Enumerable.Range(pair.Range.First, pair.Range.Count).Contains(pair.First), pair.Range.Contains(pair.First)));

    [Fact]
    public void Nothing_outside_the_numbers_of_ports_is_contained()
    {
        Assert.False(new PortRange(0, 65535).Contains(-1));
        Assert.False(new PortRange(0, 65535).Contains(65536));
    }

    [Fact]
    public void Ranges_are_ordered_by_first_then_last() =>
        Law.Holds(from a in Generate.Ports from b in Generate.Ports select (A: a, B: b), pair =>
        {
            (PortRange a, PortRange b) = pair;
            int expected = (a.First, a.Last).CompareTo((b.First, b.Last));
            Assert.Equal(Math.Sign(expected), Math.Sign(a.CompareTo(b)));
            Assert.Equal(expected < 0, a < b);
            Assert.Equal(expected <= 0, a <= b);
            Assert.Equal(expected > 0, a > b);
            Assert.Equal(expected >= 0, a >= b);
            Assert.Equal(expected == 0, a == b);
        });
}
