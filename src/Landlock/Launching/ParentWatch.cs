using System.Globalization;
using Landlock.Kernel;

namespace Landlock.Launching;

/// <summary>
/// Runs inside a sandboxed PowerShell server: ends it, and what it has started, some time after its parent is gone. The server itself ends
/// at the end of its input, but only when what it runs can be stopped; a call that sleeps, or a finally block, cannot.
/// </summary>
public static class ParentWatch
{
    private const int KillSignal = 9;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    /// <summary>Begins to watch.</summary>
    /// <param name="parent">The process id of the parent.</param>
    public static void Start(int parent) => new Thread(() => Watch(parent)) { IsBackground = true, Name = "LandlockPS: parent watch" }.Start();

    private static void Watch(int parent)
    {
        while (Syscalls.GetParentId() == parent) Thread.Sleep(Interval);
        Thread.Sleep(Grace);
        int self = Environment.ProcessId;
        foreach (int id in Descendants(self)) Syscalls.Kill(id, KillSignal);
        Syscalls.Kill(self, KillSignal);
    }

    private static List<int> Descendants(int ancestor)
    {
        ILookup<int, int> children = Processes().ToLookup(process => process.Parent, process => process.Id);
        List<int> found = [.. children[ancestor]];
        for (int i = 0; i < found.Count; i++) found.AddRange(children[found[i]]);
        return found;
    }

    private static List<(int Id, int Parent)> Processes()
    {
        List<(int Id, int Parent)> processes = [];
        try
        {
            foreach (string folder in Directory.EnumerateDirectories("/proc"))
            {
                if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int id) && ParentOf(folder) is { } parent) processes.Add((id, parent));
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Then the server ends alone.
        }

        return processes;
    }

    private static int? ParentOf(string folder)
    {
        try
        {
            // The name, in brackets, may hold anything; the state and the parent follow it.
            string stat = File.ReadAllText(folder + "/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
