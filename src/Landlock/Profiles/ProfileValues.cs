using System.Collections.Immutable;
using Landlock.Documents;
using Landlock.Linux;
using Landlock.Policies;

namespace Landlock.Profiles;

/// <summary>A variable that a profile declares, for values of whoever uses it (<c>[[landlockps.variable]]</c>).</summary>
/// <param name="Name">The name.</param>
/// <param name="Literals">Its values where none are given.</param>
/// <param name="IsOptional">Whether what names it is left out where it has no value.</param>
/// <param name="Location">Where it is declared.</param>
internal sealed record ProfileDeclaration(string Name, ImmutableArray<string> Literals, bool IsOptional, PolicyLocation Location);

/// <summary>What the variables of a profile stand for.</summary>
/// <param name="declared">Those that it declares.</param>
/// <param name="given">Values that stand in for theirs; null asks for the built-in one.</param>
/// <param name="builtins">The built-in variables.</param>
/// <param name="workspace">The directories that the profile has for itself, for <c>${workspace_cache}</c> and so on.</param>
internal sealed class ProfileValues(ImmutableArray<ProfileDeclaration> declared,
    ImmutableDictionary<string, ImmutableArray<string>?> given, BuiltinVariables? builtins, ProfileWorkspace workspace)
{
    /// <summary>An error for each variable that has no value and needs one.</summary>
    /// <param name="isQuestion">Whether nothing will run, so that values may be given later.</param>
    public IEnumerable<PolicyFinding> Missing(bool isQuestion) => declared
        .Where(variable => Of(variable).IsEmpty && (!variable.IsOptional || given.ContainsKey(variable.Name)))
        .Select(variable => new PolicyFinding(variable.Location, isQuestion ? FindingSeverity.Note : FindingSeverity.Error,
            $"the variable '{variable.Name}' has no value; give it one (--variable {variable.Name}=VALUE, -Variable)"));

    /// <summary>The values of a variable; null if there is none of that name.</summary>
    public ImmutableArray<string>? Find(string name) =>
        Declared(name) is { } variable ? Of(variable) : OfWorkspace(name) ?? builtins?.Find(name);

    /// <summary>The values of all variables of templates; a variable that is none is left out.</summary>
    public Dictionary<string, ImmutableArray<string>> Of(IEnumerable<PolicyTemplate> templates) =>
        templates.SelectMany(template => template.Variables).Distinct().Select(name => (name, Values: Find(name)))
            .Where(pair => pair.Values is not null)
            .ToDictionary(pair => pair.name, pair => pair.Values!.Value, StringComparer.Ordinal);

    /// <summary>What is to be known of a variable's value.</summary>
    public PolicyFinding? Remark(string name) =>
        OfWorkspace(name) is null && (Declared(name) is not { } variable || IsBuiltin(variable)) ? builtins?.Remark(name) : null;

    /// <summary>Whether a template is left out, since a variable in it that the profile declares has no value.</summary>
    public bool IsLeftOut(PolicyTemplate template) =>
        template.Variables.Any(name => Declared(name) is { } variable && Of(variable).IsEmpty);

    /// <summary>The variables of templates as a document declares them; what has no value in it has the built-in one.</summary>
    public ImmutableArray<PolicyVariable> ForDocument(IEnumerable<PolicyTemplate> templates) =>
        [.. templates.SelectMany(template => template.Variables).Distinct()
            .Where(name => Declared(name) is not null || BuiltinVariables.Describe(name) is not null)
            .Select(name => new PolicyVariable(name, Declared(name) is { } variable && !IsBuiltin(variable) ? Of(variable) : [], default))];

    /// <summary>What is wrong with a template that names a variable which is none; null if nothing is.</summary>
    public string? Undeclared(PolicyTemplate template)
    {
        if (template.Variables.FirstOrDefault(name => Find(name) is null) is not { } unknown) return null;
        string[] names = [.. declared.Select(variable => variable.Name), .. BuiltinVariables.Names];
        return $"there is no variable '{unknown}'"
            + Suggestion.Question(unknown, names, $"; there are {string.Join(", ", names)}, and those of [[landlockps.variable]]");
    }

    private ProfileDeclaration? Declared(string name) => declared.FirstOrDefault(variable => variable.Name == name);

    private bool IsBuiltin(ProfileDeclaration variable) =>
        given.TryGetValue(variable.Name, out ImmutableArray<string>? values) ? values is null : variable.Literals.IsEmpty;

    private ImmutableArray<string> Of(ProfileDeclaration variable) => IsBuiltin(variable) ? builtins?.Find(variable.Name) ?? []
        : given.TryGetValue(variable.Name, out ImmutableArray<string>? values) ? values!.Value : variable.Literals;

    private ImmutableArray<string>? OfWorkspace(string name) =>
        XdgDirectory.All.FirstOrDefault(kind => $"workspace_{kind.Word}" == name) is not { } own ? null
            : [.. workspace.Variables.Where(variable => variable.Name == own.Variable).Select(variable => variable.Value)];
}
