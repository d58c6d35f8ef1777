using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Linux;
using Landlock.Rulesets;
using Landlock.Sandboxes.Filters;
using Landlock.Sandboxes.Hosts;
using Landlock.Sandboxes.Needs;
using Landlock.Sandboxes.Previewing;
using Landlock.Sandboxes.Running;
using Landlock.Sandboxes.Supervision;

namespace Landlock.Sandboxes;

/// <summary>Turns a request into a plan: finds the command and its closure, grants what it needs, fits every layer to the kernel.</summary>
internal static class LaunchPlanner
{
    private const AccessFs ExecuteAndRead = AccessFs.Execute | AccessFs.ReadFile;

    /// <summary>Plans a launch. Looks at files and runs nothing.</summary>
    /// <exception cref="LaunchException">The command cannot be found or executed, or a layer cannot be enforced at all.</exception>
    /// <exception cref="RulesetException">
    /// A rule's path is missing or its access empty, or something required cannot be enforced.
    /// </exception>
    public static LaunchPlan Plan(LaunchRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Layers.Length == 0 && !request.Start.Traced)
            throw new LaunchException(LaunchProblem.SetupFailed, null, "No ruleset was given; nothing was run.");
        // The supervisor that keeps hosts is in a layer around them all.
        HostAccess? hosts = request.TracesHosts ? HostAccess.Everything : HostAccess.Of(request.Layers);
        int most = AbiTable.MaxLayers - (hosts is null ? 0 : 1);
        if (request.Layers.Length > most)
        {
            throw new RulesetException(RulesetProblem.TooManyLayers, $"{request.Layers.Length}",
                $"{request.Layers.Length} layers were given, but the kernel nests at most {AbiTable.MaxLayers}"
                    + $"{(hosts is null ? "" : ", and one of them keeps hosts")}. Merge some of the rulesets.");
        }

        if (!request.Support.IsAvailable && request.Layers.Length > 0)
            throw new LaunchException(LaunchProblem.NotEnforced, null, $"{request.Support.Advice} Nothing was run.");

        if (hosts is not null) HostNeeds.Demand(request.Support);
        if (request.TracesHosts) request = request with { Start = request.Start with { Supervision = request.Start.Supervision ?? new() } };
        request = PlannedProtections.Prepare(request);
        if (request.Start.Supervision is { HasGroup: true } whole) CommandGroups.Here().Demand(whole.TotalMemory, whole.TotalProcesses);
        if (request.Start.Supervision is { Preserve.IsEmpty: false } preserving)
        {
            request = request with
            {
                Start = request.Start with
                {
                    Supervision = preserving with
                    { Preserve = [.. preserving.Preserve.Select(path => PreservedPlace.Named(path, request.BaseDirectory)).Distinct()] },
                },
            };
        }

        if (request.Start.Supervision is { PrivateTemp: true }) request = PrivateTemp.AddTo(request);
        // Paths repeat across grants and layers; each is looked at once, so that what is decided about it is decided about one object.
        Dictionary<string, FoundPath> known = new(StringComparer.Ordinal);
        string program = PathRule.Normalize(Find(request, Look, out string searchPath));
        SandboxFinding? other = CommandPath.OtherProgram(request, searchPath, program);
        request = request with { SearchPath = searchPath };
        FoundPath programFound = PosixFile.Find(program);
        ImmutableArray<Grant>.Builder grants = ImmutableArray.CreateBuilder<Grant>();
        ImmutableArray<string>.Builder warnings = ImmutableArray.CreateBuilder<string>();
        if (request.Sandbox.Closure && request.Layers.Length > 0) AddClosure(request, program, Look, grants, warnings);
        foreach (Grant grant in request.Grants)
            if (Look(RulesetResolver.Absolute(grant.Rule.Path, request.BaseDirectory)).Exists)
                grants.Add(grant.Rule.Optional ? grant : grant with { Rule = grant.Rule with { Optional = true } });

        ImmutableArray<Grant> all = grants.ToImmutable();
        FoundPath? directory = WorkingDirectory(request);
        bool filtered = PlannedProtections.HasFilter(request);
        NetworkAccess? network = NetworkAccess.Of(request) is { } access && filtered ? access : null;
        OuterHosts.Demand(hosts, request.Layers, network);
        ImmutableArray<ResolvedLayer> layers = [.. request.Layers.Select(layer => Resolve(layer, all, request, network, Look))];
        PlannedPreview? preview =
            request.Start.Supervision is { Preview: true } ? PreviewPlanner.Plan(layers, request, network) : null;
        string[] leftOut = CommandPath.LeftOut(request, layers, Look);
        if (leftOut.Length > 0)
        {
            request = request with { Start = request.Start.With(("PATH", CommandPath.Without(request.Path!, leftOut))) };
            warnings.Add("Left out of the command's PATH, since it may execute nothing there: "
                + $"{string.Join(", ", leftOut.Select(directory => $"'{PosixText.Printable(directory)}'"))}.");
        }

        string? names = layers.Length == 0 ? null : SandboxNames.For(request.Sandbox.Name);
        if (names is not null && !request.Sandbox.Environment.Sets(SandboxNames.Variable))
            request = request with { Start = request.Start.With((SandboxNames.Variable, names)) };
        LaunchPlan plan = new()
        {
            Names = names,
            Layers = layers,
            Hosts = hosts,
            Preview = preview,
            Filter = request.TracesHosts ? FilterOptions.ForHosts : !filtered ? null : new FilterOptions
            {
                Network = network,
                Traced = request.Start.Traced,
                Unix = !request.Sandbox.NoUnixSocket,
                SystemVIpc = !request.Sandbox.NoSystemVIpc,
                Namespaces = !request.Sandbox.RestrictNamespaces,
                InGroup = request.Start.Supervision is { HasGroup: true },
            },
            Protections = PlannedProtections.Resolve(request, network, filtered),
            Sockets = request.Layers.Length == 0 || request.Sandbox.NoUnixSocket ? []
                : ReachableSocket.Find(request,
                    layers, SystemPaths.Sockets(name => Variable(request, name) ?? System.Environment.GetEnvironmentVariable(name),
                        request.OwnSockets), Look),
            UnixForeseen = request.Layers.Aggregate(request.Sandbox.Promises.Disabled,
                (mask, layer) => mask | layer.Promises.Disabled | layer.Promises.AllowDegraded).HasFlag(Protection.ResolveUnix),
            Program = program,
            ProgramFound = programFound,
            Arguments = [request.NamedByPath ? program : request.Command, .. request.Arguments],
            Start = request.Start with
            {
                WorkingDirectory = directory?.Path,
                KeepDescriptors = request.Start.KeepDescriptors.IsEmpty ? []
                    : [.. request.Start.KeepDescriptors.Where(descriptor => descriptor > 2).Distinct().Order()],
            },
            DirectoryFound = directory,
            Grants = all,
            NetGrants = request.NetGrants,
            // A control group is ended as a whole.
            IsBlind = request.Start.Supervision is { HasGroup: false } && !ProcessTree.CanFind(),
        };
        warnings.AddRange(layers.SelectMany(layer => layer.Notes).Distinct());
        return plan with
        {
            Findings =
            [
                .. PlanFindings.Of(plan, request.Sandbox).Distinct(),
                .. other is null ? Array.Empty<SandboxFinding>() : [other],
                .. request.Findings,
                .. warnings.Select(SandboxFinding.Note),
            ],
        };

        FoundPath Look(string path) => known.TryGetValue(path, out FoundPath? found) ? found
            : known[path] = path == request.Start.Scratch ? new FoundPath(path, PathKind.Directory) : SystemPaths.Find(path);
    }

    /// <summary>The layers that a launch would enforce, for questions about them. Without a command there is no closure.</summary>
    /// <exception cref="LaunchException">The command cannot be found or executed, or a layer cannot be enforced at all.</exception>
    /// <exception cref="RulesetException">
    /// A rule's path is missing or its access empty, or something required cannot be enforced.
    /// </exception>
    public static ImmutableArray<ResolvedLayer> LayersOf(LaunchRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Command.Length > 0) return Plan(request).Layers;
        if (!request.Support.IsAvailable) throw new LaunchException(LaunchProblem.NotEnforced, null, request.Support.Advice);
        ImmutableArray<Grant> grants = [.. request.Grants.Select(grant => grant with { Rule = grant.Rule with { Optional = true } })];
        NetworkAccess? network = request.Support.HasSeccompFilter ? NetworkAccess.Of(request) : null;
        return [.. request.Layers.Select(layer => Resolve(layer, grants, request, network, PosixFile.Find))];
    }

    /// <summary>What a command needs in order to start, as grants for something else that will start it.</summary>
    /// <exception cref="LaunchException">The command cannot be found or executed.</exception>
    public static ImmutableArray<Grant> ClosureOf(LaunchRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        ImmutableArray<Grant>.Builder grants = ImmutableArray.CreateBuilder<Grant>();
        string program = Find(request, PosixFile.Find, out string searchPath);
        AddClosure(request with { SearchPath = searchPath }, program, PosixFile.Find, grants, ImmutableArray.CreateBuilder<string>());
        return grants.ToImmutable();
    }

    /// <summary>The file that would be executed for a command.</summary>
    /// <exception cref="LaunchException">The command cannot be found or executed.</exception>
    public static string Find(LaunchRequest request) => Find(request, PosixFile.Find, out _);

    // As the sandbox finds it, which is where scripts in it find it, too.
    private static string Find(LaunchRequest request, Func<string, FoundPath> look, out string searchPath)
    {
        ArgumentNullException.ThrowIfNull(request);
        string shown = PosixText.Printable(request.Command);
        searchPath = CommandPath.SearchOrder(request, look);
        CommandLookup match = CommandLookup.Find(request.Command, searchPath, request.BaseDirectory);
        return match.Status switch
        {
            CommandStatus.Found => match.Path!,
            CommandStatus.IsDirectory => throw new LaunchException(LaunchProblem.NotExecutable, request.Command,
                $"'{shown}' is a directory, not a command; nothing was run."),
            CommandStatus.NotExecutable => throw new LaunchException(LaunchProblem.NotExecutable, request.Command,
                $"'{PosixText.Printable(match.Path!)}' is not executable: the file's own mode forbids it, not the sandbox. Allow it with: "
                    + $"chmod +x {ShellText.Word(match.Path!)}"),
            _ => throw new LaunchException(LaunchProblem.NotFound, request.Command, Unreachable(request) is { } why
                ? $"The command '{shown}' cannot be reached: {why}; nothing was run."
                : request.Command.Contains('/') ? $"The command '{shown}' does not exist; nothing was run."
                : $"The command '{shown}' was not found in PATH; nothing was run."),
        };
    }

    // A loop of links, or a directory on the way that may not be searched: what is there is not known.
    private static string? Unreachable(LaunchRequest request) => request.Command.Contains('/')
        && PosixFile.Find(RulesetResolver.Absolute(request.Command, request.BaseDirectory)) is { Kind: PathKind.Unreachable } found
        ? found.WhyUnreachable : null;

    private static void AddClosure(LaunchRequest request, string program, Func<string, FoundPath> look,
        ImmutableArray<Grant>.Builder grants, ImmutableArray<string>.Builder warnings)
    {
        Closure closure = ClosureCache.Find(program, new ClosureOptions
        {
            WorkingDirectory = request.Start.WorkingDirectory ?? request.BaseDirectory,
            Path = request.SearchPath,
            LibraryPath = Variable(request, "LD_LIBRARY_PATH"),
            Preload = Variable(request, "LD_PRELOAD"),
        });
        foreach (ClosureEntry entry in closure.Entries)
        {
            string origin = entry.RequiredBy is null ? $"closure: {entry.Kind}" : $"closure: {entry.Kind} of {entry.RequiredBy}";
            FoundPath found = look(entry.RealPath);
            // Whoever may write there could have a link lead the rule elsewhere once the file was read.
            if (found.Exists && found.RealPath != entry.RealPath)
                throw new LaunchException(LaunchProblem.SetupFailed, entry.RealPath, $"'{PosixText.Printable(entry.RealPath)}' ({origin}) "
                    + "was exchanged while the sandbox was planned; nothing was run. See who can change it, then run it again.");
            grants.Add(new Grant(new PathRule(entry.RealPath, entry.NeedsExecute ? ExecuteAndRead : AccessFs.ReadFile)
            {
                Optional = true,
                Found = found,
            }, origin));
        }

        foreach (MissingFile missing in closure.Missing)
            warnings.Add($"'{PosixText.Printable(missing.Name)}' ({missing.Kind}) that "
                + $"'{PosixText.Printable(missing.RequiredBy ?? program)}' needs was not found.");
        foreach (ClosureWarning warning in closure.Warnings) warnings.Add(warning.Message);
    }

    private static ResolvedLayer Resolve(Ruleset layer, ImmutableArray<Grant> grants, LaunchRequest request, NetworkAccess? network,
        Func<string, FoundPath> look)
    {
        ResolvedLayer resolved =
            RulesetResolver.Resolve(layer.WithoutConnecting()
                .WithGrants(grants.Select(grant => grant.Rule), request.NetGrants.Select(grant => grant.Rule)),
                request.Support, request.BaseDirectory, look, rule => OriginOf(rule, grants), network?.Refused ?? AccessNet.None);
        resolved = HostLayer.Mark(layer, resolved);
        if (resolved.Status.Enforcement == Enforcement.NotEnforced)
            throw new LaunchException(LaunchProblem.NotEnforced, layer.Name, $"{resolved.Status.Degradation} Nothing was run.");
        return resolved;
    }

    private static string? OriginOf(PathRule rule, ImmutableArray<Grant> grants) =>
        grants.FirstOrDefault(grant => grant.Rule.Path == rule.Path && (grant.Rule.Access & rule.Access) != 0)?.Origin;

    private static FoundPath? WorkingDirectory(LaunchRequest request)
    {
        // Where this process is lies below the overlays of a preview.
        string? wanted = request.Start.WorkingDirectory ?? (request.Start.Supervision is { Preview: true } ? request.BaseDirectory : null);
        if (wanted is null) return null;
        string path = RulesetResolver.Absolute(wanted, request.BaseDirectory);
        FoundPath found = PosixFile.Find(path);
        return found.Kind switch
        {
            PathKind.Directory => found,
            PathKind.File => throw new LaunchException(LaunchProblem.SetupFailed, path,
                $"The working directory '{PosixText.Printable(path)}' is not a directory; nothing was run."),
            PathKind.Missing => throw new LaunchException(LaunchProblem.SetupFailed, path,
                $"The working directory '{PosixText.Printable(path)}' does not exist; nothing was run."),
            _ => throw new LaunchException(LaunchProblem.SetupFailed, path,
                $"The working directory '{PosixText.Printable(path)}' cannot be reached: {found.WhyUnreachable}; nothing was run."),
        };
    }

    internal static string? Variable(LaunchRequest request, string name) => request.Start.Environment is { } environment
        ? EnvironmentSelection.Value(environment, name)
        : System.Environment.GetEnvironmentVariable(name);
}
