using System.Management.Automation;
using System.Management.Automation.Language;

namespace LandlockPS.Engine;

/// <summary>The call of a cmdlet as it was written.</summary>
internal static class WrittenCall
{
    /// <summary>
    /// The call; null if the engine tells of another one: to a steppable pipeline in a function it names the call of that function.
    /// </summary>
    /// <param name="cmdlet">The cmdlet that was called.</param>
    /// <param name="commandParameter">Name of its parameter for the command.</param>
    /// <param name="text">What the engine tells.</param>
    public static CommandAst? Read(PSCmdlet cmdlet, string commandParameter, string text)
    {
        if (Parser.ParseInput(text, out _, out _).Find(node => node is CommandAst, searchNestedScriptBlocks: false) is not CommandAst call)
            return null;
        if (call.GetCommandName() is not { } name) return call;
        CommandInfo? found = ShellHook.Without(
            () => cmdlet.InvokeCommand.GetCommand(name, CommandTypes.Cmdlet | CommandTypes.Function | CommandTypes.Alias));
        // A proxy has the same parameters, and is called in the same way.
        return (found is AliasInfo alias ? alias.ResolvedCommand : found) is { } known && known.Parameters.ContainsKey(commandParameter)
            && known.Parameters.ContainsKey("ArgumentList")
            ? call : null;
    }

    /// <summary>The parameter that a written name means: its name, an alias, or the beginning of one; null if it is like none.</summary>
    public static ParameterMetadata? Parameter(PSCmdlet cmdlet, string written)
    {
        Dictionary<string, ParameterMetadata>.ValueCollection all = cmdlet.MyInvocation.MyCommand.Parameters.Values;
        return all.FirstOrDefault(parameter => Names(parameter).Contains(written, StringComparer.OrdinalIgnoreCase))
            ?? all.FirstOrDefault(parameter => Begins(parameter, written));
    }

    /// <summary>Whether a written name is the beginning of a parameter's name or of one of its aliases.</summary>
    public static bool Begins(ParameterMetadata parameter, string written) =>
        Names(parameter).Any(name => name.StartsWith(written, StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<string> Names(ParameterMetadata parameter) => parameter.Aliases.Prepend(parameter.Name);
}
