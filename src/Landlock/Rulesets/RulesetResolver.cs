using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Linux;

namespace Landlock.Rulesets;

/// <summary>Fits a ruleset to a kernel.</summary>
internal static class RulesetResolver
{
    /// <summary>
    /// Fits a ruleset to a kernel. Pure but for what <paramref name="inspect"/> looks at, and for rules with exceptions: those become rules
    /// for what the directories around the exceptions hold now.
    /// </summary>
    /// <param name="ruleset">The ruleset.</param>
    /// <param name="support">What the kernel can do.</param>
    /// <param name="baseDirectory">Absolute directory that relative rule paths start from.</param>
    /// <param name="inspect">Tells what an absolute path is, symbolic links followed.</param>
    /// <param name="origin">Where a rule comes from, for messages; null where it was asked for.</param>
    /// <exception cref="RulesetException">
    /// A path is missing, a rule ends up empty, an exception cannot be kept, or something required cannot be enforced.
    /// </exception>
    public static ResolvedLayer Resolve(Ruleset ruleset, LandlockSupport support, string baseDirectory, Func<string, PathKind> inspect,
        Func<PathRule, string?>? origin = null) =>
        Resolve(ruleset, support, baseDirectory, inspect, origin, AccessNet.None);

    /// <summary>
    /// Likewise, together with a filter that lets no socket be made for some rights, and so keeps them where the kernel lacks them.
    /// </summary>
    internal static ResolvedLayer Resolve(Ruleset ruleset, LandlockSupport support, string baseDirectory, Func<string, PathKind> inspect,
        Func<PathRule, string?>? origin, AccessNet filtered)
    {
        ArgumentNullException.ThrowIfNull(inspect);
        return Resolve(ruleset, support, baseDirectory, path => new FoundPath(path, inspect(path)), origin, filtered);
    }

    /// <summary>Likewise, for exactly the objects that are found.</summary>
    internal static ResolvedLayer Resolve(Ruleset ruleset, LandlockSupport support, string baseDirectory, Func<string, FoundPath> find,
        Func<PathRule, string?>? origin, AccessNet filtered)
    {
        ArgumentNullException.ThrowIfNull(ruleset);
        ArgumentNullException.ThrowIfNull(support);
        if (ruleset.IsEmpty)
        {
            throw new RulesetException(RulesetProblem.NothingHandled, ruleset.Name,
                $"{Title(ruleset)} restricts nothing: it handles no right and no scope. Handle at least one, or run the "
                    + "command without a sandbox.");
        }

        int abi = Math.Min(support.Abi, ruleset.Abi);
        // A socket that nobody can make is denied whether or not the ruleset knows the right; nothing of the ruleset is missing then.
        filtered &= ~support.AccessNet;
        AccessNet kept = filtered & ruleset.HandledNet;
        ImmutableArray<DroppedRight> dropped = Dropped(ruleset, support.Abi, kept);
        DroppedRight[] missed = [.. dropped.Where(right => !right.Allowed)];
        if (missed.Length > 0 && ruleset.Compatibility == Compatibility.HardRequirement)
            throw new RulesetException(RulesetProblem.Incompatible, missed[0].Right,
                $"{Title(ruleset)} is required as a whole, but {Kernel(support)} lacks {string.Join(", ", (object[])missed)}.");

        AccessFs fs = ruleset.HandledFs & support.AccessFs;
        AccessNet net = ruleset.HandledNet & support.AccessNet;
        Scope scopes = ruleset.Scopes & support.Scopes;
        bool soft = missed.Length > 0 && ruleset.Compatibility == Compatibility.SoftRequirement;
        foreach (PathRule rule in ruleset.PathRules)
            if (rule.Compatibility is { } level)
                soft |= Missing(level, support, AbiTable.InMask(RightKind.Fs, (ulong)(rule.Access & ~fs)), rule.ToString());
        foreach (NetRule rule in ruleset.NetRules)
            if (rule.Compatibility is { } level)
                soft |= Missing(level, support, AbiTable.InMask(RightKind.Net, (ulong)(rule.Access & ~net)), rule.ToString());
        if (soft || (fs == 0 && net == 0 && scopes == 0)) return NotEnforced(ruleset, support, abi);

        // The kernel refuses a rule that neither allows nor silences anything, and a quiet rule in a ruleset that silences nothing.
        AccessFs quietFs = AbiTable.HasQuiet(abi) ? ruleset.QuietFs & fs : 0;
        AccessNet quietNet = AbiTable.HasQuiet(abi) ? ruleset.QuietNet & net : 0;
        List<SkippedRule> skipped = [];
        List<ResolvedPathRule> paths = new(ruleset.PathRules.Length);
        List<RuleExpansion> expansions = [];
        List<(PathRule Rule, FoundPath Found, AccessFs Access)> inForce = [];
        foreach (PathRule rule in ruleset.PathRules)
        {
            AccessFs access = rule.Access & fs;
            bool quiet = rule.Quiet && quietFs != 0;
            if (access == 0 && !quiet)
            {
                skipped.Add(new SkippedRule(rule.ToString(), NoEffect(support, abi, AbiTable.InMask(RightKind.Fs, (ulong)rule.Access))));
                continue;
            }

            string path = Absolute(rule.Path, baseDirectory);
            AccessFs fileAccess = access & AbiTable.FileRights;
            FoundPath found = rule.Found ?? find(path);
            switch (found.Kind)
            {
                case PathKind.Missing when rule.Optional:
                    skipped.Add(new SkippedRule(rule.ToString(), "the path does not exist") { MissingPath = path });
                    continue;
                case PathKind.Missing:
                    throw new RulesetException(RulesetProblem.PathNotFound, path,
                        $"The path '{PosixText.Printable(path)}' does not exist. Correct it, create it, or mark the rule as optional.");
                case PathKind.Unreachable when rule.Optional:
                    skipped.Add(new SkippedRule(rule.ToString(), $"the path cannot be reached: {found.WhyUnreachable}"));
                    continue;
                case PathKind.Unreachable:
                    throw new RulesetException(RulesetProblem.PathNotUsable, path,
                        $"The path '{PosixText.Printable(path)}' cannot be reached: {found.WhyUnreachable}.");
                case PathKind.File when found.IsPipe:
                    skipped.Add(new SkippedRule(rule.ToString(), "it is a pipe or socket without a name, which no sandbox restricts"));
                    continue;
                case PathKind.Directory or PathKind.File when found.Identity != default && found.RealPath is null:
                    throw new RulesetException(RulesetProblem.PathNotUsable, path,
                        $"'{PosixText.Printable(path)}' leads to a file that has no path: it was deleted, or made without one, or belongs "
                        + "to another mount namespace. Write the path of another one.");
                case PathKind.File when fileAccess == 0 && access != 0:
                    throw new RulesetException(RulesetProblem.EmptyAccess, path, $"The rule for '{PosixText.Printable(path)}' allows "
                        + $"nothing: it is no directory, and {string.Join(",", AbiTable.Names(access))} applies to directories only.");
                case PathKind.File when fileAccess != access && rule.Compatibility == Compatibility.HardRequirement:
                    throw new RulesetException(RulesetProblem.Incompatible,
                        path, $"The rule for '{PosixText.Printable(path)}' is required as a whole, but it is no directory, "
                            + $"and {string.Join(",", AbiTable.Names(access & ~fileAccess))} applies to directories only.");
                case PathKind.File when rule.Except.Length > 0:
                    throw new RulesetException(RulesetProblem.InvalidException, path,
                        $"The rule for '{PosixText.Printable(path)}' has exceptions, but it is no directory. Leave them out.");
                case PathKind.Directory when rule.Except.Length > 0:
                    RuleExpansion expansion = RuleExpansion.Of(rule, found.RealPath is null ? PosixFile.Find(path) : found, baseDirectory,
                        access, quiet, RuleExpansion.MostRules - expansions.Sum(earlier => earlier.Rules.Count));
                    expansions.Add(expansion);
                    paths.AddRange(expansion.Rules);
                    break;
                default:
                    paths.Add(new ResolvedPathRule(path, access, fileAccess, rule.Optional,
                        quiet)
                    { Found = found.RealPath is null ? null : found });
                    break;
            }

            if (access != 0) inForce.Add((rule, found, access));
        }

        if (expansions.Count > 0)
            ExceptionCheck.Demand(expansions, inForce.Select(
                rule => (rule.Rule, rule.Found.RealPath ?? PosixFile.RealPath(rule.Found.Path) ?? rule.Found.Path, rule.Access)),
                origin ?? (_ => null));

        List<ResolvedNetRule> ports = new(ruleset.NetRules.Length);
        foreach (NetRule rule in ruleset.NetRules)
        {
            AccessNet access = rule.Access & net;
            bool quiet = rule.Quiet && quietNet != 0;
            if (access == 0 && !quiet)
                skipped.Add(new SkippedRule(rule.ToString(), NoEffect(support, abi, AbiTable.InMask(RightKind.Net, (ulong)rule.Access))));
            else ports.Add(new ResolvedNetRule(rule.Port, access, quiet));
        }

        return new ResolvedLayer
        {
            Status = new RestrictionStatus
            {
                Name = ruleset.Name,
                Enforcement = dropped.Length == 0 ? Enforcement.FullyEnforced : Enforcement.PartiallyEnforced,
                KernelAbi = support.KernelAbi,
                EffectiveAbi = abi,
                DroppedRights = dropped,
                SkippedRules = [.. skipped],
                Protections = ProtectionResolver.Resolve([ruleset], support, kept),
            },
            HandledFs = fs,
            HandledNet = net,
            FilteredNet = filtered,
            Scopes = scopes,
            QuietFs = quietFs,
            QuietNet = quietNet,
            QuietScopes = AbiTable.HasQuiet(abi) ? ruleset.QuietScopes & scopes : 0,
            RestrictFlags = ruleset.LogFlags & support.RestrictFlags,
            PathRules = [.. paths],
            NetRules = [.. ports],
            Exceptions = expansions.Count == 0 ? [] : [.. expansions.Where(expansion => !expansion.Rule.KeepsNarrow)
                .Select(expansion => new ResolvedExceptions(expansion.Path, expansion.Access, [.. expansion.Exceptions]))],
            Notes = [.. expansions.Select(expansion => expansion.Note)],
        };
    }

    /// <summary>The rights that the filter of a sandbox keeps for a ruleset, unless the launch asks for another network mode.</summary>
    internal static AccessNet Filtered(Ruleset ruleset, LandlockSupport support) => !support.HasSeccompFilter ? AccessNet.None
        : (ruleset.HostRules.Length > 0 ? AccessNet.ConnectTcp : ruleset.DeniesTcp ? Ruleset.TcpRights : AccessNet.None)
            | (ruleset.DeniesUdp ? Ruleset.UdpRights : AccessNet.None);

    /// <summary>What a kernel makes of a ruleset, and the filter of a sandbox with it, whatever is at the paths of its rules.</summary>
    /// <exception cref="RulesetException">The ruleset restricts nothing, or something required cannot be enforced.</exception>
    public static RestrictionStatus StatusOf(Ruleset ruleset, LandlockSupport support)
    {
        ArgumentNullException.ThrowIfNull(ruleset);
        // Exceptions would be looked up in the filesystem; they change no right.
        Ruleset plain = ruleset.WithOtherPaths(ruleset.PathRules.Select(rule => rule with { Except = [] }));
        return Resolve(plain, support, "/", _ => PathKind.Directory, null, Filtered(plain, support)).Status;
    }

    /// <summary>Joins a rule's path to its base directory; ".." and symbolic links are left to the kernel.</summary>
    public static string Absolute(string path, string baseDirectory)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(baseDirectory);
        if (path.StartsWith('/')) return path;
        if (path == ".") return baseDirectory;
        return (baseDirectory.EndsWith('/') ? baseDirectory : baseDirectory + "/")
            + (path.StartsWith("./", StringComparison.Ordinal) ? path[2..] : path);
    }

    private static ImmutableArray<DroppedRight> Dropped(Ruleset ruleset, int abi, AccessNet filtered)
    {
        ImmutableArray<DroppedRight>.Builder dropped = ImmutableArray.CreateBuilder<DroppedRight>();
        Add(RightKind.Fs, (ulong)ruleset.HandledFs);
        Add(RightKind.Net, (ulong)(ruleset.HandledNet & ~filtered));
        Add(RightKind.Scope, (ulong)ruleset.Scopes);
        Add(RightKind.Flag, (ulong)ruleset.LogFlags);
        return dropped.ToImmutable();

        void Add(RightKind kind, ulong mask)
        {
            foreach (Right right in AbiTable.InMask(kind, mask))
                if (right.Abi > abi)
                    dropped.Add(new DroppedRight(right.Name,
                        right.Abi)
                    { Allowed = (ProtectionPart.Of(right) & ruleset.Promises.AllowDegraded) != 0 });
        }
    }

    /// <summary>Whether a rule's own level takes the whole layer with it, as the kernel lacks some of the rule's rights.</summary>
    private static bool Missing(Compatibility level, LandlockSupport support, IEnumerable<Right> missing, string rule)
    {
        if (level == Compatibility.BestEffort) return false;
        Right? right = missing.FirstOrDefault();
        if (right is not null && level == Compatibility.HardRequirement)
        {
            throw new RulesetException(RulesetProblem.Incompatible, right.Name,
                $"The rule '{rule}' is required, but {Kernel(support)} lacks {new DroppedRight(right.Name, right.Abi)}.");
        }

        return right is not null;
    }

    private static string NoEffect(LandlockSupport support, int abi, IEnumerable<Right> rights)
    {
        string missing = string.Join(", ", rights.Select(right => new DroppedRight(right.Name, right.Abi)));
        if (missing.Length > 0) return $"{Kernel(support)} lacks {missing}";
        return AbiTable.HasQuiet(abi) ? "it allows nothing, and the ruleset silences no such denial"
            : "it allows nothing, and no denial is silenced before ABI 10";
    }

    private static ResolvedLayer NotEnforced(Ruleset ruleset, LandlockSupport support, int abi) => new()
    {
        Status = new RestrictionStatus
        {
            Name = ruleset.Name,
            Enforcement = Enforcement.NotEnforced,
            KernelAbi = support.KernelAbi,
            EffectiveAbi = abi,
            DroppedRights = Dropped(ruleset, support.Abi, AccessNet.None),
            Protections = ProtectionResolver.Unenforced(ruleset, support),
        },
    };

    private static string Title(Ruleset ruleset) =>
        ruleset.Name is null ? "The ruleset" : $"The ruleset '{PosixText.Printable(ruleset.Name)}'";

    private static string Kernel(LandlockSupport support) =>
        support.IsAvailable ? $"this kernel (ABI {support.Abi})" : "this kernel (no Landlock)";
}
