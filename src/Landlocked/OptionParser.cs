using Landlock.Rulesets;
using Landlock.Sandboxes.Options;

namespace Landlocked;

/// <summary>Reads options up to "--" or the first argument that is none.</summary>
internal static class OptionParser
{
    /// <summary>Applies the options.</summary>
    /// <returns>Index of the first argument that belongs to the command.</returns>
    /// <exception cref="UsageException">An option is unknown, or its argument is missing or wrong.</exception>
    public static int Parse<T>(OptionGroup<T>[] groups, string[] arguments, int start, T target)
    {
        for (int i = start; i < arguments.Length; i++)
        {
            string argument = arguments[i];
            if (argument == "--") return i + 1;
            if (argument.Length < 2 || argument[0] != '-') return i;

            int equals = argument.IndexOf('=', StringComparison.Ordinal);
            string name = equals < 0 ? argument : argument[..equals];
            Option<T> option = Find(groups, name) ?? throw Unknown(groups, name);
            string value = "";
            if (option.Argument is null && equals >= 0)
            {
                value = argument[(equals + 1)..];
                if (option.Choice is null) throw new UsageException($"option '{name}' takes no value");
                if (option.Choice != value)
                    throw new UsageException(
                        $"{name}: expected {name} alone, or {name}={option.Choice}, not '{PosixText.Printable(value)}'");
            }

            if (option.Argument is not null)
                value = equals < 0 ? Next(groups, arguments, ++i, name, option.Argument) : argument[(equals + 1)..];
            try
            {
                option.Apply(target, value);
            }
            catch (RulesetException exception)
            {
                throw new UsageException($"{name}: {Output.AsClause(exception.Message)}");
            }
        }

        return arguments.Length;
    }

    /// <summary>Applies options that may stand between words, up to "--".</summary>
    /// <returns>The words, in their order.</returns>
    /// <exception cref="UsageException">An option is unknown, or its argument is missing or wrong.</exception>
    public static List<string> ParseAll<T>(OptionGroup<T>[] groups, string[] arguments, T target)
    {
        List<string> words = [];
        for (int next = 0; next < arguments.Length;)
        {
            int first = Parse(groups, arguments, next, target);
            bool ended = first > next && arguments[first - 1] == "--";
            int end = ended ? arguments.Length : Math.Min(first + 1, arguments.Length);
            words.AddRange(arguments[first..end]);
            next = end;
        }

        return words;
    }

    private static Option<T>? Find<T>(OptionGroup<T>[] groups, string name)
    {
        foreach (OptionGroup<T> group in groups)
            foreach (Option<T> option in group.Options)
                if (option.Name == name || option.Short == name) return option;
        return null;
    }

    // A forgotten argument must not swallow the option after it: `--read-only --strict` would then be less strict than it looks.
    private static string Next<T>(OptionGroup<T>[] groups, string[] arguments, int index, string name, string argument)
    {
        if (index >= arguments.Length) throw new UsageException($"option '{name}' needs a value: {name} {argument}");
        string next = arguments[index];
        if (next == "--" || Find(groups, next.Split('=')[0]) is not null)
        {
            throw new UsageException(
                $"option '{name}' needs a value: {name} {argument}, but '{PosixText.Printable(next)}' follows; if that is the value, "
                    + $"write {ShellText.Word($"{name}={next}")}");
        }

        return next;
    }

    private static UsageException Unknown<T>(OptionGroup<T>[] groups, string name)
    {
        if (ForeignOptions.OnCommandLine(name) is { } foreign && Find(groups, foreign.Option.Split(' ')[0]) is not null)
            return new UsageException($"'{PosixText.Printable(name)}' is an option of {foreign.Tool}; here it is '{foreign.Option}'");
        // One letter is near to everything.
        string[] names = [.. groups.SelectMany(group => group.Options).SelectMany(option => option.Names).Where(known => known.Length > 2)];
        string? near = OfCmdlets(name) is { } own && names.Contains(own) ? own : Suggestion.ForOption(name, names);
        string hint = near is null ? "" : $"; did you mean '{PosixText.Printable(near)}'?";
        return new UsageException($"unknown option '{PosixText.Printable(name)}'{hint} (see {Output.Program} --help)");
    }

    // What a parameter of the cmdlets is here that has no option of its name.
    private static string? OfCmdlets(string name) => name.Trim('-').ToLowerInvariant() switch
    {
        "whatif" => "--dry-run",
        "ruleset" => "--policy",
        "interactive" or "explainvariable" => "--explain",
        _ => null,
    };
}
