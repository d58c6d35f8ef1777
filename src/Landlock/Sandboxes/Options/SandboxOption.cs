using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Rulesets;

namespace Landlock.Sandboxes.Options;

/// <summary>
/// One thing that can be said about a sandbox, under one name everywhere: <c>read-only</c> is <c>--read-only</c> on the command line,
/// <c>-ReadOnly</c> of the cmdlets, and the key <c>read_only</c> of a profile.
/// </summary>
/// <param name="Name">The name, its words joined by "-".</param>
/// <param name="Help">What it does, in a few words.</param>
internal abstract record SandboxOption(string Name, string Help)
{
    /// <summary>A shorter name that the command line takes as well; null for none.</summary>
    public string? Short { get; init; }

    /// <summary>The name in a profile.</summary>
    public string Key => Name.Replace('-', '_');
}

/// <summary>On or off.</summary>
internal sealed record FlagOption(string Name, string Help, Func<Sandbox, bool, Sandbox> Set) : SandboxOption(Name, Help);

/// <summary>One of some words.</summary>
/// <param name="Name">The name.</param>
/// <param name="Help">What it does.</param>
/// <param name="Argument">What help calls the word.</param>
/// <param name="Words">The words.</param>
/// <param name="Set">Takes the number of the word.</param>
internal sealed record WordOption(string Name, string Argument, string Help, ImmutableArray<string> Words, Func<Sandbox, int, Sandbox> Set)
    : SandboxOption(Name, Help)
{
    /// <summary>What each word means.</summary>
    public required ImmutableArray<string> Helps { get; init; }
}

/// <summary>Any of some words.</summary>
/// <param name="Name">The name.</param>
/// <param name="Help">What it does.</param>
/// <param name="Argument">What help calls the words.</param>
/// <param name="Table">Gives the words, and what each means: only help and completion need them all.</param>
/// <param name="Add">Takes one of them.</param>
internal sealed record WordsOption(
    string Name, string Argument, string Help, Func<IEnumerable<(string Word, string Help)>> Table, Func<Sandbox, string, Sandbox> Add)
    : SandboxOption(Name, Help)
{
    /// <summary>The words.</summary>
    public ImmutableArray<string> Words => [.. Table().Select(entry => entry.Word)];
}

/// <summary>A number, or a size in bytes.</summary>
/// <param name="Name">The name.</param>
/// <param name="Help">What it does.</param>
/// <param name="IsSize">Whether it is a size, which may be written as 512M.</param>
/// <param name="Set">Takes the number.</param>
internal sealed record NumberOption(string Name, string Help, bool IsSize, Func<Sandbox, long, Sandbox> Set) : SandboxOption(Name, Help);

/// <summary>A span of time: a number of seconds, or a number with a unit.</summary>
/// <param name="Name">The name.</param>
/// <param name="Help">What it does.</param>
/// <param name="Least">The least number of seconds.</param>
/// <param name="Set">Takes the time.</param>
internal sealed record TimeOption(string Name, string Help, double Least, Func<Sandbox, TimeSpan, Sandbox> Set)
    : SandboxOption(Name, Help);

/// <summary>Paths that are allowed.</summary>
/// <param name="Name">The name.</param>
/// <param name="Help">What it does.</param>
/// <param name="Access">What is allowed there.</param>
internal sealed record PathsOption(string Name, string Help, AccessClass Access) : SandboxOption(Name, Help)
{
    /// <summary>Allows a path.</summary>
    /// <exception cref="RulesetException">It is empty or holds a NUL.</exception>
    public Sandbox Add(Sandbox sandbox, string path) => sandbox.Allow(Access.Rights, path);
}

/// <summary>Ports that are allowed.</summary>
/// <param name="Name">The name.</param>
/// <param name="Help">What it does.</param>
/// <param name="Access">What is allowed there.</param>
internal sealed record PortsOption(string Name, string Help, AccessNet Access) : SandboxOption(Name, Help)
{
    /// <summary>Allows ports.</summary>
    public Sandbox Add(Sandbox sandbox, PortRange ports) => sandbox with { Ports = sandbox.Ports.Add(new NetRule(ports, Access)) };
}

/// <summary>Hosts that are allowed.</summary>
internal sealed record HostsOption(string Name, string Help) : SandboxOption(Name, Help)
{
    /// <summary>Allows a host.</summary>
    public static Sandbox Add(Sandbox sandbox, HostRule host) => sandbox with { Hosts = sandbox.Hosts.Add(host) };
}

/// <summary>A place, or places, that are no rules by themselves.</summary>
/// <param name="Name">The name.</param>
/// <param name="Help">What it does.</param>
/// <param name="Argument">What help calls it.</param>
/// <param name="IsList">Whether there may be several.</param>
/// <param name="Add">Takes one.</param>
internal sealed record PlaceOption(string Name, string Argument, string Help, bool IsList, Func<Sandbox, string, Sandbox> Add)
    : SandboxOption(Name, Help)
{
    /// <summary>Whether it may stand for no place, where a variable has no value.</summary>
    public bool MayBeNone { get; init; }

    /// <summary>The text for the value of a variable, where characters of a text have a meaning; null where they have none.</summary>
    public Func<string, string>? TextOf { get; init; }
}

/// <summary>Patterns of names of environment variables.</summary>
/// <param name="Name">The name.</param>
/// <param name="Help">What it does.</param>
/// <param name="Add">Takes one.</param>
internal sealed record PatternsOption(string Name, string Help, Func<Sandbox, string, Sandbox> Add) : SandboxOption(Name, Help);
