using System.Diagnostics;
using System.Runtime.InteropServices;
using Landlock.Linux;
using Microsoft.Win32.SafeHandles;

namespace Landlock.Sandboxes.Supervision;

/// <summary>
/// What the two supervisors of a command leave behind when both are killed at once, as PowerShell does with all of a native command's
/// processes when a remote session or a job is stopped. Whoever has started them cleans up then.
/// </summary>
internal static class SupervisorRemains
{
    // Behind the supervisor's report on the status page.
    private const int Offset = 2048;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    /// <summary>Notes on the status page that this process is one of the two.</summary>
    public static unsafe void Note(int status, bool isFront)
    {
        int process = Environment.ProcessId;
        _ = Syscalls.Pwrite(status, (byte*)&process, sizeof(int), Offset + (isFront ? 0 : sizeof(int)));
    }

    /// <summary>
    /// Removes what is left, once the supervisors are gone. As long as one of them lives, it does that itself, and is waited for a little.
    /// </summary>
    public static void Clear(LaunchPlan plan, SafeFileHandle status)
    {
        if (plan.Start.Supervision is not { } options) return;
        int[] supervisors = new int[2];
        RandomAccess.Read(status, MemoryMarshal.AsBytes(supervisors.AsSpan()), Offset);
        if (supervisors.Contains(Environment.ProcessId) || supervisors.Contains(0)) return;

        string? scratch = plan.Start.Scratch is null ? null : PrivateTemp.PathOf(plan.Start.Scratch, status);
        for (Stopwatch clock = Stopwatch.StartNew(); IsThere(scratch) && clock.Elapsed < Limit; Thread.Sleep(Pause))
            if (supervisors.All(ProcessTree.HasEnded) && ScratchDirectory.IsUsed(scratch!) == false) ScratchDirectory.Remove(scratch!);
        if (options.HasGroup && supervisors.All(ProcessTree.HasEnded)) CommandGroups.Here().RemoveOf(supervisors[0]);
    }

    private static bool IsThere(string? path) => path is not null && PosixFile.Inspect(path) != PathKind.Missing;
}
