using Landlock.Sandboxes.Options;

namespace Landlocked;

/// <summary>One option: what is accepted, what is done, and what --help says. Nothing about an option is said anywhere else.</summary>
/// <typeparam name="T">What the options fill in.</typeparam>
/// <param name="Name">Name with its dashes: the words of the parameter of the cmdlets.</param>
/// <param name="Argument">Name of its argument ("PATH"); null if it takes none.</param>
/// <param name="Help">What it does, in a few words.</param>
/// <param name="Apply">Takes the argument, "" if there is none.</param>
internal sealed record Option<T>(string Name, string? Argument, string Help, Action<T, string> Apply)
{
    /// <summary>A shorter name that is accepted as well; null for none.</summary>
    public string? Short { get; init; }

    /// <summary>The one value that an option without argument may be given ("--NAME=VALUE"); null for none.</summary>
    public string? Choice { get; init; }

    /// <summary>What it says about a sandbox; null if it says something else.</summary>
    public SandboxOption? Shared { get; init; }

    /// <summary>The names.</summary>
    public IEnumerable<string> Names => Short is null ? [Name] : [Name, Short];
}

/// <summary>Options under a heading.</summary>
/// <typeparam name="T">What the options fill in.</typeparam>
internal sealed record OptionGroup<T>(string Heading, Option<T>[] Options);
