using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Landlock.Abi;

namespace LandlockPS.Running;

/// <summary>
/// The sockets of this very process: by the runtime's a debugger loads code into it, and by PowerShell's Enter-PSHostProcess runs commands
/// in it. Their names follow from the process and when it started.
/// </summary>
internal static class PowerShellSockets
{
    private static readonly Lazy<ImmutableArray<KnownSocket>> Places = new(Names);

    /// <summary>Where they are, if they are there.</summary>
    public static ImmutableArray<KnownSocket> All => Places.Value;

    private static ImmutableArray<KnownSocket> Names()
    {
        using Process self = Process.GetCurrentProcess();
        string stat = File.ReadAllText("/proc/self/stat");
        string started = stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19];
        string hosted = self.StartTime.ToFileTime().ToString("X8", CultureInfo.InvariantCulture);
        string folder = Path.GetTempPath();
        return
        [
            new KnownSocket($"{folder}dotnet-diagnostic-{self.Id}-{started}-socket", "this PowerShell's diagnostics"),
            new KnownSocket($"{folder}CoreFxPipe_PSHost.{(hosted.Length >= 9 ? hosted[1..9] : hosted)}.{self.Id}.None.{self.ProcessName}",
                "this PowerShell, by Enter-PSHostProcess"),
        ];
    }
}
