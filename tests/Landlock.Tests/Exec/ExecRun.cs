using System.Runtime.InteropServices;
using System.Text;
using Landlock.Sandboxes;

namespace Landlock.Tests.Exec;

/// <summary>How landlock-exec is started; the defaults are those of the library.</summary>
internal sealed class ExecOptions
{
    /// <summary>Another program that gets the command line of landlock-exec appended to its own.</summary>
    public string[] Wrapper { get; init; } = [];

    /// <summary>Arguments instead of the descriptors of plan and status page.</summary>
    public string[]? Arguments { get; init; }

    public string[] Environment { get; init; } = ["PATH=/usr/bin:/bin", "LANG=C"];

    /// <summary>More descriptors of the child (number in the child, number here; -1 closes).</summary>
    public Dictionary<int, int> Descriptors { get; init; } = [];

    public ulong Blocked { get; init; }

    /// <summary>A plan under which landlock-exec itself is run, as its command.</summary>
    public PlanBuilder? Outer { get; init; }

    public int Seals { get; init; } = Posix.AllSeals;

    public string Executable { get; init; } = ExecRun.Executable;
}

/// <summary>One run of landlock-exec and what came of it.</summary>
internal sealed record ExecRun(int ExitCode, int Signal, string Output, string Error, PlanStatus Status)
{
    public const int PlanDescriptor = 3;
    public const int StatusDescriptor = 4;
    private const int OuterDescriptor = 10;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    public static string Executable { get; } = Path.Combine(Built.Programs, "landlock-exec");

    public PlanOutcome Outcome => (PlanOutcome)Status.Outcome;

    public PlanStep Step => (PlanStep)Status.Step;

    public static ExecRun Of(PlanBuilder plan, ExecOptions? options = null) => Of(plan.Build(), options);

    public static ExecRun Of(ReadOnlySpan<byte> plan, ExecOptions? options = null)
    {
        int descriptor = Posix.SealedFile(plan, options?.Seals ?? Posix.AllSeals);
        try
        {
            return OfDescriptor(descriptor, options);
        }
        finally
        {
            Posix.Close(descriptor);
        }
    }

    /// <summary>Runs whatever a descriptor leads to; -1 leaves number 3 closed.</summary>
    public static ExecRun OfDescriptor(int plan, ExecOptions? options = null)
    {
        options ??= new();
        string[] arguments = options.Arguments ?? [$"{PlanDescriptor}", $"{StatusDescriptor}"];
        if (options.Outer is null)
            return OfCommand([.. options.Wrapper, options.Executable, .. arguments], plan, options);
        options.Outer.Program = options.Executable;
        options.Outer.Arguments = [options.Executable, .. arguments];
        options.Outer.Kept.AddRange([PlanDescriptor, StatusDescriptor]);
        options.Descriptors[OuterDescriptor] = Posix.SealedFile(options.Outer.Build());
        try
        {
            return OfCommand([.. options.Wrapper, options.Executable, $"{OuterDescriptor}"], plan, options);
        }
        finally
        {
            Posix.Close(options.Descriptors[OuterDescriptor]);
        }
    }

    /// <summary>Runs a command without landlock-exec, in otherwise the same way.</summary>
    public static ExecRun Direct(string[] command, ExecOptions? options = null) => OfCommand(command, -1, options ?? new());

    private static ExecRun OfCommand(string[] command, int plan, ExecOptions options)
    {
        int status = Posix.MemoryFile("status");
        int input = Posix.Open("/dev/null", 0);
        int output = Posix.MemoryFile("output");
        int error = Posix.MemoryFile("error");
        try
        {
            Posix.SetLength(status, PlanLayout.StatusSize);
            Dictionary<int, int> descriptors = new()
            {
                [0] = input,
                [1] = output,
                [2] = error,
                [PlanDescriptor] = plan,
                [StatusDescriptor] = status,
            };
            foreach ((int target, int source) in options.Descriptors)
                descriptors[target] = source;
            int process = Posix.Spawn(command[0], command, options.Environment, descriptors, options.Blocked);
            int code = Posix.Wait(process, Limit);
            int signal = code & 0x7F;
            PlanStatus page = MemoryMarshal.Read<PlanStatus>(Posix.Read(status));
            if (page.Magic != 0)
            {
                Assert.Equal(PlanLayout.StatusMagic, page.Magic);
                Assert.Equal((uint)process, page.ProcessId);
            }

            return new(
                signal == 0 ? code >> 8 : -1,
                signal,
                Encoding.UTF8.GetString(Posix.Read(output)),
                Encoding.UTF8.GetString(Posix.Read(error)),
                page);
        }
        finally
        {
            foreach (int descriptor in (int[])[status, input, output, error])
                Posix.Close(descriptor);
        }
    }

    /// <summary>The command ran to its end.</summary>
    public ExecRun Ran(int exitCode = 0)
    {
        Assert.True(Outcome == PlanOutcome.Executed, $"{this}");
        Assert.Equal(PlanStep.Execute, Step);
        Assert.Equal(0, Signal);
        Assert.True(ExitCode == exitCode, $"{this}");
        return this;
    }

    /// <summary>A step failed, with this errno and this line.</summary>
    public ExecRun Failed(PlanStep step, int error, string line, int exitCode = PlanLayout.ExitSetupFailed)
    {
        Assert.True(Outcome == PlanOutcome.Failed, $"{this}");
        Assert.Equal(step, Step);
        Assert.Equal(error, Status.Error);
        Assert.Equal(0, Signal);
        Assert.Equal(exitCode, ExitCode);
        Assert.Equal(line, Error);
        Assert.Equal("", Output);
        return this;
    }

    /// <summary>The plan itself was refused.</summary>
    public ExecRun Refused(int error = 0) =>
        Failed(PlanStep.ReadPlan, error, "landlock-exec: the plan is not valid; nothing was run\n");
}
