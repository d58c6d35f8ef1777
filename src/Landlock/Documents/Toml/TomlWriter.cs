using System.Globalization;
using System.Text;

namespace Landlock.Documents.Toml;

/// <summary>
/// Writes documents: always the same text for the same data, and a text that reads as the same data, in the same order.
/// </summary>
/// <remarks>
/// Tables and arrays of tables at the end of a table get headers. One that stands before a plain value of its table is written
/// in braces, since the value could not follow a header.
/// </remarks>
public static class TomlWriter
{
    private const int LineLength = 100;
    private const int Indent = 4;
    private const int DeepestIndent = 8 * Indent;

    // Below a longer header tables are written in braces, which keeps the text linear in the data.
    private const int LongestParent = 200;

    /// <summary>Writes a document, with line feeds as newlines.</summary>
    public static string Write(TomlTable document)
    {
        ArgumentNullException.ThrowIfNull(document);
        StringBuilder output = new();
        WriteBody(output, document, "");
        return output.ToString();
    }

    private static void WriteBody(StringBuilder output, TomlTable table, string path)
    {
        int blocks = FirstBlock(table, path);
        for (int i = 0; i < blocks; i++)
        {
            WriteKey(output, table[i].Key);
            output.Append(" = ");
            WriteValue(output, table[i].Value, 0);
            output.Append('\n');
        }

        for (int i = blocks; i < table.Count; i++)
        {
            string name = Join(path, table[i].Key);
            if (table[i].Value is TomlTable child) WriteTable(output, child, name);
            else WriteElements(output, (TomlArray)table[i].Value, name);
        }
    }

    private static void WriteTable(StringBuilder output, TomlTable table, string path)
    {
        // The headers of its tables make a table that has nothing else.
        if (table.Count == 0 || FirstBlock(table, path) > 0) WriteHeader(output, "[", path, "]");
        WriteBody(output, table, path);
    }

    private static void WriteElements(StringBuilder output, TomlArray array, string path)
    {
        foreach (TomlNode element in array)
        {
            WriteHeader(output, "[[", path, "]]");
            WriteBody(output, (TomlTable)element, path);
        }
    }

    /// <summary>The index of the first of those last entries of a table that get headers.</summary>
    private static int FirstBlock(TomlTable table, string path)
    {
        int first = table.Count;
        if (path.Length > LongestParent) return first;
        while (first > 0 && IsBlock(table[first - 1].Value)) first--;
        return first;
    }

    private static bool IsBlock(TomlNode value) =>
        value is TomlTable || (value is TomlArray { Count: > 0 } array && array.All(static element => element is TomlTable));

    private static void WriteHeader(StringBuilder output, string open, string path, string close)
    {
        if (output.Length > 0) output.Append('\n');
        output.Append(open).Append(path).Append(close).Append('\n');
    }

    private static void WriteValue(StringBuilder output, TomlNode value, int indent)
    {
        int start = output.Length;
        if (value is not TomlArray array)
        {
            WriteOnLine(output, value, int.MaxValue);
        }
        else if (!WriteOnLine(output, value, start + LineLength))
        {
            output.Length = start;
            int inner = Math.Min(indent + Indent, DeepestIndent);
            output.Append("[\n");
            foreach (TomlNode element in array)
            {
                output.Append(' ', inner);
                WriteValue(output, element, inner);
                output.Append(",\n");
            }

            output.Append(' ', indent).Append(']');
        }
    }

    /// <summary>Writes a value without newlines; gives up, with false, soon after the output is longer than the limit.</summary>
    private static bool WriteOnLine(StringBuilder output, TomlNode value, int limit)
    {
        switch (value)
        {
            case TomlString text:
                TomlText.AppendString(output, text.Value);
                break;
            case TomlInteger number:
                output.Append(number.Value);
                break;
            case TomlFloat number:
                output.Append(Format(number.Value));
                break;
            case TomlBoolean truth:
                output.Append(truth.Value ? "true" : "false");
                break;
            case TomlDateTime time:
                output.Append(time);
                break;
            case TomlArray array:
                return WriteArrayOnLine(output, array, limit);
            case TomlTable table:
                return WriteTableOnLine(output, table, limit);
        }

        return output.Length <= limit;
    }

    private static bool WriteArrayOnLine(StringBuilder output, TomlArray array, int limit)
    {
        output.Append('[');
        for (int i = 0; i < array.Count; i++)
        {
            if (i > 0) output.Append(", ");
            if (!WriteOnLine(output, array[i], limit)) return false;
        }

        output.Append(']');
        return output.Length <= limit;
    }

    private static bool WriteTableOnLine(StringBuilder output, TomlTable table, int limit)
    {
        output.Append('{');
        for (int i = 0; i < table.Count; i++)
        {
            output.Append(i > 0 ? ", " : " ");
            WriteKey(output, table[i].Key);
            output.Append(" = ");
            if (!WriteOnLine(output, table[i].Value, limit)) return false;
        }

        output.Append(table.Count > 0 ? " }" : "}");
        return output.Length <= limit;
    }

    private static void WriteKey(StringBuilder output, string key)
    {
        if (TomlKeys.IsBare(key)) output.Append(key);
        else TomlText.AppendString(output, key);
    }

    private static string Join(string path, string key)
    {
        StringBuilder joined = new(path);
        if (path.Length > 0) joined.Append('.');
        WriteKey(joined, key);
        return joined.ToString();
    }

    // The shortest digits that read as the same number; a float must show a point or an exponent.
    private static string Format(double value)
    {
        if (double.IsNaN(value)) return "nan";
        if (double.IsInfinity(value)) return value > 0 ? "inf" : "-inf";
        string digits = value.ToString("R", CultureInfo.InvariantCulture);
        if (!digits.AsSpan().ContainsAny('.', 'E')) return digits + ".0";
        return digits.Replace("E+", "e", StringComparison.Ordinal).Replace("E-0", "e-", StringComparison.Ordinal).Replace('E', 'e');
    }
}
