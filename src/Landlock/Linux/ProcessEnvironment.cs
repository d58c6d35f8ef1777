using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Landlock.Linux;

/// <summary>The environment of other processes of this user (proc_pid_environ(5)): what each was started with.</summary>
internal static class ProcessEnvironment
{
    private const int Largest = 4 << 20, First = 16 << 10;

    /// <summary>Whether the processes of this machine can be listed.</summary>
    public static bool CanList => PosixFile.Inspect("/proc/self") == PathKind.Directory && Numbers() is { Count: > 0 };

    /// <summary>The processes that run as this user; none where /proc cannot be listed.</summary>
    public static IEnumerable<int> Processes() => Numbers().Where(IsOwn);

    /// <summary>
    /// Whether this process may look into another one (ptrace(2)): from within a sandbox, whether that is in it, too. Root reads the
    /// environment of any process, wherever it is itself.
    /// </summary>
    public static bool IsOurs(int process) =>
        PosixEntry.ReadLink(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/exe")) is not null;

    /// <summary>The value of a variable; null if the process has none, or may not be looked at.</summary>
    public static string? Variable(int process, string name)
    {
        using SafeFileHandle? file =
            PosixFile.OpenRead(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/environ"));
        if (file is null) return null;
        // Most are small; the whole is read of those that are not.
        for (int size = First; size <= Largest; size *= 16)
        {
            byte[]? bytes = SmallFile.ReadStart(file, size);
            if (bytes is null) return null;
            if (bytes.Length == size && size * 16 <= Largest) continue;
            return Find(bytes, PosixText.Encode(name + "="));
        }

        return null;
    }

    private static string? Find(ReadOnlySpan<byte> entries, ReadOnlySpan<byte> start)
    {
        while (entries.Length > 0)
        {
            int end = entries.IndexOf((byte)0);
            ReadOnlySpan<byte> entry = end < 0 ? entries : entries[..end];
            if (entry.StartsWith(start)) return PosixText.Decode(entry[start.Length..]);
            if (end < 0) return null;
            entries = entries[(end + 1)..];
        }

        return null;
    }

    // To root, a process whose memory may not be dumped looks like one of its own.
    private static bool IsOwn(int process) =>
        PosixFile.Owner(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}")) is { } owner && owner == CurrentUser.Id
            && (owner != 0 || ProcessStatus.UserOf(process) == 0);

    /// <summary>The command line of a process (proc_pid_cmdline(5)); empty if it is gone.</summary>
    public static ImmutableArray<string> CommandLine(int process)
    {
        using SafeFileHandle? file =
            PosixFile.OpenRead(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/cmdline"));
        if (file is null || SmallFile.ReadStart(file, First) is not { Length: > 0 } bytes) return [];
        string text = PosixText.Decode(bytes.AsSpan().TrimEnd((byte)0));
        return [.. text.Split('\0')];
    }

    /// <summary>The processes that there are; none where /proc cannot be listed.</summary>
    public static List<int> Numbers()
    {
        try
        {
            return [.. PosixDirectory.List("/proc").Where(name => name.All(char.IsAsciiDigit))
                .Select(name => int.Parse(name, CultureInfo.InvariantCulture))];
        }
        catch (KernelException)
        {
            return [];
        }
    }
}
