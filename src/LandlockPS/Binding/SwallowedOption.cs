using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Text.RegularExpressions;
using LandlockPS.Engine;

namespace LandlockPS.Binding;

/// <summary>
/// Finds an option that was meant for the wrapped command but bound, by its first letters or an alias, to a parameter of the cmdlet:
/// in "Invoke-Landlocked grep -v x", -v is taken as -Verbose. Binding forgets how a parameter was written, so the call is read again.
/// </summary>
internal sealed partial class SwallowedOption
{
    private readonly PSCmdlet _cmdlet;
    private readonly Dictionary<string, ParameterMetadata> _parameters;
    private int? _commandOffset;
    private string? _splatted;

    private SwallowedOption(PSCmdlet cmdlet)
    {
        _cmdlet = cmdlet;
        _parameters = cmdlet.MyInvocation.MyCommand.Parameters;
    }

    /// <summary>The first such option; null if there is none.</summary>
    /// <param name="cmdlet">The cmdlet that was called.</param>
    /// <param name="commandParameter">Name of its parameter for the command; what follows its value belongs to the command.</param>
    /// <returns>The option, why it was taken, and what to write instead.</returns>
    public static (string Option, string Reason, string Correction)? Find(PSCmdlet cmdlet, string commandParameter)
    {
        string text = EngineInternals.CallText(cmdlet.MyInvocation);
        // Most calls hold no word that could be such an option, and parsing is spared.
        MatchCollection words = DashWord().Matches(text);
        bool isSplatted = text.Contains('@', StringComparison.Ordinal);
        if (words.Count == 0 && !isSplatted) return null;
        SwallowedOption search = new(cmdlet);
        if (!isSplatted && !words.Any(word => search.IsAbbreviation(word.Groups[1].Value))) return null;

        if (WrittenCall.Read(cmdlet, commandParameter, text) is not { } command) return null;
        if (search.Find(command, commandParameter) is not { } option) return null;
        if (search._splatted is not { } name)
            return (option, $"Options of '{cmdlet.MyInvocation.BoundParameters[commandParameter]}' need -- before the command",
                search.Correction(text));
        return (option, $"PowerShell hands on what @{name} holds as parameters, behind -- too", search._commandOffset is { } at
            ? $"{text[..at]}${text[(at + 1)..]}"
            : $"$command, $rest = ${name}; {command.GetCommandName()} ... -- $command $rest");
    }

    [GeneratedRegex(@"\s[-\u2013\u2014\u2015](\w+)")]
    private static partial Regex DashWord();

    // The call as it should have been written.
    private string Correction(string text) =>
        _commandOffset is { } offset ? $"{text[..offset]}-- {text[offset..]}" : "Invoke-Landlocked ... -- COMMAND OPTIONS";

    private string? Find(CommandAst call, string commandParameter)
    {
        bool behindCommand = false, verbatim = false;
        for (int i = 1; i < call.CommandElements.Count; i++)
        {
            switch (call.CommandElements[i])
            {
                case StringConstantExpressionAst { Value: "--", StringConstantType: StringConstantType.BareWord }
                    or CommandParameterAst { ParameterName: "-" }:
                    verbatim = true;
                    break;
                case VariableExpressionAst { Splatted: true } splatted:
                    object? value = Unwrapped.From(_cmdlet.GetVariableValue(splatted.VariablePath.UserPath));
                    if (value is IDictionary) break;
                    bool isCommand = !behindCommand;
                    _splatted = splatted.VariablePath.UserPath;
                    if (FindIn(value as IEnumerable ?? "", commandParameter, verbatim, ref behindCommand) is { } taken)
                    {
                        _commandOffset = isCommand ? null : splatted.Extent.StartOffset;
                        return taken;
                    }

                    _splatted = null;
                    break;
                case { } when verbatim:
                    behindCommand = true;
                    break;
                case CommandParameterAst option when behindCommand:
                    if (IsAbbreviation(option.ParameterName)) return option.Extent.Text;
                    break;
                case CommandParameterAst option:
                    ParameterMetadata? parameter = Named(option.ParameterName);
                    if (parameter is { SwitchParameter: false } && option.Argument is null) i++;
                    behindCommand = parameter?.Name == commandParameter;
                    break;
                default:
                    if (!behindCommand) _commandOffset = call.CommandElements[i].Extent.StartOffset;
                    behindCommand = true;
                    break;
            }
        }

        return null;
    }

    // A splatted list hands on as parameters what was written like one where the list was made, as in the $args of a function.
    private string? FindIn(IEnumerable splatted, string commandParameter, bool verbatim, ref bool behindCommand)
    {
        bool isValue = false;
        foreach (object? item in splatted)
        {
            if (isValue) isValue = false;
            else if ((item as PSObject)?.Properties[NativeArguments.ParameterMark]?.Value is not string name) behindCommand = true;
            else if (verbatim ? Named(name) is not null : behindCommand && IsAbbreviation(name)) return item.ToString();
            else if (!verbatim && !behindCommand && Named(name) is { } parameter)
            {
                isValue = !parameter.SwitchParameter;
                behindCommand = parameter.Name == commandParameter;
            }
        }

        return null;
    }

    // Written in full, a parameter behind the command is meant for the cmdlet; a few letters of it, or an alias such as -cf, are more
    // likely the command's own option. What is like no parameter was passed on.
    private bool IsAbbreviation(string written) =>
        !_parameters.Keys.Contains(written, StringComparer.OrdinalIgnoreCase)
        && _parameters.Values.Any(parameter => WrittenCall.Begins(parameter, written));

    private ParameterMetadata? Named(string written) => WrittenCall.Parameter(_cmdlet, written);
}
