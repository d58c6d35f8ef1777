using FsCheck;
using FsCheck.Fluent;
using Landlock.Linux;
using Landlock.Sandboxes.Supervision;
using Microsoft.Win32.SafeHandles;

namespace Landlock.Tests.Sandboxes.Supervision;

/// <summary>What supervisors tell each other, and people.</summary>
public sealed class SupervisorWordsTests
{
    private static readonly Gen<string?> Text = Gen.Elements<string?>(null, "", "/tmp/a b", "=", "-x", "two\nlines", "'\"$`", "ü\uDCFF");
    private static readonly Gen<long?> Number = Gen.Elements<long?>(null, 0, 1, 4096, long.MaxValue);

    private static readonly Gen<SupervisorArguments> Arguments =
        from isFront in Gen.Elements(true, false)
        from status in Gen.Choose(3, 100)
        from timeout in Number
        from grace in Gen.Choose(0, 1_000_000)
        from parent in Gen.Choose(0, 4_000_000)
        from memory in Number
        from processes in Number
        from places in Gen.Two(Gen.Elements<string?>(null, "/tmp/a b", "/sys/fs/cgroup/x"))
        from command in Text
        from words in Gen.ArrayOf(Text.Select(word => word ?? "-"))
        from preserved in Gen.ArrayOf(Gen.Elements("/a b", "-", "/=x", "/0"))
        select new SupervisorArguments
        {
            IsFront = isFront,
            Status = status,
            Timeout = timeout is { } ticks ? TimeSpan.FromTicks(ticks) : null,
            Grace = TimeSpan.FromTicks(grace),
            Parent = parent,
            Scratch = places.Item1,
            TotalMemory = memory,
            TotalProcesses = processes,
            Group = places.Item2,
            Command = command,
            Preserve = [.. preserved],
            Arguments = [.. words, "last"],
        };

    [Fact]
    public void Arguments_are_read_as_they_were_written() => Law.Holds(Arguments, arguments =>
    {
        string[] words = arguments.Write();
        Assert.Equal(SupervisorArguments.Mark, words[0]);
        SupervisorArguments read = SupervisorArguments.Read(words[1..])!;
        Assert.Equal(arguments.Arguments.ToArray(), read.Arguments.ToArray());
        Assert.Equal(arguments.Preserve.ToArray(), read.Preserve.ToArray());
        Assert.Equal(arguments with { Arguments = [], Preserve = [] }, read with { Arguments = [], Preserve = [] });
    });

    [Fact]
    public void Words_that_nobody_wrote_are_refused() =>
    Law.Holds(from arguments in Arguments from place in Gen.Choose(1, 7) select (arguments, place), broken =>
        {
            string[] words = broken.arguments.Write();
            if (broken.place == 6) return;
            words[broken.place] = "?";
            Assert.Null(SupervisorArguments.Read(words[1..]));
            Assert.Null(SupervisorArguments.Read(words[1..(broken.place + 1)]));
        });

    [Fact]
    public void A_report_comes_through_the_status_page()
    {
        using SafeFileHandle page = SealedMemory.CreateWritable(4096);
        Assert.Null(SupervisorReport.Read(page));
        SupervisorReport report = new(SupervisorReason.TimedOut, 3, 2, 1) { OutOfMemory = 4, Refused = 5, PutBack = 6, NotPutBack = 7 };
        report.Write((int)page.DangerousGetHandle());
        Assert.Equal(report, SupervisorReport.Read(page));
    }

    [Theory]
    [InlineData(1, 0, 0, "make was stopped after 1.5 seconds (-TimeoutSec)")]
    [InlineData(2, 0, 0, "make was stopped after 1.5 seconds (-TimeoutSec), with 1 process that it had started")]
    [InlineData(4, 1, 0, "make was stopped after 1.5 seconds (-TimeoutSec), with 3 processes that it had started; 1 process did not end "
        + "within 1 second of SIGTERM and got SIGKILL")]
    [InlineData(1, 2, 1, "make was stopped after 1.5 seconds (-TimeoutSec); 2 processes did not end within 1 second of SIGTERM and got "
        + "SIGKILL; 1 process could not be ended and may still run")]
    public void What_was_stopped_is_one_sentence(int told, int killed, int left, string sentence)
    {
        SupervisionOptions options = new() { Timeout = TimeSpan.FromSeconds(1.5), Grace = TimeSpan.FromSeconds(1) };
        Assert.Equal(sentence,
            new SupervisorReport(SupervisorReason.TimedOut, told, killed, left).Sentence("make", options, "-TimeoutSec"));
    }

    [Fact]
    public void What_limits_did_is_said_only_where_they_did_something()
    {
        SupervisorReport report = new(SupervisorReason.None, 0, 0, 0);
        Assert.Empty(report.Limited("make", "-MaxTotalMemory 1", "-MaxTotalProcesses 2"));
        Assert.Equal(
            ["make reached its limit of memory (-MaxTotalMemory 1): the kernel killed 1 process",
                "make reached its limit of processes and threads (-MaxTotalProcesses 2) and was refused another"],
            (report with { OutOfMemory = 1, Refused = 9 }).Limited("make", "-MaxTotalMemory 1", "-MaxTotalProcesses 2"));
    }

    [Fact]
    public void Nobody_stays_where_nothing_was_asked_for()
    {
        Assert.Null(new SupervisionOptions().OrNone);
        Assert.NotNull(new SupervisionOptions { PrivateTemp = true }.OrNone);
        Assert.NotNull(new SupervisionOptions { EndWithParent = true }.OrNone);
        Assert.NotNull(new SupervisionOptions { TotalProcesses = 1 }.OrNone);
        Assert.Equal(6, new SupervisionOptions
        {
            Timeout = TimeSpan.FromSeconds(9),
            PrivateTemp = true,
            EndWithParent = true,
            TotalMemory = 1,
            TotalProcesses = 1,
        }.Describe().Count());
    }
}
