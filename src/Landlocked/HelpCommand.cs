namespace Landlocked;

/// <summary>`landlocked help`: the help, or that of a subcommand.</summary>
internal static class HelpCommand
{
    /// <summary>Shows it.</summary>
    public static int Run(string[] arguments) =>
        Output.Print(arguments.Where(word => word is not ("--help" or "-h")).ToArray() is { Length: > 0 } topic
            ? Help.Lines(string.Join(' ', topic)) : Help.Lines());
}
