namespace Landlocked;

/// <summary>`landlocked help`: the help, that of a subcommand, or the manual page.</summary>
internal static class HelpCommand
{
    /// <summary>Shows it.</summary>
    public static int Run(string[] arguments) =>
        arguments is ["--man"] ? Output.Print(ManPage.Lines(BuildInfo.Version))
        : Output.Print(arguments.Where(word => word is not ("--help" or "-h")).ToArray() is { Length: > 0 } topic
            ? Help.Lines(string.Join(' ', topic)) : Help.Lines());
}
