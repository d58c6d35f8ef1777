using System.Diagnostics;
using Landlock.Policies.Profiles;

namespace Landlock.Tests.Policies.Profiles;

public sealed class ScratchDirectoryTests : IDisposable
{
    private readonly ProfileFolders _folders = new();

    public void Dispose() => _folders.Dispose();

    [Fact]
    public void A_directory_stays_while_its_process_lives_and_is_removed_afterwards()
    {
        string start = File.ReadAllText("/proc/self/stat").Split(") ")[^1].Split(' ')[19];
        ulong space = Landlock.Kernel.PosixFile.Stat("/proc/self/ns/pid")!.Value.Inode;
        string mine = ScratchDirectory.PathFor(_folders.Environment, "with-dash").Replace(ScratchDirectory.Unnamed, $"{Environment.ProcessId:d10}.{start.PadLeft(16, '0')}.{space:d10}-0123456789ABCDEF0", StringComparison.Ordinal);
        Directory.CreateDirectory(mine);
        string uid = Path.GetFileName(mine).Split('-')[1];
        string gone = _folders[$"tmp/landlockps-{uid}-x-{int.MaxValue}.1.{space}-AAAA"];
        string earlier = _folders[$"tmp/landlockps-{uid}-x-{Environment.ProcessId}.1.{space}-AAAA"];
        string foreign = _folders[$"tmp/landlockps-{uid}-nonsense"];
        string elsewhere = _folders[$"tmp/landlockps-{uid}-x-{int.MaxValue}.1.{space + 1}-AAAA"];
        foreach (string path in (string[])[gone, earlier, foreign, elsewhere]) Directory.CreateDirectory(Path.Combine(path, "deep/er"));
        Assert.Equal(1, ScratchDirectory.Sweep(_folders.Environment));
        Assert.Equal(new[] { foreign, mine, elsewhere }.Order(), Directory.GetDirectories(_folders["tmp"]).Order());
    }

    [Fact]
    public void Removing_follows_no_link()
    {
        File.WriteAllText(_folders["work/precious"], "");
        string directory = _folders["tmp/x"];
        Directory.CreateDirectory(Path.Combine(directory, "inner"));
        Directory.CreateSymbolicLink(Path.Combine(directory, "link"), _folders["work"]);
        File.CreateSymbolicLink(Path.Combine(directory, "inner", "file"), _folders["work/precious"]);
        using (Process fifo = Process.Start("mkfifo", [Path.Combine(directory, "fifo")])) fifo.WaitForExit();
        ScratchDirectory.Remove(directory);
        Assert.False(Directory.Exists(directory));
        Assert.True(File.Exists(_folders["work/precious"]));

        Directory.CreateSymbolicLink(directory, _folders["work"]);
        ScratchDirectory.Remove(directory);
        Assert.True(File.Exists(_folders["work/precious"]));
    }
}
