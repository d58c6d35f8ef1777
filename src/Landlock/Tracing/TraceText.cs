using Landlock.Abi;
using Landlock.Linux;

namespace Landlock.Tracing;

/// <summary>A trace as lines for people: what was accessed, in the order of paths.</summary>
internal static class TraceText
{
    /// <summary>The lines.</summary>
    public static IEnumerable<string> Lines(TraceReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        foreach (string warning in report.Warnings) yield return $"warning: {PosixText.Printable(warning)}";
        yield return $"{"count",7}  {"access",-28}  {"result",-9}  path";
        var groups = report.Records.GroupBy(record => (record.Path, Access: Names(record), record.Error))
            .OrderBy(group => group.Key.Path, StringComparer.Ordinal);
        foreach (var group in groups)
            yield return $"{group.Sum(record => record.Count),7}  {group.Key.Access,-28}  "
                + $"{(group.Key.Error == Errno.None ? "" : ErrnoText.Name(group.Key.Error)),-9}  {PosixText.Printable(group.Key.Path)}";
    }

    /// <summary>The rights of a record, by their kernel names; the operation where it needs none.</summary>
    public static string Names(AccessRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        string names = string.Join(',', AbiTable.Names(record.Access).Concat(AbiTable.Names(record.Net)));
        return names.Length == 0 ? record.Operation : names;
    }
}
