namespace Landlock.Documents.Reading;

/// <summary>What made a table, which decides what may add to it.</summary>
internal enum TableOrigin : byte
{
    /// <summary>A part of a header before the last: the table may still get its own header.</summary>
    PathOfHeader,

    /// <summary>Its own header, <c>[x]</c> or <c>[[x]]</c>, or the document.</summary>
    Header,

    /// <summary>A part of a dotted key before the last.</summary>
    Dots,

    /// <summary>Braces.</summary>
    Inline,
}
