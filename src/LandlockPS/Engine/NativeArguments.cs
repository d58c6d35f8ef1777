using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Language;
using LandlockPS.Binding;

namespace LandlockPS.Engine;

/// <summary>
/// A command's arguments as the engine itself passes them: nulls dropped, arrays flattened, everything else as text. A cmdlet gets 1,3 as
/// an array and -p:x as two words, which a native command gets as one: how they were written decides.
/// </summary>
internal static class NativeArguments
{
    /// <summary>The engine's own mark on a word that looks like a parameter, by which it is told apart from a quoted one.</summary>
    public const string ParameterMark = "<CommandParameterName>";

    /// <summary>The arguments, one text each.</summary>
    /// <param name="cmdlet">The cmdlet that was called.</param>
    /// <param name="commandParameter">Name of its parameter for the command; what follows its value belongs to the command.</param>
    /// <param name="arguments">What the cmdlet got.</param>
    public static ImmutableArray<string> From(PSCmdlet cmdlet, string commandParameter, object?[]? arguments)
    {
        if (arguments is null) return [];
        ImmutableArray<string>.Builder list = ImmutableArray.CreateBuilder<string>();
        string? verbatim = null;
        // Most calls have nothing of the kind, and parsing is spared. Of a single array the cmdlet gets the elements: only the text tells.
        WrittenArguments? written = Array.Exists(arguments, argument => IsList(argument) || MayBeTorn(argument) || MayExpand(argument))
            || EngineInternals.CallText(cmdlet.MyInvocation).Contains(',', StringComparison.Ordinal)
            ? WrittenArguments.Read(cmdlet, commandParameter, arguments.Length) : null;
        if (written?.Whole is { } whole && Together(whole, arguments) is { } one)
        {
            list.AddRange(one);
            arguments = [];
        }

        for (int i = 0; i < arguments.Length; i++)
        {
            if (Unwrapped.From(arguments[i]) is string word && written?.IsBareWord(i) == true)
            {
                if (word == TypedWords.StopParsing)
                {
                    verbatim = TypedWords.Verbatim(i + 1 < arguments.Length ? Text(arguments[i + 1]) : "");
                    break;
                }

                if (TypedWords.MayExpand(word))
                {
                    list.AddRange(TypedWords.Expand(cmdlet, word));
                    continue;
                }
            }

            // The engine tears -p:x and -p.x apart. Without a trace of how it was written, -p:x is far more likely than "-p: x".
            string prefix = MayBeTorn(arguments[i]) && i + 1 < arguments.Length && (written?.Joins(i) ?? WantsValue(arguments[i]))
                ? Text(arguments[i++])
                : "";
            Add(prefix, Together(written?.Literal(i), arguments[i]) ?? arguments[i], list);
        }

        if (TypedWords.IsLegacy(cmdlet)) list = TypedWords.Legacy(list, verbatim).ToImmutableArray().ToBuilder();
        else if (verbatim is not null) list.AddRange(verbatim.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        foreach (string word in list) Demand(word);
        return list.ToImmutable();
    }

    private static void Demand(string word)
    {
        try
        {
            _ = PosixText.Encode(word);
        }
        catch (ArgumentException exception)
        {
            throw new UnknownWordException(word, $"The argument {exception.Message.TrimEnd('.')}; nothing was run.",
                "Give such text as standard input, or in a file.")
            { Id = "InvalidArgument" };
        }
    }

    // An array that was written with commas, as the words that it is to a native command: "a,b" is one, "a, b" are two, "a," and "b".
    private static List<string>? Together(ArrayLiteralAst? literal, object? value)
    {
        if (literal is null || Unwrapped.From(value) is not IList values || values.Count != literal.Elements.Count
            || values.Cast<object?>().Any(IsList))
        {
            return null;
        }
        string text = "";
        List<string> words = [];
        int end = literal.Extent.StartOffset;
        for (int i = 0; i < values.Count; i++)
        {
            ExpressionAst element = literal.Elements[i];
            foreach (char between
                in literal.Extent.Text[(end - literal.Extent.StartOffset)..(element.Extent.StartOffset - literal.Extent.StartOffset)])
            {
                if (!char.IsWhiteSpace(between)) text += between;
                else if (text.Length > 0)
                {
                    words.Add(text);
                    text = "";
                }
            }

            // Numbers as they were written: 0x10 and 1.0.
            text += element is ConstantExpressionAst and not StringConstantExpressionAst ? element.Extent.Text : Text(values[i]);
            end = element.Extent.EndOffset;
        }

        words.Add(text);
        return words;
    }

    private static bool IsList(object? value) => Unwrapped.From(value) is IEnumerable and not (string or IDictionary);

    private static bool MayExpand(object? value) => Unwrapped.From(value) is string word && TypedWords.MayExpand(word);

    private static bool WantsValue(object? value) =>
        value is PSObject { BaseObject: string text } word && text.EndsWith(':') && word.Properties[ParameterMark] is not null;

    private static bool MayBeTorn(object? value) =>
        Unwrapped.From(value) is string { Length: > 1 } text && text[0] is '-' or '\u2013' or '\u2014' or '\u2015';

    // A word, or several, of which the first goes on with what was torn off before it.
    private static void Add(string prefix, object? value, ImmutableArray<string>.Builder list)
    {
        if (!IsList(value))
        {
            string text = Unwrapped.From(value) is null ? "" : Text(value);
            if (prefix.Length > 0 || Unwrapped.From(value) is not null) list.Add(prefix + text);
            return;
        }

        object?[] items = [.. ((IEnumerable)Unwrapped.From(value)!).Cast<object?>()];
        if (items.Length == 0 && prefix.Length > 0) list.Add(prefix);
        for (int i = 0; i < items.Length; i++)
        {
            string before = i == 0 ? prefix : "";
            if (WantsValue(items[i]) && i + 1 < items.Length) before += Text(items[i++]);
            Add(before, items[i], list);
        }
    }

    private static string Text(object? value) => Unwrapped.From(value) is ScriptBlock block
        ? throw new UnknownWordException($"{{{block}}}", $"'{{{PosixText.Printable($"{block}")}}}' is a script block, and no argument of a "
            + "native command; nothing was run.", "As text, write it in quotes. To run it in the sandbox, make it the command: "
            + "Invoke-Landlocked ... { ... } -ArgumentList ...")
        { Id = "BlockIsArgument" }
        : Unwrapped.From(value) as string ?? (string)LanguagePrimitives.ConvertTo(value, typeof(string), CultureInfo.InvariantCulture);
}
