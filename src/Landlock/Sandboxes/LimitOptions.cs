using System.Collections.Immutable;
using Landlock.Linux;

namespace Landlock.Sandboxes;

/// <summary>
/// Limits on what a command uses, by setrlimit(2). Each process has them for itself and hands them on, so that a command which starts many
/// processes has each limit many times, but for <see cref="Processes"/>.
/// </summary>
public sealed record LimitOptions
{
    private const int Cpu = 0, FileSizes = 1, Data = 2, UserProcesses = 6, Descriptors = 7; // RLIMIT_*

    // Three standard streams, and one for the program's own files: below that nothing dynamic starts.
    private const long FewestDescriptors = 4;

    /// <summary>Bytes of memory of each process: heap, and private mappings that can be written (RLIMIT_DATA).</summary>
    public long? Memory { get; init; }

    /// <summary>Processes and threads of the user, all of them counted, those outside, too (RLIMIT_NPROC). Does not hold root.</summary>
    public long? Processes { get; init; }

    /// <summary>Seconds of processor time of each process: SIGXCPU then, and a second later SIGKILL (RLIMIT_CPU).</summary>
    public long? CpuSeconds { get; init; }

    /// <summary>Bytes that a file may grow to: SIGXFSZ, or EFBIG, beyond (RLIMIT_FSIZE).</summary>
    public long? FileSize { get; init; }

    /// <summary>Descriptors of each process (RLIMIT_NOFILE).</summary>
    public long? OpenFiles { get; init; }

    /// <summary>Names of the resources, for descriptions.</summary>
    internal static string Name(int resource) => resource switch
    {
        Cpu => "processor seconds of each process",
        FileSizes => "bytes of each file",
        Data => "bytes of memory of each process",
        UserProcesses => "processes and threads of the user",
        Descriptors => "descriptors of each process",
        _ => $"resource {resource}",
    };

    /// <summary>The limits to set. One that is above what this process may have anyway is what it may have.</summary>
    /// <exception cref="LaunchException">A limit is not possible, or would not hold.</exception>
    public ImmutableArray<ResourceLimit> Build()
    {
        if (Processes is not null && CurrentUser.Id == 0)
            throw new LaunchException(LaunchProblem.SetupFailed, "processes",
                "The kernel holds root to no number of processes (RLIMIT_NPROC), so the limit cannot be had; nothing was run. Start the "
                + "command as another user, or limit all of it together (-MaxTotalProcesses, --max-total-processes).");
        ImmutableArray<ResourceLimit>.Builder limits = ImmutableArray.CreateBuilder<ResourceLimit>();
        Add(Cpu, CpuSeconds, 1, more: 1);
        Add(FileSizes, FileSize, 0);
        Add(Data, Memory, 1);
        Add(UserProcesses, Processes, 1);
        Add(Descriptors, OpenFiles, FewestDescriptors);
        return limits.ToImmutable();

        void Add(int resource, long? wanted, long least, ulong more = 0)
        {
            if (wanted is not { } value) return;
            if (value < least)
                throw new LaunchException(LaunchProblem.SetupFailed, Name(resource),
                    $"{value} {Name(resource)} cannot be a limit: at least {least} is needed; nothing was run.");
            ulong most = ProcessState.HardLimit(resource);
            limits.Add(new ResourceLimit(resource, Math.Min((ulong)value, most), Math.Min((ulong)value + more, most)));
        }
    }
}
