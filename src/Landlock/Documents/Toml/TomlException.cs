namespace Landlock.Documents.Toml;

/// <summary>A text is not TOML 1.0, or cannot be edited as asked; says where and why.</summary>
public sealed class TomlException : FormatException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="position">Where the problem is.</param>
    /// <param name="problem">What is wrong, as one printable line without the position.</param>
    public TomlException(TomlPosition position, string problem)
        : base($"{position}: {problem}")
    {
        Position = position;
        Problem = problem;
    }

    /// <summary>Where the problem is.</summary>
    public TomlPosition Position { get; }

    /// <summary>The line of the problem, from 1.</summary>
    public int Line => Position.Line;

    /// <summary>The column of the problem, from 1, in Unicode scalar values; see <see cref="TomlPosition"/>.</summary>
    public int Column => Position.Column;

    /// <summary>What is wrong, without the position; <see cref="Exception.Message"/> has both, as <c>line:column: problem</c>.</summary>
    public string Problem { get; }
}
