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
    /// <summary>The kernel.</summary>
    public required LandlockSupport Support { get; init; }

    /// <summary>Absolute working directory.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>
    /// Whether landlock-exec makes the directory for temporary files and somebody removes it later; otherwise a supervisor does both.
    /// </summary>
    public bool MakesTemp { get; init; }

    /// <summary>Values for variables that profiles declare; null asks for the built-in one.</summary>
    public ImmutableDictionary<string, ImmutableArray<string>?> Given { get; init; } =
        ImmutableDictionary<string, ImmutableArray<string>?>.Empty;

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

    /// <summary>The sandbox of each profile, from the broadest to the narrowest.</summary>
    private ImmutableArray<Sandbox> Parts { get; init; } = [];

    /// <summary>Warnings and notes.</summary>
    public ImmutableArray<PolicyFinding> Findings { get; init; } = [];

    /// <summary>Tells everything that is wrong with profiles, and makes nothing. No errors means that they can be used together.</summary>
    public static ImmutableArray<PolicyFinding> Check(IReadOnlyList<Profile> profiles, ProfileStore store, ProfileSources sources)
    {
        try
        {
            return Build(profiles, store, sources, make: false, isQuestion: true).Findings;
        }
        catch (PolicyException e)
        {
            // That no project is here says nothing about the profile.
            return [.. e.Findings.Select(finding => finding.Location.Source == BuiltinVariables.Workplace
                ? finding with { Severity = FindingSeverity.Note } : finding)];
        }
        catch (RulesetException e)
        {
            return [new PolicyFinding(new PolicyLocation(profiles[^1].File, 0, 0), FindingSeverity.Error, e.Message)];
        }
    }

    /// <summary>What a kernel cannot enforce of the profiles, in one sentence each; nothing for profiles that are broken.</summary>
    public static ImmutableArray<string> FindDegradations(IReadOnlyList<Profile> profiles, ProfileStore store, ProfileSources sources)
    {
        ArgumentNullException.ThrowIfNull(sources);
        try
        {
            return
            [
                .. Build(profiles, store, sources, make: false, isQuestion: true).Sandbox
                    .Layers(sources.Support, sources.WorkingDirectory, [])
                    .Select(layer => RulesetResolver.Resolve(layer, sources.Support, sources.WorkingDirectory, PosixFile.Inspect, null,
                        RulesetResolver.Filtered(layer, sources.Support)).Status.Degradation).OfType<string>(),
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
    /// <param name="make">Whether the workspace is made; not where nothing will run.</param>
    /// <exception cref="PolicyException">A profile is broken, or would allow a command to change profiles.</exception>
    /// <exception cref="RulesetException">A rule cannot be one.</exception>
    public static ProfileSandbox Prepare(IReadOnlyList<Profile> profiles, ProfileStore store, ProfileSources sources, bool make = true) =>
        Build(profiles, store, sources, make, isQuestion: false);

    /// <summary>The sandbox with what options make of it; what that loosens is among its findings.</summary>
    /// <param name="change">What the options make of a sandbox.</param>
    /// <param name="sources">What the profiles were prepared for.</param>
    /// <param name="hasLayers">
    /// Whether the options bring layers. The profiles are layers then as well, whose rules do not reach those of the options.
    /// </param>
    public Sandbox Changed(Func<Sandbox, Sandbox> change, ProfileSources sources, bool hasLayers)
    {
        ArgumentNullException.ThrowIfNull(change);
        ArgumentNullException.ThrowIfNull(sources);
        Sandbox profile = hasLayers ? Sandbox.Closed(sources.Support, sources.WorkingDirectory) : Sandbox;
        profile = profile with { Findings = [.. profile.Findings, .. Findings.Select(SandboxFinding.Of)] };
        Sandbox changed = change(profile);
        changed = changed with { Findings = [.. changed.Findings, .. SandboxLoosening.Of(profile, changed)] };
        ImmutableArray<HostRule> hosts = [.. changed.Hosts, .. changed.Presets.SelectMany(name => Preset.Find(name).Hosts)];
        return hosts.IsEmpty || (!hasLayers && Parts.Length == 1) ? changed : WithHosts(changed, profile, hosts, sources);
    }

    // Hosts of options are added to the layers of profiles, as other rules are; what presets would open there they leave closed then.
    private Sandbox WithHosts(Sandbox changed, Sandbox profile, ImmutableArray<HostRule> hosts, ProfileSources sources)
    {
        Sandbox named = Sandbox.Nested(Parts.Select(one => (one with { Hosts = [.. one.Hosts, .. hosts] }).Closed(sources.Support,
            sources.WorkingDirectory)));
        return changed with
        {
            Rulesets = [.. named.Rulesets, .. changed.Rulesets.Skip(profile.Rulesets.Length)],
            OpensUdp = named.OpensUdp,
            Findings = [.. changed.Findings.Union(named.Findings)],
        };
    }


    private static ProfileSandbox Build(IReadOnlyList<Profile> profiles, ProfileStore store, ProfileSources sources, bool make,
        bool isQuestion)
    {
        ArgumentNullException.ThrowIfNull(profiles);
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(sources);
        if (profiles.Count == 0) throw new ArgumentException("There is no profile.", nameof(profiles));
        List<PolicyFinding> findings = [.. profiles.SelectMany(profile => profile.Findings)];
        List<string> files = [];
        List<(Profile Profile, PolicyComposition? Policies)> parts = [];
        foreach (Profile profile in profiles)
            if (profile.IsValid) parts.Add((profile, Documents(profile, files, findings)));
        Demand(findings);

        Profile narrowest = profiles[^1];
        (string, string)[] folders =
        [
            .. profiles.Where(profile => profile.Origin != ProfileOrigin.Shipped)
                .Select(profile => (profile.Directory, $"the profile '{profile.Name}' itself")),
            .. store.Roots.Select(root => (root.Directory, "the folder of profiles")),
            .. sources.Protected,
        ];
        // The directories come first: they are looked at, too, and of the rest what is used, since a running sandbox could exchange links.
        ProfileWorkspace workspace = make ? ProfileWorkspace.Create(narrowest, sources.Environment, sources.MakesTemp)
            : ProfileWorkspace.Plan(narrowest, sources.Environment);
        Sandbox[] sandboxes = [.. Describe(parts, workspace, Own, sources, findings, isQuestion).Select(one => one.WithKnownGrants())];
        findings.AddRange(ProfileGuard.Check(Guarded(sandboxes, sources), narrowest, folders, files));
        Demand(findings);

        Sandbox sandbox = sandboxes is [{ } only] ? only
            : Sandbox.Nested(sandboxes.Select(one => one.Closed(sources.Support, sources.WorkingDirectory)));
        return new ProfileSandbox
        {
            Parts = [.. sandboxes],
            Sandbox = sandbox with
            {
                Environment = sandbox.Environment with { Changes = [.. Variables(profiles, workspace, sandbox.Environment)] },
                // Where nobody else makes the directory, the supervisor does, and removes it.
                Supervision = narrowest.Workspace && !sources.MakesTemp
                    ? sandbox.Supervision with { PrivateTemp = true } : sandbox.Supervision,
            },
            Workspace = workspace,
            Findings = [.. findings],
        };

        // What ${workspace_cache} and so on stand for: directories of the profile that says so.
        ProfileWorkspace Own(Profile profile) => ReferenceEquals(profile, narrowest) ? workspace
            : make ? ProfileWorkspace.Create(profile, sources.Environment, scratch: false)
            : ProfileWorkspace.Plan(profile, sources.Environment);
    }

    private static PolicyComposition? Documents(Profile profile, List<string> files, List<PolicyFinding> findings)
    {
        // With a table of its own a profile needs no policies.
        if (profile.Origin == ProfileOrigin.Shipped) return null;
        if (profile.Settings is not null && PosixFile.Inspect(profile.PolicyDirectory) == PathKind.Missing) return null;
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

    private static Sandbox[] Describe(List<(Profile Profile, PolicyComposition? Policies)> parts, ProfileWorkspace workspace,
        Func<Profile, ProfileWorkspace> ownWorkspace, ProfileSources sources, List<PolicyFinding> findings, bool isQuestion)
    {
        PolicyVariables variables = new()
        {
            Builtins = new BuiltinVariables(new BuiltinSources
            {
                WorkingDirectory = sources.WorkingDirectory,
                // Temporary files are those of the workspace; the rest is where the user has it.
                Environment = name => name == "TMPDIR" && workspace.Scratch is { } scratch ? scratch : sources.Environment(name),
                UserId = CurrentUser.Id,
                PowerShellHome = sources.PowerShellHome,
            }),
        };
        Dictionary<string, FoundPath> known = new(StringComparer.Ordinal);
        return [.. parts.Select(part => Describe(part.Profile, part.Policies))];

        Sandbox Describe(Profile profile, PolicyComposition? policies)
        {
            Sandbox sandbox = new()
            {
                Name = profile.Name,
                Variables = variables,
                // In Island's format what may be executed is for the policies to say.
                Closure = profile.Settings is not null,
                // Island has no filter, and its profiles mean what they mean there: with one, their commands would lose name resolution.
                Network = profile is { Origin: ProfileOrigin.Island, Settings: null } ? NetworkMode.Unrestricted : NetworkMode.Default,
            };
            ProfileWorkspace own = ProfileWorkspace.None;
            if (profile.Settings is { } settings)
            {
                own = ownWorkspace(profile);
                ProfileValues values = new(settings.Declared, sources.Given, variables.Builtins, own);
                findings.AddRange(values.Missing(isQuestion));
                sandbox = settings.AddTo(sandbox, variables, values, findings);
            }

            if (policies is not null)
            {
                PolicyVariables used = profile.Workspace && workspace.Scratch is null || sandbox.Supervision.PrivateTemp
                    ? variables.With("tmp") : variables;
                ResolvedPolicy resolved = policies.Policy.Resolve(used.For([policies.Policy]).Used);
                findings.AddRange(resolved.Findings);
                sandbox = sandbox with { Rulesets = [(resolved.Ruleset with { Name = profile.Name }).Bound(Look)] };
            }

            return sandbox with
            {
                Paths =
                [
                    .. sandbox.Paths.Select(rule => rule.Found is null ? rule with { Found = Look(rule) } : rule),
                    .. workspace.Rules(AbiTable.AllFs(AbiTable.Newest)).Union(own.OwnRules(AbiTable.AllFs(AbiTable.Newest))),
                ],
            };
        }

        // The one for temporary files is made later, and used by the descriptor that comes from that.
        FoundPath? Look(PathRule rule)
        {
            if (rule.Path == workspace.Scratch) return null;
            string path = RulesetResolver.Absolute(rule.Path, sources.WorkingDirectory);
            return known.TryGetValue(path, out FoundPath? found) ? found : known[path] = PosixFile.Find(path);
        }
    }

    // All layers with all that changes something; what is left out of a rule is counted in.
    private static Ruleset[] Guarded(Sandbox[] sandboxes, ProfileSources sources) =>
    [
        .. sandboxes.SelectMany(sandbox => (sandbox with { Except = [] }).Layers(sources.Support, sources.WorkingDirectory, [])
            .Select(layer => layer.WithGrants(sandbox.PresetGrants().SelectMany(preset => preset.Granted.Paths)
                .Where(rule => (rule.Access & ProfileGuard.Changing) != 0).Select(rule => rule with { Except = [], KeepsNarrow = false }))
                .Bound(rule => PosixFile.Find(RulesetResolver.Absolute(rule.Path, sources.WorkingDirectory))))),
    ];

    private static IEnumerable<EnvironmentChange> Variables(IReadOnlyList<Profile> profiles, ProfileWorkspace workspace,
        EnvironmentSelection described) =>
        profiles.SelectMany(profile => profile.Environment).Select(variable => (variable.Name, Value: (string?)variable.Literal))
            .Concat(workspace.Variables.Select(variable => (variable.Name, Value: (string?)variable.Value)))
            .Concat(described.Changes.Select(change => (change.Name, change.Value)))
            // The last one counts.
            .GroupBy(variable => variable.Item1)
            .Select(group => new EnvironmentChange(group.Key, group.Last().Item2));

    private static void Demand(List<PolicyFinding> findings)
    {
        if (findings.Any(finding => finding.Severity == FindingSeverity.Error)) throw new PolicyException(findings);
    }
}
