using System.Diagnostics;
using System.Globalization;
using Landlock.Linux;
using Landlock.Policies;
using Landlock.Rulesets;
using Landlock.Sandboxes;
using Landlock.Sandboxes.Needs;
using Landlock.Tests.Exec;

namespace Landlock.Tests.Policies;

/// <summary>Runs real programs on what presets give them: everything denied, then the presets and a directory of their own.</summary>
internal sealed class PresetSandbox : IDisposable
{
    private const uint Nobody = 65534;
    private const UnixFileMode Everybody = (UnixFileMode)0x1FF;

    private readonly bool _ordinary;
    private readonly TemporaryDirectory _temporary = new();

    /// <param name="ordinary">Run as an ordinary user, where the tests run as root.</param>
    public PresetSandbox(bool ordinary)
    {
        _ordinary = ordinary;
        foreach (string name in (string[])["project", "home", "tmp"]) File.SetUnixFileMode(_temporary.CreateDirectory(name), Everybody);
        if (!ordinary || !IsRoot) return;
        using Process chown = Process.Start("chown", [$"{Nobody}", Project, Home, _temporary["tmp"]]);
        chown.WaitForExit();
    }

    public string Project => _temporary["project"];

    public string Home => _temporary["home"];

    /// <summary>What is missing to run programs on presets; null if nothing is.</summary>
    public static string? Missing(string[] programs) => !RunningKernel.Support.IsAvailable ? "The kernel has no Landlock."
        : Array.Find(programs, program => CommandLookup.Find(program, "/usr/local/bin:/usr/bin:/bin", "/").Status != CommandStatus.Found)
            is { } missing ? $"{missing} is not installed." : null;

    public static bool IsRoot => Posix.geteuid() == 0;

    public void Write(string name, string content)
    {
        File.WriteAllText(Path.Combine(Project, name), content);
        File.SetUnixFileMode(Path.Combine(Project, name), (UnixFileMode)0x1B6);
    }

    /// <summary>Runs a command in the project directory, which it may use in every way.</summary>
    public ExecRun Run(string presets, params string[] command) => Run(presets, closure: true, [], command);

    public ExecRun Run(string presets, bool closure, (string Name, string Value)[] more, params string[] command)
    {
        Dictionary<string, string> environment = new()
        {
            ["PATH"] = "/usr/local/bin:/usr/bin:/bin",
            ["LANG"] = "C.UTF-8",
            ["HOME"] = Home,
            ["TMPDIR"] = _temporary["tmp"],
            ["DOTNET_EnableDiagnostics"] = "0",
            ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
            ["DOTNET_NOLOGO"] = "1",
        };
        foreach ((string name, string value) in more) environment[name] = value;
        PolicyVariables variables = new()
        {
            Builtins = new BuiltinVariables(new BuiltinSources
            { WorkingDirectory = Project, Environment = environment.GetValueOrDefault, UserId = _ordinary ? Nobody : Posix.geteuid() }),
        };
        Ruleset ruleset = Ruleset.DenyAll(RunningKernel.Support.Abi).With(new PathRule(Project, AccessClass.ReadWriteExecute.Rights));
        foreach (string name in presets.Split(',', StringSplitOptions.RemoveEmptyEntries))
            ruleset = Preset.Find(name).Grants(variables).AddTo(ruleset);
        LaunchPlan plan = LaunchPlanner.Plan(new LaunchRequest
        {
            Layers = [ruleset],
            Command = command[0],
            Arguments = [.. command[1..]],
            BaseDirectory = Project,
            Start = new CommandStart { WorkingDirectory = Project },
            SearchPath = environment["PATH"],
            Sandbox = Sandbox.Strict with { Closure = closure },
            Support = RunningKernel.Support,
        });
        string[] wrapper = _ordinary && IsRoot
            ? ["/usr/bin/setpriv", string.Create(CultureInfo.InvariantCulture, $"--reuid={Nobody}"), $"--regid={Nobody}", "--clear-groups"]
            : [];
        return ExecRun.Of(PlanImage.Write(plan, program: null),
            new ExecOptions { Wrapper = wrapper, Environment = [.. environment.Select(pair => $"{pair.Key}={pair.Value}")] });
    }

    public void Dispose() => _temporary.Dispose();
}

/// <summary>A theory (as root, as an ordinary user) that needs a kernel with Landlock and programs.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ProgramTheoryAttribute : TheoryAttribute
{
    public ProgramTheoryAttribute(params string[] programs) => Skip = PresetSandbox.Missing(programs);

    /// <summary>Only root can try it.</summary>
    public bool Root
    {
        get => false;
        set => Skip ??= value && !PresetSandbox.IsRoot ? "Only root can try it." : null;
    }
}

/// <summary>A test that needs a kernel with Landlock and programs.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ProgramFactAttribute : FactAttribute
{
    public ProgramFactAttribute(params string[] programs) => Skip = PresetSandbox.Missing(programs);
}
