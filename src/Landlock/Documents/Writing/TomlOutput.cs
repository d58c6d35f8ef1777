using System.Globalization;
using System.Text;

namespace Landlock.Documents.Writing;

/// <summary>Writes TOML 1.0: always the same text for the same data, with line feeds as newlines.</summary>
internal sealed class TomlOutput : DocumentOutput
{
    private const int LineLength = 100;

    private readonly StringBuilder _text = new();

    // The names of the tables that are open, each with a dot behind it.
    private string _path = "";

    // The header of the table that is open, until it is needed: where all it has are tables, theirs make it.
    private string? _header;
    private bool _isBelowComment;

    public override string ToString() => _text.ToString();

    public override void Text(string key, string value)
    {
        RequireText(value);
        QuotedText.AppendString(Begin(key), value);
        _text.Append('\n');
    }

    public override void Number(string key, long value) => Begin(key).Append(value).Append('\n');

    public override void Flag(string key, bool value) => Begin(key).Append(value ? "true" : "false").Append('\n');

    public override void Texts(string key, IReadOnlyCollection<string> values)
    {
        if (values.Count > 0) Array(key, values, Append);
    }

    public override void Ports(string key, IEnumerable<PolicyPorts> values) => Array(key, values, port =>
    {
        if (port.First == port.Last) _text.Append(NumberOf(port));
        else Append(port.ToString());
    });

    public override void Table(string key, Action content)
    {
        _header = $"[{_path}{key}]";
        Within(key, content);
        BeginTable();
    }

    public override void Tables<T>(string key, IEnumerable<T> items, Action<T> content)
    {
        foreach (T item in items)
        {
            _header = $"[[{_path}{key}]]";
            BeginTable();
            Within(key, () => content(item));
        }
    }

    public override void Comment(string text)
    {
        if (_text.Length > 0) _text.Append('\n');
        _text.Append(CultureInfo.InvariantCulture, $"# {text}\n");
        _isBelowComment = true;
    }

    private void Within(string key, Action content)
    {
        string path = _path;
        _path = $"{path}{key}.";
        content();
        _path = path;
    }

    private void BeginTable()
    {
        if (_header is null) return;
        if (_text.Length > 0 && !_isBelowComment) _text.Append('\n');
        _text.Append(_header).Append('\n');
        _header = null;
        _isBelowComment = false;
    }

    private StringBuilder Begin(string key)
    {
        BeginTable();
        return _text.Append(key).Append(" = ");
    }

    private void Append(string value)
    {
        RequireText(value);
        QuotedText.AppendString(_text, value);
    }

    private void Array<T>(string key, IEnumerable<T> values, Action<T> append)
    {
        int start = Begin(key).Length;
        if (!Append(values, append, "[", "", ", ", "]", LineLength))
        {
            _text.Length = start;
            Append(values, append, "[\n", "    ", ",\n", ",\n]", int.MaxValue);
        }

        _text.Append('\n');
    }

    // Gives up, with false, soon after it is longer than the limit.
    private bool Append<T>(IEnumerable<T> values, Action<T> append, string open, string indent, string separator, string close, int longest)
    {
        int start = _text.Length;
        _text.Append(open);
        bool isFirst = true;
        foreach (T value in values)
        {
            if (!isFirst) _text.Append(separator);
            isFirst = false;
            _text.Append(indent);
            append(value);
            if (_text.Length - start > longest) return false;
        }

        _text.Append(close);
        return _text.Length - start <= longest;
    }
}
