using Landlock.Abi;
using Landlock.Learning;
using Landlock.Linux;
using Landlock.Rulesets;
using Landlock.Tracing;

namespace Landlock.Tests.Learning;

/// <summary>From records to rules, without a filesystem.</summary>
public sealed class PolicyLearnerTests
{
    private const AccessFs ReadAndExecute = AccessFs.ReadFile | AccessFs.Execute;

    [Fact]
    public void EachPathGetsTheRightsThatWereNeeded()
    {
        LearnedPolicy learned = Learn(Open("/a/x", AccessFs.ReadFile), Open("/a/x", AccessFs.WriteFile), Open("/b", AccessFs.ReadFile));
        Assert.Equal([("/a/x", AccessFs.ReadFile | AccessFs.WriteFile), ("/b", AccessFs.ReadFile)], Rules(learned));
        Assert.All(learned.Rules, rule => Assert.False(rule.IsOverGrant));
    }

    [Fact]
    public void WhatFailedIsNotAllowed() =>
        Assert.Empty(Rules(Learn(Open("/a", AccessFs.ReadFile) with { Error = Errno.ENOENT },
            Open("/b", AccessFs.ReadFile) with { Error = Errno.EACCES })));

    [Fact]
    public void AnIoctlNeedsItsRightBeforeItCanFail() =>
        Assert.Equal([("/dev/null", AccessFs.IoctlDev)],
            Rules(Learn(Open("/dev/null", AccessFs.IoctlDev) with { Operation = "ioctl", Error = Errno.EINVAL })));

    [Fact]
    public void WhatTheRunMadeIsAllowedInTheDirectoryThatWasThere()
    {
        LearnedPolicy learned = Learn(
            Make("/tmp/build.X1/", AccessFs.MakeDir), Open("/tmp/build.X1/a/b", AccessFs.WriteFile), Open("/tmp/other", AccessFs.ReadFile));
        Assert.Equal([("/tmp", AccessFs.MakeDir | AccessFs.WriteFile), ("/tmp/other", AccessFs.ReadFile)], Rules(learned));
        LearnedRule rule = learned.Rules.Single(rule => rule.Path == "/tmp");
        Assert.True(rule.IsOverGrant);
        Assert.Equal((2, 212), (rule.Seen, rule.Granted));
    }

    [Fact]
    public void WhatReplacedAFileIsAnotherFile()
    {
        LearnedPolicy learned = Learn(
            Make("/w/f.tmp", AccessFs.MakeReg),
            new AccessRecord { Operation = "rename", Path = "/w/f.tmp", Other = "/w/f", Access = AccessFs.RemoveFile },
            new AccessRecord { Operation = "rename", Path = "/w/f", Other = "/w/f.tmp", Access = AccessFs.MakeReg | AccessFs.RemoveFile },
            Open("/w/f", AccessFs.ReadFile));
        Assert.Equal([("/w", AccessFs.MakeReg | AccessFs.RemoveFile | AccessFs.ReadFile)], Rules(learned));
    }

    [Theory]
    [InlineData("/home/u/new")]
    [InlineData("/etc/new")]
    [InlineData("/new")]
    [InlineData("/home/u/.ssh/new")]
    public void MakingFilesDoesNotOpenGuardedPlaces(string path)
    {
        LearnedPolicy learned = Learn(Open("/usr/bin/x", ReadAndExecute), Make(path, AccessFs.MakeReg));
        Assert.Equal([("/usr/bin/x", ReadAndExecute)], Rules(learned));
        Assert.Contains(learned.Rules, rule => rule.State == LearnedState.LeftOut && rule.Path == PosixText.Parent(path));
    }

    [Fact]
    public void AGuardedPlaceIsOpenedWhereItIsNamed()
    {
        LearnedPolicy learned =
            PolicyLearner.Learn([Make("/home/u/new", AccessFs.MakeReg)], Options() with { AllowGuarded = ["/home/u/"] }, new View());
        Assert.Equal([("/home/u", AccessFs.MakeReg)], Rules(learned));
    }

    [Fact]
    public void ManyFilesOfADirectoryBecomeTheDirectory()
    {
        AccessRecord[] files = [.. Enumerable.Range(0, 20).Select(i => Open($"/srv/data/{i}", AccessFs.ReadFile))];
        LearnedPolicy learned =
            PolicyLearner.Learn([.. files, Open("/srv/data/log", AccessFs.WriteFile)], Options() with { Collapse = 20 }, new View());
        Assert.Equal([("/srv/data", AccessFs.ReadFile), ("/srv/data/log", AccessFs.WriteFile)], Rules(learned));
        Assert.Equal((20, 212), (learned.Rules[0].Seen, learned.Rules[0].Granted));
        Assert.Equal(20, Rules(PolicyLearner.Learn(files, Options() with { Collapse = 21 }, new View())).Length);
    }

    [Fact]
    public void DirectoriesCollapseInTheirTurn()
    {
        AccessRecord[] files =
            [.. from i in Enumerable.Range(0, 3) from j in Enumerable.Range(0, 3) select Open($"/srv/data/{i}/{j}", AccessFs.ReadFile)];
        Assert.Equal([("/srv/data", AccessFs.ReadFile)], Rules(PolicyLearner.Learn(files, Options() with { Collapse = 3 }, new View())));
    }

    [Theory]
    [InlineData("/etc")]
    [InlineData("/home/u")]
    [InlineData("/home/u/.ssh")]
    [InlineData("/home")]
    [InlineData("/")]
    public void NothingCollapsesIntoAGuardedPlace(string directory)
    {
        AccessRecord[] files = [.. Enumerable.Range(0, 30).Select(i => Open($"{directory.TrimEnd('/')}/f{i}", AccessFs.ReadFile))];
        Assert.Equal(30, Rules(PolicyLearner.Learn(files, Options() with { Collapse = 2 }, new View())).Length);
    }

    [Fact]
    public void ANamedDirectoryStandsForEverythingBeneath() =>
        Assert.Equal(
            [("/usr", ReadAndExecute)],
            Rules(PolicyLearner.Learn([Open("/usr/lib/a", AccessFs.ReadFile), Open("/usr/bin/b", ReadAndExecute)],
                Options() with { Into = ["/usr/"] }, new View())));

    [Fact]
    public void ARuleThatAnotherOneContainsIsNotWritten() =>
        Assert.Equal([("/a", AccessFs.ReadFile | AccessFs.ReadDir)], Rules(PolicyLearner.Learn(
            [Open("/a/b/c", AccessFs.ReadFile), Open("/a", AccessFs.ReadDir), Open("/a/d", AccessFs.ReadFile)],
            Options() with { Into = ["/a"] }, new View())));

    [Fact]
    public void ProcessNumbersAreNotKept()
    {
        AccessRecord first = Open("/proc/100/status", AccessFs.ReadFile) with { ProcessId = 100 };
        Assert.Equal([("/proc/self/status", AccessFs.ReadFile)], Rules(Learn(first)));
        LearnedPolicy learned = Learn(first, Open("/proc/101/maps", AccessFs.ReadFile) with { ProcessId = 101 });
        Assert.Equal([("/proc", AccessFs.ReadFile)], Rules(learned));
        Assert.True(learned.Rules.Single(rule => rule.Path == "/proc").IsOverGrant);
    }

    [Fact]
    public void PortsAreKept()
    {
        AccessRecord connect =
            new() { Operation = "connect", Path = "127.0.0.1:443", Port = 443, Net = AccessNet.ConnectTcp, Error = Errno.ECONNREFUSED };
        NetRule rule = Assert.Single(Learn(connect).Ruleset.NetRules);
        Assert.Equal((new PortRange(443, 443), AccessNet.ConnectTcp), (rule.Port, rule.Access));
    }

    [Fact]
    public void PortsThatTheKernelCannotTellApartAreKept()
    {
        AccessRecord send = new() { Operation = "send", Path = "9.9.9.9:53", Port = 53, Net = AccessNet.ConnectSendUdp };
        LearnedPolicy learned = Learn(send);
        Assert.Equal(10, learned.Ruleset.Abi);
        Assert.Equal([(0, AccessNet.BindUdp), (53, AccessNet.ConnectSendUdp)],
            learned.Ruleset.NetRules.Select(rule => ((int)rule.Port.First, rule.Access)));
        // Here it has to run without a word, as it did when it was learned.
        Assert.Equal(Protection.NetUdp | Protection.ResolveUnix, learned.Ruleset.Promises.AllowDegraded);
        Assert.Equal("It used UDP, whose ports this kernel (ABI 7) cannot tell apart: the policy names them, and is for ABI 10; before "
            + "that it opens all of UDP.", Assert.Single(learned.Notes));
        LearnedPolicy able = PolicyLearner.Learn([send], Options() with { Abi = 10 }, new View());
        Assert.Equal((Protection.None, 0), (able.Ruleset.Promises.AllowDegraded, able.Notes.Length));

        LearnedPolicy extended = PolicyLearner.AddTo(Learn(Open("/a", AccessFs.ReadFile)).Ruleset, learned);
        Assert.Equal(learned.Ruleset.NetRules.AsEnumerable(), extended.Ruleset.NetRules);
        Assert.Equal(["/a"], extended.Ruleset.PathRules.Select(rule => rule.Path));
        Assert.Equal(Protection.NetUdp, extended.Ruleset.Promises.AllowDegraded);
    }

    [Fact]
    public void SocketsThatAreOnlyMadeNeedARuleThatAllowsNextToNothing()
    {
        AccessRecord tcp = new() { Operation = "socket", Path = "tcp" }, udp = tcp with { Path = "udp" };
        LearnedPolicy learned = Learn(tcp, udp);
        Assert.Equal([(0, AccessNet.ConnectTcp | AccessNet.BindUdp)],
            learned.Ruleset.NetRules.Select(rule => ((int)rule.Port.First, rule.Access)));
        Assert.Contains(learned.Rules, rule => rule.ToString()
            == "Granted connect_tcp port 0: 1 seen, 1 granted (it makes TCP sockets and uses none: without a rule there are none)");
        // What is used has its own rule.
        AccessRecord connect = new() { Operation = "connect", Path = "127.0.0.1:443", Port = 443, Net = AccessNet.ConnectTcp };
        Assert.Equal([443], Learn(tcp, connect).Ruleset.NetRules.Select(rule => (int)rule.Port.First));
    }

    [Fact]
    public void WhatNoPolicyCanAllowIsTold() =>
        Assert.Equal("It made raw sockets, which no sandbox has but with -Network Unrestricted (--network unrestricted).",
            Assert.Single(Learn(new AccessRecord { Operation = "socket", Path = "raw" }).Notes));

    [Fact]
    public void WhatListsInterfacesMayDoSo()
    {
        LearnedPolicy learned = Learn(new AccessRecord { Operation = "interfaces", Path = "netlink_route" });
        Assert.True(learned.Ruleset.ListInterfaces);
        Assert.Equal("It listed network interfaces, addresses or routes, which the policy allows.", Assert.Single(learned.Notes));
        Assert.True(PolicyLearner.AddTo(Learn(Open("/a", AccessFs.ReadFile)).Ruleset, learned).Ruleset.ListInterfaces);
        Assert.True(PolicyLearner.AddTo(learned.Ruleset, Learn(Open("/a", AccessFs.ReadFile))).Ruleset.ListInterfaces);
    }

    [Fact]
    public void TerminalsHaveOtherNumbersNextTime() =>
        Assert.Equal([("/dev/ptmx", AccessFs.IoctlDev), ("/dev/pts", AccessFs.ReadFile)],
            Rules(Learn(Open("/dev/pts/4", AccessFs.ReadFile), Open("/dev/ptmx", AccessFs.IoctlDev))));

    [Fact]
    public void ASocketThatIsNotThereNeedsNoRight()
    {
        AccessRecord connect =
            new() { Operation = "connect", Path = "/run/s", Access = AccessFs.ResolveUnix, Error = Errno.ECONNREFUSED };
        LearnOptions able = Options() with { Abi = 9 };
        Assert.Equal([("/run/s", AccessFs.ResolveUnix)], Rules(PolicyLearner.Learn([connect], able, new View())));
        Assert.Empty(Rules(PolicyLearner.Learn([connect with { Error = Errno.ENOENT }], able, new View())));
    }

    [Fact]
    public void AnotherRunAddsWhatIsMissing()
    {
        LearnedPolicy first = Learn(Open("/a", AccessFs.ReadFile), Open("/srv", AccessFs.ReadFile | AccessFs.ReadDir));
        LearnedPolicy both = PolicyLearner.AddTo(first.Ruleset,
            Learn(Open("/a", AccessFs.ReadFile), Open("/b", AccessFs.WriteFile), Open("/srv/x", AccessFs.ReadFile)));
        Assert.Equal(["/a", "/b", "/srv"], both.Ruleset.PathRules.Select(rule => rule.Path));
        Assert.Equal([("/a", LearnedState.Present), ("/b", LearnedState.Granted), ("/srv/x", LearnedState.Present)],
            both.Rules.Select(rule => (rule.Path, rule.State)));
    }

    [Fact]
    public void AReportSurvivesItsText()
    {
        TraceReport report = new(
            [
                Open("/a \"b\"\n\udcff", AccessFs.ReadFile | AccessFs.Truncate) with
                { MayCreate = true, Count = 3, Program = "/bin/p", ProcessId = 9, Error = Errno.EACCES },
                new AccessRecord { Operation = "connect", Path = "[::1]:80", Net = AccessNet.ConnectTcp, Port = 80, Error = (Errno)113 },
                new AccessRecord { Operation = "rename", Path = "/x", Other = "/y", Access = AccessFs.Refer },
            ], ["one"], true);
        TraceReport read = TraceReport.Read(report.Write());
        Assert.Equal(report.Records.AsEnumerable(), read.Records);
        Assert.Equal(report.Warnings.AsEnumerable(), read.Warnings);
        Assert.True(read.IsComplete);
        byte[] text = report.Write();
        Assert.True(TraceReport.IsWhole(text));
        Assert.All(Enumerable.Range(0, text.Length), length => Assert.False(TraceReport.IsWhole(text.AsSpan(0, length))));
        Assert.False(TraceReport.Read(report.Write().AsSpan(0, report.Write().AsSpan().IndexOf((byte)'\n'))).IsComplete);
        Assert.Contains("Line 1 ", Assert.Throws<InvalidDataException>(() => TraceReport.Read("nothing"u8)).Message);
    }

    private static AccessRecord Open(string path, AccessFs access) => new() { Operation = "open", Path = path, Access = access };

    private static AccessRecord Make(string path, AccessFs access) =>
        new() { Operation = "make", Path = path.TrimEnd('/'), Access = access };

    private static LearnOptions Options() => new() { Abi = 7, Home = "/home/u" };

    private static LearnedPolicy Learn(params AccessRecord[] records) => PolicyLearner.Learn(records, Options(), new View());

    private static (string, AccessFs)[] Rules(LearnedPolicy learned) =>
        [.. learned.Ruleset.PathRules.Select(rule => (rule.Path, rule.Access))];

    private sealed class View : IPathView
    {
        public bool IsDirectory(string path) => true;

        public int? CountBeneath(string path) => 212;
    }
}
