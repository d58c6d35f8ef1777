using System.Globalization;
using System.Text;

namespace Landlock.Documents.Writing;

/// <summary>Writes JSON. Unlike System.Text.Json it can write strings with lone surrogates, as escapes, for paths that are not UTF-8.</summary>
internal sealed class JsonText(bool indented)
{
    private readonly StringBuilder _text = new();
    private int _depth;
    private bool _first = true;

    public override string ToString() => _text.ToString();

    public JsonText Open(char bracket)
    {
        _text.Append(bracket);
        _depth++;
        _first = true;
        return this;
    }

    public JsonText Close(char bracket)
    {
        _depth--;
        if (!_first) NewLine();
        _text.Append(bracket);
        _first = false;
        return this;
    }

    /// <summary>Begins an element of an array.</summary>
    public JsonText Next()
    {
        if (!_first) _text.Append(',');
        _first = false;
        NewLine();
        return this;
    }

    /// <summary>Begins a member of an object.</summary>
    public JsonText Key(string name)
    {
        Next().String(name);
        _text.Append(indented ? ": " : ":");
        return this;
    }

    public JsonText Number(long value) => Raw(value.ToString(CultureInfo.InvariantCulture));

    public JsonText Raw(string literal)
    {
        _text.Append(literal);
        return this;
    }

    public JsonText String(string text)
    {
        _text.Append('"');
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            bool isSeen = Glyph.TryGet(text, i, out Rune rune) && Glyph.IsSeen(rune);
            if (isSeen && !rune.IsBmp) _text.Append(c).Append(text[++i]);
            else if (c is '"' or '\\') _text.Append('\\').Append(c);
            else if (c == '\n') _text.Append("\\n");
            else if (c == '\t') _text.Append("\\t");
            else if (!isSeen) _text.Append($"\\u{(int)c:x4}");
            else _text.Append(c);
        }

        _text.Append('"');
        return this;
    }

    /// <summary>An array of strings, on one line.</summary>
    public JsonText Strings(IEnumerable<string> texts)
    {
        _text.Append('[');
        bool first = true;
        foreach (string text in texts)
        {
            if (!first) _text.Append(indented ? ", " : ",");
            first = false;
            String(text);
        }

        _text.Append(']');
        return this;
    }

    private void NewLine()
    {
        if (indented) _text.Append('\n').Append(' ', 2 * _depth);
    }
}
