using System.Globalization;

namespace Landlock.Linux;

/// <summary>What the kernel says of another process (/proc/PID/stat, proc_pid_stat(5)).</summary>
/// <param name="Parent">Its parent's process id.</param>
/// <param name="Group">Its process group.</param>
/// <param name="Start">When it started, in clock ticks since the machine did.</param>
/// <param name="HasEnded">Whether it has ended and was only not waited for yet.</param>
internal readonly record struct ProcessStatus(int Parent, int Group, ulong Start, bool HasEnded)
{
    /// <summary>Whether there is no such process, not even one that may not be looked at (kill(2), ESRCH).</summary>
    public static bool IsGone(int process) => Syscalls.Kill(process, 0) != 0 && Syscalls.LastError == Errno.ESRCH;

    /// <summary>The effective user of a process; null if there is no such process, or none that may be looked at.</summary>
    public static uint? UserOf(int process)
    {
        try
        {
            foreach (string line in File.ReadLines($"/proc/{process.ToString(CultureInfo.InvariantCulture)}/status"))
                if (line.StartsWith("Uid:", StringComparison.Ordinal)) return uint.Parse(line.Split('\t')[2], CultureInfo.InvariantCulture);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It is gone already.
        }

        return null;
    }

    /// <summary>Reads it; null if there is no such process, or none that may be looked at.</summary>
    public static ProcessStatus? Of(int process)
    {
        try
        {
            // The name, in brackets, may hold anything; the state is the field behind it, the third, and the start the 22nd.
            string stat = File.ReadAllText($"/proc/{process.ToString(CultureInfo.InvariantCulture)}/stat");
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ', 21);
            return new ProcessStatus(int.Parse(fields[1], CultureInfo.InvariantCulture), int.Parse(fields[2], CultureInfo.InvariantCulture),
                ulong.Parse(fields[19], CultureInfo.InvariantCulture), fields[0] is "Z" or "X");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
