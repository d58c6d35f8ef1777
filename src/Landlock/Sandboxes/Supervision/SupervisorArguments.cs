using System.Collections.Immutable;
using System.Globalization;
using Landlock.Rulesets;

namespace Landlock.Sandboxes.Supervision;

/// <summary>The command line of `landlocked` as a supervisor. It is for this project's own programs; nobody types it.</summary>
/// <remarks>
/// There are two: the one that is started, the front, has the supervisor for its only child. Each does for the other what only somebody
/// else can do: when one of them is killed by SIGKILL, as PowerShell stops a native command, the other ends the command and cleans up.
/// </remarks>
internal sealed record SupervisorArguments
{
    /// <summary>The argument that a supervisor's command line begins with. No command has such a name.</summary>
    public const string Mark = "--supervise";

    /// <summary>
    /// The argument behind it of a process that moves into a control group and becomes a program: the group, the program, its words.
    /// </summary>
    public const string Join = "join";

    private const string Front = "front", Inner = "inner", None = "-";

    /// <summary>Whether this is the front.</summary>
    public bool IsFront { get; init; }

    /// <summary>Descriptor of the status page.</summary>
    public required int Status { get; init; }

    /// <summary>How long the command may run; null = for ever.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>How long after SIGTERM comes SIGKILL.</summary>
    public TimeSpan Grace { get; init; }

    /// <summary>Process that the command does not outlive; 0 = any.</summary>
    public int Parent { get; init; }

    /// <summary>Path of the directory for temporary files, as the plan has it; null if there is none.</summary>
    public string? Scratch { get; init; }

    /// <summary>Directory of the command's preview; null without one.</summary>
    public string? Preview { get; init; }

    /// <summary>Bytes of memory of all of the command; null = no limit.</summary>
    public long? TotalMemory { get; init; }

    /// <summary>Processes and threads of all of the command; null = no limit.</summary>
    public long? TotalProcesses { get; init; }

    /// <summary>Whether the command has a control group of its own.</summary>
    public bool HasGroup => TotalMemory is not null || TotalProcesses is not null;

    /// <summary>Directory of the command's control group; null if it has none, or none yet.</summary>
    public string? Group { get; init; }

    /// <summary>Name of the command, if the supervisor has to say on standard error what it did.</summary>
    public string? Command { get; init; }

    /// <summary>Places to put back.</summary>
    public ImmutableArray<string> Preserve { get; init; } = [];

    /// <summary>The hosts that the command may reach; null = hosts are not looked at.</summary>
    public HostAccess? Hosts { get; init; }

    /// <summary>Descriptor that what the command asks for is noted to; 0 = nobody reads it.</summary>
    public int Journal { get; init; }

    /// <summary>Arguments for landlock-exec, or for landlocked itself.</summary>
    public required ImmutableArray<string> Arguments { get; init; }

    /// <summary>As words.</summary>
    public string[] Write() =>
        [Mark, IsFront ? Front : Inner, Number(Status), Number(Timeout?.Ticks ?? -1), Number(Grace.Ticks), Number(Parent), Scratch ?? None,
            Number(TotalMemory ?? -1), Number(TotalProcesses ?? -1), Group ?? None, Command is null ? None : $"={Command}",
            Number(Journal), Preview ?? None, .. Counted(Preserve), .. Counted(Hosts?.Write() ?? []), .. Arguments];

    /// <summary>From words, without the mark; null if they are not what was written.</summary>
    public static SupervisorArguments? Read(string[] words)
    {
        if (words.Length < 15 || words[0] is not (Front or Inner)
            || !int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out int status) || status < 3
            || !long.TryParse(words[2], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long timeout)
            || !long.TryParse(words[3], NumberStyles.None, CultureInfo.InvariantCulture, out long grace)
            || !int.TryParse(words[4], NumberStyles.None, CultureInfo.InvariantCulture, out int parent)
            || !long.TryParse(words[6], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long memory)
            || !long.TryParse(words[7], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long processes)
            || !int.TryParse(words[10], NumberStyles.None, CultureInfo.InvariantCulture, out int journal)
            || Take(words, 12) is not { } preserve || Take(words, preserve.End) is not { } hosts || hosts.End >= words.Length
            || (hosts.Words.Length > 0 && HostAccess.Read(hosts.Words) is null)) return null;
        return new SupervisorArguments
        {
            IsFront = words[0] == Front,
            Status = status,
            Timeout = timeout < 0 ? null : TimeSpan.FromTicks(timeout),
            Grace = TimeSpan.FromTicks(grace),
            Parent = parent,
            Scratch = words[5] == None ? null : words[5],
            TotalMemory = memory < 0 ? null : memory,
            TotalProcesses = processes < 0 ? null : processes,
            Group = words[8] == None ? null : words[8],
            Command = words[9] == None ? null : words[9][1..],
            Preserve = [.. preserve.Words],
            Hosts = HostAccess.Read(hosts.Words),
            Journal = journal,
            Preview = words[11] == None ? null : words[11],
            Arguments = [.. words[hosts.End..]],
        };
    }

    private static string[] Counted(IEnumerable<string> words) => words.ToArray() is var all ? [Number(all.Length), .. all] : [];

    // Words behind their number.
    private static (string[] Words, int End)? Take(string[] words, int at) => at < words.Length
        && int.TryParse(words[at], NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count < words.Length - at
        ? (words[(at + 1)..(at + 1 + count)], at + 1 + count) : null;

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
