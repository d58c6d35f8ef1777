namespace Landlock.Tests.Text;

public class WrappedTextTests
{
    [Theory]
    [InlineData("", 5, "")]
    [InlineData("one", 5, "one")]
    [InlineData("one two", 7, "one two")]
    [InlineData("one two", 6, "one|two")]
    [InlineData("one two", 3, "one|two")]
    [InlineData("a longer two", 5, "a|longer|two")]
    [InlineData("longer a b", 5, "longer|a b")]
    [InlineData("longest", 3, "longest")]
    [InlineData("one  two", 5, "one|two")]
    [InlineData("one two   ", 7, "one two   ")]
    [InlineData("  one two", 6, "  one|two")]
    [InlineData("  longest two", 4, "  longest|two")]
    [InlineData("one\n\ntwo three", 5, "one||two|three")]
    public void Breaks_between_words_alone(string text, int width, string lines) =>
        Assert.Equal(lines, string.Join('|', WrappedText.Lines(text, width)));

    [Theory]
    [InlineData("one two three", 7, "one two|  three")]
    [InlineData("one two three", 5, "one|  two|  three")]
    [InlineData("one two", 1, "one|  two")]
    public void An_indent_counts(string text, int width, string lines) =>
        Assert.Equal(lines, string.Join('|', WrappedText.Lines(text, width, "  ")));

    [Theory]
    [InlineData("'one two' three", 5, "'one two'|three")]
    [InlineData("'it'\\''s one' two", 5, "'it'\\''s one'|two")]
    [InlineData("$'one\\' two' three", 5, "$'one\\' two'|three")]
    [InlineData("the kernel's own", 8, "the|kernel's|own")]
    [InlineData("'one two", 5, "'one|two")]
    public void What_is_quoted_stays_whole(string text, int width, string lines) =>
        Assert.Equal(lines, string.Join('|', WrappedText.Lines(text, width)));

    [Theory]
    [InlineData("  allowed: execute  /usr  as asked", 40, "  allowed: execute  /usr  as asked")]
    [InlineData("  allowed: execute  /usr  as asked", 33, "  allowed: execute  /usr|      as asked")]
    [InlineData("  allowed: execute  /usr  as asked and more", 24, "  allowed: execute  /usr|      as asked and more")]
    [InlineData("  allowed: execute  /usr  as asked", 20, "  allowed: execute|      /usr  as asked")]
    [InlineData("note: one two three", 10, "note: one|    two|    three")]
    [InlineData("  allowed: execute  '/a  b'", 20, "  allowed: execute|      '/a  b'")]
    public void The_last_column_goes_to_a_line_of_its_own(string line, int width, string lines) =>
        Assert.Equal(lines, string.Join('|', WrappedText.Hanging(line, width)));
}
