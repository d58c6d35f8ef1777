using Landlock.Linux;

namespace Landlock.Sandboxes;

/// <summary>
/// Runs inside a sandboxed PowerShell server: when its parent is gone, ends what the server has started, and the server. The server itself
/// ends at the end of its input, but only when what it runs can be stopped; a call that sleeps, or a finally block, cannot.
/// </summary>
internal static class ParentWatch
{
    private const int KillSignal = 9;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    // The kernel closes the files of a process that ends, and a moment later gives its children another parent.
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(100);

    /// <summary>Begins to watch.</summary>
    /// <param name="parent">The process id of the parent; 0 = whatever the parent is now.</param>
    public static void Start(int parent)
    {
        if (parent == 0) parent = Syscalls.GetParentId();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => EndChildrenWithout(parent);
        new Thread(() => Watch(parent)) { IsBackground = true, Name = "LandlockPS: parent watch" }.Start();
    }

    private static void Watch(int parent)
    {
        while (Syscalls.GetParentId() == parent) Thread.Sleep(Interval);
        Thread.Sleep(Grace);
        int self = Environment.ProcessId;
        ProcessTree.EndDescendants(self);
        Syscalls.Kill(self, KillSignal);
    }

    private static void EndChildrenWithout(int parent)
    {
        if (SpinWait.SpinUntil(() => Syscalls.GetParentId() != parent, Moment)) ProcessTree.EndDescendants(Environment.ProcessId);
    }
}
