using System.Runtime.InteropServices;
using Landlock.Linux;
using Landlock.Tests.Cli;
using Landlock.Tests.Exec;

namespace Landlock.Tests.Previews;

/// <summary>Previews where a container keeps back what they need, or has another view of users.</summary>
public sealed class PreviewContainerTests
{
    // Of unshare(2), mount(2) and mount_setattr(2).
    private static readonly int[] s_calls = RuntimeInformation.OSArchitecture == Architecture.X64 ? [272, 165, 442] : [97, 40, 442];

    private const string Bubblewrap = "/usr/bin/bwrap";

    public static TheoryData<int, string> Refusals => new()
    {
        { 0, nameof(Errno.EPERM) }, { 0, nameof(Errno.ENOSYS) }, { 1, nameof(Errno.EPERM) }, { 1, nameof(Errno.EACCES) },
        { 2, nameof(Errno.EPERM) }, { 2, nameof(Errno.ENOSYS) },
    };

    [PreviewTheory]
    [MemberData(nameof(Refusals))]
    public void What_a_filter_refuses_is_said_and_nothing_is_run(int call, string error)
    {
        if (!File.Exists(Probe.Perl)) return;
        string prctl = RuntimeInformation.OSArchitecture == Architecture.X64 ? "157" : "167";
        IsRefused(Enum.Parse<Errno>(error), Probe.Perl, "-e", AdversityTests.SystemCallFilter, prctl, $"{(int)Enum.Parse<Errno>(error)}",
            $"{s_calls[call]}");
    }

    [PreviewFact]
    public void Nobody_without_a_number_gets_one() => IsRefused(Errno.EPERM, "/usr/bin/unshare", "--user");

    [PreviewFact]
    public void Where_user_namespaces_are_used_up_that_is_said()
    {
        if (!File.Exists(Bubblewrap)) return;
        IsRefused(Errno.ENOSPC, Bubblewrap, "--dev-bind", "/", "/", "--unshare-user", "--disable-userns");
    }

    // The directory's group has no number there.
    [PreviewFact]
    public void In_a_namespace_of_its_own_user_a_preview_is_as_exact()
    {
        using PreviewWorld world = new(Who.Ordinary) { Wrapper = ["/usr/bin/unshare", "--user", "--map-root-user"] };
        world.Do("echo 1 > a");
        if (Posix.geteuid() == 0) CliRun.Program(new Setup { Who = Who.Root }, "/usr/bin/chown", "65534:0", world.Tree).Ran();
        CliRun run = world.Run("echo 2 > a; echo 1 > b; stat -c %a . a");
        Assert.Equal((0, "700\n644\n"), (run.ExitCode, run.Output));
        Assert.Equal(["changed a", "added b"], world.Names());
        world.ApplyAll();
        Assert.Equal("2\n1\n", world.Do("cat a b"));
    }

    private static void IsRefused(Errno error, params string[] wrapper)
    {
        using PreviewWorld world = new(Who.Ordinary) { Wrapper = wrapper };
        CliRun run = world.Run("touch ran");
        run.Refused("landlocked: a preview (-Preview, --preview) is not possible, since nothing can be mounted for the command alone: "
            + $"{ErrnoText.Describe(error)}; nothing was run (a container, AppArmor, a limit or a setting of the kernel refuses it: see "
            + "Get-LandlockSupport, or landlocked support)");
        Assert.Empty(Directory.GetFileSystemEntries(world.Tree));
        Assert.Empty(Directory.GetFileSystemEntries(world.Previews));
    }
}
