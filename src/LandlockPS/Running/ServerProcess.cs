using System.Collections.Immutable;
using System.Management.Automation;
using System.Runtime.InteropServices;
using Landlock.Launching;
using Landlock.Rulesets;

namespace LandlockPS;

/// <summary>The child pwsh that script blocks and sessions run in: its command line, and what it needs in order to start.</summary>
internal static class ServerProcess
{
    private const ulong InterruptAndQuit = (1UL << (2 - 1)) | (1UL << (3 - 1));

    private static readonly (string Name, string Value)[] Quieting =
    [
        ("POWERSHELL_TELEMETRY_OPTOUT", "1"),
        ("POWERSHELL_UPDATECHECK", "Off"),
        // Diagnostics would make sockets and pipes in the temporary directory, which is denied, and read what is denied.
        ("DOTNET_EnableDiagnostics", "0"),
    ];

    /// <summary>Completes a request with the command line of a PowerShell server on stdin and stdout, and its grants.</summary>
    public static LaunchRequest Request(PSCmdlet cmdlet, LaunchRequest request)
    {
        string home = (string)cmdlet.GetVariableValue("PSHOME");
        string program = Path.Combine(home, "pwsh");
        ImmutableArray<string> arguments = ["-s", "-NoLogo", "-NoProfile"];
        if (!File.Exists(program))
        {
            // Installed as a .NET tool, PowerShell has no program of its own.
            program = Environment.ProcessPath ?? "dotnet";
            arguments = arguments.Insert(0, Path.Combine(home, "pwsh.dll"));
        }

        ImmutableArray<string> environment = request.Environment ?? ChildEnvironment.Present();
        environment = [.. environment.Where(entry => !Quieting.Any(added => entry.StartsWith(added.Name + "=", StringComparison.Ordinal))), .. Quieting.Select(added => $"{added.Name}={added.Value}")];
        return request with
        {
            Command = program,
            Arguments = arguments,
            Environment = environment,
            // The process would otherwise start where the host process is, which is not where the session is.
            WorkingDirectory = request.WorkingDirectory ?? request.BaseDirectory,
            Grants = [.. request.Grants, .. Needs(home)],
            // Ctrl+C reaches the whole terminal; the block is stopped over the session's own channel instead (PowerShell#15001).
            ExtraBlockedSignals = InterruptAndQuit,
        };
    }

    private static IEnumerable<Grant> Needs(string home)
    {
        string runtime = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));
        string module = Path.GetDirectoryName(typeof(ServerProcess).Assembly.Location)!;
        (string Path, AccessClass Access)[] needs =
        [
            (home, AccessClass.ReadOnly),
            (runtime, AccessClass.ReadOnly),
            (module, AccessClass.ReadOnly),
            ("/usr/lib", AccessClass.ReadData),
            ("/lib", AccessClass.ReadData),
            ("/lib64", AccessClass.ReadData),
            ("/etc", AccessClass.ReadData),
            ("/proc", AccessClass.ReadData),
            // The runtime sizes itself by processors, cgroup limits and random numbers; without the last it aborts.
            ("/sys/devices/system/cpu", AccessClass.ReadData),
            ("/sys/devices/system/node", AccessClass.ReadData),
            ("/sys/fs/cgroup", AccessClass.ReadData),
            ("/dev/urandom", AccessClass.ReadData),
            ("/dev/null", AccessClass.Edit),
        ];
        return needs.Select(need => new Grant(new PathRule(need.Path, need.Access.Rights), "preset PowerShell"));
    }
}
