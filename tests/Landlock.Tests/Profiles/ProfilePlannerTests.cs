using Landlock.Abi;
using Landlock.Profiles;
using Landlock.Sandboxes;
using Landlock.Sandboxes.Filters;
using Landlock.Tests.Exec;

namespace Landlock.Tests.Profiles;

/// <summary>From a profile to a script that is executed.</summary>
public sealed class ProfilePlannerTests : IDisposable
{
    private const string System = "abi = 6\n[[ruleset]]\nhandled_access_fs = [\"abi.all\"]\nhandled_access_net = [\"abi.all\"]\n";

    private readonly ProfileFolders _folders = new();
    private readonly PlanScript _script = PlanScript.Create(ExecRun.Executable);

    public void Dispose()
    {
        _script.Dispose();
        _folders.Dispose();
    }

    [KernelFact]
    public void A_script_runs_what_it_was_given_last()
    {
        Add("work");
        Assert.Equal((125, "no plan was made; nothing was run\n"), (Call() is var none ? (none.ExitCode, none.Error) : default));
        _script.Run(Plan("/bin/echo"), "test");
        Assert.Equal((0, "a b||\n"), (Call("a b||") is var run ? (run.ExitCode, run.Output) : default));
        _script.Run(Plan("/bin/sh"), "test");
        Assert.Equal(3, Call("-c", "exit 3").ExitCode);
        _script.Refuse(["test: one", "test: two"]);
        Assert.Equal((125, "test: one\ntest: two\n"), (Call() is var refused ? (refused.ExitCode, refused.Error) : default));
    }

    [KernelFact]
    public void The_command_has_the_variables_and_a_directory_for_temporary_files_of_its_own()
    {
        Add("work", "[[env]]\nname = \"A\"\nliteral = \"profile\"\n");
        _script.Run(Plan("/bin/sh"), "test");
        string[] lines = Call("-c", "echo $A $B $LANDLOCKPS_SANDBOX; echo $TMPDIR; echo x > $TMPDIR/x; cat $TMPDIR/x").Output.Split('\n');
        Assert.Equal(("profile received work", "x"), (lines[0], lines[2]));
        Assert.StartsWith(_folders["tmp/landlockps-"], lines[1], StringComparison.Ordinal);
        Assert.True(File.Exists(lines[1] + "/x"));
        Assert.NotEqual(lines[1], Call("-c", "echo $TMPDIR").Output);
        Assert.Equal(0, ScratchDirectory.Sweep(_folders.Environment));
        Assert.False(Directory.Exists(lines[1]));
    }

    [KernelFact]
    public void A_policy_for_temporary_files_means_those_of_the_command()
    {
        Add("work", "", "[[variable]]\nname = \"tmp\"\n[[path_beneath]]\nallowed_access = [\"make_dir\"]\nparent = [\"${tmp}\"]\n");
        LaunchPlan plan = Plan("/bin/true");
        Assert.NotNull(plan.Start.Scratch);
        Assert.Contains(plan.Start.Scratch,
            plan.Layers[0].PathRules.Where(rule => (rule.Access & AccessFs.MakeDir) != 0).Select(rule => rule.Path));
        Assert.DoesNotContain(_folders["tmp"], plan.Layers[0].PathRules.Select(rule => rule.Path));
    }

    [KernelFact]
    public void The_plan_is_for_its_directory_only()
    {
        Add("work");
        _script.Run(Plan("/bin/echo"), "test");
        ExecRun run = Call("work/sub", ["ran"]);
        Assert.Equal((125, ""), (run.ExitCode, run.Output));
        Assert.Equal($"test: the command was looked up in '{_folders["work"]}' and started in another directory, whose profiles may be "
            + "others; nothing was run; run it again\n", run.Error);
    }

    [KernelFact]
    public void Islands_profiles_have_no_filter_for_the_network()
    {
        _folders.Add("work", _folders.Context("work"), System, "island");
        Assert.Null(Plan("/bin/true").Filter?.Network);
        Add("other");
        Assert.Equal(new NetworkAccess(false, false), Plan("/bin/true").Filter?.Network);
    }

    [Fact]
    public void Without_a_profile_or_a_directory_there_is_no_plan()
    {
        Assert.Contains("No profile applies", Assert.Throws<LaunchException>(
            () => ProfilePlanner.Plan("/bin/true", [], _folders.Store(), _folders.Sources())).Message, StringComparison.Ordinal);
        Assert.Contains("is not there any more", Assert.Throws<LaunchException>(
            () => ProfilePlanner.Plan("/bin/true", [], _folders.Store(), _folders.Sources(_folders["none"]))).Message,
            StringComparison.Ordinal);
    }

    private void Add(string name, string profile = "", string policy = "")
    {
        string read = ProfileFolders.Rule("/", "read_file", "read_dir", "execute");
        _folders.Add(name, _folders.Context("work") + profile, System + read + policy);
    }

    private LaunchPlan Plan(string program)
    {
        ProfileStore store = _folders.Store();
        return ProfilePlanner.Plan(program, [.. store.FindActive(_folders["work"]).Select(match => match.Profile)], store,
            _folders.Sources());
    }

    private ExecRun Call(params string[] arguments) => Call("work", arguments);

    private ExecRun Call(string directory, string[] arguments) =>
        ExecRun.Direct(["/usr/bin/env", "-C", _folders[directory], _script.Path, .. arguments],
            new() { Environment = ["A=received", "B=received"] });
}
