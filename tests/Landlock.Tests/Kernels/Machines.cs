using System.Runtime.InteropServices;
using Landlock.Tests.Access;
using Landlock.Tests.Cli;

namespace Landlock.Tests.Kernels;

/// <summary>What a machine has besides its kernel.</summary>
public enum Outfit
{
    /// <summary>Landlock, `landlocked`, a shell and what goes with it.</summary>
    Plain,

    /// <summary>The same, with Landlock switched off.</summary>
    WithoutLandlock,

    /// <summary>Plain, the .NET runtime and this assembly; and the kernel keeps an audit log.</summary>
    DotNet,

    /// <summary>DotNet, PowerShell and the module.</summary>
    PowerShell,
}

/// <summary>The machines: each is booted once, and runs all of its cases.</summary>
internal static class Machines
{
    private const string Runtime = "/usr/lib/dotnet", Tests = "/usr/lib/tests", PowerShell = "/opt/powershell", Modules = "/opt/modules";

    private static readonly string[] Programs =
    [
        "bash", "cat", "chmod", "chown", "cp", "dash", "dmesg", "echo", "find", "grep", "ln", "ls", "mkdir", "mv", "rm", "script",
        "setpriv", "sleep", "sort", "touch", "true",
    ];

    // .NET loads these by name when it needs them.
    private static readonly string[] Libraries =
    [
        "libc.so.6", "libdl.so.2", "libgcc_s.so.1", "libm.so.6", "libpthread.so.0", "librt.so.1", "libstdc++.so.6", "libz.so.1",
        "libssl.so.3", "libcrypto.so.3",
    ];

    private static readonly Dictionary<(BootedKernel, Outfit), Lazy<Dictionary<string, Answer>>> Answers =
        (from kernel in BootedKernel.Chosen from outfit in Enum.GetValues<Outfit>() select (kernel, outfit)).ToDictionary(one => one,
            one => new Lazy<Dictionary<string, Answer>>(() => Boot(one.kernel, one.outfit)));

    /// <summary>A PowerShell for the machines; null if there is none.</summary>
    public static string? PowerShellHome { get; } =
        ((string?[])[Path.GetDirectoryName(Environment.GetEnvironmentVariable("LANDLOCKPS_PWSH")),
            Path.Combine(Repository.Root, "out/tools/powershell")])
        .FirstOrDefault(folder => File.Exists($"{folder}/pwsh.dll"));

    /// <summary>What came of a case.</summary>
    public static Answer Of(BootedKernel kernel, Outfit outfit, string name) => Answers[(kernel, outfit)].Value[name];

    /// <summary>What a machine runs.</summary>
    public static IEnumerable<KernelCase> Cases(BootedKernel kernel, Outfit outfit)
    {
        IEnumerable<KernelCase> cases = outfit switch
        {
            Outfit.Plain => [.. KernelCase.All, .. NewRights.All, .. HostCases.All, .. PreviewCases.On(kernel)],
            Outfit.WithoutLandlock => BootedKernel.Soak || kernel == BootedKernel.Chosen[0] ? KernelCase.WithoutLandlock : [],
            Outfit.DotNet => kernel == BootedKernel.Chosen[^1] ? [.. DotNetCases.All, NewRights.Quiet] : [],
            _ => BootedKernel.Soak && PowerShellHome is not null && kernel == BootedKernel.Chosen[^1] ? PowerShellCases.All : [],
        };
        return cases.Where(one => one.Since <= kernel.Abi);
    }

    private static Dictionary<string, Answer> Boot(BootedKernel kernel, Outfit outfit)
    {
        using Initramfs files = new();
        foreach (string program in Programs) files.AddProgram($"/usr/bin/{program}");
        files.AddLink("/usr/bin/sh", "dash");
        files.AddProgram(CliRun.Landlocked, "/usr/bin/landlocked");
        files.AddProgram(Path.Combine(Built.Programs, "landlock-exec"), "/usr/bin/landlock-exec");
        files.Add("/usr/bin/attack", Machine.Compile("tests/Attack"));
        files.Add("/usr/bin/sockets", Machine.Compile("tests/Kernels/sockets.c"));
        HostCases.Add(files, Hardware.X64);
        PreviewCases.Add(files, kernel);
        files.Add("/outside/secret", "secret\n"u8);
        files.Add("/etc/passwd", "root:x:0:0::/tmp:/bin/sh\nnobody:x:65534:65534::/tmp:/bin/sh\n"u8);
        foreach ((string name, byte[] content) in NewRights.Policies) files.Add($"/policies/{name}.toml", content);
        foreach ((string name, byte[] content) in KernelPlans.For(kernel)) files.Add($"/plans/{name}", content);
        if (outfit is Outfit.DotNet or Outfit.PowerShell) AddDotNet(files);
        if (outfit == Outfit.PowerShell) AddPowerShell(files);
        IEnumerable<KernelCase> attempts = outfit == Outfit.Plain ? KernelAttempt.On(kernel).SelectMany(attempt => attempt.Cases) : [];
        string parameters = outfit switch { Outfit.WithoutLandlock => "lsm=yama", Outfit.Plain => "", _ => "audit=1" };
        return Machine.Run(kernel, parameters, files,
            [.. Cases(kernel, outfit).Concat(attempts).Select(one => new Step(one.Name, one.User, one.Command) { Seconds = one.Seconds })]);
    }

    private static void AddDotNet(Initramfs files)
    {
        // .../shared/Microsoft.NETCore.App/VERSION
        string runtime = RuntimeEnvironment.GetRuntimeDirectory().TrimEnd('/'), root = Path.GetFullPath(Path.Combine(runtime, "../../.."));
        files.AddProgram(Path.Combine(root, "dotnet"), $"{Runtime}/dotnet");
        files.AddLink("/usr/bin/dotnet", $"{Runtime}/dotnet");
        foreach (string folder in (string[])[runtime, $"{root}/host"]) files.AddFolder(folder, Runtime + folder[root.Length..], _ => true);
        foreach (string library in Libraries)
            if (Machine.Library(library) is { } path) files.AddLibrary(path);
        // With the list of what it depends on, the host would insist on everything that compiles and runs tests.
        string here = AppContext.BaseDirectory;
        string[] needed = ["Landlock.Tests.dll", "Landlock.Tests.runtimeconfig.json", "Landlock.dll", "Landlock.Toml.dll", "Tomlyn.dll"];
        files.AddFolder(here, Tests,
            file => !file.Contains('/') && (needed.Contains(file) || file.StartsWith("xunit.", StringComparison.Ordinal)));
        files.Add("/usr/bin/tests", Script("exec dotnet " + Tests + "/Landlock.Tests.dll \"$@\""));
        using OracleProgram oracle = new(Who.Ordinary);
        files.Add("/usr/bin/oracle", File.ReadAllBytes(oracle.Program));
        files.Add("/usr/bin/nothing", File.ReadAllBytes(oracle.Executable));
    }

    private static void AddPowerShell(Initramfs files)
    {
        files.AddFolder(PowerShellHome!, PowerShell, file => !file.StartsWith("ref/", StringComparison.Ordinal)
            && (!file.StartsWith("runtimes/", StringComparison.Ordinal) || file.Split('/')[1] is "unix" or "linux" or "linux-x64")
            && Path.GetExtension(file) is not (".xml" or ".pdb"));
        files.AddFolder(Path.Combine(Repository.Root, "out/LandlockPS"), Modules + "/LandlockPS", _ => true);
        files.Add("/usr/bin/pwsh", Script($"export HOME=/tmp PSModulePath={Modules} POWERSHELL_TELEMETRY_OPTOUT=1 "
            + $"POWERSHELL_UPDATECHECK=Off NO_COLOR=1; exec {PowerShell}/pwsh -NoProfile -NonInteractive \"$@\""));
        foreach ((string name, byte[] content) in PowerShellCases.Scripts) files.Add($"/scripts/{name}.ps1", content);
    }

    private static byte[] Script(string text) =>
        System.Text.Encoding.UTF8.GetBytes($"#!/bin/sh\nexport DOTNET_ROOT={Runtime} DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 "
            + $"DOTNET_EnableDiagnostics=0 DOTNET_TieredPGO=0\n{text}\n");
}

/// <summary>Says why there is no machine here at all.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KernelTheoryAttribute : TheoryAttribute
{
    public KernelTheoryAttribute() => Skip = BootedKernel.Missing;
}

/// <summary>Says why a kernel is not booted.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KernelFactAttribute : FactAttribute
{
    public KernelFactAttribute(string series) => Skip = BootedKernel.Of(series).NotBooted;
}
