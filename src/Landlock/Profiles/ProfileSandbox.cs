using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Documents;
using Landlock.Linux;
using Landlock.Policies;
using Landlock.Rulesets;
using Landlock.Sandboxes;
using Landlock.Sandboxes.Filters;

namespace Landlock.Profiles;

/// <summary>What profiles are prepared for; everything is handed in.</summary>
internal sealed record ProfileSources
{
    /// <summary>Absolute working directory.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>Environment variables by name; null = not set.</summary>
    public required Func<string, string?> Environment { get; init; }

    /// <summary>PowerShell's own directory, where one is known.</summary>
    public string? PowerShellHome { get; init; }

    /// <summary>Folders besides those of profiles that a sandbox must not be able to change, with a word for what they hold.</summary>
    public ImmutableArray<(string Path, string What)> Protected { get; init; } = [];
}

/// <summary>What the profiles of a directory come to: a sandbox, a workspace, and things to know.</summary>
internal sealed record ProfileSandbox
{
    /// <summary>The sandbox: a layer of each profile, from the broadest to the narrowest, and their variables.</summary>
    public Sandbox Sandbox { get; init; } = Sandbox.Strict;

    /// <summary>The workspace: that of the narrowest profile, which all layers allow.</summary>
    public ProfileWorkspace Workspace { get; init; } = ProfileWorkspace.None;

    /// <summary>Warnings and notes.</summary>
    public ImmutableArray<PolicyFinding> Findings { get; init; } = [];

    /// <summary>Tells everything that is wrong with profiles, and makes nothing. No errors means that they can be used together.</summary>
    public static ImmutableArray<PolicyFinding> Check(IReadOnlyList<Profile> profiles, ProfileStore store, ProfileSources sources)
    {
        try
        {
            return Build(profiles, store, sources, make: false).Findings;
        }
        catch (PolicyException e)
        {
            return e.Findings;
        }
        catch (RulesetException e)
        {
            return [new PolicyFinding(new PolicyLocation(profiles[^1].File, 0, 0), FindingSeverity.Error, e.Message)];
        }
    }

    /// <summary>What a kernel cannot enforce of the profiles, in one sentence each; nothing for profiles that are broken.</summary>
    public static ImmutableArray<string> FindDegradations(IReadOnlyList<Profile> profiles, ProfileStore store, ProfileSources sources,
        LandlockSupport support)
    {
        ArgumentNullException.ThrowIfNull(sources);
        try
        {
            return
            [
                .. Build(profiles, store, sources, make: false).Sandbox.Rulesets.Select(layer => RulesetResolver.Resolve(layer, support,
                    sources.WorkingDirectory, PosixFile.Inspect, null, RulesetResolver.Filtered(layer, support)).Status.Degradation)
                    .OfType<string>(),
            ];
        }
        catch (Exception e) when (e is PolicyException or RulesetException)
        {
            return [];
        }
    }

    /// <summary>
    /// Prepares a launch: reads the policies, makes the workspace but for the directory for temporary files, and refuses what would let a
    /// command out.
    /// </summary>
    /// <param name="profiles">The profiles, from the broadest to the narrowest; at least one.</param>
    /// <param name="store">Where they come from.</param>
    /// <param name="sources">What they are prepared for.</param>
    /// <exception cref="PolicyException">A profile is broken, or would allow a command to change profiles.</exception>
    /// <exception cref="RulesetException">A rule cannot be one.</exception>
    public static ProfileSandbox Prepare(IReadOnlyList<Profile> profiles, ProfileStore store, ProfileSources sources) =>
        Build(profiles, store, sources, make: true);

    private static ProfileSandbox Build(IReadOnlyList<Profile> profiles, ProfileStore store, ProfileSources sources, bool make)
    {
        ArgumentNullException.ThrowIfNull(profiles);
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(sources);
        if (profiles.Count == 0) throw new ArgumentException("There is no profile.", nameof(profiles));
        List<PolicyFinding> findings = [.. profiles.SelectMany(profile => profile.Findings)];
        List<string> files = [];
        List<PolicyComposition> policies = [];
        foreach (Profile profile in profiles)
        {
            if (profile.IsValid && Documents(profile, files, findings) is { } composition) policies.Add(composition);
        }

        Demand(findings);
        ProfileWorkspace workspace = ProfileWorkspace.Plan(profiles[^1], sources.Environment);
        ImmutableArray<Ruleset> layers = Resolve(profiles, policies, workspace, sources, findings);
        (string, string)[] folders =
        [
            .. profiles.Select(profile => (profile.Directory, $"the profile '{profile.Name}' itself")),
            .. store.Roots.Select(root => (root.Directory, "the folder of profiles")),
            .. sources.Protected,
        ];
        findings.AddRange(ProfileGuard.Check(layers, profiles[^1], folders, files));
        Demand(findings);
        if (make && profiles[^1].Workspace)
        {
            workspace = ProfileWorkspace.Create(profiles[^1], sources.Environment);
            findings.Clear();
            layers = Resolve(profiles, policies, workspace, sources, findings);
            // What was made is looked at, too, and of the rest what is used: a running sandbox could have exchanged a link meanwhile.
            findings.AddRange(ProfileGuard.Check(layers, profiles[^1], folders, files));
            Demand(findings);
        }

        return new ProfileSandbox
        {
            Sandbox = Sandbox.Strict with
            {
                Name = string.Join('>', profiles.Select(profile => profile.Name)),
                Rulesets = layers,
                Environment = new EnvironmentSelection { Changes = [.. Variables(profiles, workspace)] },
                // Island has no filter, and its profiles mean what they mean there: with one, their commands would lose name resolution.
                Network = profiles.All(profile => profile.Origin == ProfileOrigin.Island) ? NetworkMode.Unrestricted : NetworkMode.Default,
                // What may be executed is for the profile to say: nothing is granted on behalf of the program, but
                // what every program needs.
                Closure = false,
            },
            Workspace = workspace,
            Findings = [.. findings],
        };
    }

    private static PolicyComposition? Documents(Profile profile, List<string> files, List<PolicyFinding> findings)
    {
        try
        {
            ImmutableArray<string> paths = PolicyFile.List(profile.PolicyDirectory, PolicySyntax.Toml);
            files.AddRange(paths);
            (ImmutableArray<PolicyDocument> documents, ImmutableArray<PolicyFinding> found) = PolicyFile.CheckAll(paths, PolicySyntax.Toml);
            findings.AddRange(found);
            if (found.Any(finding => finding.Severity == FindingSeverity.Error)) return null;
            PolicyComposition composition = PolicyComposition.Compose(documents);
            findings.AddRange(composition.Findings);
            return composition;
        }
        catch (PolicyException e)
        {
            findings.AddRange(e.Findings);
            return null;
        }
    }

    private static ImmutableArray<Ruleset> Resolve(IReadOnlyList<Profile> profiles, List<PolicyComposition> policies,
        ProfileWorkspace workspace, ProfileSources sources, List<PolicyFinding> findings)
    {
        BuiltinVariables builtins = new(new BuiltinSources
        {
            WorkingDirectory = sources.WorkingDirectory,
            // Temporary files are those of the workspace; the rest is where the user has it.
            Environment = name => name == "TMPDIR" && workspace.Scratch is { } scratch ? scratch : sources.Environment(name),
            UserId = CurrentUser.Id,
            PowerShellHome = sources.PowerShellHome,
        });
        ImmutableArray<Ruleset>.Builder layers = ImmutableArray.CreateBuilder<Ruleset>();
        Dictionary<string, FoundPath> known = new(StringComparer.Ordinal);
        for (int i = 0; i < policies.Count; i++)
        {
            ResolvedPolicy resolved = policies[i].Policy.Resolve(new PolicyVariables { Builtins = builtins });
            findings.AddRange(resolved.Findings);
            Ruleset ruleset = resolved.Ruleset.WithGrants(workspace.Rules(resolved.Ruleset.HandledFs));
            layers.Add((ruleset with { Name = profiles[i].Name }).Bound(Look));
        }

        return layers.ToImmutable();

        // The one for temporary files is made later, and used by the descriptor that comes from that.
        FoundPath? Look(PathRule rule)
        {
            if (rule.Path == workspace.Scratch) return null;
            string path = RulesetResolver.Absolute(rule.Path, sources.WorkingDirectory);
            return known.TryGetValue(path, out FoundPath? found) ? found : known[path] = PosixFile.Find(path);
        }
    }

    private static IEnumerable<EnvironmentChange> Variables(IReadOnlyList<Profile> profiles, ProfileWorkspace workspace) =>
        profiles.SelectMany(profile => profile.Environment).Select(variable => (variable.Name, Value: variable.Literal))
            .Concat(workspace.Variables)
            // The last one counts.
            .GroupBy(variable => variable.Item1)
            .Select(group => new EnvironmentChange(group.Key, group.Last().Item2));

    private static void Demand(List<PolicyFinding> findings)
    {
        if (findings.Any(finding => finding.Severity == FindingSeverity.Error)) throw new PolicyException(findings);
    }
}
