using System.Diagnostics;
using Landlock.Sandboxes;

namespace Landlock.Tests.Profiles;

public sealed class ScratchDirectoryTests : IDisposable
{
    private readonly ProfileFolders _folders = new();

    public void Dispose() => _folders.Dispose();

    [Fact]
    public void A_directory_stays_while_its_process_lives_and_is_removed_afterwards()
    {
        string start = File.ReadAllText("/proc/self/stat").Split(") ")[^1].Split(' ')[19];
        ulong space = Landlock.Linux.PosixFile.Stat("/proc/self/ns/pid")!.Value.Inode;
        string mine = Make("mine00000000", $"{Environment.ProcessId}.{start}.{space}");
        string elsewhere = Make("elsewhere000", $"{int.MaxValue}.1.{space + 1}");
        string forged = Make("forged000000", "nonsense");
        string unfinished = Make("unfinished00", null);
        string other = _folders["tmp/landlockps-other-nonsense"];
        Directory.CreateDirectory(other);
        Make("gone00000000", $"{int.MaxValue}.1.{space}");
        Make("earlier00000", $"{Environment.ProcessId}.1.{space}");
        Assert.Equal(1, ScratchDirectory.Sweep(_folders.Environment));
        Assert.Equal(new[] { mine, elsewhere, forged, unfinished, other }.Order(), Directory.GetDirectories(_folders["tmp"]).Order());
    }

    [Fact]
    public void What_a_command_writes_does_not_tell_whose_the_directory_is()
    {
        ulong space = Landlock.Linux.PosixFile.Stat("/proc/self/ns/pid")!.Value.Inode;
        string mine =
            Make("mine00000000", $"{Environment.ProcessId}.{File.ReadAllText("/proc/self/stat").Split(") ")[^1].Split(' ')[19]}.{space}");
        File.CreateSymbolicLink(Path.Combine(mine, "t/owner"), $"{int.MaxValue}.1.{space}");
        Assert.Equal(1, ScratchDirectory.Sweep(_folders.Environment));
        Assert.True(Directory.Exists(mine));
    }

    [Fact]
    public void The_path_leaves_room_for_a_socket()
    {
        string path = ScratchDirectory.PathFor(_ => null);
        Assert.StartsWith("/tmp/", path, StringComparison.Ordinal);
        Assert.True(path.Length <= 30, path);
        Assert.Equal("/tmp", ScratchDirectory.ParentOf(path));
        Assert.Equal("/", ScratchDirectory.ParentOf(ScratchDirectory.PathFor(_ => "/")));
        Assert.Null(ScratchDirectory.Named(path, "../../../etc"));
    }

    private string Make(string name, string? owner)
    {
        string path = _folders[$"tmp/landlockps-{name}"];
        Directory.CreateDirectory(Path.Combine(path, "t/deep/er"));
        if (owner is not null) File.CreateSymbolicLink(Path.Combine(path, "owner"), owner);
        return path;
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
