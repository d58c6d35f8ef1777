using System.Globalization;
using System.Text.RegularExpressions;

namespace Landlock.Denials;

/// <summary>
/// One record of the kernel's audit log, such as <c>audit(1795305260.182:2): domain=140696060 blockers=fs.read_file ...</c>
/// </summary>
internal sealed partial class AuditRecord
{
    /// <summary>AUDIT_SYSCALL: which process made the system call of an event.</summary>
    public const int Syscall = 1300;

    /// <summary>AUDIT_EOE: the end of an event.</summary>
    public const int EndOfEvent = 1320;

    /// <summary>AUDIT_LANDLOCK_ACCESS: a denial (ABI 7).</summary>
    public const int Access = 1423;

    /// <summary>AUDIT_LANDLOCK_DOMAIN: a domain that denied something, at its first denial and at its end (ABI 7).</summary>
    public const int Domain = 1424;

    private const string Mark = "audit(";

    private static readonly string[] Texts = ["path", "exe", "comm", "ocomm"];
    private readonly Dictionary<string, (string Value, bool Quoted)> _fields;

    private AuditRecord(int type, DateTimeOffset time, ulong serial, Dictionary<string, (string Value, bool Quoted)> fields)
    {
        Type = type;
        Time = time;
        Serial = serial;
        _fields = fields;
    }

    /// <summary>The number of the record's type.</summary>
    public int Type { get; }

    /// <summary>When, to the millisecond.</summary>
    public DateTimeOffset Time { get; }

    /// <summary>Number of the event; its records share it. It begins anew with each boot.</summary>
    public ulong Serial { get; }

    /// <summary>Reads what netlink delivers: the type apart, and <c>audit(TIME:SERIAL): FIELDS</c>.</summary>
    /// <returns>Null if it is no such text.</returns>
    public static AuditRecord? Parse(int type, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!text.StartsWith(Mark, StringComparison.Ordinal)) return null;
        int end = text.IndexOf("):", StringComparison.Ordinal);
        if (end < 0) return null;
        ReadOnlySpan<char> stamp = text.AsSpan(Mark.Length, end - Mark.Length);
        int dot = stamp.IndexOf('.'), colon = stamp.IndexOf(':');
        if (dot < 0 || colon < dot || !Number(stamp[..dot], out ulong seconds) || !Number(stamp[(dot + 1)..colon], out ulong milliseconds)
            || !Number(stamp[(colon + 1)..], out ulong serial))
        {
            return null;
        }
        if (seconds > 253_402_300_799 || milliseconds > 999) return null;
        DateTimeOffset time = DateTimeOffset.FromUnixTimeSeconds((long)seconds).AddMilliseconds(milliseconds);
        return new AuditRecord(type, time, serial, Fields(text.AsSpan(end + 2)));
    }

    /// <summary>
    /// Reads a line of audit.log (<c>type=LANDLOCK_ACCESS msg=audit(...): ...</c>, by older tools <c>UNKNOWN[1423]</c>, behind
    /// <c>node=HOST</c> where auditd is told to write it) or of the kernel's log (<c>audit: type=1423 audit(...): ...</c>).
    /// </summary>
    /// <returns>Null if it is none, or of a type that has nothing to do with Landlock.</returns>
    /// <remarks>
    /// A record is one from its first character on: further inside, what looks like one may be the name of a program, which the kernel
    /// writes into other messages as it is.
    /// </remarks>
    public static AuditRecord? ParseLine(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        Match head = Head().Match(line);
        if (!head.Success) return null;
        string name = head.Groups["type"].Value;
        if (name.StartsWith("UNKNOWN[", StringComparison.Ordinal) && name.EndsWith(']')) name = name[8..^1];
        int? type = name switch
        {
            "SYSCALL" => Syscall,
            "EOE" => EndOfEvent,
            "LANDLOCK_ACCESS" => Access,
            "LANDLOCK_DOMAIN" => Domain,
            _ => Number(name, out ulong number) && number is Syscall or EndOfEvent or Access or Domain ? (int)number : null,
        };
        // auditd appends what it made of the fields, behind a group separator.
        int more = line.IndexOf('\u001d');
        return type is { } known ? Parse(known, line[head.Length..(more < head.Length ? line.Length : more)]) : null;
    }

    /// <summary>A field as it stands, without quotes; null if it is missing or "(null)".</summary>
    public string? Raw(string key) =>
        _fields.TryGetValue(key, out (string Value, bool Quoted) field) && (field.Quoted || field.Value != "(null)") ? field.Value : null;

    /// <summary>
    /// A field that programs choose (path, exe, comm, ocomm): in quotes, or as hexadecimal bytes if it holds a blank, a quote, or anything
    /// that is not ASCII.
    /// </summary>
    public string? Text(string key)
    {
        if (Raw(key) is not { } value) return null;
        if (_fields[key].Quoted || !Texts.Contains(key) || value.Length == 0 || value.Length % 2 != 0 || !value.All(char.IsAsciiHexDigit))
            return value;
        return PosixText.Decode(Convert.FromHexString(value));
    }

    /// <summary>A decimal number.</summary>
    public ulong? Decimal(string key) => Raw(key) is { } value && Number(value, out ulong number) ? number : null;

    [GeneratedRegex(@"\A(?:(?:node=[^ ]+ )?type=(?<type>[^ ]+) msg=|(?:\[ *[0-9]+\.[0-9]+\] )?audit: type=(?<type>[0-9]+) )(?=audit\()",
        RegexOptions.CultureInvariant)]
    private static partial Regex Head();

    private static bool Number(ReadOnlySpan<char> text, out ulong number) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    // The kernel never writes a quote inside quotes. The first of two fields with one name counts: what comes later may be a program's.
    private static Dictionary<string, (string Value, bool Quoted)> Fields(ReadOnlySpan<char> text)
    {
        Dictionary<string, (string Value, bool Quoted)> fields = new(StringComparer.Ordinal);
        while (true)
        {
            text = text.TrimStart(" \n\r\0");
            int equals = text.IndexOf('=');
            int blank = text.IndexOf(' ');
            if (equals < 0) return fields;
            if (blank >= 0 && blank < equals)
            {
                text = text[blank..];
                continue;
            }

            string key = text[..equals].ToString();
            text = text[(equals + 1)..];
            bool quoted = text.StartsWith("\"");
            if (quoted) text = text[1..];
            int end = quoted ? text.IndexOf('"') : text.IndexOfAny(" \n\0");
            // A quoted value without its end was cut off; what is there of it would name another file.
            if (quoted && end < 0) return fields;
            fields.TryAdd(key, ((end < 0 ? text : text[..end]).ToString(), quoted));
            if (end < 0) return fields;
            text = text[(end + 1)..];
        }
    }
}
