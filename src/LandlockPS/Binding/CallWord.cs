using System.Management.Automation.Language;
using LandlockPS.Engine;

namespace LandlockPS.Binding;

/// <summary>One word of a call, before the engine has decided what it means.</summary>
/// <param name="Name">The name of a parameter, as it was written or as the engine completed it; null for a value.</param>
/// <param name="Text">How a name was written, with its dash.</param>
/// <param name="Value">The value, of a parameter too.</param>
/// <param name="HasOwnValue">
/// Whether a parameter's value was written to its name (-Name:value) or comes with it; false if it is the next word.
/// </param>
/// <param name="IsOfTable">Whether it is an entry of a splatted hashtable, which holds parameters and nothing else.</param>
/// <param name="Place">Where it was written; null if it was not.</param>
internal sealed record CallWord(string? Name, string Text, object? Value, bool HasOwnValue, bool IsOfTable, Ast? Place)
{
    /// <summary>
    /// The word if it looks like an option: a parameter's name, or --name, which the engine takes for a value; null otherwise.
    /// </summary>
    public string? Dashed => Name is not null ? Text : IsLongOption ? (string)Value! : null;

    private bool IsLongOption =>
        Place is StringConstantExpressionAst { StringConstantType: StringConstantType.BareWord } word && Unwrapped.From(Value) is string
        && word.Value.Length > 2 && word.Value.StartsWith("--", StringComparison.Ordinal) && char.IsLetter(word.Value[2])
        && !IsVerbatim(word);

    // Behind "--" everything is a value.
    private static bool IsVerbatim(Ast word) => word.Parent is CommandAst call && call.CommandElements
        .TakeWhile(element => element != word)
        .Any(element => element is StringConstantExpressionAst { Value: "--", StringConstantType: StringConstantType.BareWord }
            or CommandParameterAst { ParameterName: "-" });
}
