using System.Collections.Immutable;
using Landlock.Rulesets;
using Landlock.Sandboxes;
using Landlock.Sandboxes.Options;

namespace Landlocked;

/// <summary>Reads what stands behind an option of a sandbox on the command line.</summary>
internal static class SandboxArgument
{
    /// <summary>What help calls the argument; null if there is none.</summary>
    public static string? NameFor(SandboxOption option) => option switch
    {
        FlagOption => null,
        WordOption word => word.Argument,
        WordsOption words => words.Argument,
        NumberOption number => number.IsSize ? "SIZE" : "N",
        TimeOption => "SECONDS",
        PathsOption => "PATH",
        PortsOption => "PORTS",
        HostsOption => "HOST[:PORT][,HOST...]",
        PlaceOption place => place.Argument,
        PatternsOption => "PATTERN[,PATTERN...]",
        _ => throw new InvalidOperationException(option.Name),
    };

    /// <summary>All words that the argument can be; empty where it can be others.</summary>
    public static (string Word, string Help)[] ValuesFor(SandboxOption option) => option switch
    {
        WordOption one => [.. one.Words.Zip(one.Helps)],
        WordsOption several => [.. several.Table()],
        _ => [],
    };

    /// <summary>A few words of the many that the argument can be.</summary>
    public static (string Word, string Help)[] ExamplesFor(SandboxOption option) => option switch
    {
        NumberOption { IsSize: true } => ExampleValues.Sizes,
        NumberOption => ExampleValues.Counts,
        TimeOption => ExampleValues.Times,
        PortsOption => ExampleValues.Ports,
        _ => [],
    };

    /// <summary>Reads the argument.</summary>
    /// <returns>What the option makes of a sandbox.</returns>
    /// <exception cref="UsageException">It cannot be meant.</exception>
    /// <exception cref="RulesetException">It cannot be meant.</exception>
    public static Func<Sandbox, Sandbox> Read(SandboxOption option, string value)
    {
        string name = $"--{option.Short ?? option.Name}";
        return option switch
        {
            FlagOption flag => With(flag.Set, true),
            WordOption word => With(word.Set, WordNumber(name, word.Words, value)),
            WordsOption words => Each(words.Add, Words(name, words, value)),
            NumberOption number => With(number.Set, number.IsSize ? Size(name, value) : Number(name, value)),
            TimeOption time => With(time.Set, Seconds(name, value, time.Least)),
            PathsOption paths => With(paths.Add, value),
            PortsOption ports => Each(ports.Add, [.. PortRange.ParseList(value)]),
            HostsOption => Each(HostsOption.Add, [.. HostRule.ParseList(value)]),
            PlaceOption { IsList: false } when value.Length == 0 => throw new UsageException($"{name}: expected a directory, not ''"),
            PlaceOption place => With(place.Add, value),
            PatternsOption patterns => Each(patterns.Add, value.Split(',')),
            _ => throw new InvalidOperationException(option.Name),
        };
    }

    private static Func<Sandbox, Sandbox> With<T>(Func<Sandbox, T, Sandbox> set, T value) => sandbox => set(sandbox, value);

    private static Func<Sandbox, Sandbox> Each<T>(Func<Sandbox, T, Sandbox> add, T[] values) => sandbox => values.Aggregate(sandbox, add);

    private static int WordNumber(string option, ImmutableArray<string> words, string value) =>
        words.IndexOf(value) is >= 0 and var number ? number : throw new UsageException($"{option}: expected "
            + $"{string.Join(", ", words[..^1])} or {words[^1]}, not '{PosixText.Printable(value)}'{Suggestion.Question(value, words)}");

    // The library names protections that are unknown, since cmdlets and documents have them as well.
    private static string[] Words(string option, WordsOption known, string value)
    {
        string[] words = value.Split(',');
        string? unknown = known.Name == "unrestricted" ? words.FirstOrDefault(word => !known.Words.Contains(word)) : null;
        return unknown is null ? words : throw new UsageException($"{option}: '{PosixText.Printable(unknown)}' is none "
            + $"of {string.Join(", ", known.Words)}{Suggestion.Question(unknown, known.Words)}");
    }

    private static long Number(string option, string value) =>
        value.Length is > 0 and < 16 && value.All(char.IsAsciiDigit) ? long.Parse(value)
            : throw new UsageException($"{option}: expected a number, not '{PosixText.Printable(value)}'");

    private static TimeSpan Seconds(string option, string value, double least) =>
        DurationText.Parse(value, isSeconds: true) is { } span && span.TotalSeconds >= least && span.TotalSeconds <= int.MaxValue
            ? span
            : throw new UsageException($"{option}: expected {(least > 0 ? "a positive number of seconds" : "a number of seconds")}, such "
                + $"as 30 or 0.5, or a number and a unit, such as 30s, 10m, 2h or 7d, not '{PosixText.Printable(value)}'");

    private static long Size(string option, string value) => SizeText.Parse(value)
        ?? throw new UsageException($"{option}: expected a size, such as 1048576, 512M or 2G, not '{PosixText.Printable(value)}'");
}
