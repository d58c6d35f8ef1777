using System.Collections.Immutable;
using Landlock.Access;
using Landlock.Linux;
using Landlock.Policies;
using Landlock.Rulesets;
using Landlock.Tracing;

namespace Landlock.Denials;

/// <summary>What denied an access.</summary>
public enum DenialCause
{
    /// <summary>A layer of the sandbox.</summary>
    Sandbox,

    /// <summary>
    /// Something that would have denied it without the sandbox, too: the file's mode or owner, a mount, a firewall,
    /// another security module.
    /// </summary>
    Elsewhere,
}

/// <summary>Something that a sandboxed command was denied: by what, how often, and which rule would allow it.</summary>
public sealed record DenialExplanation
{
    /// <summary>What denied it.</summary>
    public required DenialCause Cause { get; init; }

    /// <summary>What was tried, as <see cref="AccessRecord.Operation"/>.</summary>
    public required string Operation { get; init; }

    /// <summary>The path or address; the directory, where several of its entries were denied the same.</summary>
    public required string Path { get; init; }

    /// <summary>The other path of a rename or link; the program, for its interpreter.</summary>
    public string? Other { get; init; }

    /// <summary>Each path that was denied.</summary>
    public required ImmutableArray<string> Paths { get; init; }

    /// <summary>Names of the rights or scopes that layers deny; empty where the sandbox did not deny it, or by no right.</summary>
    public ImmutableArray<string> Missing { get; init; } = [];

    /// <summary>What each layer denies, outermost first.</summary>
    public ImmutableArray<LayerDenial> Layers { get; init; } = [];

    /// <summary>The error that the command got.</summary>
    public required Errno Error { get; init; }

    /// <summary>How often.</summary>
    public required long Count { get; init; }

    /// <summary>The programs that tried.</summary>
    public required ImmutableArray<string> Programs { get; init; }

    /// <summary>Whether it was the last thing that a process was denied before it failed.</summary>
    public bool BeforeFailure { get; init; }

    /// <summary>
    /// Whether a program only looked: it found the same name elsewhere and went on with that, or it is what
    /// PowerShell tries whatever it runs.
    /// </summary>
    public bool IsProbe { get; init; }

    /// <summary>The smallest rules that together would allow it; empty if no rule can.</summary>
    public ImmutableArray<AccessFix> Fix { get; init; } = [];

    /// <summary>What else is worth knowing, in sentences; null if nothing.</summary>
    public string? Note { get; init; }

    /// <summary>The host that a rule would be for, with its port; null if it is no host (<see cref="HostRule"/>).</summary>
    public string? Host { get; init; }

    // The kind of socket that was refused; which port it was for, nobody knows yet.
    internal string? Network { get; init; }

    /// <summary>The rules as parameters of Invoke-Landlocked; empty if no rule can allow it.</summary>
    public string Parameter => Host is not null ? $"-ConnectHost {PowerShellText.Argument(Host)}" : Network switch
    {
        "tcp" => "-ConnectTcp PORT",
        "udp" => "-ConnectSendUdp PORT",
        "netlink_route" => "-ListInterfaces",
        { } => "-Network Unrestricted",
        null => string.Join(' ', Fix.Select(fix => fix.ClassParameter).Distinct()),
    };

    /// <summary>The rules as options of landlocked.</summary>
    public string Option => Host is not null ? $"--connect-host {ShellText.Word(Host)}" : Network switch
    {
        "tcp" => "--connect-tcp PORT",
        "udp" => "--connect-send-udp PORT",
        "netlink_route" => "--list-interfaces",
        { } => "--network unrestricted",
        null => string.Join(' ', Fix.Select(fix => fix.Option).Distinct()),
    };

    /// <summary>The rules as text for a policy, exactly what is missing; empty if no rule can allow it.</summary>
    public string Toml => Host is not null ? PolicyWriter.Snippet(HostRule.Parse(Host))
        : string.Join("\n", Fix.Select(fix => fix.Toml).OfType<string>().Distinct());

    /// <summary>One line: what was denied, and why.</summary>
    public string Summary
    {
        get
        {
            string place = Paths.Length > 1 ? $"{Paths.Length} entries of {PosixText.Printable(Path)}" : PosixText.Printable(Path);
            string pair =
                Other is null ? "" : Operation == "execute" ? $" (for {PosixText.Printable(Other)})" : $" -> {PosixText.Printable(Other)}";
            string times = Count == 1 ? "" : $", {Count} times";
            IEnumerable<string> names =
                Programs.Select(program => PosixText.Printable(program[(program.LastIndexOf('/') + 1)..])).Distinct();
            string who = Programs.IsEmpty ? "" : $", by {string.Join(", ", names)}";
            return $"{Operation} {place}{pair}: {Why()}{times}{who}";
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Parameter.Length == 0 ? Summary : $"{Summary}; to allow it: {Parameter}";

    private string Why()
    {
        if (Cause == DenialCause.Elsewhere) return $"{ErrnoText.Name(Error)}, but not by the sandbox";
        // Of one layer that has no name there is nothing to tell.
        string layer = Layers.All(denial => denial is { Layer: 1, LayerName: null })
            ? ""
            : $" by layer {string.Join(", ", Layers.Select(Named).Distinct())}";
        return Missing.IsEmpty ? "denied by the sandbox" : $"{string.Join(",", Missing)} denied{layer}";
    }

    private static string Named(LayerDenial denial) =>
        denial.LayerName is null ? $"{denial.Layer}" : $"{denial.Layer} '{PosixText.Printable(denial.LayerName)}'";
}
