using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Landlock.Documents.Reading;

/// <summary>
/// Says what is wrong with a text that System.Text.Json refuses, and where: that says the first byte it cannot use, in sentences that a
/// trimmed program does not have.
/// </summary>
internal ref struct JsonMistake
{
    private static readonly SearchValues<byte> StringStops =
        SearchValues.Create([.. "\"\\"u8, .. Enumerable.Range(0, 0x20).Select(value => (byte)value)]);

    private readonly SourceTree _tree;
    private int _at;

    private JsonMistake(SourceTree tree, int at) => (_tree, _at) = (tree, at);

    private readonly ReadOnlySpan<byte> Rest => _tree.Text[_at..];

    private readonly int Next => _at < _tree.Text.Length ? _tree.Text[_at] : -1;

    /// <summary>The first mistake behind what was read.</summary>
    /// <param name="tree">What was read.</param>
    /// <param name="at">How far.</param>
    /// <param name="last">What the last token was.</param>
    /// <param name="open">The innermost array or object that is open.</param>
    public static SourceException Find(SourceTree tree, int at, JsonTokenType last, int open)
    {
        JsonMistake mistake = new(tree, at);
        mistake.SkipSpace();
        if (last is JsonTokenType.None or JsonTokenType.PropertyName) return mistake.Value(open);
        if (open == SourceTree.Root) return mistake.AfterValue(open);
        if (last is not (JsonTokenType.StartArray or JsonTokenType.StartObject))
        {
            if (mistake.Next != ',') return mistake.AfterValue(open);
            mistake._at++;
            mistake.SkipSpace();
        }

        return tree[open].Kind == SourceKind.Array ? mistake.Value(open) : mistake.Key(open);
    }

    /// <summary>Half of a surrogate pair in a string.</summary>
    public static SourceException FindHalfPair(SourceTree tree, int at) =>
        new JsonMistake(tree, at).Text() ?? new(tree.Places[at], "it is no text");

    private SourceException Key(int open)
    {
        if (Next != '"') return Unclosed(open, "a key in double quotes");
        if (Text() is { } problem) return problem;
        SkipSpace();
        return Expected("':' after a key");
    }

    private SourceException Value(int open)
    {
        if (Next == '"') return Text() ?? AfterValue(open);
        return Next is '-' or (>= '0' and <= '9') ? Number(open) : Unclosed(open, "a value");
    }

    private SourceException AfterValue(int open)
    {
        SkipSpace();
        if (open == SourceTree.Root) return Expected("the end of the text");
        return Unclosed(open,
            _tree[open].Kind == SourceKind.Array ? "',' or ']' after a value of an array" : "',' or '}' after a value of an object");
    }

    private SourceException Number(int open)
    {
        int start = _at;
        if (Next == '-') _at++;
        if (Rest is [(byte)'0', >= (byte)'0' and <= (byte)'9', ..]) return Fail(start, "a number cannot begin with a zero");
        if (!TakeDigits()) return Expected("a digit");
        if (Next == '.')
        {
            _at++;
            if (!TakeDigits()) return Expected("a digit");
        }

        if (Next is 'e' or 'E')
        {
            _at++;
            if (Next is '+' or '-') _at++;
            if (!TakeDigits()) return Expected("a digit");
        }

        return AfterValue(open);
    }

    private bool TakeDigits()
    {
        int start = _at;
        while (Next is >= '0' and <= '9') _at++;
        return _at > start;
    }

    // Ends behind the string, if nothing is wrong with it.
    private SourceException? Text()
    {
        int start = _at++;
        while (true)
        {
            int length = Rest.IndexOfAny(StringStops);
            _at = length < 0 ? _tree.Text.Length : _at + length;
            switch (Next)
            {
                case '"':
                    _at++;
                    return null;
                case '\\':
                    if (Escape() is { } problem) return Fail(_at, problem);
                    break;
                case -1 or '\n' or '\r':
                    return Fail(start, "the string that begins here is not closed on its line: expected '\"'");
                default:
                    return Fail(_at, $"a string cannot hold {SourceBytes.Control((byte)Next)}; write it as an escape");
            }
        }
    }

    private string? Escape()
    {
        switch (Rest)
        {
            case [_, (byte)'"' or (byte)'\\' or (byte)'/' or (byte)'b' or (byte)'f' or (byte)'n' or (byte)'r' or (byte)'t', ..]:
                _at += 2;
                return null;
            case [_, (byte)'u', ..]:
                break;
            default:
                return "this is no escape; JSON has \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\uXXXX";
        }

        if (Unit(Rest) is not { } first) return "\\u needs four hexadecimal digits";
        if (!char.IsSurrogate(first))
        {
            _at += 6;
            return null;
        }

        char second = '\0';
        if (char.IsHighSurrogate(first) && Rest[6..] is [(byte)'\\', (byte)'u', ..])
        {
            if (Unit(Rest[6..]) is not { } unit) return "\\u needs four hexadecimal digits";
            second = unit;
        }

        if (!char.IsSurrogatePair(first, second))
            return $"\\u{(int)first:x4} is half of a surrogate pair without the other half, which is no text";
        _at += 12;
        return null;
    }

    private static char? Unit(ReadOnlySpan<byte> escape) =>
        escape.Length >= 6 && ushort.TryParse(escape[2..6], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort unit)
            ? (char)unit
            : null;

    private void SkipSpace()
    {
        while (Next is ' ' or '\t' or '\r' or '\n') _at++;
    }

    private readonly SourceException Unclosed(int open, string expected)
    {
        if (Next >= 0 || open == SourceTree.Root) return Expected(expected);
        (string what, char end) = _tree[open].Kind == SourceKind.Array ? ("array", ']') : ("object", '}');
        return Fail(_tree[open].At, $"the {what} that begins here is not closed: expected '{end}' before the end of the text");
    }

    private readonly SourceException Expected(string what) => Fail(_at, $"expected {what}, found {SourceBytes.Found(Rest)}");

    private readonly SourceException Fail(int at, string problem) => new(_tree.Places[at], problem);
}
