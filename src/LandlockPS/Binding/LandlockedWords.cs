using System.Collections.Immutable;
using System.ComponentModel;
using System.Diagnostics;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Text.RegularExpressions;
using Landlock.Policies;
using Landlock.Sandboxes.Options;
using LandlockPS.Engine;

namespace LandlockPS.Binding;

/// <summary>The words of landlocked's own command line, as its help tells them: options, what their values are, and subcommands.</summary>
internal static partial class LandlockedWords
{
    private static readonly Lazy<ImmutableArray<Option>> All = new(Read);

    private static readonly Dictionary<string, ValueCompleter> Values = new(StringComparer.Ordinal)
    {
        ["PORTS"] = new PortCompleter(), ["SIZE"] = new SizeCompleter(), ["SECONDS"] = new TimeCompleter(), ["N"] = new CountCompleter(),
    };

    private static readonly string[] Subcommands = ["help", "support", "trace", "why", "ps", "kill", "policy", "profile", "completion"];

    /// <summary>Where the wrapped command stands, or would: behind "--", or the first word that is neither option nor value.</summary>
    public static int FindCommand(IReadOnlyList<CommandElementAst> elements)
    {
        for (int i = 1; i < elements.Count; i++)
            if (elements[i].Extent.Text == "--") return i + 1;
        int at = 1;
        while (at < elements.Count && elements[at].Extent.Text.StartsWith('-')) at += TakesValue(elements[at].Extent.Text) ? 2 : 1;
        return at;
    }

    /// <summary>Completes a word before the command; nothing where files, or the command itself, are meant.</summary>
    public static IEnumerable<CompletionResult> Complete(string word, string? before)
    {
        if (word.StartsWith('-'))
            return All.Value.Where(option => option.Name.StartsWith(word, StringComparison.Ordinal))
                .Select(option => new CompletionResult(option.Name, option.Name, CompletionResultType.ParameterName, option.Help));
        if (before is null || Find(before) is not { Value: { } value }) return [];
        if (Values.TryGetValue(value, out ValueCompleter? known)) return known.Matching(word);
        return before switch
        {
            "--preset" => Preset.Names.Where(name => name.StartsWith(word, StringComparison.OrdinalIgnoreCase)).Select(Result),
            "--network" or "--compatibility" or "--unrestricted" =>
                Words(SandboxOptions.Find(before[2..])).Where(known => known.StartsWith(word, StringComparison.Ordinal)).Select(Result),
            _ => [],
        };

        static IEnumerable<string> Words(SandboxOption option) => option switch
        {
            WordOption one => one.Words,
            WordsOption several => several.Words,
            _ => [],
        };
    }

    /// <summary>Subcommands that begin like a word.</summary>
    public static IEnumerable<CompletionResult> Commands(string word) =>
        Subcommands.Where(name => name.StartsWith(word, StringComparison.Ordinal)).Select(Result);

    private static CompletionResult Result(string word) => new(word, word, CompletionResultType.ParameterValue, word);

    private static Option? Find(string word) => All.Value.FirstOrDefault(option => option.Name == word);

    // What is not known may take one: then the word behind it is not taken for the command.
    private static bool TakesValue(string word) => !word.Contains('=', StringComparison.Ordinal) && Find(word) is not { Value: null };

    private static ImmutableArray<Option> Read()
    {
        try
        {
            using Process? process = Process.Start(new ProcessStartInfo(NativePrograms.Landlocked, ["--help"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            });
            return process is null ? [] : [.. process.StandardOutput.ReadToEnd().Split('\n').SelectMany(Options)];
        }
        catch (Exception exception) when (exception is Win32Exception or IOException)
        {
            return [];
        }
    }

    // "  --variable, --var NAME=VALUE", and on the same line or the next what it does.
    private static IEnumerable<Option> Options(string line)
    {
        if (OptionLine().Match(line) is not { Success: true } match) yield break;
        string? value = match.Groups["value"] is { Success: true } written ? written.Value : null;
        string help = match.Groups["help"] is { Success: true, Value.Length: > 0 } told ? told.Value : line.Trim();
        yield return new Option(match.Groups["name"].Value, value, help);
        if (match.Groups["other"] is { Success: true } other) yield return new Option(other.Value, value, help);
    }

    [GeneratedRegex(@"^  (?<name>--[a-z-]+)(?:\[=[a-z]+\])?(?:, (?<other>-[A-Za-z-]+))?(?: (?<value>[^ ]+))?(?: +(?<help>.*))?$",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex OptionLine();

    private sealed record Option(string Name, string? Value, string Help);
}
