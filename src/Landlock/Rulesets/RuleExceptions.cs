using System.Collections.Immutable;
using Landlock.Linux;

namespace Landlock.Rulesets;

/// <summary>Rules with what texts mean left out, and what is to be known of it.</summary>
/// <param name="Rules">The rules.</param>
/// <param name="Notes">What patterns and sets mean now, a sentence for each.</param>
internal sealed record RuleExceptions(ImmutableArray<PathRule> Rules, ImmutableArray<string> Notes)
{
    private const int MostNamed = 3;

    /// <summary>Leaves out what texts mean. Paths and patterns are for these rules; each path must be beneath one.</summary>
    /// <inheritdoc cref="PathRule.Excepting"/>
    public static RuleExceptions Of(IEnumerable<PathRule> rules, IEnumerable<string> exceptions, string? baseDirectory)
    {
        PathRule[] all = [.. rules];
        string[] texts = [.. exceptions];
        ExceptionText[] read = [.. texts.Where(text => !ExceptionSet.IsWord(text)).Select(ExceptionText.Parse)];
        ExceptionPlace places = new(baseDirectory);
        List<string> left = [], notes = [];
        foreach (ExceptionText text in read)
        {
            if (text.Path is not { } path) continue;
            if (!all.Any(rule => places.IsInside(path, rule.Path, rule.Access))) throw Nowhere(path, all, places);
            left.Add(path);
        }

        ExceptionText[] patterns = [.. read.Where(text => text.Path is null)];
        if (patterns.Length > 0)
        {
            if (all.Length == 0) throw NothingAllowed($"'{PosixText.Printable(patterns[0].Text)}'");
            List<string>[] found =
                new ExceptionSearch(all.Select(rule => places.Of(rule.Path)), left.Select(places.Of)).Find(patterns, baseDirectory);
            for (int i = 0; i < patterns.Length; i++)
            {
                // A link out of everything, or one that leads nowhere, leaves nothing out.
                string[] entries = [.. found[i].Where(path => PosixFile.RealPath(path) is not null
                    && all.Any(rule => places.IsInside(path, rule.Path, rule.Access))).Order(StringComparer.Ordinal)];
                left.AddRange(entries);
                notes.Add(Told(patterns[i].Text, entries));
            }
        }

        ImmutableArray<PathRule> made = With(all, left, places);
        if (read.Length == texts.Length) return new RuleExceptions(made, [.. notes]);
        // An entry of that name is meant as well, where there is one.
        foreach (string name in texts.Where(ExceptionSet.IsWord))
            if (baseDirectory is not null && PosixFile.RealPath(RulesetResolver.Absolute(name, baseDirectory)) is not null)
                made = With(made, [name], places);
        ExceptionSet secrets = new(made, baseDirectory);
        made = [.. made.Select(rule => secrets.Leave(rule)!)];
        return new RuleExceptions(made, [.. notes, Told(ExceptionSet.Word, secrets.Used)]);
    }

    private static ImmutableArray<PathRule> With(IEnumerable<PathRule> rules, IReadOnlyCollection<string> paths, ExceptionPlace places) =>
        [.. rules.Select(rule => paths.Where(path => places.IsInside(path, rule.Path, rule.Access)).ToArray() is { Length: > 0 } inside
            ? rule with { Except = [.. rule.Except, .. inside] }
            : rule)];

    private static string Told(string text, IReadOnlyCollection<string> entries)
    {
        return $"except {PosixText.Printable(text)}: {entries.Count} {(entries.Count == 1 ? "entry" : "entries")} now"
            + (entries.Count == 0 ? "; one that is made later is allowed."
                : $" ({PosixText.Some(entries, MostNamed)}); one that is made later is allowed, but in the directories around "
                    + $"{(entries.Count == 1 ? "it" : "these")}.");
    }

    private static RulesetException Nowhere(string path, PathRule[] all, ExceptionPlace places)
    {
        if (!path.Contains('/') && Suggestion.For(path, [ExceptionSet.Word]) is { } word)
            return new RulesetException(RulesetProblem.InvalidException, path,
                $"The exception '{PosixText.Printable(path)}' is beneath none of the allowed paths; did you mean the set '{word}'?");
        if (all.Length == 0) return NothingAllowed(places.Show(path));
        return new RulesetException(RulesetProblem.InvalidException, path,
            $"The exception {places.Show(path)} is beneath none of the allowed paths "
                + $"({string.Join(", ", all.Select(rule => PosixText.Printable(rule.Path)).Distinct())}). Correct it, or leave it out: "
                + "what no rule allows is denied anyway.");
    }

    private static RulesetException NothingAllowed(string exception) => new(RulesetProblem.InvalidException, exception.Trim('\''),
        $"{exception} is excepted, but no path is allowed that it could be excepted from. Allow the directory around it "
            + "as well, with -ReadOnly (--read-only) or another access, or leave the exception out.");
}
