using System.Collections.Immutable;
using Landlock.Abi;
using Landlock.Documents;
using Landlock.Linux;
using Landlock.Rulesets;
using Landlock.Sandboxes.Needs;
using Landlock.Sandboxes.Running;

namespace Landlock.Sandboxes.Compiled;

/// <summary>What is to be compiled, and to where.</summary>
internal sealed record CompileRequest
{
    /// <summary>The launch as it is asked for here.</summary>
    public required LaunchRequest Launch { get; init; }

    /// <summary>The file to write, an absolute path.</summary>
    public required string Path { get; init; }

    /// <summary>What landlocked is to plan anew; null where options cannot say it, and what has changed ends the command.</summary>
    public required ImmutableArray<string>? Options { get; init; }

    /// <summary>Variables of the environment here.</summary>
    public required Func<string, string?> Variable { get; init; }

    /// <summary>The version that compiles.</summary>
    public required string Version { get; init; }

    /// <summary>Path of landlock-exec.</summary>
    public required string Executor { get; init; }

    /// <summary>Path of landlocked.</summary>
    public required string Planner { get; init; }

    /// <summary>Files and directories that decided: policies and profiles.</summary>
    public ImmutableArray<string> Deciding { get; init; } = [];

    /// <summary>Whether the command ends where something has changed.</summary>
    public bool IsFrozen { get; init; }

    /// <summary>Whether it says in one line that something has changed, and what.</summary>
    public bool TellsChanges { get; init; }
}

/// <summary>Writes commands that are their own sandbox.</summary>
internal static class CompiledCommand
{
    private const uint Executable = 0x1ED; // 0755

    private static readonly string[] LoaderFiles = ["/etc/ld.so.cache", "/etc/ld.so.preload"];

    /// <summary>Plans, without writing anything.</summary>
    /// <exception cref="LaunchException">It cannot be planned, or not be written there.</exception>
    public static LaunchPlan Plan(CompileRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        LaunchPlan plan = LaunchPlanner.Plan(request.Launch with { Path = null });
        if (!IsPlannedAtStart(plan)) return Lasting(plan, request.Launch);
        if (request.IsFrozen)
            throw Refused("What needs a supervisor (a time limit, private temporary files, hosts ...) is planned at each start, and "
                + "frozen would do nothing. Leave out one of them");
        return request.Options is null
            ? throw Refused("What needs a supervisor (a time limit, private temporary files, hosts ...) is planned at each start, and no "
                + "option of landlocked says what this sandbox is made of. Write its rulesets to policies (Export-LandlockPolicy)")
            : plan;
    }

    /// <summary>Writes a command that was planned.</summary>
    /// <returns>Where it is.</returns>
    /// <exception cref="LaunchException">It cannot be written there.</exception>
    /// <exception cref="KernelException">Nor at all.</exception>
    public static string Write(CompileRequest request, LaunchPlan plan)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(plan);
        string path = CompiledPlace.Demand(request.Path);
        bool frozen = request.IsFrozen || request.Options is null;
        CompiledPlace.DemandKept(plan, request.Launch.BaseDirectory, Kept(request, path, frozen));
        byte[] executor = SmallFile.Read(request.Executor, CompiledFile.Largest)
            ?? throw Refused($"'{PosixText.Printable(request.Executor)}' cannot be read, which a compiled command begins with");
        string name = PosixText.Printable(path[(path.LastIndexOf('/') + 1)..]);
        bool planned = IsPlannedAtStart(plan);
        using NewFile file = NewFile.Begin(path);
        string[] summary = [.. PlanDescription.Summarize(plan)], description = [.. PlanDescription.Describe(plan)];
        byte[] json = PlanJson.Write(plan);
        byte[] told = planned || plan.Names is null ? [] : ToldSandbox.Of(plan, isInside: false, outer: null).Write();
        string variable = $"{ToldFile.Variable}={ToldFile.OfCompiled(path)}";
        CompiledImage compiled = new()
        {
            Planner = request.Planner,
            Support = request.Launch.Support,
            Deciding = Deciding(request, plan, frozen),
            Environment = request.Launch.Sandbox.Environment,
            Named = plan.Names is null || planned ? null : variable,
            IsFrozen = frozen,
            IsPlanned = planned,
            Changed = request.TellsChanges ? $"{name}: planned anew, since something has changed: " : null,
        };
        byte[] image = planned
            ? PlanImage.WriteRefusal($"{name}: cannot start '{PosixText.Printable(request.Planner)}', which stays beside the command; "
                + "nothing was run\n", compiled)
            : PlanImage.Write(plan.Names is null ? plan : Telling(plan, variable, path, file.Found), name, compiled: compiled);
        CompiledRecord record = new()
        {
            Version = request.Version,
            Time = DateTimeOffset.UtcNow.ToUnixTimeSeconds(),
            Directory = request.Launch.BaseDirectory,
            Options = request.Options,
            Command = [request.Launch.Command, .. request.Launch.Arguments],
            Variables =
            [
                .. CompiledRecord.DecidingVariables.Select(name => (name, Value: request.Variable(name)))
                    .Where(one => one.Value is not null).Select(one => (one.name, one.Value!)),
            ],
            Summary = [.. summary],
            Description = [.. description],
        };
        file.Finish(new CompiledFile(image, record, told, json).Write(executor), Executable);
        return path;
    }

    /// <summary>What decides of a policy that was named: the file, or the directory and the policies in it.</summary>
    public static IEnumerable<string> FilesOf(string policy) =>
        PosixFile.Inspect(policy) == PathKind.Directory ? [policy, .. PolicyFile.List(policy)] : [policy];

    // What a program needs is read from it, and from what the loader finds.
    private static ImmutableArray<string> Deciding(CompileRequest request, LaunchPlan plan, bool frozen) =>
    [
        .. request.Deciding,
        plan.Program,
        .. request.Launch.Sandbox.Closure ? LoaderFiles.Where(file => PosixFile.Inspect(file) == PathKind.File) : [],
        .. frozen ? Array.Empty<string>() : [request.Planner],
    ];

    private static bool IsPlannedAtStart(LaunchPlan plan) => plan.Start.Supervision is not null || plan.Hosts is not null;

    // The environment is that of whoever runs it, whenever that is.
    private static LaunchPlan Lasting(LaunchPlan plan, LaunchRequest request)
    {
        EnvironmentSelection selection = request.Sandbox.Environment;
        IEnumerable<EnvironmentChange> set = selection.Changes.Reverse().DistinctBy(change => change.Name).Reverse()
            .Where(change => change.Value is not null);
        string? names = plan.Names is null ? null : request.Sandbox.Name ?? SandboxNames.Default;
        return plan with
        {
            TakesArguments = true,
            OnTerminal = request.Sandbox.Baseline ? Baseline.Terminal.Rule : null,
            Names = names,
            Start = plan.Start with
            {
                State = null,
                Environment = null,
                Variables =
                [
                    .. set.Select(change => $"{change.Name}={change.Value}"),
                    .. names is null || selection.Sets(SandboxNames.Variable) ? Array.Empty<string>()
                        : [$"{SandboxNames.Variable}={names}"],
                ],
            },
        };
    }

    // The command may read what it is told, which is in the file itself.
    private static LaunchPlan Telling(LaunchPlan plan, string variable, string path, FoundPath file) => plan with
    {
        Start = plan.Start with { Variables = [.. plan.Start.Variables, variable] },
        Layers = [.. plan.Layers.Select(layer => !layer.HandledFs.HasFlag(AccessFs.ReadFile) ? layer
            : layer with
            {
                PathRules = layer.PathRules.Add(new ResolvedPathRule(path, AccessFs.ReadFile, AccessFs.ReadFile, Optional: true,
                    Quiet: false)
                { Found = file }),
            })],
    };

    private static IEnumerable<(string Path, string Otherwise)> Kept(CompileRequest request, string path, bool frozen)
    {
        yield return (path, "Write it to a place that the sandbox cannot change");
        if (frozen) yield break;
        yield return (request.Planner, "Install landlocked elsewhere");
        foreach (string file in request.Deciding)
            yield return (PosixFile.RealPath(file) ?? file, "Move that out of there, or freeze the command");
    }

    private static LaunchException Refused(string sentence) => new(LaunchProblem.SetupFailed, null, $"{sentence}; nothing was written.");
}
