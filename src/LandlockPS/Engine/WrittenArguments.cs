using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace LandlockPS.Engine;

/// <summary>How the arguments of a wrapped command were written in the call. What a splatted variable holds is not known here.</summary>
internal sealed class WrittenArguments
{
    private readonly List<Ast?> _words;
    private readonly int _count;

    private WrittenArguments(List<Ast?> words, int count)
    {
        _words = words;
        _count = count;
    }

    /// <summary>The only argument, if it is an array: the engine gives its elements as if each were an argument.</summary>
    public ArrayLiteralAst? Whole => _words is [ArrayLiteralAst only] && only.Elements.Count == _count ? only : null;

    /// <summary>Reads a call; null if it is not the one that these arguments come from.</summary>
    /// <param name="cmdlet">The cmdlet that was called.</param>
    /// <param name="commandParameter">Name of its parameter for the command.</param>
    /// <param name="count">Number of arguments that it got.</param>
    public static WrittenArguments? Read(PSCmdlet cmdlet, string commandParameter, int count)
    {
        if (WrittenCall.Read(cmdlet, commandParameter, EngineInternals.CallText(cmdlet.MyInvocation)) is not { } call) return null;
        WrittenArguments written = new(Words(cmdlet, call, commandParameter), count);
        return written.Whole is not null || written._words.Contains(null) ? written : written._words.Count == count ? written : null;
    }

    /// <summary>The array that an argument was written as; null if it was not.</summary>
    public ArrayLiteralAst? Literal(int index) => At(index) as ArrayLiteralAst;

    /// <summary>Whether an argument was written as a word without quotes.</summary>
    public bool IsBareWord(int index) => At(index) is StringConstantExpressionAst { StringConstantType: StringConstantType.BareWord };

    /// <summary>Whether an argument that begins with a dash was written as one word with the next one; null if it is not known.</summary>
    public bool? Joins(int index)
    {
        if (At(index) is not { } word || At(index + 1) is not { } next) return null;
        IScriptExtent extent = (word as CommandParameterAst)?.ErrorPosition ?? word.Extent;
        return word is CommandParameterAst or StringConstantExpressionAst { StringConstantType: StringConstantType.BareWord }
            && extent.EndOffset == next.Extent.StartOffset && (extent.Text.EndsWith(':') || next.Extent.Text.StartsWith('.'));
    }

    // Counted from the beginning up to the first splatted variable, and from the end down to the last.
    private Ast? At(int index)
    {
        int first = _words.IndexOf(null);
        if (first < 0 || index < first) return index < _words.Count ? _words[index] : null;
        int behind = _words.Count - (_count - index);
        return behind > _words.LastIndexOf(null) ? _words[behind] : null;
    }

    // One for each argument; null for a splatted variable.
    private static List<Ast?> Words(PSCmdlet cmdlet, CommandAst call, string commandParameter)
    {
        List<Ast?> words = [];
        bool behindCommand = false, verbatim = false;
        for (int i = 1; i < call.CommandElements.Count; i++)
        {
            CommandElementAst element = call.CommandElements[i];
            if (!verbatim && element is StringConstantExpressionAst { Value: "--", StringConstantType: StringConstantType.BareWord }
                or CommandParameterAst { ParameterName: "-" })
            {
                verbatim = true;
            }
            else if (!verbatim && element is CommandParameterAst named
                && WrittenCall.Parameter(cmdlet, named.ParameterName) is { } parameter)
            {
                if (!parameter.SwitchParameter && named.Argument is null) i++;
                behindCommand |= parameter.Name == commandParameter;
            }
            else if (element is VariableExpressionAst { Splatted: true } splatted)
            {
                if (!verbatim && Unwrapped.From(cmdlet.GetVariableValue(splatted.VariablePath.UserPath)) is IDictionary) continue;
                words.Add(null);
                behindCommand = true;
            }
            else if (!behindCommand)
            {
                behindCommand = true;
            }
            else
            {
                words.Add(element);
                if (element is CommandParameterAst { Argument: { } value }) words.Add(value);
            }
        }

        return words;
    }
}
