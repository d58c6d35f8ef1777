using FsCheck;
using FsCheck.Fluent;

namespace Landlock.Tests.Text;

public sealed class SuggestionTests
{
    private static readonly string[] Words = ["ReadOnly", "ReadWrite", "read_file", "read_dir", "refer", "signal"];

    [Theory]
    [InlineData("readonly", "ReadOnly")]
    [InlineData("ReadOnl", "ReadOnly")]
    [InlineData("ReadOlny", "ReadOnly")]
    [InlineData("raed_flie", "read_file")]
    [InlineData("rfeer", "refer")]
    [InlineData("xyz", null)]
    [InlineData("", null)]
    [InlineData("completely different", null)]
    public void The_word_that_was_probably_meant(string word, string? meant) => Assert.Equal(meant, Suggestion.For(word, Words));

    [Fact]
    public void A_long_word_is_no_typo()
    {
        string word = new('a', 64);
        Assert.Equal(word, Suggestion.For(word, [word]));
        Assert.Null(Suggestion.For(word + "a", [word + "a"]));
    }

    [Fact]
    public void The_first_of_equals_wins() => Assert.Equal("aab", Suggestion.For("aaa", ["aab", "aba"]));

    [Fact]
    public void It_is_the_nearest_candidate_within_a_third()
    {
        Gen<string> words =
            Gen.Choose(0, 6).SelectMany(length => Gen.ArrayOf(Gen.Elements('a', 'b', 'C'), length)).Select(letters => new string(letters));
        Law.Holds(
            from word in words
            from candidates in Gen.ArrayOf(words, 4)
            select (Word: word, Candidates: candidates),
            pair =>
            {
                string? near = pair.Word.Length == 0
                    ? null
                    : pair.Candidates.Where(candidate => Distance(pair.Word, candidate) <= Math.Max(1, pair.Word.Length / 3))
                        .MinBy(candidate => Distance(pair.Word, candidate));
                Assert.Equal(near, Suggestion.For(pair.Word, pair.Candidates));
            });
    }

    // The definition of the optimal string alignment distance, without its table.
    private static int Distance(string a, string b)
    {
        a = a.ToLowerInvariant();
        b = b.ToLowerInvariant();
        return Of(a.Length, b.Length);

        int Of(int i, int j)
        {
            if (i == 0 || j == 0) return i + j;
            if (a[i - 1] == b[j - 1]) return Of(i - 1, j - 1);
            int best = 1 + Math.Min(Of(i - 1, j - 1), Math.Min(Of(i - 1, j), Of(i, j - 1)));
            return i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] ? Math.Min(best, 1 + Of(i - 2, j - 2)) : best;
        }
    }
}
