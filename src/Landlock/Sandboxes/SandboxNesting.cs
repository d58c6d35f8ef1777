using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Documents;
using Landlock.Linux;
using Landlock.Policies;
using Landlock.Rulesets;
using Landlock.Sandboxes.Filters;
using Landlock.Sandboxes.Hosts;
using Landlock.Sandboxes.Supervision;

namespace Landlock.Sandboxes;

/// <summary>Sandboxes within each other: each keeps what it denies.</summary>
public sealed partial record Sandbox
{
    /// <summary>Names of nested sandboxes stand behind each other, the outermost first.</summary>
    internal const char NameSeparator = '>';

    /// <summary>
    /// The same with its rules in its layers, so that rules which are added later do not reach layers of others.
    /// </summary>
    /// <param name="support">The kernel it is for.</param>
    /// <param name="baseDirectory">Absolute directory that relative paths start from.</param>
    /// <exception cref="RulesetException">
    /// A rule allows nothing, an exception is beneath no rule, or something required is missing.
    /// </exception>
    /// <exception cref="PolicyException">A policy or a preset cannot be used.</exception>
    internal Sandbox Closed(LandlockSupport support, string baseDirectory)
    {
        List<SandboxFinding> findings = [.. Findings];
        ImmutableArray<Ruleset> layers = Layers(support, baseDirectory, findings);
        LeftOfPresets left = LeftOfPresets(layers, baseDirectory);
        bool opensUdp = AsksForUdp;
        bool hosts = layers.Any(layer => layer.HostRules.Length > 0);
        foreach ((Preset preset, PresetGrants granted) in PresetGrants())
        {
            // What a preset names and a system has not is nobody's mistake.
            PresetGrants here = granted with
            {
                Ports = hosts ? HostNeeds.Without(preset, granted.Ports, findings) : granted.Ports,
                Paths = [.. left.Of(granted.Paths).Where(rule =>
                    PosixFile.Inspect(RulesetResolver.Absolute(rule.Path, baseDirectory)) != PathKind.Missing)],
            };
            opensUdp |= here.Ports.Any(rule => rule.HasUdp);
            layers = [.. layers.Select(here.AddTo)];
            findings.AddRange(granted.Notes.Select(SandboxFinding.Note));
        }

        return this with
        {
            Rulesets = layers,
            Policies = [],
            Presets = [],
            Paths = [],
            Except = [],
            Ports = [],
            Hosts = [],
            Unrestricted = Unrestricted.None,
            OpensUdp = opensUdp,
            OpensUnix = AsksForUnix,
            Findings = [.. findings],
        };
    }

    /// <summary>Sandboxes within each other, the outermost first: all layers, and of everything else the strictest.</summary>
    /// <param name="sandboxes">The sandboxes, closed (<see cref="Closed"/>); at least one.</param>
    internal static Sandbox Nested(IEnumerable<Sandbox> sandboxes)
    {
        Sandbox[] all = [.. sandboxes];
        bool noNetwork = all.Any(one => one.Network == NetworkMode.None), noUnix = all.Any(one => one.NoUnixSocket);
        return all.Select(one => one.Beside(noNetwork && one.Network != NetworkMode.None, noUnix && !one.NoUnixSocket)).Aggregate(Nested);
    }

    // Rules for sockets that another one of them refuses altogether allow nothing.
    private Sandbox Beside(bool noNetwork, bool noUnix)
    {
        Sandbox left = this with
        {
            Rulesets =
            [
                .. Rulesets.Select(layer => noNetwork ? layer.WithoutNetRules() : layer)
                    .Select(layer => noUnix ? layer.WithOtherPaths(layer.PathRules.Where(rule => !IsUnix(rule))) : layer),
            ],
            OpensUdp = OpensUdp && !noNetwork,
            OpensUnix = OpensUnix && !noUnix,
        };
        bool ports = noNetwork && (OpensUdp || Rulesets.Any(layer => layer.NetRules.Length + layer.HostRules.Length > 0));
        bool unix = noUnix && (OpensUnix || Rulesets.Any(layer => layer.PathRules.Any(IsUnix)));
        return !ports && !unix ? this : left with
        {
            Findings =
            [
                .. Findings, SandboxFinding.Note($"Rules of the profile '{Name}' for "
                    + $"{(!unix ? "ports and hosts" : !ports ? "UNIX sockets" : "ports, hosts and UNIX sockets")} are left out, since "
                    + "another profile refuses them altogether."),
            ],
        };

        static bool IsUnix(PathRule rule) => rule.Access == AccessFs.ResolveUnix;
    }

    private static Sandbox Nested(Sandbox outer, Sandbox inner) => inner with
    {
        Name = outer.Name is null || inner.Name is null ? outer.Name ?? inner.Name : $"{outer.Name}{NameSeparator}{inner.Name}",
        Rulesets = [.. outer.Rulesets, .. inner.Rulesets],
        ProfileVariables = [.. outer.ProfileVariables.Union(inner.ProfileVariables, StringComparer.Ordinal)],
        IgnoreMissing = outer.IgnoreMissing && inner.IgnoreMissing,
        LogDenials = outer.LogDenials || inner.LogDenials,
        Compatibility = Stricter(outer.Compatibility, inner.Compatibility),
        Promises = new ProtectionPromises
        {
            Required = outer.Promises.Required | inner.Promises.Required,
            AllowDegraded = outer.Promises.AllowDegraded & inner.Promises.AllowDegraded,
            Disabled = outer.Promises.Disabled & inner.Promises.Disabled,
        },
        Network = Openness(outer.Network) < Openness(inner.Network) ? outer.Network : inner.Network,
        OpensUdp = outer.OpensUdp && inner.OpensUdp,
        OpensUnix = outer.OpensUnix && inner.OpensUnix,
        ListInterfaces = outer.ListInterfaces && inner.ListInterfaces,
        NoUnixSocket = outer.NoUnixSocket || inner.NoUnixSocket,
        NoSystemVIpc = outer.NoSystemVIpc || inner.NoSystemVIpc,
        RestrictNamespaces = outer.RestrictNamespaces || inner.RestrictNamespaces,
        Closure = outer.Closure && inner.Closure,
        Baseline = outer.Baseline && inner.Baseline,
        Environment = Within(outer.Environment, inner.Environment),
        Limits = new LimitOptions
        {
            Memory = Least(outer.Limits.Memory, inner.Limits.Memory),
            Processes = Least(outer.Limits.Processes, inner.Limits.Processes),
            CpuSeconds = Least(outer.Limits.CpuSeconds, inner.Limits.CpuSeconds),
            FileSize = Least(outer.Limits.FileSize, inner.Limits.FileSize),
            OpenFiles = Least(outer.Limits.OpenFiles, inner.Limits.OpenFiles),
        },
        Supervision = new SupervisionOptions
        {
            Timeout = Least(outer.Supervision.Timeout, inner.Supervision.Timeout),
            Grace = inner.Supervision.Grace,
            EndWithParent = outer.Supervision.EndWithParent || inner.Supervision.EndWithParent,
            PrivateTemp = outer.Supervision.PrivateTemp || inner.Supervision.PrivateTemp,
            Preview = outer.Supervision.Preview || inner.Supervision.Preview,
            Preserve = [.. outer.Supervision.Preserve, .. inner.Supervision.Preserve],
            TotalMemory = Least(outer.Supervision.TotalMemory, inner.Supervision.TotalMemory),
            TotalProcesses = Least(outer.Supervision.TotalProcesses, inner.Supervision.TotalProcesses),
        },
        WorkingDirectory = inner.WorkingDirectory ?? outer.WorkingDirectory,
        Findings = [.. outer.Findings, .. inner.Findings],
    };

    /// <summary>How many kinds of sockets a mode lets be made, from none to all; only its order counts.</summary>
    internal static int Openness(NetworkMode mode) => mode switch
    {
        NetworkMode.None => 0,
        NetworkMode.Default => 1,
        NetworkMode.Tcp => 2,
        _ => 3,
    };

    // What one of them passes in spite of being clean, the other may still keep away.
    private static EnvironmentSelection Within(EnvironmentSelection outer, EnvironmentSelection inner)
    {
        bool clean = outer.Clean || inner.Clean, secrets = outer.RemoveSecrets || inner.RemoveSecrets;
        bool same = (outer.Clean, outer.RemoveSecrets) == (inner.Clean, inner.RemoveSecrets);
        return new EnvironmentSelection
        {
            Clean = clean,
            RemoveSecrets = secrets,
            Pass = same ? [.. outer.Pass.Intersect(inner.Pass, StringComparer.Ordinal)]
                : outer.IsEverything ? inner.Pass : inner.IsEverything ? outer.Pass : [],
            Remove = [.. outer.Remove, .. inner.Remove],
            // The last one counts, and each once.
            Changes = [.. outer.Changes.Concat(inner.Changes).GroupBy(change => change.Name).Select(group => group.Last())],
        };
    }

    private static Compatibility? Stricter(Compatibility? a, Compatibility? b) =>
        a is null || b is null ? a ?? b : (Compatibility)Math.Max((int)a, (int)b);

    private static T? Least<T>(T? a, T? b)
        where T : struct, IComparable<T> =>
        a is { } one && b is { } other ? (one.CompareTo(other) <= 0 ? one : other) : a ?? b;
}
