using Landlock.Policies;
using Landlock.Rulesets;

namespace Landlocked.Completion;

/// <summary>Answers what can stand where the cursor is, from the tables that options and subcommands are read by.</summary>
internal static class CompletionEngine
{
    private static readonly Known[] OfRun = [.. RunOptions.Table.SelectMany(group => group.Options)
        .Select(KnownOf)];
    private static readonly Known[] OfCompile = [.. RunOptions.ToCompile.SelectMany(group => group.Options).Select(KnownOf)];

    private static readonly (string Word, string Help)[] Firsts =
    [
        .. Subcommand.Shown.GroupBy(subcommand => subcommand.Name.Split(' ')[0]).Select(group => (group.Key,
            group.First().Words == 1 ? group.First().Help : string.Join(", ", Seconds(group.Key).Select(second => second.Word)))),
    ];

    private static Known KnownOf(Option<RunOptions> option) => new([.. option.Names], option.Argument, option.Help)
    {
        Choice = option.Choice,
        Values = option.Shared is { } shared ? SandboxArgument.ValuesFor(shared) : [],
        Examples = option.Shared is { } other ? SandboxArgument.ExamplesFor(other) : [],
    };

    /// <summary>Whether a text means itself in every shell: one that could be anything but a word would be code in some.</summary>
    public static bool IsPlain(string text) => text.All(letter =>
        char.IsAsciiLetterOrDigit(letter) || "-_.,=:".Contains(letter, StringComparison.Ordinal));

    /// <summary>The answer.</summary>
    /// <param name="words">The words behind the name of the program, up to the one at the cursor.</param>
    /// <param name="profiles">Gives the names of profiles, and what they are for.</param>
    public static CompletionAnswer Answer(string[] words, Func<IEnumerable<(string Word, string Help)>> profiles)
    {
        if (words.Length == 0) words = [""];
        if (words.Length == 1 || !Firsts.Any(first => first.Word == words[0]))
            return Walk(words, 0, OfRun, (at, current) => CompletionAnswer.Command(at, at == 0 ? Matching(Firsts, current) : []), profiles);

        (string Word, string Help)[] seconds = Seconds(words[0]);
        if (seconds.Length > 0 && words.Length == 2) return CompletionAnswer.Of(Matching(seconds, words[1]));
        if (Subcommand.Shown.FirstOrDefault(subcommand => words.Take(subcommand.Words).SequenceEqual(subcommand.Name.Split(' ')))
            is not { } found) return CompletionAnswer.Nothing;
        Known[] known = found.Name == "compile" ? OfCompile :
        [
            .. found.Options.SelectMany(entry => entry.Option.Split(", ").Where(option => option.StartsWith('-'))
                .Select(option => option.Split(' ', 2)).Select(parts => new Known([parts[0]], parts.ElementAtOrDefault(1), entry.Help)))
            .Append(new Known(["--help", "-h"], null, "show the help of this subcommand")),
            .. found.Name == "why" ? OfRun : [],
        ];
        return Walk(words, found.Words, known, (at, current) => found.Usage switch
        {
            _ when found.Name is "trace" or "compile" => CompletionAnswer.Command(at, []),
            _ when found.Name == "help" =>
                CompletionAnswer.Of(Matching(at switch { 1 => Firsts, 2 => Seconds(words[1]), _ => [] }, current)),
            _ when found.Name == "completion" => CompletionAnswer.Of(Matching(at == 1 ? CompletionCommand.Shells : [], current)),
            _ when found.Name.StartsWith("profile ", StringComparison.Ordinal) && found.Usage.Contains("NAME", StringComparison.Ordinal) =>
                CompletionAnswer.Of(Matching(profiles(), current)),
            _ when found.Usage.Contains("FILE", StringComparison.Ordinal) || found.Name == "why" => CompletionAnswer.Files(),
            _ => CompletionAnswer.Nothing,
        }, profiles);
    }

    // The second words of subcommands that begin with a word.
    private static (string Word, string Help)[] Seconds(string first) =>
        [.. Subcommand.Shown.Where(subcommand => subcommand.Name.StartsWith(first + " ", StringComparison.Ordinal))
            .Select(subcommand => (subcommand.Name[(first.Length + 1)..], subcommand.Help))];

    private static CompletionAnswer Walk(string[] words, int start, Known[] options, Func<int, string, CompletionAnswer> rest,
        Func<IEnumerable<(string Word, string Help)>> profiles)
    {
        int last = words.Length - 1;
        string current = words[last];
        for (int i = start; i < last; i++)
        {
            string word = words[i];
            if (word == "--") return rest(i + 1, current);
            // Words of a subcommand may stand between options; of a command, all that follows is its own.
            if (!word.StartsWith('-'))
            {
                if (rest(i, "").Kind.StartsWith("command", StringComparison.Ordinal)) return rest(i, current);
                continue;
            }

            if (word.Contains('=', StringComparison.Ordinal)) continue;
            Known? option = options.FirstOrDefault(option => option.Names.Contains(word));
            if (option?.Argument is null) continue;
            if (++i == last) return Value(option, current, 0, profiles);
        }

        if (!current.StartsWith('-')) return rest(last, current);
        if (current.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals)
        {
            return options.FirstOrDefault(option => option.Names.Contains(current[..equals])) is not { } option ? CompletionAnswer.Nothing
                : option.Choice is { } choice ? CompletionAnswer.Of(Matching([($"{current[..equals]}={choice}", option.Help)], current))
                : option.Argument is null ? CompletionAnswer.Nothing
                : Value(option, current, equals + 1, profiles);
        }

        return CompletionAnswer.Of(Matching(options.SelectMany(option => option.Names
            .Concat(option.Choice is { } choice ? [$"{option.Names[0]}={choice}"] : []).Select(name => (name, option.Help))), current));
    }

    // The value of an option begins behind so many characters of the word.
    private static CompletionAnswer Value(Known option, string word, int behind, Func<IEnumerable<(string Word, string Help)>> profiles)
    {
        string kind = option.Argument!;
        bool isList = kind.Contains("...", StringComparison.Ordinal);
        if (option.Values.Length > 0) return Each(option.Values);
        if (option.Examples.Length > 0) return CompletionAnswer.Examples(Matching(option.Examples, word, behind));
        switch (kind)
        {
            case "PATH" or "FILE" or "POLICY":
                return CompletionAnswer.Files(behind);
            case "DIR":
                return CompletionAnswer.Directories(behind);
            case "RIGHT[,RIGHT...]:PATH" when word.IndexOf(':', behind) is >= 0 and var colon:
                return IsPlain(word[..colon]) ? CompletionAnswer.Files(colon + 1) : CompletionAnswer.Nothing;
            case "RIGHT[,RIGHT...]:PATH" or "RIGHT[,RIGHT...]":
                return Each(AccessText.FsTable());
        }

        return option.Names[0] switch
        {
            "--preset" => Each(Preset.All.Select(preset => (preset.Name, preset.Description))),
            "--profile" => CompletionAnswer.Of(Matching(profiles(), word, behind)),
            _ => CompletionAnswer.Nothing,
        };

        CompletionAnswer Each(IEnumerable<(string Word, string Help)> known) => !isList ? CompletionAnswer.Of(Matching(known, word, behind))
            : CompletionAnswer.Open(Matching(known, word, Math.Max(behind, word.LastIndexOf(',') + 1)));
    }

    private static IEnumerable<(string Word, string Help)> Matching(IEnumerable<(string Word, string Help)> known, string word,
        int behind = 0) => known.Where(entry => entry.Word.StartsWith(word[behind..], StringComparison.OrdinalIgnoreCase))
            .Select(entry => (word[..behind] + entry.Word, entry.Help));

    // An option, with what the tables say of it.
    private sealed record Known(string[] Names, string? Argument, string Help)
    {
        public string? Choice { get; init; }

        public (string Word, string Help)[] Values { get; init; } = [];

        public (string Word, string Help)[] Examples { get; init; } = [];
    }
}
