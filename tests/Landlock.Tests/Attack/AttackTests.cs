using System.Diagnostics;
using Landlock.Sandboxes;
using Landlock.Sandboxes.Supervision;
using Landlock.Tests.Cli;
using Landlock.Tests.Exec;

namespace Landlock.Tests.Attack;

/// <summary>
/// Attempts to get out, each with a control: without the sandbox the attempt works, in it the kernel refuses it, or
/// docs/security.md says that it does not.
/// </summary>
public sealed class AttackTests : IClassFixture<AttackProgram>
{
    private readonly AttackProgram _program;

    public AttackTests(AttackProgram program) => _program = program;

    public static TheoryData<string, Who> Attempts
    {
        get
        {
            TheoryData<string, Who> data = [];
            foreach (Attempt attempt in Attempt.All.Where(attempt => !attempt.InGroup || HasGroups))
            {
                if (!attempt.RootOnly && attempt.Name != "setuid") data.Add(attempt.Name, Who.Ordinary);
                // Only root can make the set-user-ID program, and only to others it is of use.
                if (attempt.Name == "setuid" && Posix.geteuid() == 0) data.Add(attempt.Name, Who.Ordinary);
                else if (Posix.geteuid() == 0) data.Add(attempt.Name, Who.Root);
            }

            return data;
        }
    }

    // Where not, the machines that are booted for OldKernelTests have them.
    private static bool HasGroups
    {
        get
        {
            try
            {
                CommandGroups.Here().Demand(null, 50);
                return true;
            }
            catch (LaunchException)
            {
                return false;
            }
        }
    }

    [AttackTheory]
    [MemberData(nameof(Attempts))]
    public void Nobody_gets_out(string name, Who who)
    {
        Attempt attempt = Attempt.All.Single(attempt => attempt.Name == name);
        (int control, string said) = _program.Try(attempt, who, sandboxed: false);
        (int sandboxed, string answer) = _program.Try(attempt, who, sandboxed: true);
        if (control != 0)
            Assert.True(attempt.MayBeImpossible is not null && control is 1 or 2,
                $"Without a sandbox the attempt has to work, but: {said}");

        bool open = attempt.IsOpen(Posix.LandlockAbi(), who == Who.Root);
        if (!open) Assert.True(sandboxed is 1 or 2, $"The attempt got out: {answer}");
        else if (control == 0) Assert.True(sandboxed == 0, $"The attempt is refused now, and docs/security.md says otherwise: {answer}");
    }

    [Fact]
    public void Every_attempt_is_documented()
    {
        string document = File.ReadAllText(Path.Combine(Repository.Root, "docs/security.md"));
        string[] rows = [.. Attempt.All.Select(attempt => $"| {attempt.What} | {Said(attempt)} | {attempt.Why} |")];
        Assert.Equal(rows, document.Split('\n').Where(line => rows.Contains(line)));
        Assert.True(Attempt.All.Count(attempt => attempt.Outcome == Outcome.Blocked) >= 60);
    }

    private static string Said(Attempt attempt) => attempt.Outcome switch
    {
        Outcome.Blocked => "blocked",
        Outcome.Open => attempt.ClosedBy is { } abi ? $"**open** before ABI {abi}" : "**open**",
        _ => "blocked; **open** for root",
    };
}

/// <summary>The program, compiled once, and a place for each attempt.</summary>
public sealed class AttackProgram : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("attack-").FullName;
    private int _count;

    public AttackProgram()
    {
        File.SetUnixFileMode(_folder, (UnixFileMode)0b111_101_101);
        if (AttackTheoryAttribute.Missing is not null) return;
        using Process compiler = Process.Start("gcc",
            ["-O1", "-w", "-o", Program, .. Directory.GetFiles(Path.Combine(Repository.Root, "tests/Attack"), "*.c"), "-lrt", "-lpthread"]);
        compiler.WaitForExit();
        Assert.Equal(0, compiler.ExitCode);
    }

    /// <summary>Its path; every user may execute it.</summary>
    public string Program => Path.Combine(_folder, "attack");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Tries it in a place of its own; the exit code and what was said.</summary>
    internal (int ExitCode, string Said) Try(Attempt attempt, Who who, bool sandboxed)
    {
        string place = Path.Combine(_folder, $"{++_count}");
        Shell("mkdir -p \"$1/inside\" \"$1/outside/dir\" \"$1/outside/empty\" \"$1/outside/root/old\" && cd \"$1/outside\" && echo 'the "
            + "secret outside' | tee secret dir/secret > file && cp \"$2\" tool"
            + (who == Who.Ordinary && Posix.geteuid() == 0 ? " && chown -R 65534:65534 \"$1\" && cp \"$2\" setuid && chmod 4755 setuid"
                : " && cp \"$2\" setuid"), place);
        using Process victim = Victim(who, place);
        using Microsoft.Win32.SafeHandles.SafeFileHandle secret = File.OpenHandle(Path.Combine(place, "outside/secret"));
        try
        {
            Setup setup = new() { Who = who };
            if (attempt.Name == "inherited_directory") setup = setup with { Directory = Path.Combine(place, "outside") };
            if (attempt.Name == "inherited_descriptor")
                setup = setup with { Descriptors = new() { [9] = (int)secret.DangerousGetHandle() } };
            string[] command = [Program, attempt.Program, place];
            if (sandboxed)
                command = [CliRun.Landlocked, "--read-only", "/usr", "--read-only", "/proc", "--read-write", Path.Combine(place, "inside"),
                    .. attempt.Options, "--", .. command];
            if (attempt.OnTerminal) command = ["/usr/bin/script", "-qec", string.Join(' ', command), "/dev/null"];
            CliRun run = CliRun.Program(setup, command);
            return (run.ExitCode, $"{run.Output}{run.Error} (exit code {run.ExitCode})");
        }
        finally
        {
            victim.StandardInput.Close();
            victim.WaitForExit();
        }
    }

    private Process Victim(Who who, string place)
    {
        string[] user =
            who == Who.Ordinary && Posix.geteuid() == 0 ? ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : [];
        string[] command = [.. user, Program, "victim", place];
        Process victim = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardInput = true })
            ?? throw new InvalidOperationException();
        string sign = Path.Combine(place, "inside/victim");
        for (int i = 0; i < 1000 && !(File.Exists(sign) && File.ReadAllText(sign).EndsWith('\n')); i++) Thread.Sleep(5);
        return victim;
    }

    private void Shell(string script, string place)
    {
        using Process shell = Process.Start("/bin/sh", ["-c", script, "sh", place, Program]);
        shell.WaitForExit();
        Assert.Equal(0, shell.ExitCode);
    }
}

/// <summary>Attempts are compiled with the C compiler that the build needs anyway.</summary>
public sealed class AttackTheoryAttribute : TheoryAttribute
{
    public AttackTheoryAttribute() => Skip = Missing;

    internal static string? Missing { get; } = CliNeeds.Missing(abi: 6, perl: false, root: false)
        ?? (File.Exists("/usr/bin/gcc") ? null : "needs gcc") ?? (File.Exists("/usr/bin/script") ? null : "needs script (bsdutils)");
}
