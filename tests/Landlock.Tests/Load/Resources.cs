using System.Globalization;

namespace Landlock.Tests.Load;

/// <summary>What this process holds at a moment: descriptors, children, threads.</summary>
internal sealed record Resources(int Descriptors, int MemoryFiles, int Children, int Threads)
{
    /// <summary>What it holds now.</summary>
    public static Resources Now()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        string[] links = [.. Directory.GetFileSystemEntries("/proc/self/fd").Select(entry => new FileInfo(entry).LinkTarget ?? "")];
        return new Resources(
            links.Length,
            links.Count(link => link.Contains("memfd:landlock", StringComparison.Ordinal)),
            Directory.GetDirectories("/proc/self/task")
                .Sum(task => File.ReadAllText(Path.Combine(task, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries).Length),
            Directory.GetDirectories("/proc/self/task").Length);
    }

    /// <summary>
    /// Nothing may be left of what was done since then. The runtime may have opened something of its own, or started a thread of its pool.
    /// </summary>
    public void DemandNothingLeft()
    {
        Resources now = Now();
        for (int i = 0; i < 200 && now.Children > Children; i++)
        {
            Thread.Sleep(20);
            now = Now();
        }

        Assert.InRange(now.Children, 0, Children);
        Assert.Equal(MemoryFiles, now.MemoryFiles);
        Assert.InRange(now.Descriptors, 0, Descriptors + 4);
        Assert.InRange(now.Threads, 0, Threads + 16);
    }

    /// <summary>Processes of landlock-exec that are stopped, and that nobody traces.</summary>
    public static int[] Stopped() =>
    [
        .. Directory.GetDirectories("/proc").Select(Path.GetFileName).Where(name => char.IsAsciiDigit(name![0])).Where(name =>
        {
            try
            {
                string status = File.ReadAllText($"/proc/{name}/status");
                return status.Contains("\nState:\tT (stopped)", StringComparison.Ordinal)
                    && status.Contains("\nTracerPid:\t0\n", StringComparison.Ordinal)
                    && new FileInfo($"/proc/{name}/exe").LinkTarget
                        == Path.Combine(Path.GetDirectoryName(Cli.CliRun.Landlocked)!, "landlock-exec");
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                return false;
            }
        }).Select(name => int.Parse(name!, CultureInfo.InvariantCulture)),
    ];

    /// <summary>Processes whose command line holds a text.</summary>
    public static int[] Holding(string text) =>
    [
        .. Directory.GetDirectories("/proc").Select(Path.GetFileName).Where(name => char.IsAsciiDigit(name![0])).Where(name =>
        {
            try
            {
                return File.ReadAllText($"/proc/{name}/cmdline").Contains(text, StringComparison.Ordinal);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                return false;
            }
        }).Select(name => int.Parse(name!, CultureInfo.InvariantCulture)),
    ];
}
