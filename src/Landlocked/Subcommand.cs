using Landlock.Launching;

namespace Landlock.CommandLine;

/// <summary>Something else than running a command.</summary>
/// <param name="Name">First argument that selects it.</param>
/// <param name="Usage">How it is called, without the program's name.</param>
/// <param name="Help">What it does, in a few words.</param>
/// <param name="Run">Takes the arguments after the name; returns the exit code.</param>
internal sealed record Subcommand(string Name, string Usage, string Help, Func<string[], int> Run)
{
    /// <summary>Every subcommand.</summary>
    public static Subcommand[] All { get; } =
    [
        new("support", "support [--json]", "say what this kernel can enforce, and what it cannot", SupportCommand.Run),
        new(ShimFile.Subcommand, "", "", ShimCommand.Run),
    ];

    /// <summary>Every subcommand that people call.</summary>
    public static IEnumerable<Subcommand> Shown => All.Where(subcommand => subcommand.Usage.Length > 0);
}
