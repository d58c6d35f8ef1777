using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security;
using System.Text.Json;
using Landlock.Linux;
using Landlock.Tests.Exec;
using Landlock.Tests.Sandboxes.Needs;
using KernelFactAttribute = Landlock.Tests.Linux.KernelFactAttribute;

namespace Landlock.Tests;

/// <summary>The NuGet package of the library, packed once for this architecture.</summary>
public sealed class PackedLibrary : IDisposable
{
    private static readonly string Configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
    private readonly TempDirectory _temp = new();

    public PackedLibrary() => Folder = Pack("packed", "UTC", "022");

    /// <summary>The folder that it was packed to.</summary>
    public string Folder { get; }

    public void Dispose() => _temp.Dispose();

    /// <summary>Packs what is built, under a version that no folder of packages knows.</summary>
    public string Pack(string folder, string zone, string mask)
    {
        Run(_temp.Path, "/bin/sh", "-c", "umask $1; shift; TZ=$1; export TZ; shift; exec \"$@\"", "sh", mask, zone,
            "dotnet", "pack", Path.Combine(Repository.Root, "src/Landlock"), "--no-build", "-c", Configuration, "-o",
            _temp[folder], "-v", "q",
            "--nologo", "-nr:false", $"-p:PackageRids=linux-{RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}",
            "-p:PackageVersion=9999.0.0");
        return _temp[folder];
    }

    /// <summary>Runs a program that has to succeed.</summary>
    public static string Run(string directory, string program, params string[] arguments)
    {
        (int exit, string output, string errors) = Try(directory, program, arguments);
        Assert.True(exit == 0, $"{program} {string.Join(' ', arguments)}: {exit}\n{output}\n{errors}");
        return output;
    }

    /// <summary>Runs a program.</summary>
    public static (int Exit, string Output, string Errors) Try(string directory, string program, params string[] arguments)
    {
        ProcessStartInfo start =
            new(program, arguments) { WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_ROOT"] = Built.DotnetRoot;
        // Settings of the build that runs these tests are not those of this one.
        foreach (string name in (string[])["MSBuildSDKsPath", "MSBUILD_EXE_PATH", "MSBuildExtensionsPath"]) start.Environment.Remove(name);
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }
}

/// <summary>The package, as somebody uses it who has nothing else of this repository.</summary>
public sealed class PackageTests(PackedLibrary library) : IClassFixture<PackedLibrary>, IDisposable
{
    private readonly TempDirectory _temp = new();

    private static string Dotnet => Path.Combine(Built.DotnetRoot, "dotnet");

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void The_same_source_makes_the_same_bytes()
    {
        string again = library.Pack("again", "Asia/Tokyo", "077");
        string name = Path.GetFileName(Assert.Single(Directory.GetFiles(library.Folder)));
        Assert.Equal(File.ReadAllBytes(Path.Combine(library.Folder, name)), File.ReadAllBytes(Path.Combine(again, name)));
    }

    [KernelFact]
    public void The_example_runs_from_an_empty_folder()
    {
        string app = Build(), program = Path.Combine(app, "Sandboxed.dll");
        _temp.Write("data/open/file", "content\n", executable: false);
        _temp.Write("data/secret", "secret\n", executable: false);
        string open = _temp["data/open"];

        Check([]);
        if (Posix.geteuid() == 0)
        {
            // The files are another user's: nobody, who does not even have the owner's permission to execute landlock-exec.
            Assert.Equal(0, PackedLibrary.Try("/", "chown", "-R", "65534:65534", _temp["data"]).Exit);
            Check(["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]);
        }

        // As it arrives from a system without permissions.
        foreach (string file in Directory.GetFiles(app, "landlock-exec", SearchOption.AllDirectories))
            File.SetUnixFileMode(file, (UnixFileMode)0b110_100_100);
        CheckCommand([]);

        void Check(string[] user)
        {
            CheckCommand(user);
            string[] words = [.. user, Dotnet, program, "self", open];
            (int exit, string output, string errors) = PackedLibrary.Try(open, words[0], words[1..]);
            Assert.DoesNotContain("secret\n", output, StringComparison.Ordinal);
            if (RunningKernel.Support.Abi >= 8)
            {
                Assert.Equal((0, "from within"), (exit, File.ReadAllText(Path.Combine(open, "written"))));
                Assert.Contains("denied", errors, StringComparison.Ordinal);
                File.Delete(Path.Combine(open, "written"));
            }
            else
            {
                Assert.Equal(1, exit);
                Assert.StartsWith("A running process can be restricted from Landlock ABI 8 on", errors, StringComparison.Ordinal);
                Assert.False(File.Exists(Path.Combine(open, "written")));
            }
        }

        void CheckCommand(string[] user)
        {
            string[] words = [.. user, Dotnet, program, "command", open];
            (int exit, string output, string errors) = PackedLibrary.Try(open, words[0], words[1..]);
            Assert.Equal((1, "content\n"), (exit, output));
            Assert.Equal($"cat: {open}/../secret: Permission denied\n", errors);
        }
    }

    // Restored from the package, and for the rest from what was restored to build this: nothing is downloaded.
    private string Build()
    {
        string restored = Path.Combine(Repository.Root, "tests/Landlock.Tests/obj/project.assets.json");
        using JsonDocument assets = JsonDocument.Parse(File.ReadAllBytes(restored));
        string folders = string.Concat(assets.RootElement.GetProperty("packageFolders").EnumerateObject()
            .Select((folder, index) => $"<add key=\"built{index}\" value=\"{SecurityElement.Escape(folder.Name)}\" />"));
        _temp.Write("app/nuget.config", $"""
            <configuration>
              <config><add key="globalPackagesFolder" value="../packages" /></config>
              <packageSources><clear /><add key="packed" value="{SecurityElement.Escape(library.Folder)}" /></packageSources>
              <fallbackPackageFolders><clear />{folders}</fallbackPackageFolders>
            </configuration>
            """, executable: false);
        foreach (string file in Directory.GetFiles(Path.Combine(Repository.Root, "examples/csharp")))
            File.Copy(file, Path.Combine(_temp["app"], Path.GetFileName(file)));
        File.SetUnixFileMode(_temp.Path, (UnixFileMode)0b111_101_101);
        PackedLibrary.Run(_temp["app"], "/bin/sh", "-c", "umask 022; exec \"$@\"", "sh",
            "dotnet", "build", "-c", "Release", "-o", _temp["built"], "-v", "q", "--nologo", "-nr:false", "-p:UseSharedCompilation=false");
        return _temp["built"];
    }
}
