using System.Globalization;

namespace Landlock.Tracing;

/// <summary>
/// What /proc shows of the inside of a process (proc(5), those with "ptrace access mode"): only to whoever may trace it, so that a sandbox
/// is denied it of every process outside, whatever its rules say.
/// </summary>
internal static class InsideFiles
{
    private static readonly HashSet<string> Names = new(StringComparer.Ordinal)
    {
        "auxv", "clear_refs", "cwd", "environ", "exe", "fd", "fdinfo", "io", "map_files", "maps", "mem", "ns", "numa_maps", "pagemap",
        "personality", "root", "smaps", "smaps_rollup", "stack", "syscall",
    };

    /// <summary>The process that a path is about the inside of; null if it is about none.</summary>
    public static int? ProcessOf(string path)
    {
        const string proc = "/proc/", task = "task";
        if (!path.StartsWith(proc, StringComparison.Ordinal)) return null;
        string[] parts = path[proc.Length..].Split('/', StringSplitOptions.RemoveEmptyEntries);
        int name = parts.Length > 3 && parts[1] == task ? 3 : 1;
        return parts.Length > name && Names.Contains(parts[name])
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int process) ? process : null;
    }
}
