namespace Landlock.Documents.Reading;

/// <summary>A place in the text of a document.</summary>
/// <param name="Line">The line, from 1.</param>
/// <param name="Column">
/// The column, from 1, counted in Unicode scalar values: a tab, a letter and an emoji of one scalar count 1 each, whatever their
/// width in bytes, UTF-16 units or on the screen. A byte order mark is not counted.
/// </param>
internal readonly record struct SourcePosition(int Line, int Column)
{
    /// <summary>The position as <c>line:column</c>.</summary>
    public override string ToString() => $"{Line}:{Column}";
}
