using System.Globalization;

namespace Landlock.Linux;

/// <summary>Ends what a process has started.</summary>
internal static class ProcessTree
{
    private const int KillSignal = 9;
    private const int Passes = 50;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    /// <summary>Ends the children of a process and theirs; the process itself stays. What is started meanwhile is ended, too.</summary>
    /// <param name="ancestor">The process id.</param>
    public static void EndDescendants(int ancestor) => End(processes => Beneath(ancestor, processes));

    /// <summary>The parent of a process; null if there is no such process.</summary>
    /// <param name="process">The process id.</param>
    public static int? ParentOf(int process) => ProcessStatus.Of(process) is { HasEnded: false, Parent: var parent } ? parent : null;

    /// <summary>Whether a process has ended, waited for or not.</summary>
    internal static bool HasEnded(int process) => ProcessStatus.Of(process) is not { HasEnded: false };

    /// <summary>Ends what is left of a process group whose leader has ended.</summary>
    /// <param name="leader">
    /// The process id that the leader had. While anything is left of its group, the kernel gives it to no other process.
    /// </param>
    public static void EndGroup(int leader) => End(processes =>
        processes.Any(process => process.Id == leader && !process.HasEnded) ? [] : processes.Where(process => process.Group == leader));

    /// <summary>The children of a process and theirs, those left out that have ended.</summary>
    internal static List<int> Descendants(int ancestor) =>
        [.. Beneath(ancestor, Read()).Where(process => !process.HasEnded).Select(process => process.Id)];

    /// <summary>The children of a process.</summary>
    internal static List<int> Children(int parent) =>
        [.. Read().Where(process => process.Parent == parent && !process.HasEnded).Select(process => process.Id)];

    /// <summary>
    /// Whether what a process of this user has started can be found here: not without /proc, or with that of another PID namespace.
    /// </summary>
    internal static bool CanFind()
    {
        int self = Environment.ProcessId;
        try
        {
            // Cheap, and enough: children that lose their parent become a supervisor's own.
            _ = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/self/task/{self}/children"));
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A kernel without the file, or a sandbox around this process.
            return Read().Any(process => process.Id == self);
        }
    }

    /// <summary>The parents of the processes of a group.</summary>
    internal static IEnumerable<int> ParentsOfGroup(int group) =>
        Read().Where(process => process.Group == group && !process.HasEnded).Select(process => process.Parent).Distinct();

    private static List<Entry> Beneath(int ancestor, List<Entry> processes)
    {
        ILookup<int, Entry> children = processes.ToLookup(process => process.Parent);
        List<Entry> found = [.. children[ancestor]];
        for (int i = 0; i < found.Count; i++) found.AddRange(children[found[i].Id]);
        return found;
    }

    private static void End(Func<List<Entry>, IEnumerable<Entry>> find)
    {
        for (int pass = 0; pass < Passes; pass++)
        {
            Entry[] found = [.. find(Read()).Where(process => !process.HasEnded)];
            if (found.Length == 0) return;
            foreach (Entry process in found) _ = Syscalls.Kill(process.Id, KillSignal);
            Thread.Sleep(Pause);
        }
    }

    private static List<Entry> Read()
    {
        List<Entry> processes = [];
        try
        {
            foreach (string folder in Directory.EnumerateDirectories("/proc"))
            {
                if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int id)
                    && ProcessStatus.Of(id) is { } process)
                {
                    processes.Add(new Entry(id, process.Parent, process.Group, process.HasEnded));
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A strict sandbox may not look at processes; then nothing can be found from inside of it.
        }

        return processes;
    }

    private sealed record Entry(int Id, int Parent, int Group, bool HasEnded);
}
