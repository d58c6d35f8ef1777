using Landlock.Abi;
using Landlock.Linux;
using Landlock.Sandboxes.Filters;
using Landlock.Tracing;

namespace Landlock.Tests.Tracing;

/// <summary>Which rights a system call needs, on which path, without any process.</summary>
public sealed class CallDecoderTests
{
    private const ulong WorkingDirectory = unchecked((ulong)-100L);

    private readonly FakeTracee _tracee = new();
    private readonly CallDecoder _decoder = new(CallTable.X64);

    [Theory]
    [InlineData(0x0, EntryKind.File, AccessFs.ReadFile)]
    [InlineData(0x0, EntryKind.Directory, AccessFs.ReadDir)]
    [InlineData(0x10000, EntryKind.Missing, AccessFs.ReadDir)]
    [InlineData(0x1, EntryKind.File, AccessFs.WriteFile)]
    [InlineData(0x2, EntryKind.File, AccessFs.ReadFile | AccessFs.WriteFile)]
    [InlineData(0x200, EntryKind.File, AccessFs.ReadFile | AccessFs.Truncate)]
    [InlineData(0x41, EntryKind.File, AccessFs.WriteFile)]
    [InlineData(0x241, EntryKind.Missing, AccessFs.WriteFile | AccessFs.Truncate | AccessFs.MakeReg)]
    [InlineData(0x242, EntryKind.Missing, AccessFs.ReadFile | AccessFs.WriteFile | AccessFs.Truncate | AccessFs.MakeReg)]
    internal void OpeningNeedsWhatItsFlagsSay(ulong flags, EntryKind kind, AccessFs expected)
    {
        if (kind != EntryKind.Missing) _tracee.Files["/work/f"] = kind;
        PendingAccess access = Assert.Single(Accesses(TracedCall.OpenAt, WorkingDirectory, _tracee.Put("f"), flags));
        Assert.Equal(("open", "/work/f", expected), (access.Operation, access.Path, access.Access));
    }

    [Fact]
    public void AMereReferenceNeedsNothing() => Assert.Null(Begin(TracedCall.OpenAt, WorkingDirectory, _tracee.Put("f"), 0x20_0000));

    [Fact]
    public void WhatWasOpenedIsWhatTheDescriptorSays()
    {
        _tracee.Descriptors[7] = "/real/file";
        Assert.Equal("/real/file", Assert.Single(Begin(TracedCall.OpenAt, WorkingDirectory, _tracee.Put("link"), 0)!.End(7, _tracee)).Path);
    }

    [Fact]
    public void ExecutingAScriptNeedsItsInterpretersToo() =>
        Assert.Equal(
            [("/bin/script", AccessFs.Execute | AccessFs.ReadFile), ("/bin/sh", AccessFs.Execute | AccessFs.ReadFile),
                ("/lib/ld.so", AccessFs.Execute | AccessFs.ReadFile)],
            Accesses(TracedCall.Execute, _tracee.Put("/bin/script")).Select(access => (access.Path, access.Access)));

    [Theory]
    [InlineData("/work/a", "/work/b", EntryKind.File, EntryKind.Missing, 0, AccessFs.RemoveFile, AccessFs.MakeReg)]
    [InlineData("/work/a", "/work/b", EntryKind.File, EntryKind.File, 0, AccessFs.RemoveFile, AccessFs.MakeReg | AccessFs.RemoveFile)]
    [InlineData("/work/a", "/other/b", EntryKind.Directory, EntryKind.Missing, 0, AccessFs.RemoveDir | AccessFs.Refer,
        AccessFs.MakeDir | AccessFs.Refer)]
    [InlineData("/work/a", "/work/b", EntryKind.SymbolicLink, EntryKind.Fifo, 2, AccessFs.RemoveFile | AccessFs.MakeFifo,
        AccessFs.MakeSym | AccessFs.RemoveFile)]
    internal void RenamingNeedsRightsOnBothSides(string from, string to, EntryKind source, EntryKind target, ulong flags, AccessFs atSource,
        AccessFs atTarget)
    {
        _tracee.Files[from] = source;
        if (target != EntryKind.Missing) _tracee.Files[to] = target;
        IReadOnlyList<PendingAccess> accesses =
            Accesses(TracedCall.RenameAt2, WorkingDirectory, _tracee.Put(from), WorkingDirectory, _tracee.Put(to), flags);
        Assert.Equal([(from, atSource, to), (to, atTarget, from)], accesses.Select(access => (access.Path, access.Access, access.Other!)));
    }

    [Fact]
    public void ALinkToAnotherDirectoryMovesTheFile()
    {
        _tracee.Files["/work/a"] = EntryKind.File;
        Assert.Equal(
            [("/other/b", AccessFs.MakeReg | AccessFs.Refer), ("/work/a", AccessFs.Refer)],
            Accesses(TracedCall.Link, _tracee.Put("a"), _tracee.Put("/other/b")).Select(access => (access.Path, access.Access)));
        Assert.Equal(AccessFs.MakeReg, Assert.Single(Accesses(TracedCall.Link, _tracee.Put("a"), _tracee.Put("b"))).Access);
    }

    [Theory]
    [InlineData(0x200, AccessFs.RemoveDir)]
    [InlineData(0, AccessFs.RemoveFile)]
    internal void RemovingTellsDirectoriesApart(ulong flags, AccessFs expected) =>
        Assert.Equal(expected, Assert.Single(Accesses(TracedCall.UnlinkAt, WorkingDirectory, _tracee.Put("f"), flags)).Access);

    [Theory]
    [InlineData(0x1000, AccessFs.MakeFifo)]
    [InlineData(0x2000, AccessFs.MakeChar)]
    [InlineData(0x6000, AccessFs.MakeBlock)]
    [InlineData(0xC000, AccessFs.MakeSock)]
    [InlineData(0x81A4, AccessFs.MakeReg)]
    [InlineData(0, AccessFs.MakeReg)]
    internal void ANodeNeedsTheRightOfItsKind(ulong mode, AccessFs expected) =>
        Assert.Equal(expected, Assert.Single(Accesses(TracedCall.MakeNode, _tracee.Put("f"), mode)).Access);

    [Theory]
    [InlineData(TracedCall.Connect, 1, 6, AccessNet.ConnectTcp)]
    [InlineData(TracedCall.Bind, 1, 6, AccessNet.BindTcp)]
    [InlineData(TracedCall.Connect, 2, 17, AccessNet.ConnectSendUdp)]
    [InlineData(TracedCall.Bind, 2, 17, AccessNet.BindUdp)]
    [InlineData(TracedCall.Connect, 1, 262, AccessNet.None)]
    [InlineData(TracedCall.Connect, 3, 1, AccessNet.None)]
    internal void AnAddressNeedsTheRightOfItsProtocol(TracedCall call, int type, int protocol, AccessNet expected)
    {
        _tracee.SocketKind = (type, protocol);
        ulong address = _tracee.Put([2, 0, 0x01, 0xBB, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
        PendingAccess access = Assert.Single(Accesses(call, 3, address, 16));
        Assert.Equal(("127.0.0.1:443", 443, expected), (access.Path, access.Port, access.Net));
    }

    [Theory]
    [InlineData(TracedCall.Connect, AccessNet.ConnectTcp)]
    [InlineData(TracedCall.Bind, AccessNet.BindTcp)]
    [InlineData(TracedCall.SendMessage, AccessNet.ConnectSendUdp)]
    internal void ASocketThatIsHiddenIsTakenForTheUsualOne(TracedCall call, AccessNet expected)
    {
        _tracee.HidesSockets = true;
        ulong address = _tracee.Put([2, 0, 0x01, 0xBB, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
        if (call == TracedCall.SendMessage) address = _tracee.Put([.. BitConverter.GetBytes(address), .. BitConverter.GetBytes(16)]);
        Assert.Equal(expected, Assert.Single(Accesses(call, 3, address, 16)).Net);
    }

    [Fact]
    public void LocalSocketsAreFilesOrNames()
    {
        Assert.Equal(("/run/s", AccessFs.ResolveUnix), Local(TracedCall.Connect, [1, 0, .. "/run/s"u8, 0]));
        Assert.Equal(("/run/s", AccessFs.MakeSock), Local(TracedCall.Bind, [1, 0, .. "/run/s"u8, 0]));
        Assert.Equal(("@name", AccessFs.None), Local(TracedCall.Connect, [1, 0, 0, .. "name"u8]));
        Assert.Null(Begin(TracedCall.Connect, 3, _tracee.Put([1, 0]), 2));

        (string, AccessFs) Local(TracedCall call, byte[] address)
        {
            PendingAccess access = Assert.Single(Accesses(call, 3, _tracee.Put(address), (ulong)address.Length));
            return (access.Path, access.Access);
        }
    }

    [Theory]
    [InlineData(2, 1, "tcp")]
    [InlineData(10, 0x80002, "udp")]
    [InlineData(2, 3, "raw")]
    [InlineData(1, 1, null)]
    [InlineData(16, 3, null)]
    internal void ASocketOfTheInternetThatIsMadeIsRecorded(int family, int type, string? kind) =>
        Assert.Equal(kind, Begin(TracedCall.Socket, (ulong)family, (ulong)type)?.End(3, _tracee).Single().Path);

    [Theory]
    [InlineData(18, true)] // RTM_GETLINK
    [InlineData(26, true)] // RTM_GETROUTE
    [InlineData(22, false)] // RTM_GETADDR, as for looking up a name
    internal void AQuestionForInterfacesIsRecorded(byte type, bool recorded)
    {
        ulong message = _tracee.Put([20, 0, 0, 0, type, 0, 1, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        ulong address = _tracee.Put([16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        Assert.Equal(recorded, Begin(TracedCall.SendTo, 3, message, 20, 0, address, 12) is not null);
        ulong part = _tracee.Put([.. BitConverter.GetBytes(message), .. BitConverter.GetBytes(20UL)]);
        ulong whole = _tracee.Put([.. BitConverter.GetBytes(address), .. BitConverter.GetBytes(12UL), .. BitConverter.GetBytes(part),
            .. BitConverter.GetBytes(1UL)]);
        Assert.Equal(recorded, Begin(TracedCall.SendMessage, 3, whole, 0) is not null);
    }

    [Fact]
    public void OnlyDevicesThatWereOpenedCount()
    {
        _tracee.Descriptors[3] = "/dev/tty";
        Assert.Null(Begin(TracedCall.Ioctl, 3, 0x5401));
        _tracee.OpenedDevices.Add("/dev/tty");
        Assert.Equal(AccessFs.IoctlDev, Assert.Single(Accesses(TracedCall.Ioctl, 3, 0x5401)).Access);
    }

    [Fact]
    public void AMultiplexerOpensTheOtherEnd()
    {
        const ulong peer = 0x5441, readAndWrite = 2;
        _tracee.Descriptors[11] = "/dev/ptmx";
        _tracee.OpenedDevices.Add("/dev/ptmx");
        const AccessFs both = AccessFs.ReadFile | AccessFs.WriteFile;
        Assert.Equal([("ioctl", "/dev/ptmx", AccessFs.IoctlDev), ("open", "/dev/pts/4", both)], Ended(12));
        Assert.Equal([("open", "/dev/pts/4", both)], Ended(-13));

        IEnumerable<(string, string, AccessFs)> Ended(long result) => Begin(TracedCall.Ioctl, 11, peer, readAndWrite)!.End(result, _tracee)
            .Select(access => (access.Operation, access.Path, access.Access));
    }

    [Theory]
    [InlineData(TracedCall.Signal, 42, "process 42 (sleep)", Scope.Signal)]
    [InlineData(TracedCall.SignalGroupThread, 7, "process 7", Scope.None)]
    [InlineData(TracedCall.SignalByHandle, 9, "process 42 (sleep)", Scope.Signal)]
    [InlineData(TracedCall.Signal, -1, "every process", Scope.Signal)]
    [InlineData(TracedCall.Signal, 0, "its own process group", Scope.None)]
    [InlineData(TracedCall.Signal, -8, "process group 8", Scope.Signal)]
    internal void OnlyASignalThatWasNotPermittedIsRecorded(TracedCall call, int target, string name, Scope scope)
    {
        _tracee.Traced.Add(7);
        Assert.Empty(Accesses(call, unchecked((ulong)target)));
        PendingAccess access = Assert.Single(Begin(call, unchecked((ulong)target))!.End(-1, _tracee));
        Assert.Equal(("signal", name, scope), (access.Operation, access.Path, access.Scope));
    }

    [Theory]
    [InlineData("/proc/42/environ", true)]
    [InlineData("/proc/42/fd/7", true)]
    [InlineData("/proc/42/task/43/maps", true)]
    [InlineData("/proc/42/status", false)]
    [InlineData("/proc/42", false)]
    [InlineData("/proc/7/environ", false)]
    [InlineData("/srv/42/environ", false)]
    public void TheInsideOfAProcessOutsideIsToldApart(string path, bool isOutside)
    {
        foreach (long error in (long[])[-1, -13])
        {
            PendingAccess access = Assert.Single(Begin(TracedCall.Open, _tracee.Put(path), 0)!.End(error, _tracee));
            Assert.Equal(("open", path, AccessFs.ReadFile, isOutside), (access.Operation, access.Path, access.Access, access.IsOutside));
        }

        Assert.False(Assert.Single(Accesses(TracedCall.Open, _tracee.Put(path), 0)).IsOutside);
    }

    [Fact]
    public void OnlyALookThatWasNotPermittedIsRecorded()
    {
        Assert.Empty(Accesses(TracedCall.ReadMemory, 42));
        foreach ((TracedCall call, ulong target) in
            ((TracedCall, ulong)[])[(TracedCall.ReadMemory, 42), (TracedCall.WriteMemory, 42), (TracedCall.TakeDescriptor, 9)])
        {
            PendingAccess access = Assert.Single(Begin(call, target)!.End(-1, _tracee));
            Assert.Equal(("inspect", "process 42 (sleep)", true), (access.Operation, access.Path, access.IsOutside));
        }
    }

    [Fact]
    public void WhatAFilterRefusesHasAName()
    {
        FilteredCalls calls = FilteredCalls.Of(System.Runtime.InteropServices.Architecture.X64)[0];
        (ulong Number, ulong A, ulong B, string Operation, string Path)[] cases =
        [
            (41, 2, 1, "socket", "tcp"), (41, 10, 2 | 0x80000, "socket", "udp"), (41, 2, 3, "socket", "raw"),
            (41, 16, 3, "socket", "netlink_route"), (41, 40, 1, "socket", "vsock"),
            (53, 17, 1, "socket", "packet"), (41, 1, 1, "socket", "unix"), (53, 1, 2, "socket", "unix"), (41, 99, 1, "socket", "family 99"),
            (250, 0, 0, "keyring", "keyrings"), (16, 0, 0x5412, "terminal", "TIOCSTI"), (16, 0, 0x541C, "terminal", "TIOCLINUX"),
            (101, 0, 0, "ptrace", "by its parent"), (101, 16, 42, "ptrace", "process 42 (sleep)"), (317, 1, 8, "listener", "seccomp"),
        ];
        foreach ((ulong number, ulong a, ulong b, string operation, string path) in cases)
            Assert.Equal((operation, path), CallDecoder.Refused(calls, number, new CallArguments(a, b, 0, 0, 0, 0), _tracee) is { } access
                ? (access.Operation, access.Path)
                : default);
        Assert.Null(CallDecoder.Refused(calls, 1, default, _tracee));
    }

    [Fact]
    public void WildPointersAreIgnored()
    {
        foreach (TracedCall call in Enum.GetValues<TracedCall>())
        {
            if (Begin(call, 0xdead, 0xdead, 0xdead, 0xdead, 0xdead) is not { } pending) continue;
            Assert.All(pending.End(-14, _tracee), access => Assert.Equal("io_uring", access.Path));
        }
    }

    private PendingCall? Begin(TracedCall call, params ulong[] arguments)
    {
        ulong[] all = [.. arguments, .. new ulong[6 - arguments.Length]];
        return _decoder.Begin(call, new CallArguments(all[0], all[1], all[2], all[3], all[4], all[5]), _tracee);
    }

    private IReadOnlyList<PendingAccess> Accesses(TracedCall call, params ulong[] arguments) => Begin(call, arguments)!.End(0, _tracee);
}
