using Landlock.Sandboxes;
using static Landlock.Tests.Exec.PlanBuilder;

namespace Landlock.Tests.Exec;

/// <summary>
/// What was planned for is what is used: whatever has come to the path since, landlock-exec runs nothing, with openat2(2) and where a
/// filter around it refuses that.
/// </summary>
public sealed class ObjectTests : IDisposable
{
    private readonly TemporaryDirectory temporary = new();

    /// <summary>The error of openat2(2); 0 = it works.</summary>
    public static TheoryData<uint> Openings => [0, 1, 38];

    public void Dispose() => temporary.Dispose();

    [Cli.CliTheory]
    [MemberData(nameof(Openings))]
    public void The_same_object_is_used(uint error)
    {
        temporary.CreateDirectory("deep/er");
        temporary.Write("deep/er/file", "content\n");
        PlanBuilder plan = Shell($"cat {temporary["deep/er/file"]}; pwd");
        plan.Layers[0].Path(temporary["deep"], ReadFile | ReadDir);
        plan.WorkingDirectory = temporary["deep/er"];
        Assert.Equal($"content\n{temporary["deep/er"]}\n", ExecRun.Of(plan, Around(error)).Ran().Output);
    }

    [Cli.CliTheory]
    [MemberData(nameof(Openings))]
    public void A_link_in_its_place_is_not_followed(uint error)
    {
        temporary.CreateDirectory("secret");
        temporary.Write("secret/file", "secret\n");
        temporary.CreateDirectory("way/entry");
        byte[] last = Reading(temporary["way/entry"]), inner = Reading(temporary["way/entry"]);
        Directory.Delete(temporary["way/entry"]);
        File.CreateSymbolicLink(temporary["way/entry"], "../secret");
        Changed(last, temporary["way/entry"], error);
        Directory.Delete(temporary["way"], recursive: true);
        temporary.CreateDirectory("other/entry");
        File.CreateSymbolicLink(temporary["way"], "other");
        Changed(inner, temporary["way/entry"], error);
    }

    [Cli.CliTheory]
    [MemberData(nameof(Openings))]
    public void Another_object_in_its_place_is_not_used(uint error)
    {
        temporary.CreateDirectory("secret");
        temporary.Write("secret/file", "secret\n");
        temporary.CreateDirectory("entry");
        temporary.Write("entry/file", "planned for\n");
        byte[] plan = Reading(temporary["entry"]);
        Directory.Move(temporary["entry"], temporary["aside"]);
        Directory.Move(temporary["secret"], temporary["entry"]);
        Changed(plan, temporary["entry"], error);
        Directory.Move(temporary["entry"], temporary["secret"]);
        // What vanished is passed over, as the rule may be; what was planned for and is there again is used.
        Assert.Equal(1, ExecRun.Of(plan, Around(error)).ExitCode);
        Directory.Move(temporary["aside"], temporary["entry"]);
        Assert.Equal("planned for\n", ExecRun.Of(plan, Around(error)).Ran().Output);
    }

    [Cli.CliTheory]
    [MemberData(nameof(Openings))]
    public void A_process_finds_its_own_directory_and_no_link_leads_out_of_it(uint error)
    {
        PlanBuilder plan = Command("/bin/sh", "-c", "read line < /proc/self/comm && echo $line; read line < /proc/1/comm");
        plan.Layers[0].Paths.RemoveAll(rule => rule.Path == "/proc");
        plan.Layers[0].Path("/proc/self", ReadFile | ReadDir);
        Assert.Equal("sh\n", ExecRun.Of(plan, Around(error)).Output);
        plan.Layers[0].Paths.Add(new("/proc/self/cwd", ReadFile, PlanRuleFlags.None, 0)
        {
            Change = found => found with
            {
                Path = found.Path,
                Flags = (uint)(PlanObjectFlags.Links | PlanObjectFlags.AnyInode),
                DeviceMajor = 0,
                DeviceMinor = ProcMinor(),
            },
            Real = false,
        });
        ExecRun.Of(plan, Around(error)).Failed(PlanStep.OpenPath, 116, "[OpenPath] </proc/self/cwd>: error 116 (end)\n");
    }

    [KernelFact]
    public void Another_program_is_not_run()
    {
        string program = temporary.Install("/bin/echo", "program");
        PlanBuilder plan = Command(program, "ran");
        plan.Layers[0].Path(temporary.Root, Execute | ReadFile | ReadDir);
        byte[] image = plan.Build();
        Assert.Equal("ran\n", ExecRun.Of(image).Ran().Output);
        File.Delete(program);
        File.CreateSymbolicLink(program, "/bin/printf");
        ExecRun.Of(image).Failed(PlanStep.CheckProgram, 116, "[CheckProgram] : error 116 (end)\n");
    }

    [KernelFact]
    public void Another_working_directory_is_not_entered()
    {
        temporary.CreateDirectory("here");
        PlanBuilder plan = Shell("pwd");
        plan.WorkingDirectory = temporary["here"];
        byte[] image = plan.Build();
        Directory.Delete(temporary["here"]);
        File.CreateSymbolicLink(temporary["here"], "/usr");
        ExecRun.Of(image).Failed(PlanStep.ChangeDirectory, 116, "[ChangeDirectory] : error 116 (end)\n");
    }

    [KernelFact]
    public void Temporary_files_are_made_where_they_were_planned()
    {
        temporary.CreateDirectory("tmp");
        temporary.CreateDirectory("victim");
        PlanBuilder plan = Shell("echo ran");
        plan.ScratchParent = temporary["tmp"];
        byte[] image = plan.Build();
        Directory.Delete(temporary["tmp"]);
        File.CreateSymbolicLink(temporary["tmp"], "victim");
        ExecRun.Of(image).Failed(PlanStep.MakeScratch, 116, "[MakeScratch] : error 116 (end)\n");
        Assert.Empty(Directory.GetFileSystemEntries(temporary["victim"]));
    }

    private static uint ProcMinor() => Landlock.Linux.PosixFile.Find("/proc").Identity.Minor;

    // A plan that may read a directory, as long as it is there.
    private static byte[] Reading(string path)
    {
        PlanBuilder plan = Shell($"cat {path}/file");
        plan.Layers[0].Path(path, ReadFile | ReadDir, PlanRuleFlags.Optional);
        return plan.Build();
    }

    private static void Changed(byte[] plan, string path, uint error) =>
        ExecRun.Of(plan, Around(error)).Failed(PlanStep.OpenPath, 116, $"[OpenPath] <{path}>: error 116 (end)\n");

    private static ExecOptions Around(uint error)
    {
        if (error == 0) return new();
        PlanBuilder outer = new();
        outer.Layers.Add(new Layer().Path("/", AllFs));
        outer.Filters.Add(Filter.Deny(Filter.OpenAt2, error));
        return new() { Outer = outer };
    }
}
