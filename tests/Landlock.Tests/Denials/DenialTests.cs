using FsCheck.Fluent;
using Landlock.Abi;
using Landlock.Denials;
using Landlock.Tests.Sandboxes.Needs;

namespace Landlock.Tests.Denials;

/// <summary>Records of the kernel's audit log, as Linux 6.18 writes them.</summary>
public sealed class DenialTests
{
    private const string Stamp = "audit(1795305260.182:2): ";

    private static readonly (int Type, string Text)[] Whole =
    [
        (1423, Stamp + "domain=140696060 blockers=fs.read_file path=\"/etc/passwd\" dev=\"vda\" ino=858"),
        (1424, Stamp + "domain=140696060 status=allocated mode=enforcing pid=12077 uid=0 exe=\"/srv/deny1\" comm=\"ll-0123456789ab\""),
        (1300, Stamp + "arch=c000003e syscall=257 success=no exit=-13 a0=ffffff9c items=0 ppid=12069 pid=12077 auid=4294967295 uid=0 "
            + "tty=(none) ses=4294967295 comm=\"deny1\" exe=\"/srv/deny1\" key=(null)"),
        (1327, Stamp + "proctitle=\"./deny1\""),
        (1320, Stamp),
    ];

    [Fact]
    public void An_event_is_put_together_at_its_end()
    {
        DenialAssembler assembler = new();
        foreach ((int type, string text) in Whole[..^1]) Assert.Empty(assembler.Add(AuditRecord.Parse(type, text)!));
        LandlockDenial denial = Assert.Single(assembler.Add(AuditRecord.Parse(1320, Stamp)!));
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(1795305260182), denial.Time);
        Assert.Equal("140696060", denial.Domain);
        Assert.Equal("ll-0123456789ab", denial.Sandbox);
        Assert.Equal(12077, denial.ProcessId);
        Assert.Equal("/srv/deny1", denial.Program);
        Assert.Equal("fs.read_file", Assert.Single(denial.Blockers));
        Assert.Equal(AccessFs.ReadFile, denial.Access);
        Assert.Equal("/etc/passwd", denial.Target);
        Assert.Equal(858ul, denial.Inode);
        Assert.Equal("-ReadData /etc/passwd", denial.Fix);
        Assert.Contains("\"/etc/passwd\"", denial.Toml, StringComparison.Ordinal);
        Assert.Empty(assembler.Flush());
    }

    [Theory]
    [InlineData("blockers=fs.write_file,fs.read_file path=\"/etc/passwd\" dev=\"vda\" ino=858", "/etc/passwd",
        "-Edit /etc/passwd|Add-LandlockPathRule /etc/passwd -Access write_file,read_file")]
    [InlineData("blockers=fs.read_dir path=\"/etc\" dev=\"vda\" ino=19", "/etc", "Add-LandlockPathRule /etc -Access read_dir")]
    [InlineData("blockers=fs.make_dir path=\"/tmp\" dev=\"vda\" ino=247152", "/tmp", "Add-LandlockPathRule /tmp -Access make_dir")]
    [InlineData("blockers=fs.truncate path=\"/etc/hostname\" dev=\"vda\" ino=732", "/etc/hostname",
        "Add-LandlockPathRule /etc/hostname -Access truncate")]
    [InlineData("blockers=fs.execute,fs.read_file path=\"/usr/bin/true\" dev=\"vda\" ino=248257", "/usr/bin/true",
        "-ReadOnly /usr/bin/true")]
    [InlineData("blockers=fs.ioctl_dev path=\"/dev/null\" dev=\"devtmpfs\" ino=3 ioctlcmd=0x541b", "/dev/null",
        "Add-LandlockPathRule /dev/null -Access ioctl_dev")]
    [InlineData("blockers=fs.read_file path=2F746D702F6120C3A4 dev=\"vda\" ino=1", "/tmp/a ä", "-ReadData '/tmp/a ä'")]
    [InlineData("blockers=fs.change_topology path=\"/mnt\" dev=\"vda\" ino=1322", "/mnt", null)]
    [InlineData("blockers=net.bind_tcp saddr=127.0.0.1 src=4242", "port 4242 of 127.0.0.1", "-BindTcp 4242")]
    [InlineData("blockers=net.connect_tcp daddr=127.0.0.1 dest=4242", "port 4242 of 127.0.0.1", "-ConnectTcp 4242")]
    [InlineData("blockers=net.bind_tcp saddr=::1 src=4243", "port 4243 of ::1", "-BindTcp 4243")]
    [InlineData("blockers=net.bind_tcp", "port 0", "-BindTcp 0")]
    [InlineData("blockers=scope.signal opid=12069 ocomm=\"bash\"", "process 12069 (bash)", "-Unrestricted Scope")]
    [InlineData("blockers=ptrace opid=12069 ocomm=\"bash\"", "process 12069 (bash)", null)]
    [InlineData("blockers=scope.abstract_unix_socket path=006C6C2D6F7574", "@ll-out", "-Unrestricted Scope")]
    [InlineData("blockers=fs.of_the_future path=\"/x\"", "/x", null)]
    public void Every_form_is_read(string fields, string target, string? fix)
    {
        LandlockDenial denial = Assert.Single(Read($"{Stamp}domain=1406c8c13 {fields}"));
        Assert.Equal(target, denial.Target);
        Assert.Contains(denial.Fix ?? "none", (fix ?? "none").Split('|'));
        Assert.Null(denial.ProcessId);
        Assert.Null(denial.Sandbox);
    }

    [Fact]
    public void A_rename_is_two_denials_of_one_event()
    {
        LandlockDenial[] denials = Read(
            "audit(1795305260.190:7): domain=1 blockers=fs.remove_file,fs.refer path=\"/srv/lab\" dev=\"vda\" ino=2",
            "audit(1795305260.190:7): domain=1 blockers=fs.make_reg,fs.refer path=\"/tmp\" dev=\"vda\" ino=3");
        Assert.Equal(["/srv/lab", "/tmp"], denials.Select(denial => denial.Path));
        Assert.Equal(["Add-LandlockPathRule /srv/lab -Access remove_file,refer", "Add-LandlockPathRule /tmp -Access make_reg,refer"],
            denials.Select(denial => denial.Fix));
    }

    [Fact]
    public void What_the_kernel_counted_and_nobody_got_is_lost()
    {
        DenialAssembler assembler = new();
        foreach ((int type, string text) in Whole) assembler.Add(AuditRecord.Parse(type, text)!);
        assembler.Add(AuditRecord.Parse(1423, "audit(1795305260.190:3): domain=140696060 blockers=fs.read_dir path=\"/\"")!);
        LandlockDenial waiting = Assert.Single(
            assembler.Add(AuditRecord.Parse(1424, "audit(1795305260.230:20): domain=140696060 status=deallocated denials=20")!));
        Assert.Equal("/", waiting.Path);
        DomainEnd end = Assert.Single(assembler.Ended);
        Assert.Equal((20ul, 18ul, "ll-0123456789ab"), (end.Denials, end.Lost, end.Sandbox));
        // A domain whose beginning was not seen may have denied much before; nothing is said about it.
        assembler.Add(AuditRecord.Parse(1424, "audit(1795305260.230:21): domain=2 status=deallocated denials=9")!);
        Assert.Single(assembler.Ended);
    }

    [Fact]
    public void Events_may_overlap_and_lack_their_end()
    {
        DenialAssembler assembler = new();
        Assert.Empty(assembler.Add(AuditRecord.Parse(1423, "audit(10.000:1): domain=1 blockers=fs.read_file path=\"/a\"")!));
        Assert.Empty(assembler.Add(AuditRecord.Parse(1423, "audit(10.001:2): domain=1 blockers=fs.read_file path=\"/b\"")!));
        Assert.Empty(assembler.Add(AuditRecord.Parse(1300, "audit(10.001:2): pid=2 exe=\"/b\"")!));
        Assert.Empty(assembler.Add(AuditRecord.Parse(1300, "audit(10.000:1): pid=1 exe=\"/a\"")!));
        Assert.Equal(2, Assert.Single(assembler.Add(AuditRecord.Parse(1320, "audit(10.001:2): ")!)).ProcessId);
        Assert.Equal(1, Assert.Single(
            assembler.Add(AuditRecord.Parse(1423, "audit(12.001:3): domain=1 blockers=fs.read_file path=\"/c\"")!)).ProcessId);
        Assert.Equal("/c", Assert.Single(assembler.Flush()).Path);
    }

    [Theory]
    [InlineData(
        "type=LANDLOCK_ACCESS msg=audit(1795305260.182:2): domain=1 blockers=fs.read_file path=\"/x\"\u001dARCH=x86_64 path=\"/y\"")]
    [InlineData("type=UNKNOWN[1423] msg=audit(1795305260.182:2): domain=1 blockers=fs.read_file path=\"/x\"")]
    [InlineData("node=host type=1423 msg=audit(1795305260.182:2): domain=1 blockers=fs.read_file path=\"/x\"")]
    [InlineData("audit: type=1423 audit(1795305260.182:2): domain=1 blockers=fs.read_file path=\"/x\" dev=\"vda\"")]
    [InlineData("[   12.345678] audit: type=1423 audit(1795305260.182:2): domain=1 blockers=fs.read_file path=2F78")]
    public void Logs_are_read_line_by_line(string line)
    {
        AuditRecord record = AuditRecord.ParseLine(line)!;
        Assert.Equal((1423, 2ul, "/x"), (record.Type, record.Serial, record.Text("path")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("type=PATH msg=audit(1795305260.182:2): item=0 name=\"/x\"")]
    [InlineData("audit: type=1423 audit(1795305260:2): domain=1")]
    [InlineData("audit: type=1423 audit(99999999999999.182:2): domain=1")]
    [InlineData("audit: type=1423 audit(1795305260.182:-2): domain=1")]
    [InlineData("audit(1795305260.182:2): type=1423")]
    [InlineData("mytype=1423 audit(1795305260.182:2): domain=1")]
    [InlineData("audit: type=1423 audit(1795305260.182:2")]
    [InlineData(
        "process 'x type=1423 audit(1795305260.182:2): domain=1 blockers=fs.read_file path=\"/etc/shadow\"' started with executable stack")]
    [InlineData("process '\naudit: type=1423 audit(1795305260.182:2): domain=1 blockers=fs.read_file path=\"/etc/shadow\"' started "
        + "with executable stack")]
    [InlineData("process 'x\\x0aaudit: type=1423 audit(1795305260.182:2): domain=1' started with executable stack")]
    [InlineData("type=USER_LOGIN msg=audit(1795305260.182:2): msg='op=login type=1423 msg=audit(1795305260.182:2): domain=1'")]
    [InlineData("type=1423 x msg=audit(1795305260.182:2): domain=1 blockers=fs.read_file path=\"/x\"")]
    [InlineData("audit: type=1423 x audit(1795305260.182:2): domain=1 blockers=fs.read_file path=\"/x\"")]
    public void What_is_no_record_is_passed_over(string line) => Assert.Null(AuditRecord.ParseLine(line));

    [Theory]
    [InlineData("domain=1 blockers=fs.read_file path=\"/etc/pas", null)]
    [InlineData("domain=1 blockers=fs.read_file path=2F6", "2F6")]
    [InlineData("domain=1 blockers=fs.read_file path=", "")]
    [InlineData("domain=1 blockers=fs.read_file path=(null)", null)]
    [InlineData("domain=1 blockers=fs.read_file path=\"/a\" path=\"/b\"", "/a")]
    public void Damaged_fields_make_nothing_up(string fields, string? path)
    {
        LandlockDenial denial = Assert.Single(Read(Stamp + fields));
        Assert.Equal(path, denial.Path);
    }

    [Fact]
    public void Anything_may_come()
    {
        string[] pieces = ["audit(", "1.2:3", "): ", "domain=", "1", "blockers=", "fs.read_file", ",", " ", "\"", "path=", "=", "type=1423",
            "2F", "\0", "ä", "\u001d", "status=deallocated denials=", "99999999999999999999", "src=70000", "\n"];
        Law.Holds(Gen.ListOf(Gen.Elements(pieces)).Select(list => string.Concat(list)), text =>
        {
            DenialAssembler assembler = new();
            foreach (AuditRecord? record in new[]
            {
                AuditRecord.ParseLine(text), AuditRecord.Parse(1423, text), AuditRecord.Parse(1424, "audit(1.2:3): " + text),
                AuditRecord.Parse(1423, "audit(1.2:3): " + text),
            })
                if (record is not null) _ = assembler.Add(record).Select(denial => $"{denial} {denial.Fix} {denial.Toml}").ToArray();
            _ = assembler.Flush().Select(denial => $"{denial} {denial.Fix} {denial.Toml}").ToArray();
            _ = DenialHistory.ParseJournal(text);
        });
    }

    [Fact]
    public void The_journal_keeps_the_stamp_apart()
    {
        AuditRecord record = DenialHistory.ParseJournal(
            """{"_TRANSPORT":"audit","_AUDIT_TYPE":"1423","_AUDIT_ID":"2","_SOURCE_REALTIME_TIMESTAMP":"1795305260182000","""
            + """ "MESSAGE":"AUDIT1423 domain=1 blockers=fs.read_file path=\"/x\""}""")!;
        Assert.Equal((1423, 2ul, "/x", 1795305260182),
            (record.Type, record.Serial, record.Text("path"), record.Time.ToUnixTimeMilliseconds()));
        record = DenialHistory.ParseJournal(
            """{"_TRANSPORT":"kernel","MESSAGE":"audit: type=1424 audit(1795305260.182:2): domain=1 status=allocated comm=\"x\""}""")!;
        Assert.Equal((1424, "x"), (record.Type, record.Text("comm")));
        Assert.Null(DenialHistory.ParseJournal("""{"_TRANSPORT":"audit","MESSAGE":"AUDIT1423 domain=1"}"""));
        Assert.Null(DenialHistory.ParseJournal("[1]"));
        // What a program wrote into the kernel's log or sent to the journal, or made the kernel write by its name.
        const string forged = "audit: type=1423 audit(1795305260.182:2): domain=1 blockers=fs.read_file path=\\\"/etc/shadow\\\"";
        Assert.NotNull(DenialHistory.ParseJournal($$"""{"_TRANSPORT":"kernel","SYSLOG_FACILITY":"0","MESSAGE":"{{forged}}"}"""));
        Assert.Null(DenialHistory.ParseJournal($$"""{"_TRANSPORT":"kernel","SYSLOG_FACILITY":"1","MESSAGE":"{{forged}}"}"""));
        Assert.Null(DenialHistory.ParseJournal(
            $$"""{"_TRANSPORT":"kernel","SYSLOG_FACILITY":"0","MESSAGE":"process '{{forged}}' started with executable stack"}"""));
        Assert.Null(DenialHistory.ParseJournal(
            $$"""{"_TRANSPORT":"kernel","SYSLOG_FACILITY":"0","MESSAGE":"process '\n{{forged}}' started with executable stack"}"""));
        Assert.Null(DenialHistory.ParseJournal(
            $$"""{"_TRANSPORT":"syslog","_AUDIT_TYPE":"1423","_AUDIT_ID":"2","_SOURCE_REALTIME_TIMESTAMP":"1795305260182000","""
            + """ "MESSAGE":"AUDIT1423 domain=1 blockers=fs.read_file"}"""));
    }

    [Fact]
    public void Equal_denials_are_counted_as_one()
    {
        LandlockDenial[] counted = [.. DenialAssembler.Count(Read(
            "audit(10.000:1): domain=1 blockers=fs.read_file path=\"/a\"",
            "audit(10.001:2): domain=1 blockers=fs.read_file path=\"/b\"",
            "audit(10.002:3): domain=1 blockers=fs.read_file path=\"/a\""))];
        Assert.Equal(["/a 2", "/b 1"], counted.Select(denial => $"{denial.Path} {denial.Count}"));
        Assert.Equal(10_000, counted[0].Time.ToUnixTimeMilliseconds());
    }

    [Fact]
    public void Logs_that_auditd_has_rotated_are_read_as_far_back_as_asked_for()
    {
        using TempDirectory temp = new();
        string log = temp["audit.log"];
        for (int age = 0; age < 4; age++)
        {
            string file = temp.Write(age == 0 ? "audit.log" : $"audit.log.{age}", "", executable: false);
            File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddHours(-age));
        }

        Assert.Equal([$"{log}.3", $"{log}.2", $"{log}.1", log], DenialHistory.Files(log, null));
        Assert.Equal([$"{log}.1", log], DenialHistory.Files(log, DateTimeOffset.UtcNow.AddMinutes(-90)));
        Assert.Equal([log], DenialHistory.Files(log, DateTimeOffset.UtcNow.AddMinutes(-5)));
    }

    [Fact]
    public void A_log_is_followed_where_the_kernel_may_not_be_asked()
    {
        List<string> lines = [Line(DateTimeOffset.UtcNow.AddSeconds(-60), 1, "/before")];
        using DenialStream stream =
            new(since => DenialHistory.Assemble("a log", lines.Select(line => AuditRecord.Parse(1423, line)), since));
        Assert.Equal("a log", stream.Log);
        Assert.Empty(stream.Next(0));
        DateTimeOffset now = DateTimeOffset.UtcNow;
        lines.Add(Line(now, 2, "/one"));
        lines.Add(Line(now, 3, "/two"));
        List<string> heard = [];
        for (int i = 0; heard.Count < 2 && i < 200; i++) heard.AddRange(stream.Next(50).Select(denial => denial.Path!));
        lines.Add(Line(now, 4, "/late"));
        for (int i = 0; heard.Count < 3 && i < 200; i++) heard.AddRange(stream.Next(50).Select(denial => denial.Path!));
        Assert.Equal(["/one", "/two", "/late"], heard);

        static string Line(DateTimeOffset time, int serial, string path) =>
            string.Create(System.Globalization.CultureInfo.InvariantCulture,
                $"audit({time.ToUnixTimeSeconds()}.{time.Millisecond:000}:{serial}): domain=1 blockers=fs.read_file path=\"{path}\"");
    }

    private static LandlockDenial[] Read(params string[] lines) =>
        [.. DenialHistory.Assemble("test", lines.Select(line => AuditRecord.Parse(1423, line)), null).Denials];
}
