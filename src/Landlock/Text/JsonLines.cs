using System.Buffers;
using System.Text.Json;

namespace Landlock.Text;

/// <summary>Takes a part of a text; false if no more is wanted.</summary>
internal delegate bool TakePart(ReadOnlySpan<byte> part);

/// <summary>
/// Writes JSON objects, one a line, a part of the text at a time: all of a long report would take more memory than what it tells.
/// </summary>
internal sealed class JsonLines : IDisposable
{
    private const int PartLength = 32 << 10;

    private readonly ArrayBufferWriter<byte> _part = new(PartLength + (PartLength / 2));
    private readonly Utf8JsonWriter _json;
    private readonly TakePart _take;

    /// <param name="take">Takes the parts.</param>
    public JsonLines(TakePart take) => (_json, _take) = (new Utf8JsonWriter(_part, JsonReport.Plain), take);

    /// <summary>Whether no more is wanted.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Adds a line.</summary>
    /// <param name="item">What it tells.</param>
    /// <param name="content">Writes the properties.</param>
    public void Add<T>(T item, Action<Utf8JsonWriter, T> content)
    {
        _json.WriteStartObject();
        content(_json, item);
        _json.WriteEndObject();
        _json.Flush();
        _json.Reset();
        _part.Write("\n"u8);
        if (_part.WrittenCount >= PartLength) Send();
    }

    /// <summary>Hands over what is left.</summary>
    public void Dispose()
    {
        Send();
        _json.Dispose();
    }

    private void Send()
    {
        if (!IsOver && _part.WrittenCount > 0) IsOver = !_take(_part.WrittenSpan);
        _part.ResetWrittenCount();
    }
}
