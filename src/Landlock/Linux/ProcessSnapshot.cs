namespace Landlock.Linux;

/// <summary>The processes of this machine at one time, with who has started whom.</summary>
internal sealed class ProcessSnapshot
{
    private const int TicksPerSecond = 100; // USER_HZ, the same wherever .NET runs

    private readonly Dictionary<int, ProcessStatus> _processes;
    private readonly ILookup<int, int> _children;

    private ProcessSnapshot(Dictionary<int, ProcessStatus> processes)
    {
        _processes = processes;
        _children = processes.ToLookup(process => process.Value.Parent, process => process.Key);
    }

    /// <summary>When the machine was started.</summary>
    public static DateTimeOffset Boot => DateTimeOffset.FromUnixTimeSeconds(ProcessFiles.Number("/proc/stat", "btime ") ?? 0);

    /// <summary>How long after that something was, in the kernel's ticks.</summary>
    public static TimeSpan Time(ulong ticks) => TimeSpan.FromSeconds(Math.Min(ticks / TicksPerSecond, uint.MaxValue));

    /// <summary>Looks at all; empty where /proc may not be read.</summary>
    public static ProcessSnapshot Take()
    {
        Dictionary<int, ProcessStatus> processes = [];
        foreach (int process in ProcessEnvironment.Numbers())
            if (ProcessStatus.Of(process) is { HasEnded: false } status) processes[process] = status;
        return new ProcessSnapshot(processes);
    }

    /// <summary>Whether a process was there that started at a time.</summary>
    public bool Has(int process, ulong start) => _processes.TryGetValue(process, out ProcessStatus status) && status.Start == start;

    /// <summary>
    /// Processes that were there, and all that they have started. None is older than its parent: a number may have belonged to another one.
    /// </summary>
    public List<int> WithDescendants(IEnumerable<int> processes)
    {
        List<int> found = [.. processes.Where(_processes.ContainsKey).Distinct()];
        HashSet<int> known = [.. found];
        for (int i = 0; i < found.Count; i++)
            foreach (int child in _children[found[i]])
                if (_processes[child].Start >= _processes[found[i]].Start && known.Add(child)) found.Add(child);
        return found;
    }

    /// <summary>Takes hold of a process that was there; null if it is not there any more.</summary>
    public ProcessHandle? Open(int process)
    {
        if (ProcessHandle.Open(process) is not { } handle) return null;
        // The number may belong to another one by now.
        if (ProcessStatus.Of(process) is { HasEnded: false } now && Has(process, now.Start)) return handle;
        handle.Dispose();
        return null;
    }
}
