using System.Collections.Immutable;
using Landlock.Documents;
using Landlock.Policies;
using Landlock.Rulesets;
using Landlock.Sandboxes.Filters;
using Landlock.Sandboxes.Hosts;
using Landlock.Sandboxes.Needs;

namespace Landlock.Sandboxes;

/// <summary>From a sandbox to the launch of a command in it.</summary>
public sealed partial record Sandbox
{
    // A thread's name has 15 bytes (PR_SET_NAME of prctl(2)).
    private const int LongestName = 15;

    /// <summary>Asks for the launch of a command in this sandbox. Runs nothing.</summary>
    /// <param name="context">Where it is used.</param>
    /// <param name="command">The command: a name to look up, or a path; empty where it is filled in later.</param>
    /// <param name="arguments">Its arguments, without its own name.</param>
    /// <exception cref="RulesetException">What is asked for contradicts itself, or something required is missing.</exception>
    /// <exception cref="PolicyException">Nothing is left handled, a variable has no value, or there is no such preset.</exception>
    /// <exception cref="LaunchException">A limit or a variable of the environment cannot be one.</exception>
    internal LaunchRequest Launch(LaunchContext context, string command, params ImmutableArray<string> arguments)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(command);
        ImmutableArray<string>? environment = Environment.Compose(context.Environment);
        string? path = EnvironmentSelection.Value(environment ?? context.Environment, "PATH");
        string search = context.SearchPath ?? path ?? CommandLookup.DefaultPath;
        return For(command, arguments, search, context.BaseDirectory).Request(context, command, arguments, environment, path, search);
    }

    // What a PowerShell needs is asked of the one that is named, and not of another one that the environment knows.
    private Sandbox For(string command, ImmutableArray<string> arguments, string search, string directory) =>
        (Presets.IsEmpty && Policies.IsEmpty) || Variables.Builtins is not { } builtins
            || CommandFiles.Of(command, arguments, search, directory) is not { IsEmpty: false } program ? this
            : this with { Variables = Variables with { Builtins = builtins.For(program) } };

    private LaunchRequest Request(LaunchContext context, string command, ImmutableArray<string> arguments,
        ImmutableArray<string>? environment, string? path, string search)
    {
        List<SandboxFinding> findings = [.. Findings];
        ImmutableArray<Ruleset> layers = Layers(context.Support, context.BaseDirectory, findings);
        List<Grant> grants = [.. Baseline ? Needs.Baseline.For(context.OnTerminal) : []];
        List<NetGrant> netGrants = [];
        bool hosts = layers.Any(layer => layer.HostRules.Length > 0);
        AddPresets(grants, netGrants, LeftOfPresets(layers, context.BaseDirectory), hosts, findings);
        return new LaunchRequest
        {
            Sandbox = hosts ? HostNeeds.For(this, layers, context.Support, findings)
                // What another program does for the command is not held back.
                : Supervision.Preview && !AsksForUnix && Network != NetworkMode.Unrestricted ? this with { NoUnixSocket = true } : this,
            Layers = layers,
            Command = command,
            Arguments = arguments,
            BaseDirectory = context.BaseDirectory,
            SearchPath = search,
            Path = Environment.Sets("PATH") ? null : path,
            Start = new CommandStart
            {
                WorkingDirectory = WorkingDirectory,
                Environment = environment,
                Limits = Limits.Build(),
                Supervision = hosts ? Supervision : Supervision.OrNone,
                DomainName = layers.Any(layer => layer.LogFlags != 0) ? LogName(command) : null,
            },
            Grants = [.. grants],
            NetGrants = [.. netGrants],
            Findings = [.. findings],
            OwnSockets = context.OwnSockets,
            Support = context.Support,
        };
    }

    private void AddPresets(List<Grant> grants, List<NetGrant> ports, LeftOfPresets left, bool hosts, List<SandboxFinding> findings)
    {
        foreach ((Preset preset, PresetGrants granted) in PresetGrants())
        {
            string origin = $"preset {preset.Name}";
            grants.AddRange(left.Of(granted.Paths).Select(rule => new Grant(rule, origin) { IsAsked = true }));
            ports.AddRange((hosts ? HostNeeds.Without(preset, granted.Ports, findings) : granted.Ports)
                .Select(rule => new NetGrant(rule, origin)));
            findings.AddRange(granted.Notes.Select(SandboxFinding.Note));
        }
    }

    /// <summary>What each of the presets grants.</summary>
    /// <exception cref="PolicyException">There is no such preset, or a variable names a place that is never opened as a whole.</exception>
    internal IEnumerable<(Preset Preset, PresetGrants Granted)> PresetGrants()
    {
        if (KnownGrants is { } known && known.IsFor(this)) return known.Grants;
        return [.. ReadGrants()];
    }

    /// <summary>The same with what its presets grant, so that it is asked for once.</summary>
    /// <inheritdoc cref="PresetGrants"/>
    internal Sandbox WithKnownGrants() => Presets.IsEmpty ? this
        : this with { KnownGrants = new KnownGrants(Presets, Variables, Supervision.PrivateTemp, [.. ReadGrants()]) };

    private IEnumerable<(Preset Preset, PresetGrants Granted)> ReadGrants()
    {
        if (Presets.IsEmpty) yield break;
        PolicyVariables variables = Variables;
        // The command has a directory for temporary files of its own, and need not reach everybody's.
        if (Supervision.PrivateTemp && !variables.Given.ContainsKey("tmp")) variables = variables.With("tmp");
        foreach (Preset preset in Presets.Select(Preset.Find).Distinct()) yield return (preset, preset.Grants(variables));
    }

    private LeftOfPresets LeftOfPresets(ImmutableArray<Ruleset> layers, string baseDirectory) =>
        new(layers, Except.Any(ExceptionSet.IsWord), baseDirectory);

    // What the log calls the domain: the kernel tells nobody its number.
    private static string? LogName(string command)
    {
        string name = command[(command.LastIndexOf('/') + 1)..];
        return name.Length == 0 ? null : name.Length <= LongestName ? name : name[..LongestName];
    }
}
