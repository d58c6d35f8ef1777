using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Landlock.Tests;

/// <summary>
/// What was built, in a directory of this run that every user may enter. The checkout may lie beneath one that is its owner's alone, and
/// under a name that a shell would take apart.
/// </summary>
internal static class Built
{
    private const UnixFileMode Everybody = (UnixFileMode)0b111_101_101;
    private static readonly Lazy<string> StagedPowerShell = new(StagePowerShell);
    private static string? s_folder;

    /// <summary>The directory of `landlocked` and `landlock-exec`: copies of the build's, or of those in LANDLOCKPS_BIN.</summary>
    public static string Programs => s_folder!;

    /// <summary>A pwsh: a copy of what the build restored, or the one in LANDLOCKPS_PWSH as it is.</summary>
    public static string PowerShell => StagedPowerShell.Value;

    /// <summary>Where the .NET is that runs this; a program that starts on .NET takes it from DOTNET_ROOT.</summary>
    public static string DotnetRoot { get; } = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));

    // Before any test: a program that is being written cannot be executed, and other tests start children that inherit what is open.
    [ModuleInitializer]
    internal static void Prepare()
    {
        // Temporary files of tests are used by others, too.
        if (!MayEnter(Path.GetTempPath())) Environment.SetEnvironmentVariable("TMPDIR", "/tmp");
        s_folder = Directory.CreateTempSubdirectory("landlockps-built-").FullName;
        File.SetUnixFileMode(s_folder, Everybody);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(s_folder, recursive: true);
        string from = Environment.GetEnvironmentVariable("LANDLOCKPS_BIN") is { Length: > 0 } given ? given : AppContext.BaseDirectory;
        foreach (string program in (string[])["landlocked", "landlock-exec"])
        {
            string source = Path.Combine(from, program), copy = Path.Combine(s_folder, program);
            if (!File.Exists(source)) continue;
            File.Copy(source, copy);
            File.SetUnixFileMode(copy, Everybody);
        }
    }

    private static string StagePowerShell()
    {
        if (Environment.GetEnvironmentVariable("LANDLOCKPS_PWSH") is { Length: > 0 } given) return given;
        string source = Path.Combine(Repository.Root, "out/tools/powershell");
        using Process copy = Process.Start("cp", ["-R", "--", source, s_folder!]);
        copy.WaitForExit();
        Assert.True(copy.ExitCode == 0,
            $"{source} could not be copied. Build first (dotnet build), or set LANDLOCKPS_PWSH to the path of a pwsh.");
        return Path.Combine(s_folder!, "powershell/pwsh");
    }

    private static bool MayEnter(string directory)
    {
        for (string? at = Path.GetFullPath(directory); at is not null; at = Path.GetDirectoryName(at))
            if (!Directory.Exists(at) || !File.GetUnixFileMode(at).HasFlag(UnixFileMode.OtherExecute)) return false;
        return true;
    }
}
