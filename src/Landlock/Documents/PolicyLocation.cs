
namespace Landlock.Documents;

/// <summary>A place in a policy document.</summary>
/// <param name="Source">The name of the document, usually its path.</param>
/// <param name="Line">The line, from 1; 0 = the document as a whole, or made by a program.</param>
/// <param name="Column">The column, from 1, in Unicode scalar values.</param>
public readonly record struct PolicyLocation(string Source, int Line, int Column)
{
    /// <summary>The place as <c>file:line:column</c>, on one printable line.</summary>
    public override string ToString()
    {
        string source = PosixText.Printable(Source ?? "");
        return Line == 0 ? source : $"{source}:{Line}:{Column}";
    }
}
