using Landlock.Policies;
using Landlock.Rulesets;

namespace Landlocked.Completion;

/// <summary>Answers what can stand where the cursor is, from the tables that options and subcommands are read by.</summary>
internal static class CompletionEngine
{
    private static readonly Known[] OfRun = [.. RunOptions.Table.SelectMany(group => group.Options)
        .Select(option => new Known([.. option.Names], option.Argument, option.Choice, option.Values))];

    /// <summary>The answer.</summary>
    /// <param name="words">The words behind the name of the program, up to the one at the cursor.</param>
    /// <param name="profiles">Gives the names of profiles.</param>
    public static CompletionAnswer Answer(string[] words, Func<IEnumerable<string>> profiles)
    {
        if (words.Length == 0) words = [""];
        string[] firsts = [.. Subcommand.Shown.Select(subcommand => subcommand.Name.Split(' ')[0]).Distinct()];
        if (words.Length == 1 || !firsts.Contains(words[0]))
            return Walk(words, 0, OfRun, (at, current) => CompletionAnswer.Command(at, at == 0 ? Matching(firsts, current) : []), profiles);

        Subcommand[] beneath =
            [.. Subcommand.Shown.Where(subcommand => subcommand.Words == 2 && subcommand.Name.Split(' ')[0] == words[0])];
        if (beneath.Length > 0 && words.Length == 2)
            return CompletionAnswer.Of(Matching(beneath.Select(subcommand => subcommand.Name.Split(' ')[1]), words[1]));
        Subcommand? found = beneath.FirstOrDefault(subcommand => subcommand.Name.Split(' ')[1] == words[1])
            ?? Subcommand.Shown.FirstOrDefault(subcommand => subcommand.Name == words[0]);
        if (found is null) return CompletionAnswer.Nothing;
        Known[] known = [.. found.Options.SelectMany(option => option.Option.Split(", ")).Where(option => option.StartsWith('-'))
            .Select(option => option.Split(' ', 2)).Select(parts => new Known([parts[0]], parts.ElementAtOrDefault(1), null, []))
            .Append(new Known(["--help", "-h"], null, null, [])),
            .. found.Name == "why" ? OfRun : []];
        return Walk(words, found.Words, known, (at, current) => found.Usage switch
        {
            _ when found.Name == "trace" => CompletionAnswer.Command(at, []),
            _ when found.Name == "help" => CompletionAnswer.Of(Matching(firsts, current)),
            _ when found.Name.StartsWith("profile ", StringComparison.Ordinal) && found.Usage.Contains("NAME", StringComparison.Ordinal) =>
                CompletionAnswer.Of(Matching(profiles(), current)),
            _ when found.Usage.Contains("FILE", StringComparison.Ordinal) || found.Name == "why" => CompletionAnswer.Files,
            _ => CompletionAnswer.Nothing,
        }, profiles);
    }

    private static CompletionAnswer Walk(string[] words, int start, Known[] options, Func<int, string, CompletionAnswer> rest,
        Func<IEnumerable<string>> profiles)
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
            if (++i == last) return Value(option, current, "", profiles);
        }

        if (!current.StartsWith('-')) return rest(last, current);
        if (current.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals)
        {
            return options.FirstOrDefault(option => option.Names.Contains(current[..equals])) is not { } option ? CompletionAnswer.Nothing
                : option.Choice is { } choice ? CompletionAnswer.Of(Matching([$"{current[..equals]}={choice}"], current))
                : option.Argument is null ? CompletionAnswer.Nothing
                : Value(option, current[(equals + 1)..], current[..(equals + 1)], profiles);
        }

        return CompletionAnswer.Of(Matching(options.SelectMany(option =>
            option.Names.Concat(option.Choice is { } choice ? [$"{option.Names[0]}={choice}"] : [])), current));
    }

    private static CompletionAnswer Value(Known option, string current, string before, Func<IEnumerable<string>> profiles)
    {
        string kind = option.Argument!;
        if (option.Values.Length > 0) return Each(option.Values);
        switch (kind)
        {
            case "PATH" or "FILE" or "POLICY":
                return CompletionAnswer.Files;
            case "DIR":
                return CompletionAnswer.Directories;
            case "RIGHT[,RIGHT...]:PATH" when current.Contains(':', StringComparison.Ordinal):
                return CompletionAnswer.Files;
            case "RIGHT[,RIGHT...]:PATH" or "RIGHT[,RIGHT...]":
                return Each(AccessText.FsWords());
        }

        return option.Names[0] switch
        {
            "--preset" => Each(Preset.Names),
            "--profile" => CompletionAnswer.Of(Matching(profiles(), current, before)),
            _ => CompletionAnswer.Nothing,
        };

        CompletionAnswer Each(IEnumerable<string> known)
        {
            int comma = kind.Contains("...", StringComparison.Ordinal) ? current.LastIndexOf(',') + 1 : 0;
            IEnumerable<string> matching = Matching(known, current[comma..], before + current[..comma]);
            return kind.Contains("...", StringComparison.Ordinal) ? CompletionAnswer.Open(matching) : CompletionAnswer.Of(matching);
        }
    }

    private static IEnumerable<string> Matching(IEnumerable<string> words, string begin, string before = "") =>
        words.Where(word => word.StartsWith(begin, StringComparison.OrdinalIgnoreCase)).Select(word => before + word);

    private sealed record Known(string[] Names, string? Argument, string? Choice, string[] Values);
}
