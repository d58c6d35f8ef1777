using System.Collections.Immutable;
using System.Text.Json;
using Landlock.Abi;
using Landlock.Linux;

namespace Landlock.Tracing;

/// <summary>What a trace found. Its text is lines of JSON: one for each record, then one that says how it ended.</summary>
/// <param name="Records">What was accessed.</param>
/// <param name="Warnings">What the records may lack.</param>
/// <param name="IsComplete">Whether the last line was written; false if the tracer itself was killed.</param>
/// <param name="Number">Of several reports of one trace, which one it is; 0 where it is the only one.</param>
public sealed record TraceReport(ImmutableArray<AccessRecord> Records, ImmutableArray<string> Warnings, bool IsComplete, int Number = 0)
{
    /// <summary>Which program has changed or made what is at a path; the last one counts.</summary>
    internal IEnumerable<(string Path, string Program)> Writers()
    {
        const AccessFs changing = AccessRecord.OnParent | AccessFs.WriteFile | AccessFs.Truncate;
        foreach (AccessRecord record in Records.Where(record => record.Error == Errno.None && record.Program.Length > 0
            && (record.Access & changing) != 0).OrderBy(record => record.Last))
        {
            yield return (record.Path, record.Program);
            if (record.Other is { } other) yield return (other, record.Program);
        }
    }

    /// <summary>Writes the lines.</summary>
    public byte[] Write()
    {
        using MemoryStream text = new();
        Write(Records, Warnings, Number, part =>
        {
            text.Write(part);
            return true;
        });
        return text.ToArray();
    }

    /// <summary>Writes the lines a part at a time.</summary>
    /// <param name="records">What was accessed.</param>
    /// <param name="warnings">What the records may lack.</param>
    /// <param name="number">Of several reports of one trace, which one it is.</param>
    /// <param name="take">Takes the parts.</param>
    internal static void Write(IEnumerable<AccessRecord> records, IEnumerable<string> warnings, int number, TakePart take)
    {
        using JsonLines lines = new(take);
        int count = 0;
        foreach (AccessRecord record in records)
        {
            if (lines.IsOver) return;
            lines.Add(record, Write);
            count++;
        }

        lines.Add(count, (json, written) =>
        {
            JsonReport.Head(json, "trace");
            json.WriteNumber("records", written);
            JsonReport.Texts(json, "warnings", warnings.Select(PosixText.Printable));
            if (number > 0) json.WriteNumber("report", number);
        });
    }

    /// <summary>Whether text has the last line, which is the only one that says what it is.</summary>
    internal static bool IsWhole(ReadOnlySpan<byte> text)
    {
        if (text.Length == 0 || text[^1] != '\n') return false;
        return text[(text[..^1].LastIndexOf((byte)'\n') + 1)..].StartsWith("{\"schema\":"u8);
    }

    /// <summary>Whether a line is the last one.</summary>
    internal static bool IsLast(string line) => line.StartsWith("{\"schema\":", StringComparison.Ordinal);

    /// <summary>Reads the lines.</summary>
    /// <exception cref="InvalidDataException">A line is none of a trace.</exception>
    public static TraceReport Read(ReadOnlySpan<byte> text)
    {
        ImmutableArray<AccessRecord>.Builder records = ImmutableArray.CreateBuilder<AccessRecord>();
        ImmutableArray<string> warnings = [];
        bool complete = false;
        int number = 0, report = 0;
        while (text.Length > 0)
        {
            int end = text.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? text : text[..end];
            text = end < 0 ? default : text[(end + 1)..];
            number++;
            if (line.IsEmpty) continue;
            try
            {
                Utf8JsonReader reader = new(line);
                using JsonDocument document = JsonDocument.ParseValue(ref reader);
                if (document.RootElement.TryGetProperty("operation", out _))
                {
                    records.Add(Record(document.RootElement));
                    continue;
                }

                (warnings, complete) =
                    ([.. document.RootElement.GetProperty("warnings").EnumerateArray().Select(warning => warning.GetString()!)], true);
                report = document.RootElement.TryGetProperty("report", out JsonElement given) ? given.GetInt32() : 0;
            }
            catch (Exception exception)
                when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
            {
                throw new InvalidDataException($"Line {number} is no line of a trace: {exception.Message}", exception);
            }
        }

        return new TraceReport(records.ToImmutable(), warnings, complete, report);
    }

    private static void Write(Utf8JsonWriter json, AccessRecord record)
    {
        json.WriteString("operation", record.Operation);
        JsonReport.Text(json, "path", record.Path);
        if (record.Other is { } other) JsonReport.Text(json, "other", other);
        Names(json, "access", AbiTable.Names(record.Access));
        Names(json, "net", AbiTable.Names(record.Net));
        Names(json, "scope", AbiTable.Names(record.Scope));
        if (record.Port is { } port) json.WriteNumber("port", port);
        if (record.Host is { } host) json.WriteString("host", host);
        if (record.Error != Errno.None)
        {
            json.WriteString("error", ErrnoText.Name(record.Error));
            json.WriteNumber("errno", (int)record.Error);
        }

        if (record.MayCreate) json.WriteBoolean("mayCreate", true);
        if (record.IsOutside) json.WriteBoolean("outside", true);
        json.WriteNumber("count", record.Count);
        json.WriteNumber("last", record.Last);
        if (record.BeforeFailure) json.WriteBoolean("beforeFailure", true);
        JsonReport.Text(json, "program", record.Program);
        json.WriteNumber("pid", record.ProcessId);
    }

    private static void Names(Utf8JsonWriter json, string property, IEnumerable<string> names)
    {
        string[] all = [.. names];
        if (all.Length == 0) return;
        json.WriteStartArray(property);
        foreach (string name in all) json.WriteStringValue(name);
        json.WriteEndArray();
    }

    private static AccessRecord Record(JsonElement line) => new()
    {
        Operation = line.GetProperty("operation").GetString()!,
        Path = Path(line, "path")!,
        Other = Path(line, "other"),
        Access = (AccessFs)Mask(line, "access", RightKind.Fs),
        Net = (AccessNet)Mask(line, "net", RightKind.Net),
        Scope = (Scope)Mask(line, "scope", RightKind.Scope),
        Port = line.TryGetProperty("port", out JsonElement port) ? port.GetInt32() : null,
        Host = Path(line, "host"),
        Error = line.TryGetProperty("errno", out JsonElement error) ? (Errno)error.GetInt32() : Errno.None,
        MayCreate = line.TryGetProperty("mayCreate", out JsonElement creates) && creates.GetBoolean(),
        IsOutside = line.TryGetProperty("outside", out JsonElement outside) && outside.GetBoolean(),
        Count = line.GetProperty("count").GetInt64(),
        Last = line.TryGetProperty("last", out JsonElement last) ? last.GetInt64() : 0,
        BeforeFailure = line.TryGetProperty("beforeFailure", out JsonElement failed) && failed.GetBoolean(),
        Program = Path(line, "program") ?? "",
        ProcessId = line.GetProperty("pid").GetInt32(),
    };

    private static string? Path(JsonElement line, string property) =>
        line.TryGetProperty(property + "Bytes", out JsonElement bytes) ? PosixText.Decode(bytes.GetBytesFromBase64())
        : line.TryGetProperty(property, out JsonElement text) ? text.GetString()
        : null;

    private static ulong Mask(JsonElement line, string property, RightKind kind)
    {
        ulong mask = 0;
        if (line.TryGetProperty(property, out JsonElement names))
            foreach (JsonElement name in names.EnumerateArray())
                mask |= AbiTable.Find(kind, name.GetString()!)?.Bit ?? throw new FormatException($"'{name}' is no right");
        return mask;
    }
}
