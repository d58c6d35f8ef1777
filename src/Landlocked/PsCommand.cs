using System.Collections.Immutable;
using System.Globalization;
using Landlock.Sandboxes.Running;

namespace Landlocked;

/// <summary>`landlocked ps`: the sandboxes of this user that run.</summary>
internal static class PsCommand
{
    /// <summary>Lists them.</summary>
    public static int Run(string[] arguments)
    {
        Query query = Query.Read(arguments);
        if (query.Help) return Output.Print(Help.Lines("ps"));
        if (query.Words is [{ } word, ..])
            throw new UsageException($"ps takes no argument but --json, not '{PosixText.Printable(word)}' (a command of that "
                + $"name: {Output.Program} -- ps)");
        ImmutableArray<RunningSandbox> all = Find();
        return query.Json ? Output.Print(Json(all)) : Output.Print(Table(all));
    }

    /// <summary>Those that run.</summary>
    /// <exception cref="UsageException">They cannot be found here.</exception>
    internal static ImmutableArray<RunningSandbox> Find() => RunningSandbox.Obstacle is { } obstacle
        ? throw new UsageException($"{Output.AsClause(obstacle)}; in a sandbox, allow it with --read-only /proc")
        : RunningSandbox.FindAll();

    private static IEnumerable<string> Table(ImmutableArray<RunningSandbox> all)
    {
        (string Id, string Process, string Started, string Name, string Command)[] rows =
        [
            ("ID", "PID", "STARTED", "NAME", "COMMAND"),
            .. all.Select(sandbox => (sandbox.Id, sandbox.ProcessId.ToString(CultureInfo.InvariantCulture),
                Output.Time(sandbox.Started), PosixText.Printable(sandbox.Name),
                sandbox.Command)),
        ];
        int process = rows.Max(row => row.Process.Length), started = rows.Max(row => row.Started.Length);
        int name = Math.Min(rows.Max(row => row.Name.Length), 40);
        foreach ((string Id, string Process, string Started, string Name, string Command) row in rows)
        {
            yield return $"{row.Id,-8}  {row.Process.PadLeft(process)}  {row.Started.PadRight(started)}  "
                + $"{row.Name.PadRight(name)}  {row.Command}";
        }
    }

    private static byte[] Json(ImmutableArray<RunningSandbox> all) => JsonReport.Document("sandboxes", json =>
        JsonReport.Objects(json, "sandboxes", all, sandbox =>
        {
            json.WriteString("id", sandbox.Id);
            JsonReport.Text(json, "name", sandbox.Name);
            JsonReport.Texts(json, "command", sandbox.Arguments);
            json.WriteString("started", sandbox.Started);
            json.WriteNumber("processId", sandbox.ProcessId);
            json.WriteStartArray("processes");
            foreach (int process in sandbox.Processes) json.WriteNumberValue(process);
            json.WriteEndArray();
        }));
}
