using System.Collections.Immutable;
using System.Globalization;
using Landlock.Sandboxes.Running;
using Landlock.Sandboxes.Supervision;

namespace Landlocked;

/// <summary>`landlocked kill`: ends sandboxes of this user, with all that they have started.</summary>
internal static class KillCommand
{
    private static readonly OptionGroup<Wanted>[] Options =
    [
        new("",
        [
            new("--all", null, "", static (wanted, _) => wanted.All = true),
            new("--help", null, "", static (wanted, _) => wanted.Help = true) { Short = "-h" },
        ]),
    ];

    /// <summary>Ends them; nothing where one of those that are named does not run.</summary>
    public static int Run(string[] arguments)
    {
        Wanted wanted = new();
        string[] words = arguments[OptionParser.Parse(Options, arguments, 0, wanted)..];
        if (wanted.Help) return Output.Print(Help.Lines("kill"));
        if (wanted.All == words.Length > 0)
            throw new UsageException(wanted.All ? $"--all ends every sandbox; leave out '{PosixText.Printable(words[0])}'"
                : $"kill needs the ID, the PID or the name of a sandbox, as {Output.Program} ps lists them, or --all (a command of that "
                    + $"name: {Output.Program} -- kill)");
        ImmutableArray<RunningSandbox> all = PsCommand.Find();
        RunningSandbox[] chosen = [.. wanted.All ? all : words.SelectMany(word => Named(all, word)).DistinctBy(sandbox => sandbox.Id)];
        int result = 0;
        foreach (RunningSandbox sandbox in chosen)
        {
            int left = sandbox.Stop(SupervisionOptions.DefaultGrace);
            if (left == 0) continue;
            Output.Error($"{left} {(left == 1 ? "process" : "processes")} of the sandbox '{sandbox.Id}' could not be ended");
            result = ExitCodes.NotEnded;
        }

        return result;
    }

    private static RunningSandbox[] Named(ImmutableArray<RunningSandbox> all, string word)
    {
        RunningSandbox[] named = [.. all.Where(sandbox => sandbox.Id == word)];
        if (named.Length == 0 && int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int process))
            named = [.. all.Where(sandbox => sandbox.Members.Contains(process))];
        if (named.Length == 0) named = [.. all.Where(sandbox => sandbox.Name == word)];
        string[] known = [.. all.Select(sandbox => sandbox.Name).Distinct()];
        return named.Length > 0 ? named : throw new UsageException($"no sandbox '{PosixText.Printable(word)}' runs"
            + $"{Suggestion.Question(word, known, otherwise: $"; see {Output.Program} ps")}; nothing was ended");
    }

    private sealed class Wanted
    {
        public bool All { get; set; }

        public bool Help { get; set; }
    }
}
