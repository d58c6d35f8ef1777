using System.Collections;
using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Linux;

namespace Landlock.Sandboxes;

/// <summary>Where a sandbox is used: the kernel, and the process that starts the command.</summary>
internal sealed record LaunchContext
{
    /// <summary>The kernel to plan for.</summary>
    public required LandlockSupport Support { get; init; }

    /// <summary>Absolute directory that relative paths, of rules too, start from.</summary>
    public required string BaseDirectory { get; init; }

    /// <summary>The environment that the command inherits from ("NAME=VALUE").</summary>
    public required ImmutableArray<string> Environment { get; init; }

    /// <summary>PATH for looking up the command; null = that of the command's own environment.</summary>
    public string? SearchPath { get; init; }

    /// <summary>Whether standard input, output or error of the command is the terminal.</summary>
    public bool OnTerminal { get; init; }

    /// <summary>This process, on the running kernel.</summary>
    public static LaunchContext Here() => new()
    {
        Support = RunningKernel.Support,
        BaseDirectory = System.Environment.CurrentDirectory,
        Environment = Entries(),
        OnTerminal = !(Console.IsInputRedirected && Console.IsOutputRedirected && Console.IsErrorRedirected),
    };

    /// <summary>The environment of this process.</summary>
    internal static ImmutableArray<string> Entries() =>
    [
        .. System.Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(entry => $"{entry.Key}={entry.Value}")
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Sockets of the program that starts the command, to look at together with those that are known.</summary>
    public ImmutableArray<KnownSocket> OwnSockets { get; init; } = [];
}
