using Landlock.Linux;
using Landlock.Rulesets;
using Landlock.Sandboxes.Compiled;

namespace Landlocked;

/// <summary>`landlocked show`: what a compiled command is, and what has changed since.</summary>
internal static class ShowCommand
{
    private static readonly OptionGroup<Wanted>[] Options =
    [
        new("",
        [
            new("--json", null, "", static (wanted, _) => wanted.Json = true),
            new("--verbose", null, "", static (wanted, _) => wanted.Verbose = true),
            new("--help", null, "", static (wanted, _) => wanted.Help = true) { Short = "-h" },
        ]),
    ];

    /// <summary>Shows it.</summary>
    public static int Run(string[] arguments)
    {
        Wanted wanted = new();
        List<string> words = OptionParser.ParseAll(Options, arguments, wanted);
        if (wanted.Help) return Output.Print(Help.Lines("show"));
        if (words is not [{ Length: > 0 } file])
            throw new UsageException($"show takes the name of one compiled command (a command of that name: {Output.Program} -- show)");
        string path = RulesetResolver.Absolute(file, Native.CurrentDirectory());
        string shown = PosixText.Printable(file);
        byte[] bytes = SmallFile.Read(path, CompiledFile.Largest)
            ?? throw new UsageException($"'{shown}' cannot be read, or is no file");
        CompiledFile compiled = CompiledFile.Read(bytes) ?? throw new UsageException(CompiledFile.Is(bytes)
            ? $"'{shown}' is damaged; compile it again" : $"'{shown}' is no compiled command; write one with {Output.Program} compile");
        return wanted.Json ? Output.Print(compiled.Json) : Output.Print(Lines(compiled, wanted.Verbose));
    }

    private static IEnumerable<string> Lines(CompiledFile file, bool isWhole)
    {
        CompiledRecord record = file.Record;
        yield return $"compiled: {Output.Time(DateTimeOffset.FromUnixTimeSeconds(record.Time))}, by {Output.Program} "
            + PosixText.Printable(record.Version);
        string[] words = [.. record.Options ?? [], .. record.Command];
        yield return record.Options is null ? "asked for: by objects, which no option can say; it ends where something has changed"
            : $"asked for: {Output.Program} compile {string.Join(' ', words.Select(ShellText.Word))}";
        yield return $"in: {PosixText.Printable(record.Directory)}";
        CompiledState state = CompiledState.Of(file.Image);
        yield return state.IsPlannedAtStart ? "planned: at each start, since a supervisor stays beside it"
            : state.Changed.IsEmpty ? "changed since: nothing; it starts as below"
            : $"changed since: {string.Join(", ", state.Changed.Select(PosixText.Printable))}; "
                + (state.IsFrozen ? "it does not start, since it is frozen" : "it is planned anew at each start; compile it again");
        foreach (string line in isWhole ? record.Description : record.Summary) yield return PosixText.Printable(line);
    }

    private sealed class Wanted
    {
        public bool Json { get; set; }

        public bool Verbose { get; set; }

        public bool Help { get; set; }
    }
}
