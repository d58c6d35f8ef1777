using Tomlyn;
using Tomlyn.Parsing;
using Tomlyn.Syntax;

namespace Landlock.Toml;

/// <summary>
/// The values of a TOML text, one after the other, as Tomlyn's pull parser finds them. It shows plain values and no type of Tomlyn, so that
/// who uses it never asks for that assembly.
/// </summary>
internal sealed class TomlEvents
{
    private readonly TomlParser _parser;
    private readonly int _deepest;

    /// <summary>Begins before the first value.</summary>
    /// <param name="text">The text, without a byte order mark.</param>
    /// <param name="deepest">How many tables and arrays may lie within one another, the document counted.</param>
    public TomlEvents(string text, int deepest)
    {
        _deepest = deepest;
        _parser = TomlParser.Create(text, new TomlSerializerOptions { MaxDepth = deepest });
    }

    /// <summary>What it is at.</summary>
    public TomlEventKind Kind { get; private set; }

    /// <summary>Where the value begins, as an index into the text.</summary>
    public int Start { get; private set; }

    /// <summary>Where a plain value ends.</summary>
    public int End { get; private set; }

    /// <summary>An integer. One from 2^63 to 2^64 - 1 looks like a negative one.</summary>
    public long Integer { get; private set; }

    /// <summary>How many tables and arrays are open, the document, and what headers and dotted keys opened, included.</summary>
    public int Depth => _parser.Depth;

    /// <summary>What is wrong with the text, once <see cref="MoveNext"/> has ended because of it.</summary>
    public string? Problem { get; private set; }

    /// <summary>Where it is; -1 = unknown.</summary>
    public int ProblemAt { get; private set; } = -1;

    /// <summary>Whether the problem is that the text is nested too deep.</summary>
    public bool IsTooDeep { get; private set; }

    /// <summary>Moves on. False at the end and at a problem.</summary>
    public bool MoveNext()
    {
        try
        {
            if (!_parser.MoveNext()) return false;
        }
        catch (TomlException e)
        {
            IsTooDeep = _parser.Depth > _deepest;
            Fail(e);
            return false;
        }
        catch (ArgumentException)
        {
            // What Tomlyn makes of a text that ends within an escape.
            Problem = "the text ends within a string";
            return false;
        }

        ref readonly TomlParseEvent current = ref _parser.Current;
        Kind = KindOf(current.Kind);
        if (current.Span is { } span) (Start, End) = (span.Start.Offset, span.End.Offset + 1);
        else if (Kind is TomlEventKind.Array or TomlEventKind.Table) Kind = TomlEventKind.None;
        if (Kind == TomlEventKind.Integer) Integer = current.GetInt64();
        return true;
    }

    /// <summary>The string that it is at, without quotes and escapes; null, and a problem, if an escape is none.</summary>
    public string? Decode()
    {
        try
        {
            return _parser.GetString();
        }
        catch (TomlException e)
        {
            Fail(e);
            return null;
        }
    }

    /// <summary>A string as it is written, without its quotes and escapes, of which it is known that they are right.</summary>
    public static string Decode(string written)
    {
        TomlEvents events = new($"x = {written}", deepest: 1);
        while (events.MoveNext() && events.Kind != TomlEventKind.String)
        {
        }

        return events.Decode()!;
    }

    private static TomlEventKind KindOf(TomlParseEventKind kind) => kind switch
    {
        TomlParseEventKind.StartArray => TomlEventKind.Array,
        TomlParseEventKind.StartTable => TomlEventKind.Table,
        TomlParseEventKind.EndArray or TomlParseEventKind.EndTable => TomlEventKind.Close,
        TomlParseEventKind.String => TomlEventKind.String,
        TomlParseEventKind.Integer => TomlEventKind.Integer,
        TomlParseEventKind.Float => TomlEventKind.Float,
        TomlParseEventKind.Boolean => TomlEventKind.Boolean,
        TomlParseEventKind.DateTime => TomlEventKind.Date,
        _ => TomlEventKind.None,
    };

    private void Fail(TomlException e)
    {
        Problem = e.Message;
        if (e.Diagnostics.Count == 0) return;
        // The first says what is wrong; those after it may be of its making.
        DiagnosticMessage first = e.Diagnostics[0];
        (Problem, ProblemAt) = (first.Message, first.Span.Start.Offset);
    }
}
