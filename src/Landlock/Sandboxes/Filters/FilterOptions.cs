namespace Landlock.Sandboxes.Filters;

/// <summary>What the filter of a command lets it do.</summary>
public sealed record FilterOptions
{
    /// <summary>The Internet sockets that are allowed; null = only UNIX sockets, if at all, are looked at.</summary>
    public NetworkAccess? Network { get; init; }

    /// <summary>
    /// Whether a tracer gives the error for what it can explain (<see cref="Linux.FilterProgram.Refuse"/>) and so learns of it. Without
    /// one, the kernel refuses it all the same. The command can be no tracer itself then, and not be asked by a filter of its own about its
    /// calls (seccomp_unotify(2)): either would answer in the place of the tracer.
    /// </summary>
    public bool Traced { get; init; }

    /// <summary>Of a command that is in no sandbox: only what would reach a host is answered for it.</summary>
    internal static FilterOptions ForHosts { get; } =
        new() { Network = new NetworkAccess(true, false) { Hosts = true }, OnlyNetwork = true };

    /// <summary>Whether nothing but sockets is looked at.</summary>
    internal bool OnlyNetwork { get; init; }

    /// <summary>Whether UNIX sockets can be made.</summary>
    public bool Unix { get; init; } = true;

    /// <summary>Whether there are the queues, semaphores and shared memory of System V, which all processes of the user share.</summary>
    public bool SystemVIpc { get; init; } = true;

    /// <summary>Whether namespaces can be made and entered, and userfaultfd(2), bpf(2) and perf_event_open(2) be called.</summary>
    public bool Namespaces { get; init; } = true;

    /// <summary>Whether the command is in a control group that it must not leave.</summary>
    public bool InGroup { get; init; }
}
