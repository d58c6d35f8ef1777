using Landlock.Tests.Exec;

namespace Landlock.Tests.Kernels;

/// <summary>
/// A machine of arm64, booted once, which runs the cases of the others. Its programs are those of this machine's Debian, built for arm64,
/// so that they say the same.
/// </summary>
internal static class Arm64Machine
{
    private static readonly string[] Packages =
    [
        "bash", "dash", "coreutils", "util-linux", "bsdutils", "libc6", "libacl1", "libattr1", "libselinux1", "libpcre2-8-0", "libtinfo6",
        "libgmp10", "libcap-ng0", "findutils", "grep",
    ];

    private static readonly string[] Programs =
    [
        "bash", "cat", "chmod", "chown", "cp", "dash", "echo", "find", "grep", "ln", "ls", "mkdir", "mv", "rm", "script", "setpriv",
        "sleep", "sort", "touch", "true",
    ];

    private static readonly Lazy<Dictionary<string, Answer>> Answers = new(Boot);

    /// <summary>Why it is not booted here; null if it is.</summary>
    public static string? Missing { get; } = Arm64FactAttribute.NoCompiler ?? Hardware.Arm64.Missing ?? BootedKernel.Arm64.NotBooted
        ?? (Root() is null ? "Debian's packages for arm64 cannot be had from apt-get" : null);

    // A plan that is made here is for this machine, its filter too; landlocked makes its own there.
    /// <summary>What it runs.</summary>
    public static IEnumerable<KernelCase> Cases { get; } =
        [.. KernelCase.All.Where(one => !one.Name.EndsWith("plan", StringComparison.Ordinal)), .. HostCases.All,
            .. PreviewCases.On(BootedKernel.Arm64)];

    /// <summary>What came of a case.</summary>
    public static Answer Of(string name) => Answers.Value[name];

    private static string? Root() => DebianFiles.Root(Hardware.Arm64.Debian, Packages);

    private static Dictionary<string, Answer> Boot()
    {
        string root = Root()!;
        using Initramfs files = new();
        foreach (string program in Programs)
            files.Add($"/usr/bin/{program}",
                File.ReadAllBytes(((string[])[$"{root}/usr/bin/{program}", $"{root}/bin/{program}"]).First(File.Exists)));
        files.AddLink("/usr/bin/sh", "dash");
        foreach (string folder
            in ((string[])[$"{root}/usr/lib/aarch64-linux-gnu", $"{root}/lib/aarch64-linux-gnu"]).Where(Directory.Exists))
            foreach (string library in Directory.GetFiles(folder, "*.so*"))
                files.Add($"/usr/lib/aarch64-linux-gnu/{Path.GetFileName(library)}", File.ReadAllBytes(library));
        files.AddLink("/usr/lib/ld-linux-aarch64.so.1", "aarch64-linux-gnu/ld-linux-aarch64.so.1");
        files.Add("/usr/bin/landlocked", File.ReadAllBytes(Arm64Programs.Landlocked));
        files.Add("/usr/bin/landlock-exec", File.ReadAllBytes(Arm64Programs.LandlockExec));
        files.Add("/usr/bin/attack", Machine.Compile("tests/Attack", Hardware.Arm64));
        files.Add("/usr/bin/sockets", Machine.Compile("tests/Kernels/sockets.c", Hardware.Arm64));
        HostCases.Add(files, Hardware.Arm64);
        PreviewCases.Add(files, BootedKernel.Arm64);
        files.Add("/outside/secret", "secret\n"u8);
        foreach ((string policy, byte[] text) in NewRights.Policies) files.Add($"/policies/{policy}.toml", text);
        IEnumerable<KernelCase> attempts = KernelAttempt.On(BootedKernel.Arm64).SelectMany(attempt => attempt.Cases);
        return Machine.Run(BootedKernel.Arm64, "", files,
            [.. Cases.Concat(attempts).Select(one => new Step(one.Name, one.User, one.Command) { Seconds = one.Seconds })]);
    }
}

/// <summary>Says why no machine of arm64 is booted.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class Arm64MachineTheoryAttribute : TheoryAttribute
{
    public Arm64MachineTheoryAttribute() => Skip = Arm64Machine.Missing;
}
