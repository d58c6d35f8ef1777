using System.Text.RegularExpressions;
using FsCheck.Fluent;
using Landlock.Abi;
using Landlock.Rulesets;

namespace Landlock.Tests.Rulesets;

public sealed partial class AccessTextTests
{
    private const string FsWords = "ReadData, ReadOnly, Edit, ReadWrite, ReadWriteExecute, UnixSocket, "
        + "execute, write_file, read_file, read_dir, remove_dir, remove_file, make_char, make_dir, make_reg, make_sock, make_fifo, "
        + "make_block, make_sym, "
        + "refer, truncate, ioctl_dev, resolve_unix";

    [Theory]
    [InlineData("ReadData", 0x0000CUL)]
    [InlineData("ReadOnly", 0x0000DUL)]
    [InlineData("Edit", 0x0400EUL)]
    [InlineData("ReadWrite", 0x1FFFEUL)]
    [InlineData("ReadWriteExecute", 0x1FFFFUL)]
    [InlineData("UnixSocket", 0x10000UL)]
    public void Every_class_has_its_rights(string name, ulong rights)
    {
        AccessClass named = Assert.Single(AccessClass.All, named => named.Name == name);
        Assert.Equal((AccessFs)rights, named.Rights);
        Assert.Equal(name, named.ToString());
        Assert.NotEmpty(named.Description);
    }

    [Fact]
    public void There_are_six_classes_and_the_widest_is_everything()
    {
        Assert.Equal(6, AccessClass.All.Length);
        Assert.Equal(AbiTable.AllFs(AbiTable.Newest), AccessClass.ReadWriteExecute.Rights);
    }

    [Fact]
    public void Every_class_is_understood_in_every_spelling()
    {
        foreach (AccessClass named in AccessClass.All)
            Assert.All(Spellings(Humps().Split(named.Name)), word => Assert.Equal(named.Rights, AccessText.ParseFs(word)));
    }

    [Fact]
    public void Every_right_is_understood_in_every_spelling()
    {
        foreach (Right right in AbiTable.Rights)
        {
            Assert.All(Spellings(right.Name.Split('_')), word => Assert.Equal(right.Bit, right.Kind switch
            {
                RightKind.Fs => (ulong)AccessText.ParseFs(word),
                RightKind.Net => (ulong)AccessText.ParseNet(word),
                RightKind.Scope => (ulong)AccessText.ParseScope(word),
                _ => right.Bit,
            }));
        }
    }

    [Theory]
    [InlineData("read_file,read_dir", 0xCUL)]
    [InlineData(" ReadData , execute ", 0xDUL)]
    [InlineData("read-only,ReadOnly,READ_FILE", 0xDUL)]
    [InlineData("Edit,refer", 0x600EUL)]
    public void Words_add_up(string text, ulong rights) => Assert.Equal((AccessFs)rights, AccessText.ParseFs(text));

    [Fact]
    public void Network_rights_and_scopes_add_up()
    {
        Assert.Equal(AccessNet.BindTcp | AccessNet.ConnectSendUdp, AccessText.ParseNet("bind-tcp, ConnectSendUdp"));
        Assert.Equal(Scope.Signal | Scope.AbstractUnixSocket, AccessText.ParseScope("signal,abstract_unix_socket"));
    }

    [Theory]
    [InlineData("ReadOnyl", "'ReadOnyl' is no access. Did you mean 'ReadOnly'? Known: " + FsWords + ".")]
    [InlineData("ReadOnly,reed_file", "'reed_file' is no access. Did you mean 'read_file'? Known: " + FsWords + ".")]
    [InlineData("everything", "'everything' is no access. Known: " + FsWords + ".")]
    [InlineData("", "'' is no access. Known: " + FsWords + ".")]
    [InlineData("ReadOnly,", "'' is no access. Known: " + FsWords + ".")]
    [InlineData("bad\nword", "'bad\\nword' is no access. Known: " + FsWords + ".")]
    [InlineData("signal", "'signal' is no access. Known: " + FsWords + ".")]
    public void An_unknown_access_is_refused_with_the_known_ones(string text, string message)
    {
        RulesetException exception = Assert.Throws<RulesetException>(() => AccessText.ParseFs(text));
        Assert.Equal(message, exception.Message);
        Assert.Equal(RulesetProblem.UnknownName, exception.Problem);
        Assert.Equal(text.Split(',')[^1], exception.Target);
    }

    [Theory]
    [InlineData("connect_tpc",
        "'connect_tpc' is no network right. Did you mean 'connect_tcp'? Known: bind_tcp, connect_tcp, bind_udp, connect_send_udp.")]
    [InlineData("read_file", "'read_file' is no network right. Known: bind_tcp, connect_tcp, bind_udp, connect_send_udp.")]
    public void An_unknown_network_right_is_refused_with_the_known_ones(string text, string message) =>
        Assert.Equal(message, Assert.Throws<RulesetException>(() => AccessText.ParseNet(text)).Message);

    [Theory]
    [InlineData("signals", "'signals' is no scope. Did you mean 'signal'? Known: abstract_unix_socket, signal.")]
    [InlineData("tsync", "'tsync' is no scope. Known: abstract_unix_socket, signal.")]
    public void An_unknown_scope_is_refused_with_the_known_ones(string text, string message) =>
        Assert.Equal(message, Assert.Throws<RulesetException>(() => AccessText.ParseScope(text)).Message);

    [Fact]
    public void The_words_are_the_classes_then_the_rights() => Assert.Equal(FsWords.Split(", "), AccessText.FsWords());

    [Theory]
    [InlineData(0x0UL, "none")]
    [InlineData(0xDUL, "ReadOnly")]
    [InlineData(0xCUL, "ReadData")]
    [InlineData(0x9UL, "execute,read_dir")]
    [InlineData(0x1FFFFUL, "ReadWriteExecute")]
    [InlineData(0x10000UL, "UnixSocket")]
    public void An_access_is_shown_in_few_words(ulong access, string text) => Assert.Equal(text, AccessText.Show((AccessFs)access));

    [Theory]
    [InlineData(0x1FFFUL, 1, "ReadWriteExecute")]
    [InlineData(0x1FFEUL, 1, "ReadWrite")]
    [InlineData(0xEUL, 1, "Edit")]
    [InlineData(0xFFFEUL, 7, "ReadWrite")]
    [InlineData(0x2000UL, 7, "refer")]
    public void A_class_cut_to_what_is_handled_keeps_its_name(ulong access, int abi, string text) =>
        Assert.Equal(text, AccessText.Show((AccessFs)access, AbiTable.AllFs(abi)));

    [Fact]
    public void What_is_shown_parses_back() =>
        Law.Holds(Generate.Fs.Where(access => access != 0), access => Assert.Equal(access, AccessText.ParseFs(AccessText.Show(access))),
            tests: 500);

    [Fact]
    public void What_is_shown_for_a_ruleset_parses_back_in_that_ruleset() =>
        Law.Holds(
            from handled in Generate.Fs
            from access in Generate.Fs
            where (access & handled) != 0
            select (Access: access & handled, Handled: handled),
            pair => Assert.Equal(pair.Access, AccessText.ParseFs(AccessText.Show(pair.Access, pair.Handled)) & pair.Handled),
            tests: 500);

    private static IEnumerable<string> Spellings(string[] words)
    {
        string[] lower = [.. words.Select(word => word.ToLowerInvariant())];
        string pascal = string.Concat(lower.Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
        foreach (string spelling in (string[])[pascal, string.Join('-', lower), string.Join('_', lower), string.Concat(lower)])
        {
            yield return spelling;
            yield return spelling.ToUpperInvariant();
        }
    }

    [GeneratedRegex("(?<=[a-z])(?=[A-Z])")]
    private static partial Regex Humps();
}
