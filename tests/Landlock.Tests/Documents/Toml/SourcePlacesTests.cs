using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Landlock.Documents.Reading;

namespace Landlock.Tests.Documents.Toml;

public class SourcePlacesTests
{
    [Theory]
    [InlineData("", 0, "1:1")]
    [InlineData("\n", 1, "2:1")]
    [InlineData("é\r\n🦊x", 9, "2:3")]
    public void Columns_count_scalars_and_lines_end_with_a_line_feed(string text, int offset, string place) =>
        Assert.Equal(place, new SourcePlaces(Encoding.UTF8.GetBytes(text))[offset].ToString());

    [Fact]
    public void Places_do_not_depend_on_what_was_asked_before()
    {
        Gen<string> texts = Gen.Elements("a", "bc", "é", "🦊", "\n", "\r\n").ListOf().Select(string.Concat);
        Gen<(string, List<int>)> cases =
            texts.SelectMany(text => Gen.Choose(0, text.Length).ListOf().Select(order => (text, order.ToList())));
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500).WithEndSize(200), Prop.ForAll(cases.ToArbitrary(), one =>
        {
            (string text, List<int> order) = one;
            int[] starts = [.. Enumerable.Range(0, text.Length + 1).Where(i => i == text.Length || !char.IsLowSurrogate(text[i]))];
            SourcePlaces places = new(Encoding.UTF8.GetBytes(text));
            foreach (int index in order)
            {
                string before = text[..starts[index % starts.Length]];
                int line = before.LastIndexOf('\n') + 1;
                SourcePosition expected = new(1 + before.Count(c => c == '\n'), 1 + before[line..].EnumerateRunes().Count());
                Assert.Equal(expected, places[Encoding.UTF8.GetByteCount(before)]);
            }
        }));
    }
}
