using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace Landlock.Tests.Hosts;

/// <summary>Package managers, each with a registry of the world.</summary>
[Collection(HostWorld.Name)]
public sealed class PackageTests(HostWorld world)
{
    [HostFact]
    public void Dotnet_restores()
    {
        const string Nuspec = "<package><metadata><id>tiny</id><version>1.0.0</version><authors>a</authors><description>d</description>"
            + "</metadata></package>";
        world.Do("mkdir -p root/flat/tiny/1.0.0 root/v3");
        world.File("root/v3/index.json", "{\"version\":\"3.0.0\",\"resources\":[{\"@id\":\"https://nuget.pkg.example/flat/\","
            + "\"@type\":\"PackageBaseAddress/3.0.0\"}]}");
        world.File("root/flat/tiny/index.json", "{\"versions\":[\"1.0.0\"]}");
        using (ZipArchive package = ZipFile.Open(world["root/flat/tiny/1.0.0/tiny.1.0.0.nupkg"], ZipArchiveMode.Create))
        {
            using StreamWriter nuspec = new(package.CreateEntry("tiny.nuspec").Open());
            nuspec.Write(Nuspec);
        }

        string home = world.NewHome();
        File.WriteAllText($"{home}/p.csproj", "<Project Sdk=\"Microsoft.NET.Sdk\"><PropertyGroup><TargetFramework>"
            + $"net{Environment.Version.Major}.0</TargetFramework></PropertyGroup><ItemGroup><PackageReference Include=\"tiny\" "
            + "Version=\"1.0.0\"/></ItemGroup></Project>");
        File.WriteAllText($"{home}/NuGet.Config", "<configuration><packageSources><clear/><add key=\"w\" "
            + "value=\"https://nuget.pkg.example/v3/index.json\"/></packageSources></configuration>");
        world.SandboxedIn(home, HostRules.Usual, "env", $"SSL_CERT_FILE={world["ca.pem"]}", "DOTNET_CLI_TELEMETRY_OPTOUT=1",
            "DOTNET_NOLOGO=1", "MSBUILDDISABLENODEREUSE=1", $"NUGET_PACKAGES={home}/packages", $"DOTNET_CLI_HOME={home}",
            Path.Combine(Built.DotnetRoot, "dotnet"), "restore", "--disable-build-servers", "-m:1").Says(".*Restored .*");
        Assert.True(File.Exists($"{home}/packages/tiny/1.0.0/tiny.nuspec"));
    }

    [HostFact("npm", "node", "tar")]
    public void Npm_installs()
    {
        Publish(world);
        world.Sandboxed(HostRules.Usual, "sh", "-euc", "printf '{}' > package.json; npm install --no-audit --no-fund --no-update-notifier "
            + $"--cafile={world["ca.pem"]} --registry=https://npm.pkg.example/ dep; node -e 'require(\"dep\")'").Says(".*ran\n");
    }

    /// <summary>A registry with the package dep, which says "ran".</summary>
    internal static void Publish(HostWorld world)
    {
        world.Do("mkdir -p pack/package && cd pack && printf '{\"name\":\"dep\",\"version\":\"1.0.0\"}' > package/package.json && "
            + "printf 'console.log(\"ran\")\\n' > package/index.js && tar czf ../root/dep.tgz package");
        world.File("root/dep", "{\"name\":\"dep\",\"dist-tags\":{\"latest\":\"1.0.0\"},\"versions\":{\"1.0.0\":{\"name\":\"dep\","
            + "\"version\":\"1.0.0\",\"dist\":{\"tarball\":\"https://npm.pkg.example/dep.tgz\"}}}}");
    }

    [HostFact("apt-get", "dpkg-deb")]
    public void Apt_updates_and_downloads()
    {
        world.Do("mkdir -p deb/DEBIAN root/apt && printf 'Package: tiny\\nVersion: 1\\nArchitecture: all\\nMaintainer: a <a@example.org>\\n"
            + "Description: d\\n' > deb/DEBIAN/control && chmod -R go-w deb && dpkg-deb -b deb root/apt/tiny.deb >/dev/null");
        byte[] package = File.ReadAllBytes(world["root/apt/tiny.deb"]);
        string list = "Package: tiny\nVersion: 1\nArchitecture: all\nMaintainer: a <a@example.org>\nFilename: ./tiny.deb\n"
            + $"Size: {package.Length}\nSHA256: {Hash(package)}\nDescription: d\n\n";
        world.File("root/apt/Packages", list);
        byte[] bytes = Encoding.ASCII.GetBytes(list);
        world.File("root/apt/Release", $"Date: {DateTime.UtcNow:R}\nSHA256:\n {Hash(bytes)} {bytes.Length} Packages\n");

        string home = world.NewHome();
        Directory.CreateDirectory($"{home}/lists/partial");
        world.Do("chmod -R 777 \"$1\" && mkdir -pm 777 \"$1/cache/archives/partial\" && : > \"$1/status\" && chmod -R 777 \"$1\"", home);
        File.WriteAllText($"{home}/sources", "deb [trusted=yes] http://apt.pkg.example/apt ./\n");
        string[] settings =
        [
            $"Dir::Etc::SourceList={home}/sources", "Dir::Etc::SourceParts=/dev/null", $"Dir::State={home}",
            $"Dir::State::Lists={home}/lists", $"Dir::State::status={home}/status", $"Dir::Cache={home}/cache", "Acquire::Languages=none",
        ];
        string apt = $"apt-get -qq {string.Join(' ', settings.Select(setting => $"-o {setting}"))}";
        world.SandboxedIn(home, HostRules.Usual, "sh", "-euc", $"{apt} update && {apt} download tiny && dpkg-deb -f tiny_1_all.deb Package")
            .Says("(.*\n)?tiny\n");
    }

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
