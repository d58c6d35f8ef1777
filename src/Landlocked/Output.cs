using System.Globalization;
using System.Text;
using Landlock.Linux;

namespace Landlocked;

/// <summary>
/// Lines for people, written at once, so that the lines of several processes do not mix. The console of .NET is never touched.
/// </summary>
internal static class Output
{
    /// <summary>The name that every line on standard error begins with.</summary>
    public const string Program = "landlocked";

    /// <summary>Writes lines to standard output.</summary>
    /// <returns>0, or the exit code for output that cannot be written.</returns>
    public static int Print(IEnumerable<string> lines) => Print(Encoding.UTF8.GetBytes(Join(lines)));

    /// <summary>Writes text to standard output.</summary>
    /// <returns>0, or the exit code for output that cannot be written.</returns>
    public static int Print(ReadOnlySpan<byte> text)
    {
        Errno error = Native.Write(1, text);
        if (error == Errno.None) return 0;

        // Whoever closed the pipe has read enough, and knows.
        if (error != Errno.EPIPE) Error($"cannot write to standard output: {ErrnoText.Describe(error)}");
        return ExitCodes.SetupFailed;
    }

    /// <summary>Writes lines to standard error.</summary>
    public static void Comment(IEnumerable<string> lines) => Native.Write(2, Encoding.UTF8.GetBytes(Join(lines)));

    /// <summary>Lines of a list as wide as the terminal that a descriptor is; as they are where it is none.</summary>
    public static IEnumerable<string> Fit(IEnumerable<string> lines, int descriptor) =>
        Native.Columns(descriptor) is { } width ? lines.SelectMany(line => WrappedText.Hanging(line, width)) : lines;

    /// <summary>One line that says what went wrong.</summary>
    public static void Error(string sentence) => Comment([$"{Program}: {AsClause(sentence)}"]);

    /// <summary>One line about something that does not keep the command from running.</summary>
    public static void Warning(string sentence) => Comment([$"{Program}: warning: {AsClause(sentence)}"]);

    /// <summary>A time as tables show it, in UTC.</summary>
    public static string Time(DateTimeOffset time) => time.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>A sentence of the library after a colon: in lower case and without a full stop, as Unix tools have it.</summary>
    public static string AsClause(string sentence)
    {
        string clause = sentence.EndsWith('.') ? sentence[..^1] : sentence;
        bool word = clause.Length > 1 && char.IsUpper(clause[0]) && (char.IsLower(clause[1]) || clause[1] == ' ');
        return word && !clause.StartsWith("Landlock", StringComparison.Ordinal) ? char.ToLowerInvariant(clause[0]) + clause[1..] : clause;
    }

    private static string Join(IEnumerable<string> lines) => string.Concat(lines.Select(line => line + "\n"));
}
