using System.Diagnostics;
using System.Net.Sockets;
using Landlock.Linux;
using Landlock.Tracing;

namespace Landlock.Tests.Tracing;

/// <summary>Paths as the kernel finds them for another process, asked of a process that stands still.</summary>
public sealed class PathFinderTests : IDisposable
{
    private readonly string _folder = PosixFile.RealPath(Directory.CreateTempSubdirectory("finder-").FullName)!;
    private readonly Process _process;
    private readonly PathFinder _finder = new();
    private readonly Tracee _tracee;

    public PathFinderTests()
    {
        Directory.CreateDirectory($"{_folder}/real/sub");
        File.WriteAllText($"{_folder}/real/file", "");
        File.CreateSymbolicLink($"{_folder}/link", "real");
        File.CreateSymbolicLink($"{_folder}/real/absolute", $"{_folder}/real/file");
        File.CreateSymbolicLink($"{_folder}/loop", "loop");
        // It says when it is there, with descriptor 5 on the directory and 6 on a file that is removed.
        ProcessStartInfo start = new("/bin/sh", ["-c", "exec 5<real 6<real/gone; rm real/gone; echo ready; exec cat"])
        { WorkingDirectory = _folder, RedirectStandardInput = true, RedirectStandardOutput = true };
        File.WriteAllText($"{_folder}/real/gone", "");
        _process = Process.Start(start)!;
        _process.StandardOutput.ReadLine();
        _tracee = new Tracee(_process.Id, _finder, _ => false);
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Names_start_where_the_process_is()
    {
        Assert.Equal($"{_folder}/real/file", Find("real/file"));
        Assert.Equal($"{_folder}/real/file", Find("link/../real/./file"));
        Assert.Equal($"{_folder}/real/sub", Find("sub/", directory: 5));
        Assert.Equal($"{_folder}/real/new", Find("link/new"));
        Assert.Equal($"{_folder}/no/such/file", Find("no/such/file"));
        Assert.Equal($"{_folder}/file", Find("no/../file"));
        Assert.Equal(_folder, Find("."));
        Assert.Null(Find("", directory: 5));
        Assert.Null(Find("x", directory: 77));
    }

    [Fact]
    public void A_link_at_the_end_is_followed_where_the_call_follows_it()
    {
        Assert.Equal($"{_folder}/real", Find("link"));
        Assert.Equal($"{_folder}/link", Find("link", follow: false));
        Assert.Equal($"{_folder}/real", Find("link/", follow: false));
        Assert.Equal($"{_folder}/real/file", Find("link/absolute"));
        Assert.Equal($"{_folder}/real/absolute", Find("link/absolute", follow: false));
        // The kernel gives up there, and so does this.
        Assert.Equal($"{_folder}/loop", Find("loop"));
    }

    [Fact]
    public void Proc_is_that_of_the_process()
    {
        Assert.Equal($"/proc/{_process.Id}/stat", Find("/proc/self/stat"));
        Assert.Equal($"/proc/{_process.Id}/task/{_process.Id}/stat", Find("/proc/thread-self/stat"));
        Assert.Equal($"/proc/{_process.Id}", Find("/proc/self"));
        Assert.Equal($"/proc/{_process.Id}/task/{_process.Id}", Find("/proc/thread-self"));
        Assert.Equal($"/proc/{_process.Id}/mounts", Find("/proc/mounts"));
        Assert.Equal("/proc/self", Find("/proc/self", follow: false));
        Assert.Equal($"/proc/{_process.Id}/fd/0", Find("/dev/fd/0", follow: false));
        Assert.Equal($"{_folder}/real/file", Find("/proc/self/cwd/real/file"));
    }

    [Fact]
    public void Descriptors_have_the_paths_that_they_were_opened_by()
    {
        Assert.Equal($"{_folder}/real", _tracee.PathOf(5));
        Assert.Null(_tracee.PathOf(6)); // removed
        Assert.Null(_tracee.PathOf(0)); // a pipe
        Assert.Null(_tracee.PathOf(99));
    }

    [Fact]
    public void What_is_moved_is_looked_up_anew()
    {
        Assert.Equal($"{_folder}/real/file", Find("link/file"));
        Assert.Equal(EntryKind.Directory, _finder.Kind($"{_folder}/real/sub"));
        File.Delete($"{_folder}/link");
        Directory.Move($"{_folder}/real", $"{_folder}/moved");
        File.CreateSymbolicLink($"{_folder}/link", "moved");
        _finder.Changed(new PendingCall { ChangesLookup = true });
        Assert.Equal($"{_folder}/moved/file", Find("link/file"));
        Assert.Equal(EntryKind.Missing, _finder.Kind($"{_folder}/real/sub"));

        Assert.Equal(EntryKind.File, _finder.Kind($"{_folder}/moved/file"));
        File.Delete($"{_folder}/moved/file");
        Assert.Equal(EntryKind.File, _finder.Kind($"{_folder}/moved/file"));
        _finder.Changed(new PendingCall { Changed = $"{_folder}/moved/file" });
        Assert.Equal(EntryKind.Missing, _finder.Kind($"{_folder}/moved/file"));
    }

    [Fact]
    public void Interpreters_are_those_that_execve_would_open()
    {
        string loader = Assert.Single(_tracee.Interpreters(PosixFile.RealPath("/bin/sh")!));
        Assert.Contains("ld-linux", loader, StringComparison.Ordinal);
        File.WriteAllText($"{_folder}/script", "#!/bin/sh -e\n");
        File.WriteAllText($"{_folder}/outer", $"#!{_folder}/script\n");
        Assert.Equal([PosixFile.RealPath("/bin/sh")!, loader], _tracee.Interpreters($"{_folder}/script"));
        Assert.Equal([$"{_folder}/script", PosixFile.RealPath("/bin/sh")!, loader], _tracee.Interpreters($"{_folder}/outer"));
        Assert.Empty(_tracee.Interpreters($"{_folder}/real/file"));
        Assert.Empty(_tracee.Interpreters($"{_folder}/none"));
    }

    [Fact]
    public void A_device_counts_once_it_was_opened()
    {
        Assert.False(_finder.HasOpenedDevices);
        _finder.Opened("/dev/null");
        _finder.Opened($"{_folder}/real/file");
        Assert.True(_finder.IsOpenedDevice("/dev/null"));
        Assert.False(_finder.IsOpenedDevice($"{_folder}/real/file"));
        Assert.False(_tracee.HasOpenedDevice(5, out _));
    }

    [Fact]
    public void Files_of_every_kind_are_told_apart()
    {
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint($"{_folder}/socket"));
        Process.Start("mkfifo", [$"{_folder}/fifo"]).WaitForExit();
        Assert.Equal(
            [EntryKind.Fifo, EntryKind.CharacterDevice, EntryKind.Directory, EntryKind.SymbolicLink, EntryKind.Socket, EntryKind.File,
                EntryKind.Missing],
            ((string[])["fifo", "/dev/null", "real", "link", "socket", "real/file", "none"])
                .Select(name => ProcessFiles.Kind(Path.Combine(_folder, name))));
        Assert.Equal($"{_folder}/real/file", ProcessFiles.Canonical($"{_folder}/link/absolute"));
        Assert.Null(ProcessFiles.Canonical($"{_folder}/none"));
        // In another root an absolute link stays within it.
        Assert.Equal($"{_folder}/real", ProcessFiles.CanonicalIn(_folder, "/link"));
        Assert.Null(ProcessFiles.CanonicalIn(_folder, "/link/absolute"));
        Assert.Null(ProcessFiles.CanonicalIn($"{_folder}/none", "/"));
        string deep = $"{_folder}/{string.Concat(Enumerable.Repeat("ä/", 1000))}";
        Assert.Equal(EntryKind.Missing, ProcessFiles.Kind(deep + new string('x', 3000)));
    }

    [Fact]
    public void A_socket_of_another_process_has_a_type_and_a_protocol()
    {
        using TcpListener listener = new(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        Assert.Equal((1, 6), ProcessFiles.Socket(Environment.ProcessId, (int)listener.Server.Handle, out _));
        Assert.Null(_tracee.Socket(5, out _));
        Assert.Null(ProcessFiles.Socket(_process.Id, 99, out _));
        Assert.Null(ProcessFiles.Socket(0x3FFF_FFFF, 1, out _));
    }

    private string? Find(string name, int directory = -100, bool follow = true) => _tracee.Resolve(directory, name, follow);
}
