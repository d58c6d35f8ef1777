using System.Text;

namespace Landlock.Documents.Reading;

/// <summary>
/// Finds lines and columns of offsets, when they are asked for. Fast where the next one is near the last one, as when a document is read
/// from its beginning to its end.
/// </summary>
internal sealed class SourcePlaces(byte[] text)
{
    private readonly bool _ascii = Ascii.IsValid(text);

    // The offsets at which lines begin, and the last place that was found.
    private int[]? _lines;
    private int _line;
    private int _offset;
    private int _column = 1;

    public SourcePosition this[int offset]
    {
        get
        {
            _lines ??= FindLines();
            int line = LineOf(offset);
            if (_ascii) _column = 1 + offset - _lines[line];
            else if (line != _line || offset - _lines[line] < Math.Abs(offset - _offset)) _column = 1 + Scalars(_lines[line], offset);
            else _column += offset >= _offset ? Scalars(_offset, offset) : -Scalars(offset, _offset);
            (_line, _offset) = (line, offset);
            return new SourcePosition(line + 1, _column);
        }
    }

    private int LineOf(int offset)
    {
        for (int line = _line; line < Math.Min(_line + 8, _lines!.Length); line++)
        {
            if (_lines[line] > offset) break;
            if (line + 1 == _lines.Length || _lines[line + 1] > offset) return line;
        }

        int found = Array.BinarySearch(_lines!, offset);
        return found >= 0 ? found : ~found - 1;
    }

    private int[] FindLines()
    {
        int[] lines = new int[1 + text.AsSpan().Count((byte)'\n')];
        int start = 0;
        for (int line = 1; line < lines.Length; line++) lines[line] = start += 1 + text.AsSpan(start).IndexOf((byte)'\n');
        return lines;
    }

    private int Scalars(int start, int end)
    {
        int count = 0;
        foreach (byte b in text.AsSpan(start, end - start))
        {
            if ((b & 0xC0) != 0x80) count++;
        }

        return count;
    }
}
