using System.Collections.Immutable;
using System.Management.Automation;
using System.Runtime.InteropServices;
using Landlock.Rulesets;
using Landlock.Sandboxes;
using Landlock.Sandboxes.Needs;

namespace LandlockPS.Running;

/// <summary>
/// The child pwsh that script blocks, sessions and nested shells run in: its command line, and what it needs in order to start.
/// </summary>
internal static class ChildPowerShell
{
    private const ulong InterruptAndQuit = (1UL << (2 - 1)) | (1UL << (3 - 1));

    private const ulong TerminalStops = (1UL << (21 - 1)) | (1UL << (22 - 1));

    private static readonly (string Name, string Value)[] Quieting =
    [
        ("POWERSHELL_TELEMETRY_OPTOUT", "1"),
        ("POWERSHELL_UPDATECHECK", "Off"),
        // Diagnostics would make sockets and pipes in the temporary directory, which is denied, and read what is denied.
        ("DOTNET_EnableDiagnostics", "0"),
    ];

    // Otherwise it would try to listen for Enter-PSHostProcess.
    private static readonly (string Name, string Value)[] WithoutSocket = [("POWERSHELL_DIAGNOSTICS_OPTOUT", "1")];

    /// <summary>Folder of this module.</summary>
    public static string ModuleFolder { get; } = Path.GetDirectoryName(typeof(ChildPowerShell).Assembly.Location)!;

    /// <summary>
    /// How a child imports this module: by its manifest, since PowerShell takes no folder that is named by a version, as those
    /// of installed modules are.
    /// </summary>
    public static string ImportThisModule { get; } =
        $"Import-Module {PowerShellText.Literal(Path.Combine(ModuleFolder, "LandlockPS.psd1"))}";

    // What a child may read: of an installed module the folder above the version, too, which importing it by name lists.
    private static string ModuleRoot { get; } =
        Version.TryParse(Path.GetFileName(ModuleFolder), out _) && Path.GetDirectoryName(ModuleFolder) is { } parent
        && Path.GetFileName(parent) == "LandlockPS" ? parent : ModuleFolder;

    /// <summary>Plans the launch of a child pwsh.</summary>
    public static LaunchPlan Plan(PSCmdlet cmdlet, LaunchRequest request)
    {
        LaunchPlan plan = LaunchPlanner.Plan(request);
        TranscriptPolicy.Demand(cmdlet, plan, Home(cmdlet), Configuration());
        return plan;
    }

    /// <summary>Completes a request with a PowerShell server on stdin and stdout.</summary>
    /// <param name="cmdlet">The cmdlet.</param>
    /// <param name="request">The request.</param>
    /// <param name="background">
    /// Whether it works on its own, without the terminal, and takes along all that it has started when it ends.
    /// </param>
    public static LaunchRequest Server(PSCmdlet cmdlet, LaunchRequest request, bool background)
    {
        LaunchRequest shell = Shell(cmdlet, request, ["-s", "-NoLogo", "-NoProfile"]);
        return shell with
        {
            Start = shell.Start with
            {
                // Ctrl+C reaches the whole terminal; the block is stopped over the session's own channel instead (PowerShell#15001).
                // A group of its own has no right to the terminal; asking there is an error instead of a stop for ever. (A session of its
                // own would be a scheduling group of its own, too, in which a call takes up to twice as long: sched(7), autogroup.)
                ExtraBlockedSignals = background ? InterruptAndQuit | TerminalStops : InterruptAndQuit,
                NewGroup = background,
                AdoptOrphans = true,
                // What the server is for is gone then, and with a supervisor in between it does not see that by itself.
                Supervision = shell.Start.Supervision is { } supervision ? supervision with { EndWithParent = true } : null,
            },
        };
    }

    /// <summary>Completes a request with a pwsh and its arguments, and grants what it needs in order to start.</summary>
    public static LaunchRequest Shell(PSCmdlet cmdlet, LaunchRequest request, ImmutableArray<string> arguments)
    {
        string home = Home(cmdlet);
        string program = Path.Combine(home, "pwsh"), assembly = Path.Combine(home, "pwsh.dll");
        if (Environment.ProcessPath is { } process && Path.GetFileName(process) == "dotnet" && File.Exists(assembly))
        {
            // As a .NET tool, PowerShell runs in dotnet. A program is there, too, but only who has installed it may execute it.
            program = process;
            arguments = arguments.Insert(0, assembly);
        }

        return request with
        {
            Command = program,
            Arguments = arguments,
            Start = request.Start with
            {
                Environment = ChildEnvironment.With(
                    request.Start.Environment, [.. Quieting, .. request.Sandbox.NoUnixSocket ? WithoutSocket : [],
                        ("PSModulePath", ModulePath(home, request.Layers))]),
                // The process would otherwise start where the host process is, which is not where the session is.
                WorkingDirectory = request.Start.WorkingDirectory ?? request.BaseDirectory,
            },
            Grants = [.. request.Grants, .. PowerShellNeeds.Of(home, RuntimeRoot(), DataHome(), ConfigurationHome()),
                new Grant(new PathRule(ModuleRoot, AccessClass.ReadOnly.Rights), "module LandlockPS")],
        };
    }

    private static string[] StandardModuleFolders(string home)
    {
        string[] shared = ["/usr/local/share/powershell/Modules", Path.Combine(home, "Modules")];
        return DataHome() is { } data ? [$"{data}/powershell/Modules", .. shared] : shared;
    }

    // A restricted session may not have the variable.
    private static string Home(PSCmdlet cmdlet) =>
        cmdlet.GetVariableValue("PSHOME") as string ?? Path.GetDirectoryName(typeof(PSObject).Assembly.Location)!;

    private static string? Configuration() => ConfigurationHome() is { } home ? $"{home}/powershell" : null;

    private static string? ConfigurationHome() => Xdg("XDG_CONFIG_HOME", ".config");

    private static string? DataHome() => Xdg("XDG_DATA_HOME", ".local/share");

    // As the built-in variables of the same names have it.
    private static string? Xdg(string variable, string beneathHome)
    {
        if (Environment.GetEnvironmentVariable(variable) is { } set && set.StartsWith('/')) return set;
        return Environment.GetEnvironmentVariable("HOME") is { } user && user.StartsWith('/') ? $"{user.TrimEnd('/')}/{beneathHome}" : null;
    }

    // One unreadable folder in PSModulePath makes every import by name fail. The standard folders are granted; any other one stays in
    // the child's path only where the user has made it readable.
    private static string ModulePath(string home, ImmutableArray<Ruleset> layers)
    {
        string[] standard = StandardModuleFolders(home);
        IEnumerable<string> others =
            (Environment.GetEnvironmentVariable("PSModulePath") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Where(folder => !standard.Contains(folder) && layers.All(layer => Reads(layer, folder)));
        return string.Join(':', standard.Concat(others));
    }

    private static bool Reads(Ruleset layer, string folder) =>
        (layer.HandledFs & AccessClass.ReadData.Rights) == 0
        || layer.PathRules.Any(rule => (rule.Access & AccessClass.ReadData.Rights) == AccessClass.ReadData.Rights
            && rule.IsFor(folder.Length > 1 ? folder.TrimEnd('/') : folder));

    // The .NET installation that this PowerShell runs on; none if it brings its own.
    private static string? RuntimeRoot() =>
        new DirectoryInfo(RuntimeEnvironment.GetRuntimeDirectory()).Parent is { Parent: { Name: "shared", Parent: { } root } }
            ? root.FullName
            : null;
}
