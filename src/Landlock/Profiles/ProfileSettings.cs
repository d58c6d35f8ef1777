using System.Collections.Immutable;
using Landlock.Documents;
using Landlock.Policies;
using Landlock.Rulesets;
using Landlock.Sandboxes;
using Landlock.Sandboxes.Options;

namespace Landlock.Profiles;

/// <summary>What the table <c>landlockps</c> of a profile says, as it is written: variables are still open.</summary>
internal sealed record ProfileSettings
{
    /// <summary>description: one line for people.</summary>
    public string? Description { get; init; }

    /// <summary>What single options make of the sandbox, in the order of the table of options.</summary>
    public ImmutableArray<Func<Sandbox, Sandbox>> Changes { get; init; } = [];

    /// <summary>Names of presets.</summary>
    public ImmutableArray<string> Presets { get; init; } = [];

    /// <summary>Words of the directories that the profile has for itself (<see cref="Landlock.Linux.XdgDirectory.Word"/>).</summary>
    public ImmutableArray<string> Workspace { get; init; } = [];

    /// <summary>Environment variables, whose values hold variables.</summary>
    public ImmutableArray<(string Name, PolicyTemplate Value)> Environment { get; init; } = [];

    /// <summary>Rules for paths, with variables. Those of single options are refused where a path does not exist.</summary>
    public ImmutableArray<PolicyPathEntry> Paths { get; init; } = [];

    /// <summary>Places with variables that are no rules, each with what it does to the sandbox.</summary>
    public ImmutableArray<(PolicyTemplate Template, PlaceOption Option)> Places { get; init; } = [];

    /// <summary>Variables that it declares.</summary>
    public ImmutableArray<ProfileDeclaration> Declared { get; init; } = [];

    /// <summary>Hosts, with variables.</summary>
    public ImmutableArray<PolicyTemplate> Hosts { get; init; } = [];

    /// <summary>Adds all of it to a sandbox.</summary>
    /// <param name="sandbox">The sandbox.</param>
    /// <param name="variables">The built-in variables.</param>
    /// <param name="values">What variables stand for.</param>
    /// <param name="findings">Takes what is wrong, or worth knowing.</param>
    public Sandbox AddTo(Sandbox sandbox, PolicyVariables variables, ProfileValues values, List<PolicyFinding> findings)
    {
        sandbox = Changes.Aggregate(sandbox, (before, change) => change(before)) with { Presets = Presets };
        sandbox = sandbox with
        {
            Paths = [.. sandbox.Paths, .. Rules(variables, values, findings)],
            Hosts = HostRules(values, findings),
            ProfileVariables = [.. Declared.Select(variable => variable.Name)],
        };
        foreach ((PolicyTemplate template, PlaceOption option) in Places)
        {
            foreach (string text in Texts(template, values, findings, option.MayBeNone, option.TextOf)) sandbox = option.Add(sandbox, text);
        }

        foreach ((string name, PolicyTemplate template) in Environment)
        {
            foreach (string text in Texts(template, values, findings)) sandbox = sandbox.WithVariable(name, text);
        }

        return sandbox;
    }

    private ImmutableArray<PathRule> Rules(PolicyVariables variables, ProfileValues values, List<PolicyFinding> findings)
    {
        if (Paths.IsEmpty) return [];
        PolicyPathEntry[] paths = [.. Paths.Select(entry => entry with
        {
            Parents = [.. entry.Parents.Where(path => !values.IsLeftOut(path))],
            Except = [.. entry.Except.Where(path => !values.IsLeftOut(path))],
        })];
        PolicyDocument document = new()
        {
            Source = ProfileReader.FileName,
            Variables = values.ForDocument(paths.SelectMany(entry => entry.Parents.Concat(entry.Except))),
            Extension = new PolicyExtension { PathBeneath = [.. paths] },
        };
        try
        {
            ResolvedPolicy resolved = Policy.From(document).Resolve(variables);
            findings.AddRange(resolved.Findings);
            return resolved.Ruleset.PathRules;
        }
        catch (PolicyException e)
        {
            findings.AddRange(e.Findings);
            return [];
        }
    }

    private ImmutableArray<HostRule> HostRules(ProfileValues values, List<PolicyFinding> findings)
    {
        PolicyTemplate[] hosts = [.. Hosts.Where(host => !values.IsLeftOut(host))];
        return PolicyHosts.Resolve([.. hosts], values.Of(hosts), values.Undeclared, findings);
    }

    private static IEnumerable<string> Texts(PolicyTemplate template, ProfileValues values, List<PolicyFinding> findings,
        bool mayBeNone = false, Func<string, string>? textOf = null)
    {
        if (values.IsLeftOut(template)) return [];
        findings.AddRange(template.Variables.Select(values.Remark).OfType<PolicyFinding>());
        if (values.Undeclared(template) is { } undeclared)
        {
            findings.Add(new PolicyFinding(template.Location, FindingSeverity.Error, undeclared));
            return [];
        }

        Dictionary<string, ImmutableArray<string>> known = values.Of([template]);
        // What is not left out would be allowed.
        if (template.Variables.FirstOrDefault(name => known[name].IsEmpty) is { } empty)
        {
            findings.Add(new PolicyFinding(template.Location, mayBeNone ? FindingSeverity.Note : FindingSeverity.Error,
                $"the variable '{empty}' has no value, so {QuotedText.Of(template.Text)} stands for no path"));
            return [];
        }

        return PolicyResolver.Expand(template, textOf is null ? known
            : known.ToDictionary(pair => pair.Key, pair => pair.Value.Select(textOf).ToImmutableArray(), StringComparer.Ordinal));
    }

    /// <summary>The keys and how they are written, for people.</summary>
    public ImmutableArray<(string Key, string Value)> Written { get; init; } = [];
}
