using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Documents;
using Landlock.Policies;
using Landlock.Rulesets;

namespace Landlocked;

/// <summary>`landlocked policy ...`: looks at policies and runs nothing.</summary>
internal static class PolicyCommand
{
    private static readonly Option<Wanted> HelpOption = new("--help", null, "", static (wanted, _) => wanted.Help = true) { Short = "-h" };
    private static readonly Option<Wanted> VariableOption =
        new("--variable", "NAME=VALUE", "", static (wanted, value) => wanted.Policies.AddVariable(value)) { Short = "--var" };
    private static readonly Option<Wanted> JsonOption = new("--json", null, "", static (wanted, _) => wanted.Json = true);

    /// <summary>`policy check`: 0 if each of the policies can be used.</summary>
    public static int Check(string[] arguments)
    {
        if (Parse("policy check", arguments, HelpOption, VariableOption, JsonOption) is not { } wanted)
            return Output.Print(Help.Lines("policy check"));
        PolicyVariables variables = wanted.Policies.Variables(Native.CurrentDirectory());
        List<PolicyFinding> findings = [];
        foreach (string file in wanted.Policies.Files)
        {
            (ImmutableArray<PolicyDocument> documents, ImmutableArray<PolicyFinding> found) = PolicyOptions.Check(file);
            findings.AddRange(PolicyCheck.Documents(documents, found, variables));
        }

        int written = wanted.Json ? Output.Print(FindingsJson.Write(findings))
            : Output.Print(findings.Select(finding => finding.ToString()));
        return written != 0 ? written : findings.Any(finding => finding.Severity == FindingSeverity.Error) ? ExitCodes.BadPolicy : 0;
    }

    /// <summary>`policy resolve`: what the policies mean together.</summary>
    public static int Resolve(string[] arguments)
    {
        if (Parse("policy resolve", arguments, HelpOption, VariableOption, JsonOption) is not { } wanted)
            return Output.Print(Help.Lines("policy resolve"));
        ResolvedPolicy resolved = wanted.Policies.Resolve(wanted.Policies.Variables(Native.CurrentDirectory()));
        return Output.Print(wanted.Json ? [resolved.ToJson()] : Table(resolved.Ruleset));
    }

    /// <summary>`policy merge`: the composed document.</summary>
    public static int Merge(string[] arguments)
    {
        if (Parse("policy merge", arguments, HelpOption) is not { } wanted) return Output.Print(Help.Lines("policy merge"));
        PolicyComposition composition = wanted.Policies.Compose();
        Output.Comment(composition.Reduced.Select(rule => $"{Output.Program}: {rule.Location}: note: {rule}"));
        PolicyExport export = PolicyWriter.Export(composition.Policy);
        foreach (string note in export.Notes) Output.Comment([$"{Output.Program}: note: {note}"]);
        return Output.Print([PolicyWriter.WriteText(export.Document, PolicySyntax.Toml).TrimEnd('\n')]);
    }

    /// <summary>`policy diff`: what one policy allows and the other does not; 1 if there is something.</summary>
    public static int Diff(string[] arguments)
    {
        if (Parse("policy diff", arguments, HelpOption, VariableOption, JsonOption) is not { } wanted)
            return Output.Print(Help.Lines("policy diff"));
        if (wanted.Policies.Files is not [{ } first, { } second])
            throw new UsageException("policy diff compares two policies: policy diff FILE FILE");
        PolicyVariables variables = wanted.Policies.Variables(Native.CurrentDirectory());
        ImmutableArray<ResolvedPolicy> both = wanted.Policies.ResolveEach(variables);
        ImmutableArray<PolicyDifference> found = PolicyDifference.Between(both[0].Ruleset, both[1].Ruleset);
        int written = wanted.Json ? Output.Print(DifferencesJson.Write(first, second, found))
            : Output.Print(found.IsEmpty ? ["both allow the same"] : found.Select(difference =>
                $"only {PosixText.Printable(difference.IsOfFirst ? first : second)}: {difference.What}"));
        return written != 0 ? written : found.IsEmpty ? 0 : ExitCodes.Differs;
    }

    /// <summary>`policy schema`: the JSON schema of policies.</summary>
    public static int Schema(string[] arguments)
    {
        Query query = Query.Read(arguments);
        if (query.Help) return Output.Print(Help.Lines("policy schema"));
        if (query.Words.Length > 0) throw new UsageException("policy schema takes no files");
        return Output.Print([PolicySchema.Write(query.Json ? PolicySyntax.Json : PolicySyntax.Toml)]);
    }

    private static Wanted? Parse(string name, string[] arguments, params Option<Wanted>[] options)
    {
        Wanted wanted = new();
        foreach (string file in OptionParser.ParseAll([new OptionGroup<Wanted>("", options)], arguments, wanted))
            wanted.Policies.AddFile(file);

        if (wanted.Help) return null;
        wanted.Policies.DemandOneInput();
        return wanted.Policies.Files.Count > 0 ? wanted
            : throw new UsageException($"{name} needs a FILE (a directory, or - for standard input)");
    }

    private static IEnumerable<string> Table(Ruleset ruleset)
    {
        yield return $"denied unless allowed below: {Names([.. AbiTable.Names(ruleset.HandledFs), .. AbiTable.Names(ruleset.HandledNet)])}";
        if (ruleset.Scopes != 0) yield return $"denied outside the sandbox: {Names(AbiTable.Names(ruleset.Scopes))}";
        foreach (PathRule rule in ruleset.PathRules)
            yield return $"allowed: {AccessText.Show(rule.Access, ruleset.HandledFs)}  {ShellText.Word(rule.Path)}"
                + $"{(rule.Except.IsEmpty ? "" : $"  except {string.Join(' ', rule.Except.Select(ShellText.Word))}")}"
                + $"{(rule.Optional ? "" : "  required")}";
        foreach (NetRule rule in ruleset.NetRules) yield return $"allowed: {Names(AbiTable.Names(rule.Access))}  port {rule.Port}";
        foreach (HostRule rule in ruleset.HostRules) yield return $"allowed: connect_tcp  host {rule}";
        if (ruleset.ListInterfaces) yield return "allowed: listing network interfaces, addresses and routes";
    }

    private static string Names(IEnumerable<string> names) => string.Join(' ', names) is { Length: > 0 } text ? text : "nothing";

    private sealed class Wanted
    {
        public PolicyOptions Policies { get; } = new();

        public bool Json { get; set; }

        public bool Help { get; set; }
    }
}
