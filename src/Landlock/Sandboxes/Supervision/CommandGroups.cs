using System.Globalization;
using Landlock.Linux;

namespace Landlock.Sandboxes.Supervision;

/// <summary>Control groups for commands, of version 2: what holds for a command and all that it starts together.</summary>
/// <remarks>
/// The kernel lets a group have limits for the groups beneath it only when no process is in it itself, unless it is the first of all. So
/// the processes of a group that is left to the user move into one beside the command's.
/// </remarks>
/// <param name="place">Where the groups are mounted, and the group of this process; null = nowhere.</param>
internal sealed class CommandGroups(ControlGroups.Place? place)
{
    private const string Prefix = "landlockps-", Rest = Prefix + "rest";
    private const long LeastMemory = 1 << 20;
    private const int Tries = 20;

    /// <summary>The groups of this machine.</summary>
    public static CommandGroups Here() => new(ControlGroups.Find());

    /// <summary>Says why the limits cannot be had, if so, and what to do.</summary>
    /// <exception cref="LaunchException">They cannot.</exception>
    public void Demand(long? memory, long? processes)
    {
        if (memory < LeastMemory)
            throw Impossible($"{memory} bytes of memory of all processes together cannot be a limit: at least {LeastMemory} is needed");
        if (processes < 1) throw Impossible($"{processes} processes and threads, all together, cannot be a limit: at least 1 is needed");
        string[] wanted = Controllers(memory, processes);
        if (wanted.Length > 0 && Obstacle(wanted) is { } obstacle)
            throw Impossible($"A command can be limited as a whole only in a separate control group (version 2), and {obstacle}");
    }

    /// <summary>Makes a group with limits for one command; <see cref="Remove"/> it afterwards.</summary>
    /// <returns>Its directory.</returns>
    /// <exception cref="LaunchException">It cannot be made.</exception>
    public string Make(long? memory, long? processes)
    {
        Demand(memory, processes);
        string parent = Parent!;
        Sweep();
        Enable(parent, Controllers(memory, processes));
        string group = string.Create(CultureInfo.InvariantCulture,
            $"{parent}/{Prefix}{Environment.ProcessId}.{ProcessNamespace.Number() ?? 0}-{Guid.NewGuid():N}");
        Require(ControlGroups.Make(group), group);
        try
        {
            // Memory that is swapped out would not count. There is no such file where nothing can be.
            if (memory is not null && ControlGroups.Write(group, "memory.swap.max", "0") is not (Errno.None or Errno.ENOENT) and var error)
                Require(error, $"{group}/memory.swap.max");
            Limit("memory.max", memory);
            Limit("pids.max", processes);
            return group;
        }
        catch
        {
            Remove(group);
            throw;
        }

        void Limit(string file, long? value)
        {
            if (value is { } number)
                Require(ControlGroups.Write(group, file, number.ToString(CultureInfo.InvariantCulture)), $"{group}/{file}");
        }
    }

    /// <summary>Moves this process into a group, with its limits.</summary>
    /// <exception cref="LaunchException">It cannot be moved.</exception>
    public static void Join(string group) => Require(ControlGroups.Write(group, "cgroup.procs", "0"), group);

    /// <summary>Kills all of a group at once, faster than it could fork; before Linux 5.14 nothing.</summary>
    /// <returns>How many processes were in it.</returns>
    public static int Kill(string group)
    {
        int count = ControlGroups.Words(group, "cgroup.procs").Length;
        return count > 0 && ControlGroups.Write(group, "cgroup.kill", "1") == Errno.None ? count : 0;
    }

    /// <summary>How many processes of a group were killed because there was no memory left for it.</summary>
    public static int KilledForMemory(string group) => Count(group, "memory.events", "oom_kill");

    /// <summary>How many times a group was refused another process.</summary>
    public static int Refused(string group) => Count(group, "pids.events", "max");

    /// <summary>Removes a group that is empty or about to be, with those that were made in it. One that is gone is no error.</summary>
    public static bool Remove(string group)
    {
        for (int i = 0; i < Tries * 5; i++)
        {
            if (RemoveOnce(group)) return true;
            // A process that has been waited for leaves its group a little later.
            Thread.Sleep(10);
        }

        return false;
    }

    /// <summary>Ends what is in the groups that a process has made, and removes them.</summary>
    /// <param name="maker">The process, which is gone.</param>
    public void RemoveOf(int maker)
    {
        foreach (string group in Made().Where(group => MakerOf(group) == maker))
        {
            _ = Kill(group);
            _ = Remove(group);
        }
    }

    // Groups whose supervisors were killed, both of them; those of other PID namespaces are none of ours. Nothing is ended.
    private void Sweep()
    {
        foreach (string group in Made()
            .Where(group => MakerOf(group) is { } maker && (ProcessStatus.IsGone(maker) || ProcessStatus.Of(maker) is { HasEnded: true })))
        {
            _ = RemoveOnce(group);
        }
    }

    private string[] Made() => Parent is { } parent ? Directory.GetDirectories(parent, Prefix + "*") : [];

    // The process and its namespace; null if that is another one.
    private static int? MakerOf(string group) => Path.GetFileName(group)[Prefix.Length..].Split('-')[0].Split('.') is [var name, var space]
        && space == (ProcessNamespace.Number() ?? 0).ToString(CultureInfo.InvariantCulture)
        && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int process) ? process : null;

    // Where the group of a command is made.
    private string? Parent => place is null ? null : Path.GetFileName(place.Own) == Rest ? Path.GetDirectoryName(place.Own) : place.Own;

    // Only the first group of all has no type.
    private bool IsFirst => !File.Exists($"{Parent}/cgroup.type");

    // Why there can be no group for a command; the sentence goes on after "and".
    private string? Obstacle(string[] wanted)
    {
        if (Parent is not { } parent) return "this process is in none that can be seen here. See: findmnt -t cgroup2";
        string[] missing = [.. wanted.Except(ControlGroups.Words(parent, "cgroup.controllers"))];
        if (missing.Length > 0)
        {
            string[] nowhere = [.. wanted.Except(ControlGroups.Words(place!.Root, "cgroup.controllers"))];
            return nowhere.Length > 0
                ? $"there is no controller {Names(nowhere)} in '{Shown(place.Root)}'. It may be in use by version 1: the boot parameter "
                    + "cgroup_no_v1=all leaves it to version 2"
                : $"there is no controller {Names(missing)} for '{Shown(parent)}'. {Advice}";
        }

        if (!PosixFile.CanWrite(parent) || !PosixFile.CanWrite($"{parent}/cgroup.procs"))
            return $"'{Shown(parent)}' may not be changed by this user. {Advice}";
        if (!wanted.Except(ControlGroups.Words(parent, "cgroup.subtree_control")).Any()) return null;
        if (!PosixFile.CanWrite($"{parent}/cgroup.subtree_control"))
            return $"the controllers for what is in '{Shown(parent)}' may not be changed by this user. {Advice}";
        return IsFirst || IsOurs(parent) ? null : $"'{Shown(parent)}' is managed by another program, such as systemd. {Advice}";
    }

    // All processes of the group are moved, so it has to be one that is left to its user: marked so, the whole of what this namespace
    // shows, or the topmost that the user may change.
    private bool IsOurs(string parent) => ControlGroups.IsMarkedAsDelegated(parent) || parent == place!.Root.TrimEnd('/')
        || !PosixFile.CanWrite($"{Path.GetDirectoryName(parent)}/cgroup.procs");

    private static string Advice => CurrentUser.Id == 0
        ? "Start it, or the shell, in a separate group: systemd-run --scope -p Delegate=yes COMMAND"
        : "Start it, or the shell, in a separate group: systemd-run --user --scope -p Delegate=yes COMMAND";

    private void Enable(string parent, string[] wanted)
    {
        string[] missing = [.. wanted.Except(ControlGroups.Words(parent, "cgroup.subtree_control"))];
        if (missing.Length == 0) return;
        string rest = $"{parent}/{Rest}", change = string.Join(' ', missing.Select(name => $"+{name}"));
        Errno error = Errno.None;
        // What is started meanwhile has to be moved, too.
        for (int i = 0; i < Tries; i++)
        {
            error = ControlGroups.Write(parent, "cgroup.subtree_control", change);
            if (error != Errno.EBUSY || IsFirst) break;
            if (ControlGroups.Make(rest) is not (Errno.None or Errno.EEXIST) and var refused) Require(refused, rest);
            foreach (string process in ControlGroups.Words(parent, "cgroup.procs"))
                if (process != "0" && ControlGroups.Write(rest, "cgroup.procs", process) is not (Errno.None or Errno.ESRCH) and var kept)
                    Require(kept, $"{rest}/cgroup.procs");
        }

        Require(error, $"{parent}/cgroup.subtree_control");
    }

    private static bool RemoveOnce(string group)
    {
        Errno error = ControlGroups.Remove(group);
        if (error is Errno.None or Errno.ENOENT) return true;
        try
        {
            foreach (string inner in Directory.GetDirectories(group)) _ = RemoveOnce(inner);
        }
        catch (IOException)
        {
            // It has gone meanwhile.
        }

        return ControlGroups.Remove(group) is Errno.None or Errno.ENOENT;
    }

    private static int Count(string group, string file, string name)
    {
        string[] words = ControlGroups.Words(group, file);
        int index = Array.IndexOf(words, name);
        return index >= 0 && index + 1 < words.Length
            && int.TryParse(words[index + 1], NumberStyles.None, CultureInfo.InvariantCulture, out int count)
            ? count : 0;
    }

    private static string[] Controllers(long? memory, long? processes) =>
        [.. memory is null ? Array.Empty<string>() : ["memory"], .. processes is null ? Array.Empty<string>() : ["pids"]];

    private static string Names(string[] controllers) => string.Join(" and ", controllers.Select(name => $"'{name}'"));

    private static string Shown(string path) => PosixText.Printable(path);

    private static LaunchException Impossible(string sentence) => new(LaunchProblem.SetupFailed, null, $"{sentence}. Nothing was run.");

    private static void Require(Errno error, string path)
    {
        if (error != Errno.None) throw Impossible($"The control group '{Shown(path)}' could not be set up: {ErrnoText.Describe(error)}");
    }
}
