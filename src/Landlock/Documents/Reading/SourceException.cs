namespace Landlock.Documents.Reading;

/// <summary>A text cannot be read, or read on; says where and why.</summary>
/// <param name="position">Where the problem is.</param>
/// <param name="problem">What is wrong, as one printable line without the position.</param>
internal sealed class SourceException(SourcePosition position, string problem) : FormatException($"{position}: {problem}")
{
    public SourcePosition Position => position;

    public string Problem => problem;
}
