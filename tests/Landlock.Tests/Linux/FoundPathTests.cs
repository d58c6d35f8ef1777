using System.Diagnostics;
using Landlock.Linux;
using Landlock.Tests.Exec;

namespace Landlock.Tests.Linux;

/// <summary>What a path leads to: one object has one identity and one real path, whatever it is called.</summary>
public sealed class FoundPathTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    [Fact]
    public void Names_of_one_object_have_one_identity()
    {
        string file = _folder["file"], hard = _folder["hard"], other = _folder["other"];
        File.WriteAllText(file, "");
        File.WriteAllText(other, "");
        Run("ln", file, hard);
        File.CreateSymbolicLink(_folder["soft"], "file");
        FileIdentity identity = PosixFile.Find(file).Identity;
        Assert.Equal(identity, PosixFile.Find(hard).Identity);
        Assert.Equal(identity, PosixFile.Find(_folder["soft"]).Identity);
        Assert.NotEqual(identity, PosixFile.Find(other).Identity);
        Assert.Equal(hard, PosixFile.Find(hard).RealPath);
        Assert.Equal(file, PosixFile.Find(_folder["soft"]).RealPath);
    }

    [Fact]
    public void Links_on_the_way_are_followed()
    {
        Directory.CreateDirectory(_folder["real/inner"]);
        File.CreateSymbolicLink(_folder["link"], "real");
        FoundPath found = PosixFile.Find(_folder["link/inner/../inner"]);
        Assert.Equal((PathKind.Directory, _folder["real/inner"]), (found.Kind, found.RealPath));
        Assert.False(found.IsOwn || found.IsRenumbered);
        Assert.Equal(PathKind.Missing, PosixFile.Find(_folder["link/nothing"]).Kind);
    }

    [Fact]
    public void A_name_may_end_as_that_of_a_deleted_file_does()
    {
        File.WriteAllText(_folder["x (deleted)"], "");
        Assert.Equal(_folder["x (deleted)"], PosixFile.Find(_folder["x (deleted)"]).RealPath);
        using FileStream gone = new(_folder["gone"], FileMode.Create);
        File.Delete(_folder["gone"]);
        FoundPath found = PosixFile.Find($"/proc/self/fd/{gone.SafeFileHandle.DangerousGetHandle()}");
        Assert.Equal((PathKind.File, null), (found.Kind, found.RealPath));
    }

    [Fact]
    public void A_descriptor_is_the_file_that_it_leads_to()
    {
        File.WriteAllText(_folder["file"], "");
        using FileStream open = File.OpenRead(_folder["file"]);
        FoundPath found = PosixFile.Find($"/dev/fd/{open.SafeFileHandle.DangerousGetHandle()}");
        Assert.Equal((_folder["file"], false), (found.RealPath, found.IsOwn));
        Assert.Equal(PosixFile.Find(_folder["file"]).Identity, found.Identity);
    }

    [Theory]
    [InlineData("/proc/self", "/proc/self")]
    [InlineData("/dev/fd", "/proc/self/fd")]
    [InlineData("/proc/thread-self/attr", "/proc/thread-self/attr")]
    public void The_directory_of_the_process_itself_is_that_of_any_process(string path, string real)
    {
        FoundPath found = PosixFile.Find(path);
        Assert.Equal((real, true, true), (found.RealPath, found.IsOwn, found.IsRenumbered));
    }

    [Fact]
    public void A_process_that_is_named_by_its_number_is_meant()
    {
        string path = $"/proc/{Environment.ProcessId}/fd";
        FoundPath found = PosixFile.Find(path);
        Assert.Equal((path, false, true), (found.RealPath, found.IsOwn, found.IsRenumbered));
    }

    public void Dispose() => _folder.Dispose();

    private static void Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
