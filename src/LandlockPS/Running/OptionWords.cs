using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
using System.Management.Automation;
using System.Text;
using Landlock.Sandboxes.Options;

namespace LandlockPS.Running;

/// <summary>The parameters of a call as options of landlocked, which have the same names: -ReadOnly is --read-only.</summary>
internal static class OptionWords
{
    /// <summary>
    /// Options for the parameters that were given; null where one has a value that no option has, such as -NoClosure:$false.
    /// </summary>
    /// <param name="bound">The parameters.</param>
    /// <param name="places">What places mean: the parameter's name, and the paths or texts that its values stand for.</param>
    public static ImmutableArray<string>? Of(IReadOnlyDictionary<string, object> bound, Func<string, IEnumerable<string>> places)
    {
        ImmutableArray<string>.Builder words = ImmutableArray.CreateBuilder<string>();
        foreach (SandboxOption option in SandboxOptions.All)
        {
            string parameter = Parameter(option.Name);
            if (!bound.TryGetValue(parameter, out object? value)) continue;
            if (option is FlagOption)
            {
                if (value is SwitchParameter { IsPresent: false }) return null;
                words.Add($"--{option.Name}");
                continue;
            }

            IEnumerable<string> texts = option switch
            {
                PathsOption or PlaceOption => places(parameter),
                WordOption one => [one.Words[Convert.ToInt32(value, CultureInfo.InvariantCulture)]],
                WordsOption { Name: "unrestricted" } => ((IEnumerable)value).Cast<object>().Select(part => $"{part}".ToLowerInvariant()),
                _ => Texts(value),
            };
            foreach (string text in texts) words.AddRange($"--{option.Name}", text);
        }

        return words.ToImmutable();
    }

    /// <summary>
    /// Options for variables of policies, or of the environment; null where an option cannot say one: a list, or none at all.
    /// </summary>
    public static ImmutableArray<string>? OfTable(string option, IDictionary? table)
    {
        ImmutableArray<string>.Builder words = ImmutableArray.CreateBuilder<string>();
        foreach (DictionaryEntry entry in table ?? new Hashtable())
        {
            object? value = Engine.Unwrapped.From(entry.Value);
            if (value is null or (IEnumerable and not string)) return null;
            words.AddRange(option, $"{entry.Key}={Text(value)}");
        }

        return words.ToImmutable();
    }

    private static IEnumerable<string> Texts(object value) =>
        value is IEnumerable many and not string ? many.Cast<object>().Select(Text) : [Text(value)];

    private static string Text(object value) => (string)LanguagePrimitives.ConvertTo(value, typeof(string), CultureInfo.InvariantCulture);

    private static string Parameter(string name)
    {
        StringBuilder result = new();
        foreach (string part in name.Split('-')) result.Append(char.ToUpperInvariant(part[0])).Append(part, 1, part.Length - 1);
        return result.ToString();
    }
}
