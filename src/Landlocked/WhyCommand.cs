using System.Globalization;
using Landlock.Abi;
using Landlock.Access;
using Landlock.Rulesets;
using Landlock.Sandboxes;
using Landlock.Sandboxes.Running;

namespace Landlocked;

/// <summary>`landlocked why`: whether an access is allowed, by which rule, and what would allow it. Runs nothing.</summary>
internal static class WhyCommand
{
    private const string Access = "--access", Hosts = "connect_host";

    private static readonly OptionGroup<Wanted>[] Options =
    [
        new("",
        [
            .. RunOptions.OfSandbox.SelectMany(group => group.Options).Select(Take),
            new("--json", null, "", static (wanted, _) => wanted.Json = true),
            new("--help", null, "", static (wanted, _) => wanted.Help = true) { Short = "-h" },
        ]),
    ];

    /// <summary>Answers; 0 if everything that was asked for is allowed.</summary>
    public static int Run(string[] arguments)
    {
        Wanted wanted = Parse(arguments);
        if (wanted.Help) return Output.Print(Help.Lines("why"));
        ToldSandbox? told = null;
        AccessEvaluator evaluator = wanted.HasSandbox ? Described(wanted) : Started(out told);
        AccessVerdict[] verdicts = [.. wanted.Ask(evaluator)];
        int written = wanted.Json ? Output.Print(Json(told, wanted.Question, verdicts))
            : Output.Print(Lines(told, wanted.Question, verdicts));
        return written != 0 ? written : verdicts.All(verdict => verdict.Allowed) ? 0 : ExitCodes.Denied;
    }

    // What an option of a sandbox is, it is here, too. The rights that are asked for have the name of a rule's, and no path.
    private static Option<Wanted> Take(Option<RunOptions> option) => new(option.Name, option.Argument, option.Help, (wanted, value) =>
    {
        if (option.Name == Access && !value.Contains(':'))
        {
            wanted.AskFor(value);
            return;
        }

        option.Apply(wanted.Sandbox, value);
        wanted.HasSandbox = true;
    })
    { Short = option.Short };

    private static Wanted Parse(string[] arguments)
    {
        Wanted wanted = new();
        wanted.Targets.AddRange(OptionParser.ParseAll(Options, arguments, wanted));

        return wanted;
    }

    private static AccessEvaluator Described(Wanted wanted)
    {
        LaunchRequest request = RunCommand.Request(wanted.Sandbox, "", []);
        RunCommand.Tell(request.Findings);
        return new AccessEvaluator(LaunchPlanner.LayersOf(request), request.BaseDirectory);
    }

    private static AccessEvaluator Started(out ToldSandbox told)
    {
        const string otherwise = "to ask about another sandbox, add its options, such as --read-only /usr, --profile NAME or --policy FILE";
        told = ToldFile.Own(out string? problem) ?? throw new UsageException(problem is null
            ? $"why is about the sandbox that it is called in, and this is none; {otherwise}" : $"{Output.AsClause(problem)}; {otherwise}");
        return told.Evaluator(Native.CurrentDirectory());
    }

    private static IEnumerable<string> Lines(ToldSandbox? told, string question, AccessVerdict[] verdicts)
    {
        if (told is not null)
        {
            yield return $"As it was started with: {PosixText.Printable(told.Names)}, since {Output.Time(told.Started)}";
            if (told.LacksOuter) yield return "There is a sandbox around it of which nothing is known here.";
        }

        foreach (AccessVerdict verdict in verdicts)
        {
            yield return $"{PosixText.Printable(verdict.Target)}: {question} {(verdict.Allowed ? "allowed" : "denied")}";
            foreach (LayerDenial denial in verdict.Denials) yield return $"  {denial}";
            foreach (ContributingRule rule in verdict.Rules.Distinct()) yield return $"  allowed by {Rule(rule)}";
            if (verdict is { Allowed: true, Rules.IsEmpty: true }) yield return "  no layer restricts it";
            foreach (AccessFix fix in verdict.Fixes)
                yield return $"  to allow it: {PosixText.Printable(fix.Option)}{(verdict.Denials.Length > 1 ? $" ({Layers(fix)})" : "")}";
            if (verdict.Note is { } note) yield return $"  {PosixText.Printable(note)}";
        }
    }

    private static string Rule(ContributingRule rule) => string.Create(CultureInfo.InvariantCulture,
        $"{rule}, layer {rule.Layer}{(rule.LayerName is null ? "" : $" '{PosixText.Printable(rule.LayerName)}'")}");

    private static string Layers(AccessFix fix) => $"in layer {string.Join(", ", fix.Layers)}";

    private static byte[] Json(ToldSandbox? told, string question, AccessVerdict[] verdicts) => JsonReport.Document("answers", json =>
    {
        if (told is null)
        {
            json.WriteNull("asStarted");
        }
        else
        {
            json.WriteStartObject("asStarted");
            JsonReport.Text(json, "name", told.Names);
            json.WriteString("started", told.Started);
            json.WriteBoolean("isWhole", !told.LacksOuter);
            json.WriteEndObject();
        }

        JsonReport.Objects(json, "answers", verdicts, verdict =>
        {
            JsonReport.Text(json, "target", verdict.Target);
            json.WriteString("access", question);
            json.WriteBoolean("allowed", verdict.Allowed);
            JsonReport.Objects(json, "layers", verdict.Denials, denial =>
            {
                json.WriteNumber("layer", denial.Layer);
                JsonReport.Text(json, "name", denial.LayerName);
                JsonReport.Text(json, "place", denial.Place);
                JsonReport.Texts(json, "missing", denial.Missing);
            });
            JsonReport.Objects(json, "rules", verdict.Rules.Distinct(), rule =>
            {
                json.WriteNumber("layer", rule.Layer);
                JsonReport.Text(json, "name", rule.LayerName);
                JsonReport.Text(json, "rule", $"{rule}");
            });
            JsonReport.Objects(json, "fixes", verdict.Fixes, fix =>
            {
                JsonReport.Text(json, "option", fix.Option);
                JsonReport.Text(json, "parameter", fix.Parameter);
                JsonReport.Text(json, "toml", fix.Toml);
            });
            JsonReport.Text(json, "note", verdict.Note);
        });
    });

    private sealed class Wanted
    {
        private string? _access;

        public RunOptions Sandbox { get; } = new() { IsQuestion = true };

        public bool HasSandbox { get; set; }

        public List<string> Targets { get; } = [];

        public bool Json { get; set; }

        public bool Help { get; set; }

        public string Question { get; private set; } = "";

        public void AskFor(string access) => _access = _access is null ? access
            : throw new UsageException($"{Access}: what is asked for was given twice; write one list: {Access} {_access},{access}");

        public IEnumerable<AccessVerdict> Ask(AccessEvaluator evaluator)
        {
            string access = _access ?? nameof(AccessClass.ReadData);
            if (access == Hosts) return OfHosts(evaluator);
            return AccessText.KindOf(access.Split(',')[0]) switch
            {
                RightKind.Net => Ports(evaluator, AccessText.ParseNet(access)),
                RightKind.Scope => Outside(evaluator, AccessText.ParseScope(access)),
                _ => Paths(evaluator, AccessText.ParseFs(access)),
            };
        }

        private IEnumerable<AccessVerdict> Paths(AccessEvaluator evaluator, AccessFs access)
        {
            Question = AccessText.Brief(access);
            if (Targets.Count == 0) throw new UsageException($"why needs a PATH; write: {Output.Program} why /etc/passwd");
            foreach (string path in Targets) _ = PathRule.Normalize(path);
            return Targets.Select(path => evaluator.CheckFor(path, access));
        }

        private IEnumerable<AccessVerdict> Ports(AccessEvaluator evaluator, AccessNet access)
        {
            Question = string.Join(",", AbiTable.Names(access));
            if (Targets.Count == 0) throw new UsageException($"why needs a port; write: {Output.Program} why {Access} {Question} 443");
            return Targets.SelectMany(PortRange.ParseList).SelectMany(range => Enumerable.Range(range.First, range.Count))
                .Select(port => evaluator.CheckPort(access, port));
        }

        private IEnumerable<AccessVerdict> OfHosts(AccessEvaluator evaluator)
        {
            Question = Hosts;
            if (Targets.Count == 0)
                throw new UsageException($"why needs a host; write: {Output.Program} why {Access} {Hosts} api.example.com:443");
            return Targets.SelectMany(HostRule.ParseList).Select(evaluator.CheckHost);
        }

        private IEnumerable<AccessVerdict> Outside(AccessEvaluator evaluator, Scope scope)
        {
            Question = string.Join(",", AbiTable.Names(scope));
            if (Targets.Count > 0)
                throw new UsageException($"{Question} is about everything outside; leave out '{PosixText.Printable(Targets[0])}'");
            return [evaluator.CheckScope(scope)];
        }
    }
}
