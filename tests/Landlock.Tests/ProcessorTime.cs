using System.Runtime.InteropServices;

namespace Landlock.Tests;

/// <summary>What an action uses of a processor on its own thread, however busy the machine is.</summary>
internal static class ProcessorTime
{
    private const int ThreadClock = 3;

    public static TimeSpan Of(Action action)
    {
        TimeSpan start = Now();
        action();
        return Now() - start;
    }

    private static TimeSpan Now()
    {
        Assert.Equal(0, ReadClock(ThreadClock, out TimeSpec time));
        return TimeSpan.FromTicks((time.Seconds * TimeSpan.TicksPerSecond) + (time.Nanoseconds / TimeSpan.NanosecondsPerTick));
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    [DllImport("libc", EntryPoint = "clock_gettime")]
    private static extern int ReadClock(int clock, out TimeSpec time);
}
