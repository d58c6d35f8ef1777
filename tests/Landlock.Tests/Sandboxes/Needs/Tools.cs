using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Landlock.Tests.Sandboxes.Needs;

/// <summary>Runs programs of the system, to compare with them.</summary>
internal static class Tools
{
    internal static bool Has(string program) => Array.Exists(["/usr/bin/", "/bin/"], directory => File.Exists(directory + program));

    internal static (int Exit, string Output) Run(string program, string[] arguments, string? directory = null,
        params (string Name, string Value)[] environment)
    {
        ProcessStartInfo start =
            new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = directory ?? "/" };
        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/bin:/bin";
        foreach ((string name, string value) in environment) start.Environment[name] = value;
        using Process process = Start(start);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }

    /// <summary>
    /// Starts a process. A file that a test has just written is "busy" as long as a process that another test starts at the same time still
    /// holds a copy of the descriptor, so ETXTBSY is no failure but a reason to wait.
    /// </summary>
    private static Process Start(ProcessStartInfo start)
    {
        const int busy = 26;
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                return Process.Start(start)!;
            }
            catch (Win32Exception e) when (e.NativeErrorCode == busy && attempt < 200)
            {
                Thread.Sleep(10);
            }
        }
    }
}

/// <summary>A test that needs gcc.</summary>
public sealed class GccFactAttribute : FactAttribute
{
    public GccFactAttribute()
    {
        if (!Tools.Has("gcc")) Skip = "gcc is not installed.";
    }
}

/// <summary>A test that needs gcc and a kernel with Landlock.</summary>
public sealed class SandboxFactAttribute : FactAttribute
{
    public SandboxFactAttribute(bool root = false)
    {
        // landlock_create_ruleset(2) with LANDLOCK_CREATE_RULESET_VERSION, which has this number on every architecture.
        if (Syscall(444, 0, 0, 1) < 1) Skip = "The kernel has no Landlock.";
        else if (!Tools.Has("gcc")) Skip = "gcc is not installed.";
        else if (root && Exec.Posix.geteuid() != 0) Skip = "needs root";
    }

    [DllImport("libc", EntryPoint = "syscall")]
    private static extern nint Syscall(nint number, nint attributes, nint size, nint flags);
}

/// <summary>A test that compares with the loader of glibc.</summary>
public sealed class GlibcFactAttribute : FactAttribute
{
    public GlibcFactAttribute()
    {
        if (Oracle.Loader is null) Skip = "There is no loader of glibc.";
    }
}

/// <summary>What the loader itself says that it would load.</summary>
internal static class Oracle
{
    internal static string? Loader { get; } =
        Array.Find(["/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1", "/lib64/ld64.so.2", "/lib/ld64.so.1",
            "/lib/ld-linux-riscv64-lp64d.so.1"], File.Exists);

    /// <summary>The real paths of the libraries, and the names of those not found; null when the loader refuses the file.</summary>
    internal static (SortedSet<string> Found, SortedSet<string> Missing)? Libraries(string program, params (string, string)[] environment)
    {
        (int exit, string output) = Tools.Run(program, [], null, [("LD_TRACE_LOADED_OBJECTS", "1"), .. environment]);
        if (exit != 0) return null;
        SortedSet<string> found = new(StringComparer.Ordinal);
        SortedSet<string> missing = new(StringComparer.Ordinal);
        foreach (string line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string text = line.Trim();
            if (text.StartsWith("linux-vdso", StringComparison.Ordinal) || text.StartsWith("statically linked", StringComparison.Ordinal))
                continue;
            string[] sides = text.Split(" => ");
            string right = sides[^1];
            if (right == "not found")
            {
                missing.Add(sides[0]);
                continue;
            }

            int address = right.LastIndexOf(" (0x", StringComparison.Ordinal);
            string? real = Landlock.Linux.PosixFile.RealPath(address < 0 ? right : right[..address]);
            if (real is not null) found.Add(real);
        }

        return (found, missing);
    }
}
