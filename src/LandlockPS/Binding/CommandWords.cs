using System.Collections;
using System.Collections.Immutable;
using System.Management.Automation;
using System.Management.Automation.Language;
using LandlockPS.Engine;

namespace LandlockPS.Binding;

/// <summary>
/// Decides what each word of a call means, in one place for every cmdlet that takes a command: to the cmdlet, to the command, or to the
/// script block. One that means nothing, or two things, is an error, and nothing is run: the engine itself would hand it to the command,
/// together with the word behind it, so that a sandbox lacked what was mistyped.
/// </summary>
internal static class CommandWords
{
    /// <summary>Name of the parameter for the command.</summary>
    public const string Command = "Command";

    /// <summary>Name of the parameter for what belongs to the command.</summary>
    public const string ArgumentList = "ArgumentList";

    /// <summary>Name of the parameter that catches letters that several parameters begin with.</summary>
    public const string OneLetter = "OneLetter";

    /// <summary>Refuses a call with a word that is not understood.</summary>
    /// <returns>What a script block is called with; of a native command, what the cmdlet got.</returns>
    /// <exception cref="UnknownWordException">There is such a word.</exception>
    public static BlockArguments Demand(PSCmdlet cmdlet, object? command, object?[]? arguments)
    {
        BlockParameters? block = command is ScriptBlock script ? new BlockParameters(script) : null;
        ImmutableArray<CallWord> words = EngineInternals.CallWords(cmdlet);
        // A proxy hands on in a list what it got, and only its own call tells the order. What was written there is not evaluated again.
        if (words.Any(word => word.IsOfTable && WrittenCall.Parameter(cmdlet, word.Name!)?.Name == ArgumentList)
            && WrittenCall.Read(cmdlet, Command, EngineInternals.CallText(cmdlet.MyInvocation)) is { } call)
            _ = Read(cmdlet, [.. call.CommandElements.Skip(1).SelectMany(element => Written(cmdlet, element))], block);
        BlockArguments read = Read(cmdlet, words, block);
        if (block is null && SwallowedOption.Find(cmdlet, Command) is { } swallowed) throw Swallowed(cmdlet, swallowed);
        if (block is null && words.FirstOrDefault(word => IsOneLetter(cmdlet, word)) is { } letter)
            throw Ambiguous(cmdlet, letter.Text, command);
        if (command is null)
            throw new UnknownWordException("", $"{cmdlet.MyInvocation.MyCommand.Name} was given no command.",
                $"Write: {cmdlet.MyInvocation.MyCommand.Name} ... -- COMMAND, or a script block: {{ ... }}")
            { Id = "CommandMissing" };
        return read.Named.IsEmpty ? new BlockArguments(arguments) : read;
    }

    /// <summary>Refuses words that a cmdlet has no use for, which takes no command.</summary>
    /// <exception cref="UnknownWordException">There is one.</exception>
    public static void DemandNone(PSCmdlet cmdlet, object?[]? rest)
    {
        if (rest is not [var first, ..]) return;
        CallWord? unknown = EngineInternals.CallWords(cmdlet).FirstOrDefault(word => word.Dashed is not null && !IsOwn(cmdlet, word));
        throw unknown is not null ? Unknown(cmdlet, unknown.Dashed!, null)
            : new UnknownWordException($"{first}",
                $"{cmdlet.MyInvocation.MyCommand.Name} has no use for '{PosixText.Printable($"{first}")}'; nothing was run.",
                $"See: Get-Help {cmdlet.MyInvocation.MyCommand.Name}");
    }

    private static BlockArguments Read(PSCmdlet cmdlet, ImmutableArray<CallWord> words, BlockParameters? block)
    {
        bool behindCommand = false;
        List<object?> positional = [];
        List<(string, object?)> named = [];
        for (int i = 0; i < words.Length; i++)
        {
            CallWord word = words[i];
            if (word.Dashed is not { } dashed)
            {
                if (behindCommand) positional.Add(word.Value);
                behindCommand = true;
                continue;
            }

            bool hasNext = i + 1 < words.Length && words[i + 1].Name is null;
            string written = word.Text.Length > 1 ? word.Text[1..] : "";
            // A letter that a parameter of the block has is caught for nothing.
            if (word.Name is { } name && WrittenCall.Parameter(cmdlet, name) is { } own
                && !(own.Name == OneLetter && behindCommand && block?.Find(written) is not null))
            {
                if (block is not null && own.Name == OneLetter) throw Ambiguous(cmdlet, word.Text, null);
                if (behindCommand && !word.IsOfTable && block?.Find(written) is { } both)
                    throw Both(cmdlet, word.Text, own.Name, both.Name);
                if (!own.SwitchParameter && !word.HasOwnValue && hasNext) i++;
                behindCommand |= own.Name == Command;
            }
            else if (!behindCommand || (word.IsOfTable && block is null))
            {
                throw Unknown(cmdlet, dashed, null);
            }
            else if (block is not null)
            {
                if (word.Name is null || block.Find(written) is not { } parameter) throw Unknown(cmdlet, dashed, block);
                object? value = word.HasOwnValue ? word.Value : parameter.IsSwitch ? true
                    : hasNext ? words[++i].Value : throw new UnknownWordException(dashed, $"'{dashed}' has no value for the script block's "
                        + $"parameter -{parameter.Name}; nothing was run.", $"Write: {dashed} VALUE");
                named.Add((parameter.Name, Unwrapped.From(value) is SwitchParameter flag ? flag.ToBool() : value));
            }
        }

        return new BlockArguments([.. positional], [.. named]);
    }

    // How a call was written, as words; the values of expressions are not known.
    private static IEnumerable<CallWord> Written(PSCmdlet cmdlet, CommandElementAst element)
    {
        switch (element)
        {
            case CommandParameterAst { ParameterName: "-" }
                or StringConstantExpressionAst { Value: "--", StringConstantType: StringConstantType.BareWord }:
                return [];
            case CommandParameterAst parameter:
                return [new CallWord(parameter.ParameterName, $"-{parameter.ParameterName}", null, parameter.Argument is not null,
                    IsOfTable: false, parameter)];
            case VariableExpressionAst { Splatted: true } splatted
                when Unwrapped.From(cmdlet.GetVariableValue(splatted.VariablePath.UserPath)) is { } value:
                return value is IDictionary table
                    ? table.Keys.Cast<object>()
                        .Select(key => new CallWord(key.ToString() ?? "", $"-{key}", null, HasOwnValue: true, IsOfTable: true, splatted))
                    : (value as IEnumerable ?? new[] { value }).Cast<object?>()
                        .Select(item => (item as PSObject)?.Properties[NativeArguments.ParameterMark]?.Value is string name
                        ? new CallWord(name, $"-{name}", null, HasOwnValue: false, IsOfTable: false, splatted)
                        : new CallWord(null, "", item, HasOwnValue: true, IsOfTable: false, splatted));
            default:
                return [new CallWord(null, "", (element as StringConstantExpressionAst)?.Value, HasOwnValue: true,
                    IsOfTable: false, element)];
        }
    }

    private static bool IsOneLetter(PSCmdlet cmdlet, CallWord word) =>
        word.Name is { } name && WrittenCall.Parameter(cmdlet, name)?.Name == OneLetter;

    private static bool IsOwn(PSCmdlet cmdlet, CallWord word) => word.Name is { } name && WrittenCall.Parameter(cmdlet, name) is not null;

    private static UnknownWordException Unknown(PSCmdlet cmdlet, string word, BlockParameters? block)
    {
        string name = cmdlet.MyInvocation.MyCommand.Name;
        string? elsewhere = ParameterWords.Elsewhere(word);
        string? near = elsewhere is null ? Suggestion.ForOption(word, [.. ParameterWords.Of(cmdlet.MyInvocation.MyCommand)
            .Select(own => $"-{own}"), .. (block?.All ?? []).Select(own => $"-{own}")]) : null;
        string hint = elsewhere is not null ? $"; {elsewhere}" : near is not null ? $"; did you mean '{PosixText.Printable(near)}'?" : ".";
        string subject = block is null ? $"'{PosixText.Printable(word)}' is no parameter of {name}"
            : $"'{PosixText.Printable(word)}' is no parameter of {name}, nor one that the script block declares";
        string action = block is not null
            ? $"Declare it in the block (param(...)), or quote it if the block is to get it as text. Get-Help {name} -Parameter * "
                + "lists the cmdlet's own."
            : cmdlet.MyInvocation.MyCommand.Parameters.ContainsKey(ArgumentList)
                ? $"Options of a command belong behind it: {name} ... -- COMMAND {PosixText.Printable(word)}. Get-Help {name} -Parameter * "
                    + "lists the cmdlet's own."
                : $"Get-Help {name} -Parameter * lists the parameters.";
        return new UnknownWordException(word, $"{subject}{hint} Nothing was run.", action);
    }

    private static UnknownWordException Both(PSCmdlet cmdlet, string word, string own, string ofBlock) => new(word,
        $"'{PosixText.Printable(word)}' behind the script block is a parameter of {cmdlet.MyInvocation.MyCommand.Name} (-{own}) and of the "
            + $"block (-{ofBlock}); nothing was run.",
        $"For the sandbox, write it before the block; for the block, pass it by position or with -ArgumentList.");

    private static UnknownWordException Ambiguous(PSCmdlet cmdlet, string word, object? command) => new(word,
        $"'{word}' fits several parameters of {cmdlet.MyInvocation.MyCommand.Name}. "
            + (command is null ? "Write its name in full" : $"Options of '{PosixText.Printable($"{command}")}' need -- before the command")
            + "; nothing was run.",
        command is null ? $"Get-Help {cmdlet.MyInvocation.MyCommand.Name} -Parameter * lists the parameters."
            : $"Write: {cmdlet.MyInvocation.MyCommand.Name} ... -- {PosixText.Printable($"{command}")} ...")
    {
        Id = "OptionSwallowed",
    };

    private static UnknownWordException Swallowed(PSCmdlet cmdlet, (string Option, string Reason, string Correction) found) =>
        new(found.Option,
        $"'{found.Option}' was taken as a parameter of {cmdlet.MyInvocation.MyCommand.Name}. {found.Reason}; nothing was run.",
        $"Write: {found.Correction}")
        {
            Id = "OptionSwallowed",
        };
}
