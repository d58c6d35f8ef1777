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

    /// <summary>Words of the directories that the profile has for itself (<see cref="XdgDirectory.Word"/>).</summary>
    public ImmutableArray<string> Workspace { get; init; } = [];

    /// <summary>Environment variables, whose values hold variables.</summary>
    public ImmutableArray<(string Name, PolicyTemplate Value)> Environment { get; init; } = [];

    /// <summary>Rules for paths, with variables. Those of single options are refused where a path does not exist.</summary>
    public ImmutableArray<PolicyPathEntry> Paths { get; init; } = [];

    /// <summary>Places with variables that are no rules, each with what it does to the sandbox.</summary>
    public ImmutableArray<(PolicyTemplate Template, PlaceOption Option)> Places { get; init; } = [];

    /// <summary>Adds all of it to a sandbox.</summary>
    /// <param name="sandbox">The sandbox.</param>
    /// <param name="variables">The built-in variables.</param>
    /// <param name="workspace">The directories that the profile has for itself, for <c>${workspace_cache}</c> and so on.</param>
    /// <param name="findings">Takes what is wrong, or worth knowing.</param>
    public Sandbox AddTo(Sandbox sandbox, PolicyVariables variables, ProfileWorkspace workspace, List<PolicyFinding> findings)
    {
        sandbox = Changes.Aggregate(sandbox, (before, change) => change(before)) with { Presets = Presets };
        sandbox = sandbox with { Paths = [.. sandbox.Paths, .. Rules(variables, findings)] };
        foreach ((PolicyTemplate template, PlaceOption option) in Places)
        {
            foreach (string text in Texts(template, Value, findings, option.MayBeNone, option.TextOf)) sandbox = option.Add(sandbox, text);
        }

        foreach ((string name, PolicyTemplate template) in Environment)
        {
            foreach (string text in Texts(template, Value, findings)) sandbox = sandbox.WithVariable(name, text);
        }

        return sandbox;

        (ImmutableArray<string>? Known, PolicyFinding? Remark) Value(string name) =>
            XdgDirectory.All.FirstOrDefault(kind => $"workspace_{kind.Word}" == name) is { } own
                ? ([.. workspace.Variables.Where(variable => variable.Name == own.Variable).Select(variable => variable.Value)], null)
                : (variables.Builtins?.Find(name), variables.Builtins?.Remark(name));
    }

    private ImmutableArray<PathRule> Rules(PolicyVariables variables, List<PolicyFinding> findings)
    {
        if (Paths.IsEmpty) return [];
        IEnumerable<string> names = Paths.SelectMany(entry => entry.Parents.Concat(entry.Except)).SelectMany(path => path.Variables);
        PolicyDocument document = new()
        {
            Source = ProfileReader.FileName,
            // Without a value each is the built-in one.
            Variables = [.. names.Distinct().Where(name => BuiltinVariables.Describe(name) is not null)
                .Select(name => new PolicyVariable(name, [], default))],
            Extension = new PolicyExtension { PathBeneath = Paths },
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

    private static IEnumerable<string> Texts(PolicyTemplate template,
        Func<string, (ImmutableArray<string>? Known, PolicyFinding? Remark)> find, List<PolicyFinding> findings, bool mayBeNone = false,
        Func<string, string>? textOf = null)
    {
        Dictionary<string, ImmutableArray<string>> values = new(StringComparer.Ordinal);
        foreach (string name in template.Variables)
        {
            (ImmutableArray<string>? known, PolicyFinding? remark) = find(name);
            if (known is { } some) values[name] = textOf is null ? some : [.. some.Select(textOf)];
            else
                findings.Add(new PolicyFinding(template.Location, FindingSeverity.Error, $"there is no variable '{name}'"
                    + Suggestion.Question(name, BuiltinVariables.Names, $"; there are {string.Join(", ", BuiltinVariables.Names)}")));
            if (remark is not null) findings.Add(remark);
        }

        // What is not left out would be allowed.
        if (template.Variables.FirstOrDefault(name => values.TryGetValue(name, out ImmutableArray<string> none) && none.IsEmpty)
            is { } empty)
        {
            findings.Add(new PolicyFinding(template.Location, mayBeNone ? FindingSeverity.Note : FindingSeverity.Error,
                $"the variable '{empty}' has no value, so {QuotedText.Of(template.Text)} stands for no path"));
        }

        return template.Variables.All(name => values.TryGetValue(name, out ImmutableArray<string> all) && !all.IsEmpty)
            ? PolicyResolver.Expand(template, values) : [];
    }

    /// <summary>The keys and how they are written, for people.</summary>
    public ImmutableArray<(string Key, string Value)> Written { get; init; } = [];
}
