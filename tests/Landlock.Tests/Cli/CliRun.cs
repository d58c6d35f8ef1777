using System.Text;
using Landlock.Sandboxes.Running;
using Landlock.Tests.Exec;

namespace Landlock.Tests.Cli;

/// <summary>Who runs `landlocked`.</summary>
public enum Who
{
    /// <summary>A user without any privilege.</summary>
    Ordinary,

    /// <summary>Root, with every capability.</summary>
    Root,
}

/// <summary>How a program is started; the state is that of a clean shell unless said otherwise.</summary>
internal sealed record Setup
{
    public Who Who { get; init; }

    /// <summary>Directory to start in.</summary>
    public string? Directory { get; init; }

    public string[] Environment { get; init; } = ["PATH=/usr/bin:/bin", "LANG=C"];

    public byte[] Input { get; init; } = [];

    /// <summary>More descriptors of the program (number there, number here; -1 closes).</summary>
    public Dictionary<int, int> Descriptors { get; init; } = [];

    /// <summary>Blocked signals; bit n-1 is signal n.</summary>
    public ulong Blocked { get; init; }

    /// <summary>A program that gets the command line appended to its own, such as nice.</summary>
    public string[] Wrapper { get; init; } = [];
}

/// <summary>One run of `landlocked`, or of another program to compare with, and what came of it.</summary>
internal sealed record CliRun(int ExitCode, int Signal, byte[] OutputBytes, byte[] ErrorBytes)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>The program under test.</summary>
    public static string Landlocked { get; } = Path.Combine(Built.Programs, "landlocked");

    public string Output => PosixText.Decode(OutputBytes);

    public string Error => PosixText.Decode(ErrorBytes);

    /// <summary>Everyone that this test process can be.</summary>
    public static TheoryData<Who> Everyone => Posix.geteuid() == 0 ? [Who.Ordinary, Who.Root] : [Who.Ordinary];

    /// <summary>Runs `landlocked` as an ordinary user.</summary>
    public static CliRun Of(params string[] arguments) => Of(new Setup(), arguments);

    /// <summary>Runs `landlocked`.</summary>
    public static CliRun Of(Who who, params string[] arguments) => Of(new Setup { Who = who }, arguments);

    /// <summary>Runs `landlocked`.</summary>
    public static CliRun Of(Setup setup, params string[] arguments) => Program(setup, [Landlocked, .. arguments]);

    /// <summary>env(1), without the two variables that every sandbox is told of itself in.</summary>
    public static string[] Env(params string[] options) =>
        ["env", "-u", SandboxNames.Variable, "-u", ToldFile.Variable, .. options];

    /// <summary>Runs any program.</summary>
    public static CliRun Program(Setup setup, params string[] command)
    {
        string[] user = setup.Who == Who.Ordinary && Posix.geteuid() == 0
            ? ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
            : [];
        string[] directory = setup.Directory is null ? [] : ["/usr/bin/env", "-C", setup.Directory];
        string[] whole = [.. user, .. directory, .. setup.Wrapper, .. command];
        int input = Posix.MemoryFile("input");
        int output = Posix.MemoryFile("output");
        int error = Posix.MemoryFile("error");
        try
        {
            Posix.Write(input, setup.Input);
            Dictionary<int, int> descriptors = new() { [0] = input, [1] = output, [2] = error };
            foreach ((int target, int source) in setup.Descriptors) descriptors[target] = source;
            int code = Posix.Wait(Posix.Spawn(whole[0], whole, setup.Environment, descriptors, setup.Blocked), Limit);
            int signal = code & 0x7F;
            return new CliRun(signal == 0 ? code >> 8 : -1, signal, Posix.Read(output), Posix.Read(error));
        }
        finally
        {
            foreach (int descriptor in (int[])[input, output, error]) Posix.Close(descriptor);
        }
    }

    /// <summary>The command ran, said this and nothing on standard error.</summary>
    public CliRun Ran(string output = "", int exitCode = 0)
    {
        Assert.Equal("", Error);
        Assert.Equal(output, Output);
        Assert.Equal(0, Signal);
        Assert.Equal(exitCode, ExitCode);
        return this;
    }

    /// <summary>The same, without the line of a dry run on sockets of other programs, which not every machine has.</summary>
    public CliRun WithoutSockets() =>
        this with
        {
            OutputBytes = Encoding.UTF8.GetBytes(string.Join('\n',
                Output.Split('\n').Where(line => !line.StartsWith("sockets of other programs", StringComparison.Ordinal)))),
        };

    /// <summary>`landlocked` refused, with exactly this line.</summary>
    public void Refused(string line, int exitCode = 125)
    {
        Assert.Equal(line + "\n", Error);
        Assert.Equal("", Output);
        Assert.Equal(0, Signal);
        Assert.Equal(exitCode, ExitCode);
    }

    public override string ToString() =>
        $"exit {ExitCode}, signal {Signal}, output '{Encoding.UTF8.GetString(OutputBytes)}', error '{Encoding.UTF8.GetString(ErrorBytes)}'";
}
