using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Landlock.Abi;
using Landlock.Linux;
using Landlock.Sandboxes.Filters;
using Landlock.Tests.Sandboxes.Filters;
using Landlock.Tracing;

namespace Landlock.Tests.Tracing;

/// <summary>What is counted of a trace, how it is shown, and which calls stop for it.</summary>
public sealed class TraceLogTests
{
    private const uint Stop = 0x7FF0_0000, Run = 0x7FFF_0000;

    [Fact]
    public void The_same_access_is_counted_and_the_order_is_that_of_the_first_time()
    {
        TraceLog log = new();
        log.Add(Read("/b"), Errno.None, "cat", 10);
        log.Add(Read("/a"), Errno.EACCES, "cat", 10);
        log.Add(Read("/b"), Errno.None, "cat", 11);
        log.Add(Read("/b"), Errno.ENOENT, "cat", 11);
        log.Add(Read("/b"), Errno.None, "sh", 11);
        ImmutableArray<AccessRecord> records = [.. log.Records()];
        Assert.Equal(["open /b read_file x2", "open /a read_file EACCES x1", "open /b read_file ENOENT x1", "open /b read_file x1"],
            records.Select(record => record.ToString()));
        Assert.Equal([3L, 2, 4, 5], records.Select(record => record.Last));
        Assert.Equal([10, 10, 11, 11], records.Select(record => record.ProcessId));
        log.Clear();
        Assert.Empty(log.Records());
    }

    [Fact]
    public void A_flood_is_counted_and_hides_nothing_of_the_other_kind()
    {
        TraceLog log = new();
        string Long(int i) => $"/{i:00000}{new string('x', 4000)}";
        for (int i = 0; i < 10_000; i++) log.Add(Read(Long(i)), Errno.None, "flood", 1);
        log.Add(Read("/secret"), Errno.EACCES, "cat", 2);
        ImmutableArray<AccessRecord> records = [.. log.Records()];
        Assert.Equal("/secret", records[^1].Path);
        Assert.InRange(records.Sum(record => (long)record.Path.Length), 1 << 20, TraceLog.MostCharacters);
        Assert.Equal(
            [$"{10_001 - records.Length} more accesses that were not denied are not listed: the names of all would take too much memory"],
            log.LeftOut());
        // What is there already is counted on.
        log.Add(Read(Long(0)), Errno.None, "flood", 1);
        Assert.Equal(2, log.Records().First().Count);

        for (int i = 0; i < 10_000; i++) log.Add(Read(Long(i)), Errno.EACCES, "flood", 1);
        log.Ended(1, failed: true);
        Assert.DoesNotContain(log.Records(), record => record.BeforeFailure);
        Assert.Equal(2, log.LeftOut().Count());
        log.Clear();
        Assert.Empty(log.LeftOut());
    }

    [Fact]
    public void The_last_denial_before_a_process_failed_is_marked()
    {
        TraceLog log = new();
        foreach (string path in (string[])["/first", "/last"]) log.Add(Read(path), Errno.EACCES, "p", 1);
        log.Add(Read("/harmless"), Errno.EACCES, "q", 2);
        log.Add(Read("/missing"), Errno.ENOENT, "p", 1);
        log.Ended(1, failed: true);
        log.Ended(2, failed: false);
        log.Ended(3, failed: true);
        Assert.Equal("/last", Assert.Single(log.Records(), record => record.BeforeFailure).Path);
    }

    [Fact]
    public void A_trace_is_shown_by_path_with_equal_lines_added_up()
    {
        TraceReport report = new(
        [
            new AccessRecord { Operation = "open", Path = "/z", Access = AccessFs.ReadFile | AccessFs.WriteFile, Count = 2, Program = "a" },
            new AccessRecord { Operation = "open", Path = "/z", Access = AccessFs.ReadFile | AccessFs.WriteFile, Count = 3, Program = "b" },
            new AccessRecord { Operation = "connect", Path = "127.0.0.1:80", Net = AccessNet.ConnectTcp, Error = Errno.EACCES, Port = 80 },
            new AccessRecord { Operation = "mount", Path = "/a\u001b", Error = Errno.EPERM },
        ], ["one\ntwo"], IsComplete: true);
        Assert.Equal(
            [
                "warning: one\\ntwo",
                "  count  access                        result     path",
                "      1  mount                         EPERM      /a\\x1b",
                "      5  write_file,read_file                     /z",
                "      1  connect_tcp                   EACCES     127.0.0.1:80",
            ],
            TraceText.Lines(report).Select(
                line => line.Replace("\\u001b", "\\x1b", StringComparison.Ordinal).Replace("\\e", "\\x1b", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(Architecture.X64, 0)]
    [InlineData(Architecture.X64, 1)]
    [InlineData(Architecture.Arm64, 0)]
    public void Only_calls_that_matter_stop_for_the_tracer(Architecture architecture, int kind)
    {
        ImmutableArray<CallTable> tables = CallTable.Of(architecture);
        CallTable table = tables[kind];
        ImmutableArray<ulong> filter = TraceFilter.For(tables, sockets: true);
        foreach ((TracedCall call, uint number) in table.Numbers)
        {
            if (call is TracedCall.Open or TracedCall.OpenAt or TracedCall.SendTo or TracedCall.Ioctl or TracedCall.CloneProcess)
                continue;
            Assert.Equal(Stop, Ask(number));
        }

        for (uint number = 0; number < 600; number++)
            if (!table.Numbers.Values.Contains(number)) Assert.Equal(Run, Ask(number));
        // In a sandbox its own filter looks at sockets.
        Assert.Equal(Run, FilterMachine.Run(TraceFilter.For(tables, sockets: false), table.AuditArchitecture,
            table.Numbers[TracedCall.Socket], 2, 1, 0));
        uint clone = table.Numbers[TracedCall.CloneProcess];
        Assert.Equal(Run, Ask(clone, 17));
        Assert.Equal(Stop, Ask(clone, 0x80_0000 | 17));
        // What the other filter may refuse is left to it: of two that stop for the tracer the later one is heard.
        Assert.Equal(Run, Ask(clone, 0x1080_0000 | 17));
        // The numbers of another architecture are other calls.
        const uint arm = 0x4000_0028;
        for (uint number = 0; number < 600; number++) Assert.Equal(Run, FilterMachine.Run(filter, arm, number, 0, 0, 0, 0, 0));

        uint openAt = table.Numbers[TracedCall.OpenAt], sendTo = table.Numbers[TracedCall.SendTo], ioctl = table.Numbers[TracedCall.Ioctl];
        Assert.Equal(Stop, Ask(openAt, 0, 0, 2));
        Assert.Equal(Run, Ask(openAt, 0, 0, 0x20_0000 | 2));
        if (table.Numbers.TryGetValue(TracedCall.Open, out uint open))
        {
            Assert.Equal(Stop, Ask(open, 0, 0x20_0000 - 1));
            Assert.Equal(Run, Ask(open, 0, 0x20_0000));
        }

        Assert.Equal(Run, Ask(sendTo, 3, 0, 0, 0, 0));
        Assert.Equal(Stop, Ask(sendTo, 3, 0, 0, 0, 0x1000));
        Assert.Equal(Stop, Ask(sendTo, 3, 0, 0, 0, 1ul << 40));
        Assert.Equal(Run, Ask(ioctl, 3, 0x5421));
        Assert.Equal(Stop, Ask(ioctl, 3, 0x5401));

        uint Ask(uint number, params ulong[] arguments) => FilterMachine.Run(filter, table.AuditArchitecture, number, arguments);
    }

    private static PendingAccess Read(string path) => new("open", path, AccessFs.ReadFile);
}
