using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Landlock.Linux;

namespace Landlock.Denials;

/// <summary>Why denials cannot be read.</summary>
internal enum DenialLogProblem
{
    /// <summary>Nothing that holds the log may be read.</summary>
    NotPermitted,

    /// <summary>The kernel writes no audit log.</summary>
    Disabled,
}

/// <summary>The kernel's log of denials cannot be read. The message says what was tried.</summary>
internal sealed class DenialLogException(DenialLogProblem problem, string message) : Exception(message)
{
    /// <summary>Why.</summary>
    public DenialLogProblem Problem { get; } = problem;
}

/// <summary>
/// The denials that are on record: in auditd's log, in the journal, or among the kernel's messages, the first that can be read.
/// </summary>
internal sealed class DenialHistory
{
    private const string AuditLog = "/var/log/audit/audit.log";
    private const string Messages = "the kernel's messages";
    private const string Off = "The kernel writes no audit log now, so denials leave no trace.";

    private DenialHistory(string source, ImmutableArray<LandlockDenial> denials, ImmutableArray<DomainEnd> ended,
        (DateTimeOffset Time, ulong Serial) last)
    {
        Source = source;
        Denials = denials;
        Ended = ended;
        Last = last;
    }

    /// <summary>Where they were read.</summary>
    public string Source { get; }

    /// <summary>Whether records may be missing, since the kernel prints them at a limited rate.</summary>
    public bool IsPartial => Source == Messages;

    /// <summary>The denials, oldest first.</summary>
    public ImmutableArray<LandlockDenial> Denials { get; }

    /// <summary>Domains that ended meanwhile.</summary>
    public ImmutableArray<DomainEnd> Ended { get; }

    /// <summary>The newest event that was read.</summary>
    internal (DateTimeOffset Time, ulong Serial) Last { get; }

    /// <summary>Reads what is on record.</summary>
    /// <param name="since">The oldest time of interest; null = all.</param>
    /// <exception cref="DenialLogException">No log may be read, or none is written.</exception>
    public static DenialHistory Read(DateTimeOffset? since)
    {
        List<string> tried = [];
        DenialHistory? found =
            Try(AuditLog, () => Files(AuditLog, since).SelectMany(Lines)) ?? Journal(since) ?? Try(Messages, KernelLog.Read);
        if (found is null)
            throw new DenialLogException(DenialLogProblem.NotPermitted,
                $"The kernel's log of denials cannot be read: {string.Join("; ", tried)}.");
        if (found.Denials.IsEmpty && AuditSocket.IsEnabled() == false) throw new DenialLogException(DenialLogProblem.Disabled, Off);
        return found;

        DenialHistory? Try(string source, Func<IEnumerable<string>> lines)
        {
            try
            {
                return Assemble(source, lines().Select(AuditRecord.ParseLine), since);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or KernelException)
            {
                tried.Add(e is KernelException kernel ? $"{source} ({ErrnoText.Describe(kernel.Error)})"
                    : $"{source} ({(e is UnauthorizedAccessException ? "Permission denied" : "not there")})");
                return null;
            }
        }

        DenialHistory? Journal(DateTimeOffset? from)
        {
            DenialHistory? journal = Assemble("the journal", JournalRecords(from), since);
            if (journal.Last.Serial != 0) return journal;
            tried.Add("the journal (no such records)");
            return null;
        }
    }

    /// <summary>Throws if nothing is written, as far as this can be known.</summary>
    internal static void DemandEnabled()
    {
        if (AuditSocket.IsEnabled() == false) throw new DenialLogException(DenialLogProblem.Disabled, Off);
    }

    /// <summary>Puts records together.</summary>
    internal static DenialHistory Assemble(string source, IEnumerable<AuditRecord?> records, DateTimeOffset? since)
    {
        DenialAssembler assembler = new();
        List<LandlockDenial> denials = [];
        (DateTimeOffset Time, ulong Serial) last = default;
        foreach (AuditRecord? record in records)
        {
            // Also what is older is put together: it says which domain is whose.
            if (record is null) continue;
            denials.AddRange(assembler.Add(record));
            last = (record.Time, record.Serial);
        }

        denials.AddRange(assembler.Flush());
        return new DenialHistory(source, [.. denials.Where(denial => since is null || denial.Time >= since)],
            [.. assembler.Ended.Where(end => since is null || end.Time >= since)], last);
    }

    /// <summary>Reads one entry of the journal (journalctl -o json): an audit record, or a message of the kernel that holds one.</summary>
    internal static AuditRecord? ParseJournal(string json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement entry = document.RootElement;
            if (entry.ValueKind != JsonValueKind.Object || Text(entry, "MESSAGE") is not { } message) return null;
            // With a facility of its own a message of the kernel's log is one that a program wrote into it.
            if (Text(entry, "_TRANSPORT") == "kernel")
                return Text(entry, "SYSLOG_FACILITY") is null or "0" ? AuditRecord.ParseLine(message) : null;
            if (Text(entry, "_TRANSPORT") != "audit") return null;
            // journald takes the stamp off and keeps its parts; the first word is the name of the type.
            if (!int.TryParse(Text(entry, "_AUDIT_TYPE"), NumberStyles.None, CultureInfo.InvariantCulture, out int type)
                || !ulong.TryParse(Text(entry, "_AUDIT_ID"), NumberStyles.None, CultureInfo.InvariantCulture, out ulong serial)
                || !ulong.TryParse(Text(entry, "_SOURCE_REALTIME_TIMESTAMP"), NumberStyles.None, CultureInfo.InvariantCulture,
                    out ulong time)) return null;
            int blank = message.IndexOf(' ');
            return AuditRecord.Parse(type, string.Create(CultureInfo.InvariantCulture,
                $"audit({time / 1_000_000}.{time / 1000 % 1000:000}:{serial}): {(blank < 0 ? "" : message[(blank + 1)..])}"));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement entry, string name)
    {
        if (!entry.TryGetProperty(name, out JsonElement value)) return null;
        if (value.ValueKind == JsonValueKind.String) return value.GetString();
        // A text that is not UTF-8 is a list of bytes.
        if (value.ValueKind != JsonValueKind.Array) return null;
        List<byte> bytes = [];
        foreach (JsonElement item in value.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetByte(out byte one)) return null;
            bytes.Add(one);
        }

        return PosixText.Decode(bytes.ToArray());
    }

    /// <summary>
    /// A log of auditd's, and those it was renamed to (max_log_file_action=rotate): audit.log.1 is newer than audit.log.2. Oldest first.
    /// </summary>
    /// <param name="log">The one that is written now.</param>
    /// <param name="since">The oldest time of interest; null = all.</param>
    internal static IEnumerable<string> Files(string log, DateTimeOffset? since)
    {
        Stack<string> files = new([log]);
        for (int number = 1; File.Exists(string.Create(CultureInfo.InvariantCulture, $"{log}.{number}")); number++)
        {
            string older = string.Create(CultureInfo.InvariantCulture, $"{log}.{number}");
            if (since is { } from && File.GetLastWriteTimeUtc(older) < from.UtcDateTime) break;
            files.Push(older);
        }

        return files;
    }

    private static IEnumerable<string> Lines(string file)
    {
        // Opened at once, so that a log that may not be read fails here and not on the way.
        StreamReader reader = new(File.Open(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete), Encoding.Latin1);
        return All();

        IEnumerable<string> All()
        {
            using (reader)
                while (reader.ReadLine() is { } line) yield return line;
        }
    }

    private static IEnumerable<AuditRecord?> JournalRecords(DateTimeOffset? since)
    {
        ProcessStartInfo start = new("journalctl")
        { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false };
        foreach (string argument in (string[])["--quiet", "--no-pager", "--output=json", "_TRANSPORT=audit", "+", "_TRANSPORT=kernel"])
            start.ArgumentList.Add(argument);
        if (since is { } from) start.ArgumentList.Add($"--since=@{from.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)}");
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // There is no journal without its program.
            yield break;
        }

        using (process)
        {
            process.StandardInput.Close();
            process.ErrorDataReceived += static (_, _) => { };
            process.BeginErrorReadLine();
            while (process.StandardOutput.ReadLine() is { } line) yield return ParseJournal(line);
            process.WaitForExit();
        }
    }
}
