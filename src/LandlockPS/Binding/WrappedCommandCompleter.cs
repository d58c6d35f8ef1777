using System.Collections;
using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace LandlockPS;

/// <summary>
/// Completes the wrapped command as if it stood alone: its name, then whatever is known about its arguments, by a completer that is
/// registered for it, or as files.
/// </summary>
public sealed class WrappedCommandCompleter : IArgumentCompleter
{
    private static readonly string[] CommonSwitches = ["Verbose", "Debug", "WhatIf", "Confirm"];
    private static readonly Lazy<IDictionary<string, ParameterMetadata>> Parameters =
        new(() => new CommandMetadata(typeof(InvokeLandlockedCommand)).Parameters);

    /// <inheritdoc/>
    public IEnumerable<CompletionResult>? CompleteArgument(string commandName, string parameterName, string wordToComplete,
        CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        ArgumentNullException.ThrowIfNull(commandAst);
        ReadOnlyCollection<CommandElementAst> elements = commandAst.CommandElements;
        int first = FindCommand(elements);
        string word = wordToComplete ?? "";
        // The engine does not say where the cursor is: at the last word that is the one to complete.
        int last = word.Length == 0 ? elements.Count
            : Enumerable.Range(1, elements.Count - 1).LastOrDefault(index => Text(elements[index]) == word);
        if (last < first || last == 0) return null;
        if (last == first) return CompleteName(word);
        string line = string.Join(' ', elements.Skip(first).Take(last - first + 1).Select(element => element.Extent.Text));
        if (word.Length == 0) line += " ";
        return Complete(line);
    }

    /// <summary>
    /// Completes where the engine asks for a native command: behind nosandbox, which is native, and, of Invoke-Landlocked, the word right
    /// behind "--", which the engine takes for no parameter's argument.
    /// </summary>
    /// <returns>Nothing where there is no wrapped command yet.</returns>
    public static IEnumerable<CompletionResult> CompleteNative(string wordToComplete, CommandAst commandAst, int cursorPosition)
    {
        ArgumentNullException.ThrowIfNull(commandAst);
        ReadOnlyCollection<CommandElementAst> elements = commandAst.CommandElements;
        int first = commandAst.GetCommandName() == "nosandbox" ? 1 : FindCommand(elements);
        if (first > elements.Count || (first == elements.Count && wordToComplete.Length > 0)) return [];
        if (first == elements.Count || cursorPosition <= elements[first].Extent.EndOffset) return CompleteName(wordToComplete);
        int start = elements[first].Extent.StartOffset - commandAst.Extent.StartOffset;
        int end = cursorPosition - commandAst.Extent.StartOffset;
        return Complete(commandAst.Extent.Text.PadRight(end)[start..end]);
    }

    private static Collection<CompletionResult> Complete(string line) =>
        CommandCompletion.CompleteInput(line, line.Length, null).CompletionMatches;

    // Only programs can be run; a name with a slash is that of a file.
    private static IEnumerable<CompletionResult> CompleteName(string word) => word.Contains('/')
        ? CompletionCompleters.CompleteFilename(word)
        : CompletionCompleters.CompleteCommand(word, null, CommandTypes.Application);

    // Where the wrapped command stands, or would: behind "--", or the first word that no parameter takes. Beyond that, if the value of a
    // parameter comes first.
    private static int FindCommand(ReadOnlyCollection<CommandElementAst> elements)
    {
        int i = 1;
        for (; i < elements.Count; i++)
        {
            switch (elements[i])
            {
                case CommandParameterAst { ParameterName: "-" }:
                    return i + 1;
                case CommandParameterAst parameter:
                    if (parameter.ParameterName.Equals("Command", StringComparison.OrdinalIgnoreCase)) return i + 1;
                    if (parameter.Argument is null && TakesValue(parameter.ParameterName)) i++;
                    break;
                case StringConstantExpressionAst { Value: "--", StringConstantType: StringConstantType.BareWord }:
                    return i + 1;
                default:
                    return i;
            }
        }

        return i;
    }

    private static bool TakesValue(string written)
    {
        if (CommonSwitches.Any(name => name.StartsWith(written, StringComparison.OrdinalIgnoreCase))) return false;
        ParameterMetadata? parameter =
            Parameters.Value.Values.FirstOrDefault(known => known.Name.Equals(written, StringComparison.OrdinalIgnoreCase))
            ?? Parameters.Value.Values.FirstOrDefault(known => known.Name.StartsWith(written, StringComparison.OrdinalIgnoreCase));
        return parameter is not { SwitchParameter: true };
    }

    private static string Text(CommandElementAst element) => element is StringConstantExpressionAst text ? text.Value : element.Extent.Text;
}
