using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
using System.Management.Automation;

namespace LandlockPS;

/// <summary>A command's arguments as the engine itself passes them: nulls dropped, arrays flattened, everything else as text.</summary>
internal static class NativeArguments
{
    public static ImmutableArray<string> From(object?[]? arguments)
    {
        ImmutableArray<string>.Builder list = ImmutableArray.CreateBuilder<string>();
        if (arguments is not null) Add(arguments, list);
        return list.ToImmutable();
    }

    private static void Add(object? value, ImmutableArray<string>.Builder list)
    {
        switch (Unwrapped.From(value))
        {
            case null:
                break;
            case string text:
                list.Add(text);
                break;
            case IEnumerable many and not IDictionary:
                foreach (object? item in many) Add(item, list);
                break;
            default:
                list.Add((string)LanguagePrimitives.ConvertTo(value, typeof(string), CultureInfo.InvariantCulture));
                break;
        }
    }
}
