using System.Collections.Immutable;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using Landlock.Documents;
using Landlock.Linux;
using Landlock.Profiles;
using Landlock.Rulesets;
using Landlock.Sandboxes;
using LandlockPS.Engine;
using LandlockPS.Profiles;
using LandlockPS.Shell;

namespace LandlockPS;

/// <summary>Which calls of native commands the shell hook looks at.</summary>
public enum ShellScope
{
    /// <summary>Those typed at the prompt, in script blocks too.</summary>
    Prompt,

    /// <summary>All, also those of functions and scripts.</summary>
    Script,
}

/// <summary>
/// Has native commands run in the profiles of the current directory. The engine looks up every command it runs; where a profile applies,
/// the program that it found is exchanged for a <see cref="PlanScript"/>, which runs the same program in the sandbox. To the engine this is
/// a native command as any other, so that pipes, redirection, exit codes, Ctrl+C and the passing of arguments are not touched at all.
/// </summary>
internal sealed class ShellHook : IDisposable
{
    private const int SweepPeriod = 2000;
    private const string Name = "landlocked";

    private static readonly string? PowerShellHome = Path.GetDirectoryName(typeof(PSObject).Assembly.Location);

    private static readonly ConditionalWeakTable<Runspace, ShellHook> Hooks = [];

    private readonly CommandInvocationIntrinsics _commands;
    private readonly PathIntrinsics _paths;
    private readonly EventHandler<CommandLookupEventArgs> _action;
    private readonly EventHandler<CommandLookupEventArgs>? _previous;
    private readonly Dictionary<string, (PlanScript Script, CommandInfo Command)> _scripts = new(StringComparer.Ordinal);
    private readonly HashSet<string> _own = new(StringComparer.Ordinal) { NativePrograms.LandlockExec };
    private readonly HashSet<string> _warned = new(StringComparer.Ordinal);
    private readonly PSHost _host;
    private readonly ScriptFile _outside;
    private readonly Timer _sweeper;
    private readonly ShellHint _hint;
    private ProfileStore? _store;
    private long _stamp;
    private string? _configuration;
    private bool _inside;
    private bool _enabled = true;

    private ShellHook(EngineIntrinsics engine, ShellScope scope)
    {
        _host = engine.Host;
        _commands = engine.InvokeCommand;
        _paths = engine.SessionState.Path;
        _hint = new ShellHint(engine);
        Scope = scope;
        _outside = ScriptFile.Create(NativePrograms.Landlocked, ScriptFile.Outside);
        _own.Add(_outside.Path);
        _sweeper = new Timer(_ => Sweep());
        _previous = _commands.PostCommandLookupAction;
        _action = OnLookup;
        _commands.PostCommandLookupAction = _action;
    }

    /// <summary>Which calls are looked at.</summary>
    public ShellScope Scope { get; set; }

    /// <summary>What runs its first argument outside of any profile.</summary>
    public string OutsidePath => _outside.Path;

    /// <summary>The hook of the current runspace; null if there is none.</summary>
    public static ShellHook? Current =>
        Runspace.DefaultRunspace is { } runspace && Hooks.TryGetValue(runspace, out ShellHook? hook) ? hook : null;

    /// <summary>Looks something up as if there were no hook.</summary>
    public static T Without<T>(Func<T> find)
    {
        ShellHook? hook = Current;
        bool before = hook?._inside ?? false;
        if (hook is not null) hook._inside = true;
        try
        {
            return find();
        }
        finally
        {
            if (hook is not null) hook._inside = before;
        }
    }

    /// <summary>Sets the hook up.</summary>
    public static ShellHook Enable(EngineIntrinsics engine, ShellScope scope)
    {
        NativePrograms.Demand();
        ShellHook hook = new(engine, scope);
        Hooks.Add(Runspace.DefaultRunspace, hook);
        return hook;
    }

    /// <summary>The profiles that apply to the current directory.</summary>
    /// <exception cref="PolicyException">There is no place to look for profiles.</exception>
    public ImmutableArray<ActiveProfile> FindActive()
    {
        // The place itself may change, as the environment does.
        string configuration = $"{Environment.GetEnvironmentVariable("XDG_CONFIG_HOME")}\0{Environment.GetEnvironmentVariable("HOME")}";
        if (_store is null || configuration != _configuration || _store.Stamp() != _stamp)
        {
            // Read after the stamp is taken, so that no change falls in between; what to stamp is known by reading.
            ProfileStore store = ProfileStore.Read(ProfileStore.FindRoots(Environment.GetEnvironmentVariable));
            (_stamp, _configuration) = (store.Stamp(), configuration);
            _store = ProfileStore.Read(store.Roots);
        }

        return _store.FindActive(StartDirectory());
    }

    // The engine reads the location as a pattern without wildcards, and starts a command where this process is if
    // there is no such directory.
    private string StartDirectory()
    {
        string location = CurrentDirectory.Of(_paths);
        return Directory.Exists(location) ? WildcardPattern.Unescape(location) : Environment.CurrentDirectory;
    }

    /// <summary>Restores what was there before.</summary>
    public void Dispose()
    {
        _enabled = false;
        // If somebody has hooked in behind, this one stays in between and does nothing more.
        if (_commands.PostCommandLookupAction == _action) _commands.PostCommandLookupAction = _previous;
        Hooks.Remove(Runspace.DefaultRunspace);
        _sweeper.Dispose();
        _ = ScratchDirectory.Sweep(Environment.GetEnvironmentVariable);
        foreach ((PlanScript script, _) in _scripts.Values) script.Dispose();
        _outside.Dispose();
    }

    private void OnLookup(object? sender, CommandLookupEventArgs lookup)
    {
        if (_inside) return;
        AskPrevious(sender, lookup);
        if (_enabled && lookup.CommandName == "prompt") _hint.End();
        if (!_enabled || lookup.Command is not (ApplicationInfo or AliasInfo)) return;
        try
        {
            ImmutableArray<ActiveProfile> active = FindActive();
            if (active.Length == 0) return;
            CommandInfo? found = lookup.Command is AliasInfo alias ? alias.ResolvedCommand : lookup.Command;
            if (found is ApplicationInfo program && !_own.Contains(program.Path) && IsMeant(lookup.CommandOrigin))
            {
                lookup.Command = Exchange(program);
                Warn(active);
            }
        }
        catch (Exception exception)
        {
            // The engine would go on with the program itself, outside of any sandbox.
            lookup.CommandScriptBlock = ShellFailure.Block(lookup.CommandName, exception);
        }
    }

    // Once: said at every command, it would soon be read by nobody.
    private void Warn(ImmutableArray<ActiveProfile> active)
    {
        if (!_warned.Add(string.Join('\0', active.Select(match => match.Profile.Directory)) + _stamp)) return;
        ProfileSources sources = ProfilePlaces.Sources(StartDirectory(), PowerShellHome);
        foreach (string degradation
            in ProfileSandbox.FindDegradations([.. active.Select(match => match.Profile)], _store!, sources))
            if (_warned.Add(degradation)) _host.UI.WriteWarningLine(degradation);
    }

    // The engine passes over an action that fails, and over what it did.
    private void AskPrevious(object? sender, CommandLookupEventArgs lookup)
    {
        if (_previous is null) return;
        CommandInfo found = lookup.Command;
        try
        {
            _previous(sender, lookup);
        }
        catch (Exception)
        {
            lookup.Command = found;
        }
    }

    // A line typed at the prompt is run by the host; its script blocks have frames without a name or a file, and functions
    // and scripts have either.
    private bool IsMeant(CommandOrigin origin) =>
        Scope == ShellScope.Script || origin == CommandOrigin.Runspace
        || Runspace.DefaultRunspace.Debugger.GetCallStack()
            .All(frame => string.IsNullOrEmpty(frame.ScriptName) && frame.FunctionName is null or "" or "<ScriptBlock>" or "<No file>");

    private CommandInfo Exchange(ApplicationInfo program)
    {
        _ = _sweeper.Change(SweepPeriod, SweepPeriod);
        if (!_scripts.TryGetValue(program.Path, out (PlanScript Script, CommandInfo Command) known))
        {
            known = NewScript(program);
            _scripts.Add(program.Path, known);
            _own.Add(known.Script.Path);
        }

        Plan(known.Script, program.Path);
        return known.Command;
    }

    // For each call anew: a plan holds for one directory and for the files, links and variables as they are.
    private void Plan(PlanScript script, string program)
    {
        try
        {
            string directory = StartDirectory();
            Profile[] profiles = [.. _store!.FindActive(directory).Select(match => match.Profile)];
            LaunchPlan plan =
                ProfilePlanner.Plan(program, profiles, _store, ProfilePlaces.Sources(directory, PowerShellHome));
            script.Run(plan, Name);
            _hint.Begin(program, plan, directory, profiles.Select(profile => profile.Name));
        }
        catch (Exception exception) when (exception is PolicyException or RulesetException or LaunchException or KernelException)
        {
            // Said as a program says it, on standard error and with an exit code, so that it is the same in every pipeline.
            script.Refuse(exception.Message.Split('\n').Select(line => $"{Name}: {line}"));
        }
    }

    private (PlanScript Script, CommandInfo Command) NewScript(ApplicationInfo program)
    {
        PlanScript script = PlanScript.Create(NativePrograms.LandlockExec);
        _inside = true;
        try
        {
            CommandInfo command = _commands.GetCommand(script.Path, CommandTypes.Application)
                ?? throw new InvalidOperationException($"'{script.Path}' cannot be executed: /proc is not mounted, or the system forbids "
                    + "executable memory files (vm.memfd_noexec).");
            EngineInternals.Rename(command, program.Name);
            return (script, command);
        }
        catch
        {
            script.Dispose();
            throw;
        }
        finally
        {
            _inside = false;
        }
    }

    private void Sweep()
    {
        try
        {
            if (ScratchDirectory.Sweep(Environment.GetEnvironmentVariable) == 0) _ = _sweeper.Change(Timeout.Infinite, Timeout.Infinite);
        }
        catch (ObjectDisposedException)
        {
            // Disabled meanwhile.
        }
    }
}
