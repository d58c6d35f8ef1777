using System.Diagnostics;

namespace Landlock.Tests.Exec;

/// <summary>The programs for arm64, built when they are first asked for.</summary>
internal static class Arm64Programs
{
    private static readonly Lazy<string> Folder = new(Build);

    public static string Landlocked => Path.Combine(Folder.Value, "landlocked");

    public static string LandlockExec => Path.Combine(Folder.Value, "landlock-exec");

    private static string Build()
    {
        string project = Path.Combine(Repository.Root, "src/Landlocked");
        Directory.CreateDirectory(Path.Combine(Repository.Root, "out"));
        // One build of another architecture at a time: tests of the package make it, too. What the build leaves
        // running must not hold the lock.
        using Process build = Process.Start(new ProcessStartInfo("flock", ["--close", Path.Combine(Repository.Root, "out/foreign.lock"),
            "dotnet", "build", project, "-p:NativeRid=linux-arm64", "-c", "Debug", "-v", "q", "-nologo"])
        {
            RedirectStandardOutput = true,
        })!;
        string log = build.StandardOutput.ReadToEnd();
        build.WaitForExit();
        Assert.True(build.ExitCode == 0, log);
        return Path.Combine(project, "bin/Debug/linux-arm64");
    }
}
