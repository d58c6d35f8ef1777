using System.Diagnostics;
using Landlock.Linux;
using Landlock.Rulesets;
using Landlock.Tests.Cli;
using Landlock.Tests.Exec;
using Landlock.Tests.Sandboxes.Needs;

namespace Landlock.Tests.Access;

/// <summary>What became of an operation outside and inside a domain.</summary>
internal readonly record struct KernelAnswer(Errno Outside, Errno Inside);

/// <summary>oracle.c, which asks the kernel: compiled once for each run of the tests.</summary>
internal sealed class OracleProgram : IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly string _program;

    /// <summary>Compiles it.</summary>
    /// <param name="who">Who does the operations.</param>
    public OracleProgram(Who who)
    {
        Who = who;
        TempDirectory.SetMode(_folder.Path, 0x1ED);
        _program = Compile("oracle", Path.Combine(AppContext.BaseDirectory, "Access/oracle.c"), "-O2");
        _folder.Write("nothing.c", "void _start(void) { long r; (void)r;\n#ifdef __x86_64__\n"
            + "__asm__ volatile(\"syscall\" : \"=a\"(r) : \"a\"(60L), \"D\"(0L));\n#else\nregister long x8 __asm__(\"x8\") = 93; register "
            + "long x0 __asm__(\"x0\") = 0; __asm__ volatile(\"svc 0\" : \"+r\"(x0) : \"r\"(x8));\n#endif\n for (;;) {} }");
        Executable = Compile("nothing", _folder["nothing.c"], "-nostdlib");
    }

    /// <summary>Takes what was compiled elsewhere.</summary>
    /// <param name="who">Who does the operations.</param>
    /// <param name="program">oracle.c, compiled.</param>
    /// <param name="executable">A static program that ends at once; it is copied.</param>
    public OracleProgram(Who who, string program, string executable)
    {
        Who = who;
        TempDirectory.SetMode(_folder.Path, 0x1ED);
        _program = program;
        Executable = _folder["nothing"];
        File.Copy(executable, Executable);
    }

    /// <summary>oracle.c, compiled.</summary>
    public string Program => _program;

    /// <summary>Who does the operations.</summary>
    public Who Who { get; }

    /// <summary>A static program that ends at once.</summary>
    public string Executable { get; }

    public void Dispose() => _folder.Dispose();

    /// <summary>Does each operation outside a domain, and inside one of these layers.</summary>
    public KernelAnswer[] Ask(IEnumerable<ResolvedLayer> layers, IReadOnlyCollection<string> operations)
    {
        string[] command = Who == Who.Ordinary && Posix.geteuid() == 0
            ? ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", _program]
            : [_program];
        using Process process = Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        try
        {
            foreach (ResolvedLayer layer in layers)
            {
                process.StandardInput.Write($"layer {(ulong)layer.HandledFs:x} {(ulong)layer.HandledNet:x} {(ulong)layer.Scopes:x}\n");
                foreach (ResolvedPathRule rule in layer.PathRules)
                    process.StandardInput.Write($"rule {(ulong)rule.Access:x} {(ulong)rule.FileAccess:x} {rule.Path}\n");
                foreach (ResolvedNetRule rule in layer.NetRules)
                    for (int port = rule.Port.First; port <= rule.Port.Last; port++)
                        process.StandardInput.Write($"port {(ulong)rule.Access:x} {port}\n");
            }

            foreach (string operation in operations) process.StandardInput.Write($"op {operation}\n");
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended early, and says why.
        }

        string[] lines = process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0 && errors == "" && lines.Length == operations.Count,
            $"oracle: exit {process.ExitCode}, {lines.Length} of {operations.Count} answers: {errors}");
        return [.. lines.Select(line => line.Split(' '))
            .Select(words => new KernelAnswer((Errno)int.Parse(words[0]), (Errno)int.Parse(words[1])))];
    }

    private string Compile(string name, string source, string option)
    {
        (int exit, string output) = Tools.Run("gcc", ["-static", option, "-o", _folder[name], source], _folder[""]);
        Assert.True(exit == 0, output);
        return _folder[name];
    }
}
